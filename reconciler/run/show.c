#include "reconciler/run/show.h"

#include <string.h>

#include "reconciler/wire/utc.h"

#define COLUMNS_MAX    7
#define CELL_BYTES_MAX ((size_t)64 * 1024)

struct table {
    struct arena *arena;
    const char *(*rows)[COLUMNS_MAX];
    size_t count;
    size_t capacity;
    size_t columns;
};

/* What hosts and other clients say is anybody's: it must not move the cursor. */
static void append(struct text *text, const char *string)
{
    text_append_escaped(text, string, strlen(string));
}

static const char *escape(const char *cell, struct arena *arena)
{
    struct text text;

    text_init(&text, arena, CELL_BYTES_MAX);
    append(&text, cell);
    return text.bytes;
}

/* As many of cells as table has columns. */
static void add_row(struct table *table, const char *const cells[static COLUMNS_MAX])
{
    table->rows = arena_grow(table->arena, table->rows, table->count, &table->capacity,
                             sizeof *table->rows);
    for (size_t column = 0; column < table->columns; column++) {
        const char *cell = cells[column] != NULL ? cells[column] : "";

        table->rows[table->count][column] = escape(cell, table->arena);
    }
    table->count++;
}

/* Characters, not bytes: what follows the first byte of one is no column. */
static size_t width(const char *cell)
{
    size_t count = 0;

    for (; *cell != '\0'; cell++) {
        count += ((unsigned char)*cell & 0xc0) != 0x80;
    }
    return count;
}

static void print_table(const struct table *table, struct text *text)
{
    size_t widths[COLUMNS_MAX] = {0};

    for (size_t i = 0; i < table->count; i++) {
        for (size_t column = 0; column < table->columns; column++) {
            const size_t cell = width(table->rows[i][column]);

            widths[column] = cell > widths[column] ? cell : widths[column];
        }
    }
    for (size_t i = 0; i < table->count; i++) {
        text_append(text, " ");
        for (size_t column = 0; column < table->columns; column++) {
            const char *cell = table->rows[i][column];
            const bool is_last = column + 1 == table->columns;
            const size_t fill = is_last ? 0 : widths[column] - width(cell);

            text_append(text, " %s%*s", cell, (int)fill, "");
        }
        text_append(text, "\n");
    }
}

static const char *or_dash(const char *text)
{
    return text[0] != '\0' ? text : "-";
}

/* The file, without its folder, and the line that ask for it. */
static const char *origin(const struct origin *origin, struct arena *arena)
{
    const char *slash = strrchr(origin->source, '/');

    if (origin->source[0] == '\0') {
        return "-";
    }
    return arena_print(arena, "%s:%u", slash != NULL ? slash + 1 : origin->source,
                       (unsigned int)origin->place.line);
}

/* How long ago that was, to the unit that matters; "-" when that is not known. */
static const char *age(struct instant at, struct instant since, struct arena *arena)
{
    static const struct {
        long long seconds;
        const char *unit;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "m"}};
    long long seconds;

    if (since.ms == INSTANT_NEVER.ms) {
        return "-";
    }
    seconds = (long long)instant_left(since, at) / 1000;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (seconds >= 2 * units[i].seconds) {
            return arena_print(arena, "%lld %s", seconds / units[i].seconds,
                               units[i].unit);
        }
    }
    return arena_print(arena, "%lld s", seconds);
}

static void show_resources(const struct api_status_report *report,
                           const struct application_status *status, struct text *text)
{
    struct arena arena = {0};
    struct table table = {.arena = &arena, .columns = COLUMNS_MAX};

    add_row(&table, (const char *[COLUMNS_MAX]){"KIND", "NAME", "WANTED", "WHERE",
                                                "DECLARED AT", "SINCE", "STATUS"});
    for (size_t i = 0; i < status->resources_count; i++) {
        const struct resource_status *resource = &status->resources[i];
        const char *word = status_word_name(resource->word);

        add_row(&table, (const char *[COLUMNS_MAX]){
                            api_kind_name(resource->kind),
                            resource->name,
                            or_dash(resource->wanted),
                            or_dash(resource->where),
                            origin(&resource->origin, &arena),
                            age(report->now, resource->since, &arena),
                            resource->reason[0] != '\0'
                                ? arena_print(&arena, "%s: %s", word, resource->reason)
                                : word,
                        });
    }
    print_table(&table, text);
    arena_free(&arena);
}

