#include <stdlib.h>
#include <string.h>

#include "linkstore/store.h"
#include "linkstore/store_internal.h"
#include "linkstore/store_taint.h"

static const char *state_name(enum ledger_state state)
{
    switch (state) {
    case LEDGER_SENT:
        return "sent";
    case LEDGER_CONFIRMED:
        return "confirmed";
    }
    abort();
}

static void bind_tail(struct sql_query *query, const struct ledger_row *row,
                      int64_t now_unix_ms)
{
    sql_bind_text(query, row->application);
    sql_bind_text(query, state_name(row->state));
    sql_bind_integer(query, now_unix_ms);
    sql_bind_integer(query, now_unix_ms + row->unsure_ms);
}

static void put_config(struct sql_query *query, struct sql *sql,
                       const struct ledger_row *row)
{
    sql_start(query, sql,
              "REPLACE INTO ledger_config (name, content, application, state,"
              " since_unix_ms, unsure_until_unix_ms) VALUES (?, ?, ?, ?, ?, ?)");
    sql_bind_text(query, row->u.config.name);
    sql_bind_text(query, row->u.config.content);
}

static void put_link(struct sql_query *query, struct sql *sql,
                     const struct ledger_row *row)
{
    sql_start(query, sql,
              "REPLACE INTO ledger_link (source_id, wit_namespace, wit_package, name,"
              " target, interfaces, source_config, target_config, delivered,"
              " is_dropped, application, state, since_unix_ms, unsure_until_unix_ms)"
              " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    store_bind_link(query, row->u.link);
    sql_bind_names(query, &row->delivered);
    sql_bind_integer(query, row->is_dropped);
}

static void bind_past(struct sql_query *query, const struct ledger_past *past)
{
    sql_bind_text(query, past->good_image != NULL ? past->good_image : "");
    sql_bind_names(query, &past->good_configs);
    sql_bind_text(query, past->failed_image != NULL ? past->failed_image : "");
    sql_bind_text(query, past->failure != NULL ? past->failure : "");
    sql_bind_integer(query, past->is_tainted);
    sql_bind_integer(query, past->is_doubtful);
}

static void put_workload(struct sql_query *query, struct sql *sql,
                         const struct ledger_row *row, enum workload_kind kind)
{
    sql_start(query, sql,
              "REPLACE INTO ledger_workload (kind, id, host, image, configs, delivered,"
              " lost, is_pruned, good_image, good_configs, failed_image, failure,"
              " is_tainted, is_doubtful, application, state, since_unix_ms,"
              " unsure_until_unix_ms)"
              " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    sql_bind_text(query, workload_kind_name(kind));
    sql_bind_text(query, row->u.workload.id);
    sql_bind_text(query, row->u.workload.host);
    sql_bind_text(query, row->u.workload.image);
    sql_bind_names(query, &row->u.workload.configs);
    sql_bind_names(query, &row->delivered);
    sql_bind_names(query, &row->lost);
    sql_bind_integer(query, row->is_pruned);
    bind_past(query, &row->u.workload.past);
}

static enum err_code put(struct store *store, const struct ledger_row *row,
                         int64_t now_unix_ms, struct err *err)
{
    struct sql_query query = {0};

    switch (row->kind) {
    case LEDGER_CONFIG:
        put_config(&query, &store->sql, row);
        break;
    case LEDGER_LINK:
        put_link(&query, &store->sql, row);
        break;
    case LEDGER_COMPONENT:
        put_workload(&query, &store->sql, row, WORKLOAD_COMPONENT);
        break;
    case LEDGER_PROVIDER:
        put_workload(&query, &store->sql, row, WORKLOAD_PROVIDER);
        break;
    }
    bind_tail(&query, row, now_unix_ms);
    (void)sql_step(&query);
    return sql_end(&query, err);
}

static void drop_workload(struct sql_query *query, struct sql *sql,
                          const struct ledger_row *row, enum workload_kind kind)
{
    sql_start(query, sql,
              "DELETE FROM ledger_workload WHERE kind = ? AND id = ? AND host = ?");
    sql_bind_text(query, workload_kind_name(kind));
    sql_bind_text(query, row->u.workload.id);
    sql_bind_text(query, row->u.workload.host);
}

static enum err_code drop(struct store *store, const struct ledger_row *row,
                          struct err *err)
{
    struct sql_query query = {0};

    switch (row->kind) {
    case LEDGER_CONFIG:
        sql_start(&query, &store->sql, "DELETE FROM ledger_config WHERE name = ?");
        sql_bind_text(&query, row->u.config.name);
        break;
    case LEDGER_LINK:
        sql_start(&query, &store->sql,
                  "DELETE FROM ledger_link WHERE source_id = ? AND wit_namespace = ?"
                  " AND wit_package = ? AND name = ? AND target = ?");
        store_bind_link_key(&query, row->u.link);
        break;
    case LEDGER_COMPONENT:
        drop_workload(&query, &store->sql, row, WORKLOAD_COMPONENT);
        break;
    case LEDGER_PROVIDER:
        drop_workload(&query, &store->sql, row, WORKLOAD_PROVIDER);
        break;
    }
    (void)sql_step(&query);
    return sql_end(&query, err);
}

static enum err_code apply(struct store *store, const struct ledger_change *change,
                           int64_t now_unix_ms, struct err *err)
{
    if (store_is_taint(&change->row)) {
        return change->kind == LEDGER_PUT ? store_put_taint(store, &change->row, err)
                                          : store_drop_taint(store, &change->row, err);
    }
    switch (change->kind) {
    case LEDGER_PUT:
        return put(store, &change->row, now_unix_ms, err);
    case LEDGER_DROP:
        return drop(store, &change->row, err);
    }
    abort();
}

enum err_code store_write_ledger(struct store *store, const struct ledger_change *changes,
                                 size_t count, int64_t now_unix_ms, struct err *err)
{
    enum err_code code = store_enter(store, err);

    if (code != ERR_OK) {
        return code;
    }
    for (size_t i = 0; i < count && code == ERR_OK; i++) {
        code = apply(store, &changes[i], now_unix_ms, err);
    }
    return store_leave(store, code, err);
}

/* What is being read: the ledger, as of now, into arena. */
struct reading {
    struct sql *sql;
    int64_t now_unix_ms;
    struct arena *arena;
    struct ledger_row *rows;
    size_t count;
    size_t capacity;
};

static struct ledger_row *add_row(struct reading *reading)
{
    reading->rows = arena_grow(reading->arena, reading->rows, reading->count,
                               &reading->capacity, sizeof *reading->rows);
    return &reading->rows[reading->count++];
}

/* The columns every table ends with; a clock that went back makes no age below 0. */
static void read_tail(struct sql_query *query, int column, const struct reading *reading,
                      struct ledger_row *row)
{
    const char *state = sql_text(query, column + 1, reading->arena);
    const int64_t since = sql_integer(query, column + 2);
    const int64_t unsure_until = sql_integer(query, column + 3);
    const int64_t now = since < reading->now_unix_ms ? reading->now_unix_ms : since;

    row->application = sql_text(query, column, reading->arena);
    row->state =
        strcmp(state, state_name(LEDGER_CONFIRMED)) == 0 ? LEDGER_CONFIRMED : LEDGER_SENT;
    row->age_ms = now - since;
    row->unsure_ms = unsure_until - now;
}

static enum err_code read_configs(struct reading *reading, struct err *err)
{
    struct sql_query query;

    sql_start(&query, reading->sql,
              "SELECT name, content, application, state, since_unix_ms,"
              " unsure_until_unix_ms FROM ledger_config ORDER BY name");
    while (sql_step(&query)) {
        struct ledger_row *row = add_row(reading);

        row->kind = LEDGER_CONFIG;
        row->u.config.name = sql_text(&query, 0, reading->arena);
        row->u.config.content = sql_text(&query, 1, reading->arena);
        read_tail(&query, 2, reading, row);
    }
    return sql_end(&query, err);
}

static enum err_code read_links(struct reading *reading, struct err *err)
{
    struct sql_query query;

    sql_start(&query, reading->sql,
              "SELECT source_id, wit_namespace, wit_package, name, target, interfaces,"
              " source_config, target_config, delivered, is_dropped, application, state,"
              " since_unix_ms, unsure_until_unix_ms FROM ledger_link"
              " ORDER BY source_id, wit_namespace, wit_package, name, target");
    while (sql_step(&query)) {
        struct ledger_row *row = add_row(reading);
        struct link *link = arena_alloc(reading->arena, sizeof *link);

        *link = store_read_link(&query, 0, reading->arena);
        row->kind = LEDGER_LINK;
        row->u.link = link;
        row->delivered = sql_names(&query, STORE_LINK_COLUMNS, reading->arena);
        row->is_dropped = sql_integer(&query, STORE_LINK_COLUMNS + 1) != 0;
        read_tail(&query, STORE_LINK_COLUMNS + 2, reading, row);
    }
    return sql_end(&query, err);
}

/* NULL when it is empty. */
static const char *text_or_none(struct sql_query *query, int column, struct arena *arena)
{
    const char *text = sql_text(query, column, arena);

    return text[0] != '\0' ? text : NULL;
}

static void read_past(struct sql_query *query, int column, struct arena *arena,
                      struct ledger_past *ret_past)
{
    ret_past->good_image = text_or_none(query, column, arena);
    ret_past->good_configs = sql_names(query, column + 1, arena);
    ret_past->failed_image = text_or_none(query, column + 2, arena);
    ret_past->failure = text_or_none(query, column + 3, arena);
    ret_past->is_tainted = sql_integer(query, column + 4) != 0;
    ret_past->is_doubtful = sql_integer(query, column + 5) != 0;
}

static enum err_code read_workloads(struct reading *reading, struct err *err)
{
    struct sql_query query;

    sql_start(&query, reading->sql,
              "SELECT kind = 'provider', id, host, image, configs, delivered, lost,"
              " is_pruned, good_image, good_configs, failed_image, failure, is_tainted,"
              " is_doubtful, application, state, since_unix_ms, unsure_until_unix_ms"
              " FROM ledger_workload ORDER BY kind, id, host");
    while (sql_step(&query)) {
        struct ledger_row *row = add_row(reading);

        row->kind = sql_integer(&query, 0) != 0 ? LEDGER_PROVIDER : LEDGER_COMPONENT;
        row->u.workload.id = sql_text(&query, 1, reading->arena);
        row->u.workload.host = sql_text(&query, 2, reading->arena);
        row->u.workload.image = sql_text(&query, 3, reading->arena);
        row->u.workload.configs = sql_names(&query, 4, reading->arena);
        row->delivered = sql_names(&query, 5, reading->arena);
        row->lost = sql_names(&query, 6, reading->arena);
        row->is_pruned = sql_integer(&query, 7) != 0;
        read_past(&query, 8, reading->arena, &row->u.workload.past);
        read_tail(&query, 14, reading, row);
    }
    return sql_end(&query, err);
}

enum err_code store_read_ledger(struct store *store, int64_t now_unix_ms,
                                struct arena *arena, struct ledger_rows *ret_rows,
                                struct err *err)
{
    struct reading reading = {
        .sql = &store->sql,
        .now_unix_ms = now_unix_ms,
        .arena = arena,
    };
    enum err_code code = read_configs(&reading, err);

    if (code == ERR_OK) {
        code = read_links(&reading, err);
    }
    if (code == ERR_OK) {
        code = read_workloads(&reading, err);
    }
    if (code == ERR_OK) {
        *ret_rows = (struct ledger_rows){.items = reading.rows, .count = reading.count};
    }
    return code;
}
