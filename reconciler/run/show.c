#include "reconciler/run/show.h"

#include <string.h>

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

static void add_row(struct table *table, const char *const *cells)
{
    table->rows = arena_grow(table->arena, table->rows, table->count, &table->capacity,
                             sizeof *table->rows);
    for (size_t column = 0; column < table->columns; column++) {
        table->rows[table->count][column] = escape(cells[column], table->arena);
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
static const char *age(const struct api_status_report *report, struct instant since,
                       struct arena *arena)
{
    static const struct {
        long long seconds;
        const char *unit;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "m"}};
    long long seconds;

    if (since.ms == INSTANT_NEVER.ms) {
        return "-";
    }
    seconds = (long long)instant_left(since, report->now) / 1000;
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

    add_row(&table, (const char *[]){"KIND", "NAME", "WANTED", "WHERE", "DECLARED AT",
                                     "SINCE", "STATUS"});
    for (size_t i = 0; i < status->resources_count; i++) {
        const struct resource_status *resource = &status->resources[i];
        const char *word = status_word_name(resource->word);

        add_row(&table, (const char *[]){
                            api_kind_name(resource->kind),
                            resource->name,
                            or_dash(resource->wanted),
                            or_dash(resource->where),
                            origin(&resource->origin, &arena),
                            age(report, resource->since, &arena),
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
    if (report->count == 0) {
        text_append(text, "no applications\n");
    }
    for (size_t i = 0; i < report->count; i++) {
        const struct api_application *application = &report->items[i];
        const struct application_status *status = &application->status;

        append(text, status->application);
        text_append(text, " ");
        append(text, or_dash(application->deployed));
        text_append(
            text, " (revision %llu): %s%s", (unsigned long long)application->revision,
            status_word_name(status->word), status->reason[0] != '\0' ? ": " : "");
        append(text, status->reason);
        text_append(text, "\n");
        if (has_details && status->resources_count > 0) {
            show_resources(report, status, text);
        }
    }
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

void show_apply(const struct api_apply_report *report, struct text *text)
{
    text_append(text, "%s", report->findings);
    for (size_t i = 0; i < report->count; i++) {
        text_append(text, "%s %s: %s (revision %llu)\n", report->items[i].application,
                    report->items[i].version, report->items[i].result,
                    (unsigned long long)report->items[i].revision);
    }
    if (strcmp(report->by, "daemon") == 0) {
        text_append(text, "applied by the daemon of this lattice\n");
    } else {
        text_append(text, "no daemon answers: applied directly, %llu command%s sent\n",
                    (unsigned long long)report->commands_count,
                    report->commands_count == 1 ? "" : "s");
    }
}
