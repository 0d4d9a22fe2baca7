#include "manifest/lint_allow.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "manifest/limits.h"
#include "manifest/lint_rule.h"
#include "manifest/tree_cursor.h"

#define RULE_CHARACTERS "abcdefghijklmnopqrstuvwxyz-"

#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* columns count from after it */

/* A '#' with "trellis: allow" behind it. */
struct mark {
    struct place place;
    size_t offset; /* in bytes, of the '#' */
    size_t rules;  /* in bytes, of what is behind "allow" */
    bool is_comment;
};

struct marks {
    const char *text;
    size_t length;
    struct mark *items; /* by place */
    size_t count;
    size_t capacity;
    struct arena *scratch;
};

static size_t skip_blanks(const struct marks *marks, size_t at)
{
    while (at < marks->length && (marks->text[at] == ' ' || marks->text[at] == '\t')) {
        at++;
    }
    return at;
}

/* Behind blanks and word, when they stand at *at; there *at is moved. */
static bool skip_word(const struct marks *marks, const char *word, size_t *at)
{
    const size_t start = skip_blanks(marks, *at);
    const size_t word_length = strlen(word);

    if (marks->length - start < word_length ||
        memcmp(marks->text + start, word, word_length) != 0) {
        return false;
    }
    *at = start + word_length;
    return true;
}

/* Can a comment begin at offset, as far as the byte before it tells? */
static bool can_begin(const struct marks *marks, size_t offset)
{
    return offset == 0 || strchr(" \t\r\n", marks->text[offset - 1]) != NULL;
}

static void find_marks(struct marks *marks)
{
    struct tree_cursor cursor;
    const char *found = marks->text;

    tree_cursor_init(&cursor, marks->text, marks->length);
    while (marks->count <= LINT_ALLOWANCES_MAX &&
           (found = memchr(found, '#', (size_t)(marks->text + marks->length - found))) !=
               NULL) {
        const size_t offset = (size_t)(found - marks->text);
        size_t at = offset + 1;

        if (can_begin(marks, offset) && skip_word(marks, "trellis:", &at) &&
            skip_word(marks, "allow", &at)) {
            marks->items = arena_grow(marks->scratch, marks->items, marks->count,
                                      &marks->capacity, sizeof *marks->items);
            marks->items[marks->count++] =
                (struct mark){tree_cursor_walk(&cursor, offset), offset, at, true};
        }
        found++;
    }
}

static bool is_before(const struct place *a, const struct place *b)
{
    return a->line != b->line ? a->line < b->line : a->column < b->column;
}