void show_status(const struct api_status_report *report, bool has_details,
                 struct text *text)
{
    text_append(text, "lattice %s: ", report->lattice);
    append(text, report->sight);
    text_append(text, "\n");
    for (size_t i = 0; i < report->notes.count; i++) {
        append(text, report->notes.items[i]);
        text_append(text, "\n");
    }
    if (report->count == 0) {
        text_append(text, "no applications\n");
    }
    for (size_t i = 0; i < report->count; i++) {
        const struct api_application *application = &report->items[i];
        const struct application_status *status = &application->status;

        append(text, status->application);
        text_append(text, " ");
        append(text, or_dash(application->deployed));
        text_append(text, " (revision %llu)", (unsigned long long)application->revision);
        if (application->paused_unix_ms != 0) {
            char utc[UTC_TEXT_BYTES];

            utc_print(application->paused_unix_ms, utc);
            text_append(text, ", paused since %s", utc);
        }
        text_append(text, ": %s%s", status_word_name(status->word),
                    status->reason[0] != '\0' ? ": " : "");
        append(text, status->reason);
        text_append(text, "\n");
        if (has_details && status->resources_count > 0) {
            show_resources(report, status, text);
        }
    }
}

static void add_side(struct table *table, const char *name, const char *words)
{
    const char *const cells[COLUMNS_MAX] = {name, words};

    if (words[0] != '\0') {
        add_row(table, cells);
    }
}

static void show_sides(const struct explanation *item, struct arena *arena,
                       struct text *text)
{
    struct table table = {.arena = arena, .columns = 2};
    const struct status_wait *wait = &item->waits_for;

    add_side(&table, "wanted", item->desired);
    add_side(&table, "there", item->observed);
    add_side(&table, "put", item->ledger);
    add_side(&table, "decision", item->decision);
    add_side(&table, "reason", item->reason);
    if (wait->kind != NULL) {
        add_side(&table, "waits for",
                 arena_print(arena, "%s%s%s", wait->kind,
                             wait->name[0] != '\0' ? " " : "", wait->name));
    }
    print_table(&table, text);
}

static void show_parts(const struct explanation *item, struct arena *arena,
                       struct text *text)
{
    struct table table = {.arena = arena, .columns = 4};

    if (item->parts_count == 0) {
        return;
    }
    add_row(&table, (const char *[COLUMNS_MAX]){item->key.kind == EXPLAINED_HOST ? "RUNS"
                                                                                 : "HOST",
                                                "COUNT", "IMAGE", "REASON"});
    for (size_t i = 0; i < item->parts_count; i++) {
        const struct explained_part *part = &item->parts[i];

        add_row(&table, (const char *[COLUMNS_MAX]){
                            part->name,
                            arena_print(arena, "%u of %u", (unsigned int)part->running,
                                        (unsigned int)part->wanted),
                            or_dash(part->image),
                            or_dash(part->reason),
                        });
    }
    print_table(&table, text);
}

static void show_history(const struct api_explain_report *report, struct arena *arena,
                         struct text *text)
{
    const struct explanation *item = &report->explanation;
    struct table table = {.arena = arena, .columns = 3};

    if (item->commands_count == 0) {
        return;
    }
    add_row(&table, (const char *[COLUMNS_MAX]){"SENT", "OUTCOME", "COMMAND"});
    for (size_t i = 0; i < item->commands_count; i++) {
        const struct explained_command *command = &item->commands[i];

        add_row(&table,
                (const char *[COLUMNS_MAX]){
                    arena_print(arena, "%s ago", age(report->now, command->sent, arena)),
                    command->outcome,
                    command->text,
                });
    }
    print_table(&table, text);
}

static void show_matches(const struct api_explain_report *report, struct text *text)
{
    text_append(text, "more than one thing is called that; say which:\n");
    for (size_t i = 0; i < report->count; i++) {
        text_append(text, "  %s ", explained_kind_name(report->matches[i].kind));
        append(text, report->matches[i].name);
        text_append(text, "\n");
    }
}

