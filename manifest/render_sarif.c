#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/render_lines.h"

#define HEAD                                                                             \
    "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\","                    \
    "\"version\":\"2.1.0\",\"runs\":[{\n\"tool\":{\"driver\":{\"name\":\"trellis\","     \
    "\"rules\":["

/* A log under way. */
struct log {
    const struct diags *diags;
    struct render_lines lines;
    const char **rules; /* the ids that findings have, sorted, each once */
    size_t rules_count;
    struct arena scratch;
    struct text *text;
};

static int compare_rules(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void collect_rules(struct log *log)
{
    const size_t count = log->diags->count;

    log->rules = arena_array(&log->scratch, count, sizeof *log->rules);
    for (size_t i = 0; i < count; i++) {
        log->rules[i] = log->diags->items[i].rule;
    }
    if (count > 0) {
        qsort(log->rules, count, sizeof *log->rules, compare_rules);
    }
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(log->rules[log->rules_count - 1], log->rules[i]) != 0) {
            log->rules[log->rules_count++] = log->rules[i];
        }
    }
}

static size_t rule_index(const struct log *log, const char *rule)
{
    const char *const *found =
        bsearch(&rule, log->rules, log->rules_count, sizeof *log->rules, compare_rules);

    assert(found != NULL);
    return (size_t)(found - (const char *const *)log->rules);
}

static void append_rules(const struct log *log)
{
    for (size_t i = 0; i < log->rules_count; i++) {
        text_append(log->text, "%s\n{\"id\":\"%s\"}", i > 0 ? "," : "", log->rules[i]);
    }
}

/*
 * A URL as it is, a path as the reference that RFC 3986 makes of it; a colon would make
 * a scheme of what is before it.
 */
static void append_uri(struct text *text, const char *source)
{
    static const char unreserved[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        "0123456789-._~/";
    const bool is_url = strstr(source, "://") != NULL;

    text_append(text, "\"%s", source[0] == '/' ? "file://" : "");
    for (const char *at = source; *at != '\0'; at++) {
        if (strchr(unreserved, *at) != NULL ||
            (is_url && strchr(":@!$&'()*+,;=%[]", *at) != NULL)) {
            text_append_bytes(text, at, 1);
        } else {
            text_append(text, "%%%02X", (unsigned int)(unsigned char)*at);
        }
    }
    text_append(text, "\"");
}

/* The column of place in characters, where its line is at hand. */
static uint32_t column_of(const struct log *log, const char *source, struct place place)
{
    const struct render_line *line = render_lines_get(&log->lines, source, place);
    uint32_t column = 1;

    if (line == NULL || place.column - 1 > line->length) {
        return place.column;
    }
    for (size_t i = 0; i < place.column - 1; i++) {
        column += ((unsigned char)line->text[i] & 0xc0) != 0x80;
    }
    return column;
}

static void append_location(const struct log *log, const char *source,
                            const struct span *span)
{
    text_append(log->text, "{\"physicalLocation\":{\"artifactLocation\":{\"uri\":");
    append_uri(log->text, source);
    text_append(log->text, "},\"region\":{\"startLine\":%u,\"startColumn\":%u,",
                (unsigned int)span->start.line,
                (unsigned int)column_of(log, source, span->start));
    text_append(log->text, "\"endLine\":%u,\"endColumn\":%u}}",
                (unsigned int)span->end.line,
                (unsigned int)column_of(log, source, span->end));
}

static void append_result(const struct log *log, const struct diag *diag)
{
    text_append(log->text, "{\"ruleId\":\"%s\",\"ruleIndex\":%zu,\"level\":\"%s\",",
                diag->rule, rule_index(log, diag->rule),
                diag->severity == DIAG_ERROR ? "error" : "warning");
    text_append(log->text, "\"message\":{\"text\":");
    text_append_json(log->text, diag->message);
    text_append(log->text, "},\n \"locations\":[");
    append_location(log, diag->source, &diag->span);
    text_append(log->text, "}]");
    if (diag->note != NULL) {
        text_append(log->text, ",\n \"relatedLocations\":[");
        append_location(log, diag->note_source, &diag->note_span);
        text_append(log->text, ",\"message\":{\"text\":");
        text_append_json(log->text, diag->note);
        text_append(log->text, "}}]");
    }
    text_append(log->text, "}");
}

static void append_invocation(const struct log *log)
{
    text_append(log->text, "\"invocations\":[{\"executionSuccessful\":true");
    if (log->diags->dropped_count > 0) {
        text_append(log->text,
                    ",\"toolExecutionNotifications\":[{\"level\":\"note\","
                    "\"message\":{\"text\":\"%zu more findings are not shown\"}}]",
                    log->diags->dropped_count);
    }
    text_append(log->text, "}]");
}

void render_sarif(const struct render *render, struct text *text)
{
    struct log log = {.diags = render->diags, .text = text};

    log.lines = render_lines_find(render, &log.scratch);
    collect_rules(&log);
    text_append(text, HEAD);
    append_rules(&log);
    text_append(text, "]}},\n\"columnKind\":\"unicodeCodePoints\",\n");
    append_invocation(&log);
    text_append(text, ",\n\"results\":[");
    for (size_t i = 0; i < log.diags->count; i++) {
        text_append(text, i > 0 ? ",\n" : "\n");
        append_result(&log, &log.diags->items[i]);
    }
    text_append(text, "]}]}\n");
    arena_free(&log.scratch);
}
