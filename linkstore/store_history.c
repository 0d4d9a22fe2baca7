#include "linkstore/store_history.h"

#include "linkstore/store_internal.h"

static enum err_code note_command(struct store *store,
                                  const struct store_command *command,
                                  int64_t now_unix_ms, struct err *err)
{
    struct sql_query query;

    sql_start(&query, &store->sql,
              "INSERT INTO command (unix_ms, application, kind, text)"
              " VALUES (?, ?, ?, ?)");
    sql_bind_integer(&query, now_unix_ms);
    sql_bind_text(&query, command->application);
    sql_bind_text(&query, command->kind);
    sql_bind_text(&query, command->text);
    (void)sql_step(&query);
    return sql_end(&query, err);
}

enum err_code store_note_commands(struct store *store,
                                  const struct store_command *commands, size_t count,
                                  int64_t now_unix_ms, struct err *err)
{
    enum err_code code = store_enter(store, err);

    if (code != ERR_OK) {
        return code;
    }
    for (size_t i = 0; i < count && code == ERR_OK; i++) {
        code = note_command(store, &commands[i], now_unix_ms, err);
    }
    return store_leave(store, code, err);
}

enum err_code store_note_failure(struct store *store, const char *id, const char *text,
                                 int64_t now_unix_ms, struct err *err)
{
    enum err_code code = store_enter(store, err);
    struct sql_query query;

    if (code != ERR_OK) {
        return code;
    }
    sql_start(&query, &store->sql,
              "INSERT INTO event (unix_ms, application, kind, version, text)"
              " SELECT ?1, v.application, 'failed', v.version, ?2 FROM workload AS w"
              " JOIN application AS a ON a.deployed = w.version"
              " JOIN version AS v ON v.id = w.version WHERE w.id = ?3");
    sql_bind_integer(&query, now_unix_ms);
    sql_bind_text(&query, text);
    sql_bind_text(&query, id);
    (void)sql_step(&query);
    return store_leave(store, sql_end(&query, err), err);
}

/* Of both tables the newest, and of these the newest, oldest first. */
#define SELECT_HISTORY(condition)                                                        \
    "SELECT unix_ms, application, kind, version, text FROM"                              \
    " (SELECT * FROM"                                                                    \
    "   (SELECT unix_ms, application, kind, version, text, 0 AS part, id FROM event"     \
    "    WHERE " condition " ORDER BY id DESC LIMIT ?2)"                                 \
    "  UNION ALL SELECT * FROM"                                                          \
    "   (SELECT unix_ms, application, kind, NULL, text, 1, id FROM command"              \
    "    WHERE " condition " ORDER BY id DESC LIMIT ?2)"                                 \
    "  ORDER BY unix_ms DESC, part DESC, id DESC LIMIT ?2)"                              \
    " ORDER BY unix_ms, part, id"

// NOLINTNEXTLINE(readability-function-size): the object, what, where to, and the error
enum err_code store_history(struct store *store, const char *application,
                            size_t count_max, struct arena *arena,
                            struct store_happenings *ret_happenings, struct err *err)
{
    struct store_happening *items = NULL;
    struct sql_query query;
    size_t capacity = 0;
    size_t count = 0;
    enum err_code code;

    sql_start(&query, &store->sql,
              application != NULL ? SELECT_HISTORY("application = ?1")
                                  : SELECT_HISTORY("?1 IS NULL"));
    sql_bind_text(&query, application);
    sql_bind_integer(&query, (int64_t)count_max);
    while (sql_step(&query)) {
        items = arena_grow(arena, items, count, &capacity, sizeof *items);
        items[count++] = (struct store_happening){
            .unix_ms = sql_integer(&query, 0),
            .application = sql_text(&query, 1, arena),
            .kind = sql_text(&query, 2, arena),
            .version = sql_text_or_null(&query, 3, arena),
            .text = sql_text(&query, 4, arena),
        };
    }
    code = sql_end(&query, err);
    if (code == ERR_OK) {
        *ret_happenings = (struct store_happenings){items, count};
    }
    return code;
}
