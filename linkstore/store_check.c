#include <string.h>

#include "linkstore/store.h"
#include "linkstore/store_internal.h"
#include "manifest/text.h"

/* Of a source as much is shown as tells two files apart, so that both fit a message. */
#define SOURCE_SHOWN_MAX ((size_t)80)

/*
 * Each query goes from the rows ra of an application a that is not checked yet to the
 * rows rb of other deployed applications b that claim the same thing, by index: what
 * has been checked before is not looked at again.  CROSS JOIN holds SQLite to this way.
 */
#define CLAIMS_COUNT 8 /* columns of the two claims, first in each query */

struct claim {
    const char *application;
    struct origin origin;
};

struct search {
    struct store *store;
    struct arena arena;
    bool is_found;
    struct claim claims[2];
    struct text what; /* both claim */
};

static struct claim read_claim(struct sql_query *query, int column, struct arena *arena)
{
    return (struct claim){
        .application = sql_text(query, column, arena),
        .origin = {.source = sql_text(query, column + 1, arena),
                   .place = {.line = (uint32_t)sql_integer(query, column + 2),
                             .column = (uint32_t)sql_integer(query, column + 3)}},
    };
}

static void take_claims(struct search *search, struct sql_query *query)
{
    search->is_found = true;
    search->claims[0] = read_claim(query, 0, &search->arena);
    search->claims[1] = read_claim(query, CLAIMS_COUNT / 2, &search->arena);
}

static void print_name(const char *name, struct text *text)
{
    text_append_quoted(text, name, strlen(name));
}

/* Every row of text is a conflict about the name in its last column. */
static enum err_code find_by_name(struct search *search, const char *text,
                                  const char *word, struct err *err)
{
    struct sql_query query;

    sql_start(&query, &search->store->sql, text);
    if (sql_step(&query)) {
        take_claims(search, &query);
        text_append(&search->what, "%s ", word);
        print_name(sql_text(&query, CLAIMS_COUNT, &search->arena), &search->what);
    }
    return sql_end(&query, err);
}

static enum err_code find_config(struct search *search, struct err *err)
{
    return find_by_name(
        search,
        "SELECT a.name, va.source, ra.source_line, ra.source_column, b.name, vb.source,"
        " rb.source_line, rb.source_column, ra.name FROM application AS a"
        " INDEXED BY application_unchecked"
        " CROSS JOIN config AS ra ON ra.version = a.deployed"
        " CROSS JOIN config AS rb ON rb.name = ra.name"
        " CROSS JOIN application AS b ON b.deployed = rb.version AND b.name <> a.name"
        " CROSS JOIN version AS va ON va.id = ra.version"
        " CROSS JOIN version AS vb ON vb.id = rb.version"
        " WHERE NOT a.is_checked AND rb.content <> ra.content"
        " ORDER BY a.name, ra.name, b.name LIMIT 1",
        "config", err);
}

/* A spread of the one that the other has not. */
#define OTHER_SPREAD(one, other)                                                         \
    "EXISTS (SELECT position, name, weight, requirements FROM spread"                    \
    " WHERE version = " one ".version AND workload = " one ".id"                         \
    " EXCEPT SELECT position, name, weight, requirements FROM spread"                    \
    " WHERE version = " other ".version AND workload = " other ".id)"

static enum err_code find_workload(struct search *search, struct err *err)
{
    return find_by_name(
        search,
        "SELECT a.name, va.source, ra.source_line, ra.source_column, b.name, vb.source,"
        " rb.source_line, rb.source_column, ra.id FROM application AS a"
        " INDEXED BY application_unchecked"
        " CROSS JOIN workload AS ra ON ra.version = a.deployed"
        " CROSS JOIN workload AS rb ON rb.id = ra.id"
        " CROSS JOIN application AS b ON b.deployed = rb.version AND b.name <> a.name"
        " CROSS JOIN version AS va ON va.id = ra.version"
        " CROSS JOIN version AS vb ON vb.id = rb.version"
        " WHERE NOT a.is_checked"
        " AND ((rb.kind, rb.image, rb.instances, rb.is_daemon, rb.configs)"
        " IS NOT (ra.kind, ra.image, ra.instances, ra.is_daemon, ra.configs)"
        " OR " OTHER_SPREAD("ra", "rb") " OR " OTHER_SPREAD(
            "rb", "ra") ")"
                        " ORDER BY a.name, ra.id, b.name LIMIT 1",
        "id", err);
}

