#include <string.h>

#include "linkstore/store.h"
#include "linkstore/store_internal.h"
#include "manifest/decode_redeliver.h"

void store_bind_link_key(struct sql_query *query, const struct link *link)
{
    sql_bind_text(query, link->source_id);
    sql_bind_text(query, link->wit_namespace);
    sql_bind_text(query, link->wit_package);
    sql_bind_text(query, link->name);
    sql_bind_text(query, link->target);
}

void store_bind_link(struct sql_query *query, const struct link *link)
{
    store_bind_link_key(query, link);
    sql_bind_names(query, &link->interfaces);
    sql_bind_names(query, &link->source_config);
    sql_bind_names(query, &link->target_config);
}

struct link store_read_link(struct sql_query *query, int column, struct arena *arena)
{
    return (struct link){
        .source_id = sql_text(query, column, arena),
        .wit_namespace = sql_text(query, column + 1, arena),
        .wit_package = sql_text(query, column + 2, arena),
        .name = sql_text(query, column + 3, arena),
        .target = sql_text(query, column + 4, arena),
        .interfaces = sql_set(query, column + 5, arena),
        .source_config = sql_names(query, column + 6, arena),
        .target_config = sql_names(query, column + 7, arena),
    };
}

static void bind_place(struct sql_query *query, const struct origin *origin)
{
    sql_bind_integer(query, origin->place.line);
    sql_bind_integer(query, origin->place.column);
}

static enum err_code delete_rows(struct store *store, const char *text, int64_t version,
                                 struct err *err)
{
    struct sql_query query;

    sql_start(&query, &store->sql, text);
    sql_bind_integer(&query, version);
    (void)sql_step(&query);
    return sql_end(&query, err);
}

static enum err_code write_config(struct store *store, int64_t version,
                                  const struct config_row *row, struct err *err)
{
    struct sql_query query;

    sql_start(&query, &store->sql,
              "INSERT INTO config (version, name, content, source_line, source_column)"
              " VALUES (?, ?, ?, ?, ?)");
    sql_bind_integer(&query, version);
    sql_bind_text(&query, row->name);
    sql_bind_text(&query, row->content);
    bind_place(&query, &row->origin);
    (void)sql_step(&query);
    return sql_end(&query, err);
}