void show_explain(const struct api_explain_report *report, struct text *text)
{
    const struct explanation *item = &report->explanation;
    struct arena arena = {0};

    if (report->count != 1) {
        show_matches(report, text);
        return;
    }
    text_append(text, "lattice %s: ", report->lattice);
    append(text, report->sight);
    text_append(text, "\n%s ", explained_kind_name(item->key.kind));
    append(text, item->key.name);
    text_append(text, ": %s", item->word);
    if (item->since.ms != INSTANT_NEVER.ms) {
        text_append(text, " for %s", age(report->now, item->since, &arena));
    }
    text_append(text, "\n");
    show_sides(item, &arena, text);
    show_parts(item, &arena, text);
    show_history(report, &arena, text);
    arena_free(&arena);
}

void show_plan(const struct api_plan_report *report, struct text *text)
{
    text_append(text, "%s", report->findings);
    for (size_t i = 0; i < report->count; i++) {
        text_append(text, "  %s\n", report->items[i].text);
    }
    for (size_t i = 0; i < report->obstacles_count; i++) {
        const struct api_obstacle *obstacle = &report->obstacles[i];

        text_append(text, "  ! %s %s: ", obstacle->application, obstacle->resource);
        append(text, obstacle->reason);
        text_append(text, "\n");
    }
    if (report->count == 0 && report->obstacles_count == 0) {
        text_append(text, "nothing to do\n");
    } else {
        text_append(text, "%zu command%s, %zu obstacle%s\n", report->count,
                    report->count == 1 ? "" : "s", report->obstacles_count,
                    report->obstacles_count == 1 ? "" : "s");
    }
}

/* Who waits for what an application does not run. */
static void append_users(const struct api_applied *applied, struct text *text)
{
    for (size_t i = 0; i < applied->users.count; i++) {
        text_append(text, "%s: application %s waits for what it does not run\n",
                    applied->application, applied->users.items[i]);
    }
}

void show_apply(const struct api_apply_report *report, struct text *text)
{
    text_append(text, "%s", report->findings);
    for (size_t i = 0; i < report->count; i++) {
        text_append(text, "%s %s: %s (revision %llu)\n", report->items[i].application,
                    report->items[i].version, report->items[i].result,
                    (unsigned long long)report->items[i].revision);
        append_users(&report->items[i], text);
    }
    if (report->is_dry_run) {
        text_append(text, "nothing was stored: this was a dry run\n");
    } else if (strcmp(report->by, "daemon") == 0) {
        text_append(text, "applied by the daemon of this lattice\n");
    } else {
        text_append(text, "no daemon answers: applied directly, %llu command%s sent\n",
                    (unsigned long long)report->commands_count,
                    report->commands_count == 1 ? "" : "s");
    }
}

void show_drift(const struct api_sheet *sheet, const char *lattice, struct text *text)
{
    struct arena arena = {0};
    struct table table = {.arena = &arena, .columns = 5};

    text_append(text, "lattice %s: ", lattice);
    append(text, sheet->head[DRIFT_SIGHT] != NULL ? sheet->head[DRIFT_SIGHT] : "");
    text_append(text, "\n");
    if (sheet->rows_count > 0) {
        add_row(&table, (const char *[COLUMNS_MAX]){"APPLICATION", "KIND", "NAME",
                                                    "STATUS", "REASON"});
    }
    for (size_t i = 0; i < sheet->rows_count; i++) {
        const char *const *row = api_sheet_row(sheet, i);

        add_row(&table, (const char *[COLUMNS_MAX]){
                            row[DRIFT_APPLICATION], row[DRIFT_KIND], row[DRIFT_NAME],
                            row[DRIFT_STATUS], row[DRIFT_REASON]});
    }
    print_table(&table, text);
    text_append(text, "%zu difference%s; %s found of what was as wanted, so far\n",
                sheet->rows_count, sheet->rows_count == 1 ? "" : "s",
                sheet->head[DRIFT_FOUND]);
    arena_free(&arena);
}
