#include "linkstore/store_taint.h"

#include "linkstore/store_internal.h"

bool store_is_taint(const struct ledger_row *row)
{
    return row->kind == LEDGER_COMPONENT && row->application[0] == '\0';
}

static enum err_code write_taint(struct store *store, const char *sql,
                                 const struct ledger_row *row, struct err *err)
{
    struct sql_query query;

    sql_start(&query, &store->sql, sql);
    sql_bind_text(&query, row->u.workload.id);
    sql_bind_text(&query, row->u.workload.host);
    (void)sql_step(&query);
    return sql_end(&query, err);
}

enum err_code store_put_taint(struct store *store, const struct ledger_row *row,
                              struct err *err)
{
    return write_taint(store,
                       "INSERT INTO taint (id, host) VALUES (?, ?)"
                       " ON CONFLICT DO NOTHING",
                       row, err);
}

enum err_code store_drop_taint(struct store *store, const struct ledger_row *row,
                               struct err *err)
{
    return write_taint(store, "DELETE FROM taint WHERE id = ? AND host = ?", row, err);
}

enum err_code store_read_taints(struct store *store, struct arena *arena,
                                struct ledger_rows *ret_rows, struct err *err)
{
    struct ledger_row *rows = NULL;
    struct sql_query query;
    size_t capacity = 0;
    size_t count = 0;
    enum err_code code;

    sql_start(&query, &store->sql, "SELECT id, host FROM taint ORDER BY id, host");
    while (sql_step(&query)) {
        rows = arena_grow(arena, rows, count, &capacity, sizeof *rows);
        rows[count++] = (struct ledger_row){
            .kind = LEDGER_COMPONENT,
            .state = LEDGER_SENT,
            .application = "",
            .u.workload = {.id = sql_text(&query, 0, arena),
                           .host = sql_text(&query, 1, arena),
                           .image = "",
                           .past.is_tainted = true},
        };
    }
    code = sql_end(&query, err);
    if (code == ERR_OK) {
        *ret_rows = (struct ledger_rows){.items = rows, .count = count};
    }
    return code;
}