static enum err_code write_link(struct store *store, int64_t version,
                                const struct link_row *row, struct err *err)
{
    struct sql_query query;

    sql_start(&query, &store->sql,
              "INSERT INTO link (version, source_id, wit_namespace, wit_package, name,"
              " target, interfaces, source_config, target_config, scaler_id,"
              " source_line, source_column, source_shared, target_shared)"
              " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    sql_bind_integer(&query, version);
    store_bind_link(&query, &row->link);
    sql_bind_text(&query, row->scaler_id);
    bind_place(&query, &row->origin);
    sql_bind_text(&query,
                  row->source_shared != NULL ? row->source_shared->component : NULL);
    sql_bind_text(&query,
                  row->target_shared != NULL ? row->target_shared->component : NULL);
    (void)sql_step(&query);
    return sql_end(&query, err);
}

static enum err_code write_shared(struct store *store, int64_t version,
                                  const struct shared_row *row, struct err *err)
{
    struct sql_query query;

    sql_start(
        &query, &store->sql,
        "INSERT INTO shared (version, component, kind, application, name, id, state,"
        " source_line, source_column) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    sql_bind_integer(&query, version);
    sql_bind_text(&query, row->component);
    sql_bind_text(&query, workload_kind_name(row->kind));
    sql_bind_text(&query, row->application);
    sql_bind_text(&query, row->name);
    sql_bind_text(&query, row->id);
    sql_bind_text(&query, shared_state_name(row->state));
    bind_place(&query, &row->origin);
    (void)sql_step(&query);
    return sql_end(&query, err);
}

static enum err_code write_spread(struct store *store, int64_t version,
                                  const struct workload_row *row, size_t position,
                                  struct err *err)
{
    const struct spread_row *spread = &row->spreads[position];
    struct arena arena = {0};
    struct sql_query query;
    enum err_code code;

    sql_start(&query, &store->sql,
              "INSERT INTO spread (version, workload, position, name, weight,"
              " requirements) VALUES (?, ?, ?, ?, ?, ?)");
    sql_bind_integer(&query, version);
    sql_bind_text(&query, row->id);
    sql_bind_integer(&query, (int64_t)position);
    sql_bind_text(&query, spread->name);
    sql_bind_integer(&query, spread->weight);
    sql_bind_text(&query, desired_content(&spread->requirements, &arena));
    (void)sql_step(&query);
    code = sql_end(&query, err);
    arena_free(&arena);
    return code;
}

static enum err_code write_workload(struct store *store, int64_t version,
                                    const struct workload_row *row, struct err *err)
{
    struct sql_query query;
    enum err_code code;

    sql_start(&query, &store->sql,
              "INSERT INTO workload (version, id, kind, component, image, instances,"
              " is_daemon, configs, scaler_id, source_line, source_column)"
              " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    sql_bind_integer(&query, version);
    sql_bind_text(&query, row->id);
    sql_bind_text(&query, workload_kind_name(row->kind));
    sql_bind_text(&query, row->component);
    sql_bind_text(&query, row->image);
    sql_bind_integer(&query, row->instances);
    sql_bind_integer(&query, row->is_daemon);
    sql_bind_names(&query, &row->configs);
    sql_bind_text(&query, row->scaler_id);
    bind_place(&query, &row->origin);
    (void)sql_step(&query);
    code = sql_end(&query, err);
    for (size_t i = 0;
         code == ERR_OK && row->spreads != &spread_default && i < row->spreads_count;
         i++) {
        code = write_spread(store, version, row, i, err);
    }
    return code;
}

enum err_code store_write_rows(struct store *store, int64_t version,
                               const struct desired *desired, struct err *err)
{
    static const char *const deletes[] = {
        "DELETE FROM config WHERE version = ?",
        "DELETE FROM link WHERE version = ?",
        "DELETE FROM workload WHERE version = ?",
        "DELETE FROM shared WHERE version = ?",
    };
    enum err_code code = ERR_OK;

    for (size_t i = 0; i < sizeof deletes / sizeof *deletes && code == ERR_OK; i++) {
        code = delete_rows(store, deletes[i], version, err);
    }
    for (size_t i = 0; i < desired->configs_count && code == ERR_OK; i++) {
        code = write_config(store, version, &desired->configs[i], err);
    }
    for (size_t i = 0; i < desired->links_count && code == ERR_OK; i++) {
        code = write_link(store, version, &desired->links[i], err);
    }
    for (size_t i = 0; i < desired->workloads_count && code == ERR_OK; i++) {
        code = write_workload(store, version, &desired->workloads[i], err);
    }
    for (size_t i = 0; i < desired->shared_count && code == ERR_OK; i++) {
        code = write_shared(store, version, &desired->shared[i], err);
    }
    return code;
}

/* What is being read: a version's rows, into arena. */
struct reading {
    struct store *store;
    int64_t version;
    const char *source;
    struct arena *arena;
    struct desired desired;
};

static struct origin read_origin(struct sql_query *query, int column,
                                 const struct reading *reading)
{
    return (struct origin){
        .source = reading->source,
        .place = {.line = (uint32_t)sql_integer(query, column),
                  .column = (uint32_t)sql_integer(query, column + 1)},
    };
}

static enum err_code find_deployed(struct reading *reading, const char *application,
                                   struct err *err)
{
    struct sql_query query;
    const char *redeliver = NULL;
    bool is_found;
    enum err_code code;

    sql_start(&query, &reading->store->sql,
              "SELECT v.id, v.application, v.version, v.source, v.redeliver,"
              " v.is_shared, v.rebalance"
              " FROM application AS a LEFT JOIN version AS v ON v.id = a.deployed"
              " WHERE a.name = ?");
    sql_bind_text(&query, application);
    is_found = sql_step(&query);
    if (is_found) {
        reading->version = sql_integer(&query, 0);
        reading->desired.application = sql_text_or_null(&query, 1, reading->arena);
        reading->desired.version = sql_text_or_null(&query, 2, reading->arena);
        reading->source = sql_text_or_null(&query, 3, reading->arena);
        redeliver = sql_text_or_null(&query, 4, reading->arena);
        reading->desired.is_shared = sql_integer(&query, 5) != 0;
        reading->desired.is_rebalancing = sql_integer(&query, 6) != 0;
    }
    code = sql_end(&query, err);
    if (code == ERR_OK && !is_found) {
        code = store_set_notfound(application, NULL, err);
    } else if (code == ERR_OK && reading->desired.version == NULL) {
        code = err_set(err, ERR_NOTFOUND,
                       "application '%s' is not deployed: deploy one of its versions",
                       application);
    }
    if (code == ERR_OK && redeliver != NULL) {
        (void)decode_redeliver_find(redeliver, &reading->desired.redeliver);
    }
    return code;
}

static enum err_code read_configs(struct reading *reading, struct err *err)
{
    struct config_row *rows = NULL;
    struct sql_query query;
    size_t capacity = 0;
    size_t count = 0;

    sql_start(&query, &reading->store->sql,
              "SELECT name, content, source_line, source_column FROM config"
              " WHERE version = ? ORDER BY name");
    sql_bind_integer(&query, reading->version);
    while (sql_step(&query)) {
        rows = arena_grow(reading->arena, rows, count, &capacity, sizeof *rows);
        rows[count++] = (struct config_row){
            .name = sql_text(&query, 0, reading->arena),
            .content = sql_text(&query, 1, reading->arena),
            .origin = read_origin(&query, 2, reading),
        };
    }
    reading->desired.configs = rows;
    reading->desired.configs_count = count;
    return sql_end(&query, err);
}

static enum shared_state find_state(const char *name)
{
    enum shared_state state = SHARED_ABSENT;

    while (state < SHARED_THERE && strcmp(shared_state_name(state), name) != 0) {
        state++;
    }
    return state;
}

static enum err_code read_shared(struct reading *reading, struct err *err)
{
    struct arena *arena = reading->arena;
    struct shared_row *rows = NULL;
    struct sql_query query;
    size_t capacity = 0;
    size_t count = 0;

    sql_start(&query, &reading->store->sql,
              "SELECT component, kind = 'provider', application, name, id, state,"
              " source_line, source_column FROM shared WHERE version = ?"
              " ORDER BY component");
    sql_bind_integer(&query, reading->version);
    while (sql_step(&query)) {
        rows = arena_grow(arena, rows, count, &capacity, sizeof *rows);
        rows[count++] = (struct shared_row){
            .component = sql_text(&query, 0, arena),
            .kind = sql_integer(&query, 1) != 0 ? WORKLOAD_PROVIDER : WORKLOAD_COMPONENT,
            .application = sql_text(&query, 2, arena),
            .name = sql_text(&query, 3, arena),
            .id = sql_text(&query, 4, arena),
            .state = find_state(sql_text(&query, 5, arena)),
            .origin = read_origin(&query, 6, reading),
        };
    }
    reading->desired.shared = rows;
    reading->desired.shared_count = count;
    return sql_end(&query, err);
}

/* The component of another application that an end of a link is, or NULL. */
static const struct shared_row *read_end(struct sql_query *query, int column,
                                         const struct reading *reading)
{
    return shared_find(reading->desired.shared, reading->desired.shared_count,
                       sql_text_or_null(query, column, reading->arena));
}

static enum err_code read_links(struct reading *reading, struct err *err)
{
    struct link_row *rows = NULL;
    struct sql_query query;
    size_t capacity = 0;
    size_t count = 0;

    sql_start(&query, &reading->store->sql,
              "SELECT source_id, wit_namespace, wit_package, name, target, interfaces,"
              " source_config, target_config, scaler_id, source_line, source_column,"
              " source_shared, target_shared FROM link WHERE version = ?"
              " ORDER BY source_id, wit_namespace, wit_package, name, target");
    sql_bind_integer(&query, reading->version);
    while (sql_step(&query)) {
        rows = arena_grow(reading->arena, rows, count, &capacity, sizeof *rows);
        rows[count++] = (struct link_row){
            .link = store_read_link(&query, 0, reading->arena),
            .scaler_id = sql_text(&query, STORE_LINK_COLUMNS, reading->arena),
            .origin = read_origin(&query, STORE_LINK_COLUMNS + 1, reading),
            .source_shared = read_end(&query, STORE_LINK_COLUMNS + 3, reading),
            .target_shared = read_end(&query, STORE_LINK_COLUMNS + 4, reading),
        };
    }
    reading->desired.links = rows;
    reading->desired.links_count = count;
    return sql_end(&query, err);
}

static struct workload_row read_workload(struct sql_query *query,
                                         const struct reading *reading)
{
    struct arena *arena = reading->arena;

    return (struct workload_row){
        .id = sql_text(query, 0, arena),
        .kind = sql_integer(query, 1) != 0 ? WORKLOAD_PROVIDER : WORKLOAD_COMPONENT,
        .component = sql_text(query, 2, arena),
        .image = sql_text(query, 3, arena),
        .instances = (uint32_t)sql_integer(query, 4),
        .is_daemon = sql_integer(query, 5) != 0,
        .configs = sql_names(query, 6, arena),
        .scaler_id = sql_text(query, 7, arena),
        .spreads = &spread_default,
        .spreads_count = 1,
        .origin = read_origin(query, 8, reading),
    };
}

/* The spreads of the count rows, which are sorted by id as these come. */
static enum err_code read_spreads(const struct reading *reading,
                                  struct workload_row *rows, size_t count,
                                  struct err *err)
{
    struct spread_row *spreads = NULL;
    struct sql_query query;
    size_t capacity = 0;
    size_t row = 0;

    sql_start(&query, &reading->store->sql,
              "SELECT workload, name, weight, requirements FROM spread"
              " WHERE version = ? ORDER BY workload, position");
    sql_bind_integer(&query, reading->version);
    while (sql_step(&query)) {
        const char *id = sql_text(&query, 0, reading->arena);

        while (row < count && strcmp(rows[row].id, id) != 0) {
            row++;
            spreads = NULL;
            capacity = 0;
        }
        if (row == count) {
            break;
        }
        rows[row].spreads_count = spreads == NULL ? 0 : rows[row].spreads_count;
        spreads = arena_grow(reading->arena, spreads, rows[row].spreads_count, &capacity,
                             sizeof *spreads);
        spreads[rows[row].spreads_count++] = (struct spread_row){
            .name = sql_text(&query, 1, reading->arena),
            .weight = (uint32_t)sql_integer(&query, 2),
            .requirements = sql_properties(&query, 3, reading->arena),
        };
        rows[row].spreads = spreads;
    }
    return sql_end(&query, err);
}

static enum err_code read_workloads(struct reading *reading, struct err *err)
{
    struct workload_row *rows = NULL;
    struct sql_query query;
    enum err_code code;
    size_t capacity = 0;
    size_t count = 0;

    sql_start(
        &query, &reading->store->sql,
        "SELECT id, kind = 'provider', component, image, instances, is_daemon, configs,"
        " scaler_id, source_line, source_column FROM workload"
        " WHERE version = ? ORDER BY id");
    sql_bind_integer(&query, reading->version);
    while (sql_step(&query)) {
        rows = arena_grow(reading->arena, rows, count, &capacity, sizeof *rows);
        rows[count++] = read_workload(&query, reading);
    }
    reading->desired.workloads = rows;
    reading->desired.workloads_count = count;
    code = sql_end(&query, err);
    return code == ERR_OK ? read_spreads(reading, rows, count, err) : code;
}

enum err_code store_desired(struct store *store, const char *application,
                            struct arena *arena, struct desired *ret_desired,
                            struct err *err)
{
    struct reading reading = {.store = store, .arena = arena};
    enum err_code code = find_deployed(&reading, application, err);

    if (code == ERR_OK) {
        code = read_configs(&reading, err);
    }
    if (code == ERR_OK) {
        code = read_shared(&reading, err);
    }
    if (code == ERR_OK) {
        code = read_links(&reading, err);
    }
    if (code == ERR_OK) {
        code = read_workloads(&reading, err);
    }
    if (code == ERR_OK) {
        *ret_desired = reading.desired;
    }
    return code;
}
