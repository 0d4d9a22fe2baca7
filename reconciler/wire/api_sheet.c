#include "reconciler/wire/api_sheet.h"

#include <string.h>

#include <jansson.h>

#include "reconciler/wire/api_read.h"
#include "reconciler/wire/json.h"

const struct api_form api_pauses = {
    .list = "applications",
    .columns = {{"name", false}, {"paused", false}, {"status", false}, {"reason", false}},
};

const struct api_form api_rollback = {
    .list = "applications",
    .columns = {{"name", false},
                {"version", false},
                {"before", false},
                {"revision", true}},
};

const struct api_form api_history = {
    .list = "history",
    .columns = {{"at", false},
                {"application", false},
                {"kind", false},
                {"version", false},
                {"text", false}},
};

const struct api_form api_drift = {
    .list = "differences",
    .head = {{"server", false}, {"sight", false}, {"found", true}},
    .columns = {{"application", false},
                {"kind", false},
                {"name", false},
                {"status", false},
                {"since", false},
                {"reason", false}},
};

const struct api_form api_doctor = {
    .list = "checks",
    .head = {{"server", false}, {"errors", true}, {"warnings", true}},
    .columns = {{"check", false}, {"status", false}, {"text", false}, {"advice", false}},
};

static size_t count_columns(const struct api_column *columns)
{
    size_t count = 0;

    while (count < API_COLUMNS_MAX && columns[count].name != NULL) {
        count++;
    }
    return count;
}

struct api_sheet api_sheet_new(const struct api_form *form, struct arena *arena)
{
    struct api_sheet sheet = {.form = form};

    sheet.head = arena_array(arena, API_COLUMNS_MAX, sizeof *sheet.head);
    return sheet;
}

const char **api_sheet_add(struct api_sheet *sheet, struct arena *arena)
{
    const size_t width = count_columns(sheet->form->columns);
    const char **row;

    sheet->cells = arena_grow(arena, sheet->cells, sheet->rows_count,
                              &sheet->rows_capacity, width * sizeof *sheet->cells);
    row = sheet->cells + width * sheet->rows_count++;
    for (size_t i = 0; i < width; i++) {
        row[i] = NULL;
    }
    return row;
}

const char *const *api_sheet_row(const struct api_sheet *sheet, size_t index)
{
    return sheet->cells + index * count_columns(sheet->form->columns);
}

const char *api_sheet_number(uint64_t number, struct arena *arena)
{
    return arena_print(arena, "%llu", (unsigned long long)number);
}

static void encode_fields(const struct api_column *columns, const char *const *values,
                          struct text *text)
{
    const size_t count = count_columns(columns);

    for (size_t i = 0; i < count; i++) {
        if (columns[i].is_number && values[i] != NULL) {
            json_print_key(text, columns[i].name);
            text_append(text, "%s", values[i]);
        } else {
            json_print_text(text, columns[i].name, values[i]);
        }
    }
}

void api_encode_sheet(const struct api_sheet *sheet, struct text *text)
{
    text_append(text, "{");
    json_print_integer(text, "schema", API_SCHEMA);
    json_print_text(text, "result", "ok");
    encode_fields(sheet->form->head, sheet->head, text);
    json_print_key(text, sheet->form->list);
    text_append(text, "[");
    for (size_t i = 0; i < sheet->rows_count; i++) {
        text_append(text, i > 0 ? ",{" : "{");
        encode_fields(sheet->form->columns, api_sheet_row(sheet, i), text);
        text_append(text, "}");
    }
    text_append(text, "]}");
}

static void decode_fields(struct json_reader *reader, json_t *object,
                          const struct api_column *columns, const char **ret_values)
{
    const size_t count = count_columns(columns);

    for (size_t i = 0; i < count; i++) {
        const char *name = columns[i].name;

        ret_values[i] = !columns[i].is_number
                            ? json_find_text(reader, object, name, NULL)
                            : api_sheet_number((uint64_t)json_find_integer(
                                                   reader, object, name, INT64_MAX),
                                               reader->arena);
    }
}

enum err_code api_decode_sheet(const char *bytes, size_t length, struct arena *arena,
                               struct api_sheet *sheet, struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    const char *findings;
    json_t *body = api_read_reply(&reader, bytes, length, &findings);
    json_t *list = json_find_array(&reader, body, sheet->form->list);
    const size_t count = json_array_size(list);

    decode_fields(&reader, body, sheet->form->head, sheet->head);
    for (size_t i = 0; i < count; i++) {
        decode_fields(&reader, json_array_get(list, i), sheet->form->columns,
                      api_sheet_add(sheet, arena));
    }
    json_decref(body);
    return reader.code;
}

void api_encode_key(const char *key, struct text *text)
{
    text_append(text, "{");
    json_print_integer(text, "schema", API_SCHEMA);
    json_print_text(text, "key", key);
    text_append(text, "}");
}

enum err_code api_decode_key(const char *bytes, size_t length, struct arena *arena,
                             const char **ret_key, struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    json_t *body = api_read_body(&reader, bytes, length);
    const char *key = json_find_text(&reader, body, "key", "");

    if (body != NULL) {
        json_require(&reader, body, "key");
    }
    json_decref(body);
    if (reader.code == ERR_OK) {
        *ret_key = key;
    }
    return reader.code;
}

void api_encode_params(const struct api_params *params, struct text *text)
{
    text_append(text, "{");
    json_print_integer(text, "schema", API_SCHEMA);
    if (params->states.count > 0) {
        json_print_key(text, "states");
        names_print(&params->states, text);
    }
    if (params->is_brief) {
        json_print_bool(text, "brief", true);
    }
    if (params->version != NULL) {
        json_print_text(text, "version", params->version);
    }
    if (params->limit > 0) {
        json_print_integer(text, "limit", params->limit);
    }
    if (params->since > 0) {
        json_print_integer(text, "since", params->since);
    }
    if (params->run != NULL) {
        json_print_text(text, "run", params->run);
    }
    text_append(text, "}");
}

static void check_states(struct json_reader *reader, const struct names *states)
{
    for (size_t i = 0; i < states->count; i++) {
        enum status_word word = STATUS_DEPLOYED;

        while (word <= STATUS_FAILED &&
               strcmp(status_word_name(word), states->items[i]) != 0) {
            word++;
        }
        if (word > STATUS_FAILED) {
            json_fail(reader, ERR_INVALID, "%s is no state: it is a word of a status",
                      diag_quoted(states->items[i], reader->arena));
        }
    }
}

enum err_code api_decode_params(const char *bytes, size_t length, struct arena *arena,
                                struct api_params *ret_params, struct err *err)
{
    static const char brief[] = "brief";
    struct json_reader reader = {.arena = arena, .err = err};
    struct api_params params = {0};
    json_t *body;

    if (length == 0 ||
        (length == strlen(brief) && memcmp(bytes, brief, strlen(brief)) == 0)) {
        *ret_params = (struct api_params){.is_brief = length > 0};
        return ERR_OK;
    }
    body = api_read_body(&reader, bytes, length);
    params.states = json_find_names(&reader, body, "states");
    params.is_brief = json_find_bool(&reader, body, "brief");
    params.version = json_find_text(&reader, body, "version", NULL);
    params.limit = (uint64_t)json_find_integer(&reader, body, "limit", INT64_MAX);
    params.since = (uint64_t)json_find_integer(&reader, body, "since", INT64_MAX);
    params.run = json_find_text(&reader, body, "run", NULL);
    json_decref(body);
    check_states(&reader, &params.states);
    if (reader.code == ERR_OK) {
        *ret_params = params;
    }
    return reader.code;
}