/* The first mark that is not before place. */
static size_t find_mark(const struct marks *marks, const struct place *place)
{
    size_t low = 0;
    size_t high = marks->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (is_before(&marks->items[middle].place, place)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Is mark on the line in which the scalar begins as a block, "key: | # like this"? */
static bool is_in_header(const struct marks *marks, const struct mark *mark,
                         const struct tree_node *scalar)
{
    const char *at = marks->text + mark->offset;
    const char *start;

    if (mark->place.line != scalar->span.start.line) {
        return false;
    }
    assert(mark->place.column >= scalar->span.start.column);
    start = at - (mark->place.column - scalar->span.start.column);
    while (start < at && (*start == '&' || *start == '!')) { /* anchor and tag */
        start += strcspn(start, " \t");
        start += strspn(start, " \t");
    }
    return start < at && (*start == '|' || *start == '>');
}

static void strike_scalar(struct marks *marks, const struct tree_node *scalar)
{
    for (size_t i = find_mark(marks, &scalar->span.start);
         i < marks->count && is_before(&marks->items[i].place, &scalar->span.end); i++) {
        marks->items[i].is_comment = is_in_header(marks, &marks->items[i], scalar);
    }
}

/* Strike out the marks inside the scalars of node. */
// NOLINTNEXTLINE(misc-no-recursion): depth is capped by TREE_DEPTH_MAX
static void strike(struct marks *marks, const struct tree_node *node)
{
    if (node->kind == TREE_SCALAR) {
        strike_scalar(marks, node);
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        strike(marks, node->items[i]);
    }
}

/* Is there nothing before mark in its line? */
static bool is_alone(const struct marks *marks, const struct mark *mark)
{
    size_t at = mark->offset;

    while (at > 0 && (marks->text[at - 1] == ' ' || marks->text[at - 1] == '\t')) {
        at--;
    }
    return at == 0 || marks->text[at - 1] == '\n' || marks->text[at - 1] == '\r';
}

static void report_unknown(struct diags *diags, const struct mark *mark, const char *rule)
{
    const struct span span = {mark->place, mark->place};
    size_t count;
    const char *const *ids = lint_rule_list(&count);
    const char *near = diag_near(rule, ids, count);

    diags_add(diags, DIAG_WARNING, "unknown-rule", &span,
              "no warning is called %s: %s%s%s", diag_quoted(rule, diags->arena),
              near == NULL ? "expected 'trellis: allow RULE,RULE'" : "did you mean ",
              near == NULL ? "" : diag_quoted(near, diags->arena),
              near == NULL ? "" : "?");
}

static void report_many(struct diags *diags, const struct mark *mark)
{
    const struct span span = {mark->place, mark->place};

    diags_add(diags, DIAG_WARNING, "unknown-rule", &span,
              "more than %zu rules are allowed by comments, and the rest is not read: "
              "expected the option '--allow'",
              LINT_ALLOWANCES_MAX);
}

struct allowances {
    struct diag_allowance *items;
    size_t count;
    size_t capacity;
    size_t rules_count; /* also those that nobody knows */
    struct arena *arena;
};

/* Rules, with commas between them; what comes then is a reason, for people. */
static void read_rules(struct allowances *allowances, const struct marks *marks,
                       const struct mark *mark, struct diags *diags)
{
    const uint32_t line = mark->place.line + is_alone(marks, mark);
    size_t at = mark->rules;

    do {
        const char *id = marks->text + (at = skip_blanks(marks, at));
        const char *rule;
        size_t length = 0;

        if (++allowances->rules_count > LINT_ALLOWANCES_MAX) {
            report_many(diags, mark);
            return;
        }
        while (at + length < marks->length && id[length] != '\0' &&
               strchr(RULE_CHARACTERS, id[length]) != NULL) {
            length++;
        }
        at += length;
        rule = lint_rule_find(id, length);
        if (rule == NULL) {
            report_unknown(diags, mark, arena_text(diags->arena, id, length));
            continue;
        }
        allowances->items =
            arena_grow(allowances->arena, allowances->items, allowances->count,
                       &allowances->capacity, sizeof *allowances->items);
        allowances->items[allowances->count++] = (struct diag_allowance){line, rule};
    } while (skip_word(marks, ",", &at));
}

void lint_allow_read(const char *text, size_t length,
                     const struct tree_documents *documents, struct arena *arena,
                     struct diags *diags)
{
    const size_t mark_bytes =
        length >= 3 && memcmp(text, BYTE_ORDER_MARK, 3) == 0 ? 3 : 0;
    struct arena scratch = {0};
    struct marks marks = {
        .text = text + mark_bytes, .length = length - mark_bytes, .scratch = &scratch};
    struct allowances allowances = {.arena = arena};

    diags->allowances = (struct diag_allowances){0};
    find_marks(&marks);
    for (size_t i = 0; marks.count > 0 && i < documents->count; i++) {
        strike(&marks, documents->roots[i]);
    }
    for (size_t i = 0; i < marks.count && allowances.rules_count <= LINT_ALLOWANCES_MAX;
         i++) {
        if (marks.items[i].is_comment) {
            read_rules(&allowances, &marks, &marks.items[i], diags);
        }
    }
    assert(allowances.count <= LINT_ALLOWANCES_MAX);
    diags->allowances = (struct diag_allowances){allowances.items, allowances.count};
    arena_free(&scratch);
}