static void print_link_claim(const struct link *a, const struct link *b,
                             struct text *text)
{
    text_append(text, "a link of ");
    print_name(a->source_id, text);
    text_append(text, " to ");
    print_name(a->target, text);
    if (strcmp(a->target, b->target) != 0) {
        text_append(text, " and ");
        print_name(b->target, text);
    }
    text_append(text, " (%s:%s, name ", a->wit_namespace, a->wit_package);
    print_name(a->name, text);
    text_append(text, ")");
}

/* Links of one slot, which SQL can tell; whether a host holds both, link_is_conflict. */
static enum err_code find_link(struct search *search, struct err *err)
{
    struct sql_query query;

    sql_start(
        &query, &search->store->sql,
        "SELECT a.name, va.source, ra.source_line, ra.source_column, b.name, vb.source,"
        " rb.source_line, rb.source_column, ra.source_id, ra.wit_namespace,"
        " ra.wit_package, ra.name, ra.target, ra.interfaces, ra.source_config,"
        " ra.target_config,"
        " rb.source_id, rb.wit_namespace, rb.wit_package, rb.name, rb.target,"
        " rb.interfaces, rb.source_config, rb.target_config"
        " FROM application AS a INDEXED BY application_unchecked"
        " CROSS JOIN link AS ra ON ra.version = a.deployed"
        " CROSS JOIN link AS rb ON rb.source_id = ra.source_id"
        " AND rb.wit_namespace = ra.wit_namespace"
        " AND rb.wit_package = ra.wit_package AND rb.name = ra.name"
        " CROSS JOIN application AS b ON b.deployed = rb.version AND b.name <> a.name"
        " CROSS JOIN version AS va ON va.id = ra.version"
        " CROSS JOIN version AS vb ON vb.id = rb.version"
        " WHERE NOT a.is_checked"
        " AND (rb.target, rb.interfaces, rb.source_config, rb.target_config)"
        " IS NOT (ra.target, ra.interfaces, ra.source_config, ra.target_config)"
        " ORDER BY a.name, ra.source_id, ra.wit_namespace, ra.wit_package,"
        " ra.name, ra.target, b.name, rb.target");
    while (!search->is_found && sql_step(&query)) {
        const struct link a = store_read_link(&query, CLAIMS_COUNT, &search->arena);
        const struct link b =
            store_read_link(&query, CLAIMS_COUNT + STORE_LINK_COLUMNS, &search->arena);

        if (link_compare(&a, &b) == 0 || link_is_conflict(&a, &b)) {
            take_claims(search, &query);
            print_link_claim(&a, &b, &search->what);
        }
    }
    return sql_end(&query, err);
}

static void print_claim(const struct claim *claim, struct text *text)
{
    const char *source = claim->origin.source;
    const size_t length = strlen(source);
    const bool is_long = length > SOURCE_SHOWN_MAX;

    print_name(claim->application, text);
    text_append(text, " (%s%s:%u)", is_long ? "..." : "",
                is_long ? source + length - SOURCE_SHOWN_MAX : source,
                (unsigned)claim->origin.place.line);
}

/* ERR_CONFLICT at the place of the first claim, naming both. */
static enum err_code set_conflict(struct search *search, struct err *err)
{
    struct text text;
    enum err_code code;

    text_init(&text, &search->arena, ERR_MESSAGE_BYTES_MAX);
    text_append(&text, "applications ");
    print_claim(&search->claims[0], &text);
    text_append(&text, " and ");
    print_claim(&search->claims[1], &text);
    text_append(&text, " claim %s with different content: rename it in one of them",
                search->what.bytes);
    code = err_set(err, ERR_CONFLICT, "%s", text.bytes);
    err_locate(err, search->claims[0].origin.source, search->claims[0].origin.place);
    return code;
}

static enum err_code check(struct store *store, struct err *err)
{
    struct search search = {.store = store};
    enum err_code code;

    text_init(&search.what, &search.arena, ERR_MESSAGE_BYTES_MAX);
    code = find_config(&search, err);
    if (code == ERR_OK && !search.is_found) {
        code = find_workload(&search, err);
    }
    if (code == ERR_OK && !search.is_found) {
        code = find_link(&search, err);
    }
    if (code == ERR_OK && search.is_found) {
        code = set_conflict(&search, err);
    }
    arena_free(&search.arena);
    if (code == ERR_OK) {
        code = sql_run(&store->sql,
                       "UPDATE application SET is_checked = 1 WHERE NOT is_checked", err);
    }
    return code;
}

enum err_code store_check(struct store *store, struct err *err)
{
    enum err_code code = store_enter(store, err);

    if (code == ERR_OK) {
        code = store_leave(store, check(store, err), err);
    }
    return code;
}
