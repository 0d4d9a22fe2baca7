#include "linkstore/store_memory.h"

#include <string.h>

#include "linkstore/store_internal.h"

static enum err_code read_buckets(struct store *store, struct arena *arena,
                                  struct memory *memory, struct err *err)
{
    struct sql_query query;

    sql_start(&query, &store->sql, "SELECT name, made, sequence, deaf_to FROM bucket");
    while (sql_step(&query)) {
        const char *name = sql_text(&query, 0, arena);
        struct memory_bucket *bucket =
            strcmp(name, "links") == 0 ? &memory->links : &memory->configs;

        *bucket = (struct memory_bucket){
            .made = sql_text_or_null(&query, 1, arena),
            .sequence = (uint64_t)sql_integer(&query, 2),
            .deaf_to = (uint64_t)sql_integer(&query, 3),
        };
    }
    return sql_end(&query, err);
}

static enum err_code read_hosts(struct store *store, int64_t now_unix_ms,
                                struct arena *arena, struct memory *memory,
                                struct err *err)
{
    struct memory_host *hosts = NULL;
    struct sql_query query;
    size_t capacity = 0;
    size_t count = 0;

    sql_start(&query, &store->sql,
              "SELECT id, name, seen_unix_ms, interval_ms FROM host ORDER BY id");
    while (sql_step(&query)) {
        const int64_t age_ms = now_unix_ms - sql_integer(&query, 2);

        hosts = arena_grow(arena, hosts, count, &capacity, sizeof *hosts);
        hosts[count++] = (struct memory_host){
            .id = sql_text(&query, 0, arena),
            .name = sql_text(&query, 1, arena),
            .age_ms = age_ms > 0 ? age_ms : 0,
            .interval_ms = sql_integer(&query, 3),
        };
    }
    memory->hosts = hosts;
    memory->hosts_count = count;
    return sql_end(&query, err);
}

enum err_code store_read_memory(struct store *store, int64_t now_unix_ms,
                                struct arena *arena, struct memory *ret_memory,
                                struct err *err)
{
    struct memory memory = {0};
    enum err_code code = read_buckets(store, arena, &memory, err);

    if (code == ERR_OK) {
        code = read_hosts(store, now_unix_ms, arena, &memory, err);
    }
    if (code == ERR_OK) {
        *ret_memory = memory;
    }
    return code;
}

static enum err_code write_bucket(struct store *store, const char *name,
                                  const struct memory_bucket *bucket, struct err *err)
{
    struct sql_query query;

    sql_start(&query, &store->sql,
              "INSERT INTO bucket (name, made, sequence, deaf_to) VALUES (?, ?, ?, ?)"
              " ON CONFLICT DO UPDATE SET made = excluded.made,"
              " sequence = excluded.sequence, deaf_to = excluded.deaf_to");
    sql_bind_text(&query, name);
    sql_bind_text(&query, bucket->made);
    sql_bind_integer(&query, (int64_t)bucket->sequence);
    sql_bind_integer(&query, (int64_t)bucket->deaf_to);
    (void)sql_step(&query);
    return sql_end(&query, err);
}

static enum err_code write_host(struct store *store, const struct memory_host *host,
                                int64_t now_unix_ms, struct err *err)
{
    struct sql_query query;

    sql_start(&query, &store->sql,
              "INSERT INTO host (id, name, seen_unix_ms, interval_ms)"
              " VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET name = excluded.name,"
              " seen_unix_ms = excluded.seen_unix_ms,"
              " interval_ms = excluded.interval_ms");
    sql_bind_text(&query, host->id);
    sql_bind_text(&query, host->name);
    sql_bind_integer(&query, now_unix_ms - host->age_ms);
    sql_bind_integer(&query, host->interval_ms);
    (void)sql_step(&query);
    return sql_end(&query, err);
}

enum err_code store_write_memory(struct store *store, const struct memory *memory,
                                 int64_t now_unix_ms, struct err *err)
{
    enum err_code code = store_enter(store, err);

    if (code != ERR_OK) {
        return code;
    }
    code = write_bucket(store, "links", &memory->links, err);
    if (code == ERR_OK) {
        code = write_bucket(store, "configs", &memory->configs, err);
    }
    for (size_t i = 0; i < memory->hosts_count && code == ERR_OK; i++) {
        code = write_host(store, &memory->hosts[i], now_unix_ms, err);
    }
    return store_leave(store, code, err);
}

static enum err_code forget(struct store *store, struct store_forgotten *forgotten,
                            struct err *err)
{
    static const char *const ledgers[] = {"DELETE FROM ledger_config WHERE TRUE",
                                          "DELETE FROM ledger_link WHERE TRUE",
                                          "DELETE FROM ledger_workload WHERE TRUE"};
    enum err_code code = sql_run(&store->sql, "DELETE FROM bucket", err);

    if (code == ERR_OK) {
        code = sql_run(&store->sql, "DELETE FROM taint WHERE TRUE", err);
    }
    if (code == ERR_OK) {
        code = sql_run(&store->sql, "DELETE FROM host", err);
        forgotten->hosts = sql_changes(&store->sql);
    }
    for (size_t i = 0; i < sizeof ledgers / sizeof *ledgers && code == ERR_OK; i++) {
        code = sql_run(&store->sql, ledgers[i], err);
        forgotten->ledger_rows += sql_changes(&store->sql);
    }
    return code;
}

enum err_code store_rebind(struct store *store, struct store_forgotten *ret_forgotten,
                           struct err *err)
{
    struct store_forgotten forgotten = {0};
    enum err_code code = store_enter(store, err);

    if (code == ERR_OK) {
        code = store_leave(store, forget(store, &forgotten, err), err);
    }
    if (code == ERR_OK) {
        *ret_forgotten = forgotten;
    }
    return code;
}
