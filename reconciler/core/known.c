#include "reconciler/core/known.h"

#include <string.h>

#include "reconciler/core/hosts.h"
#include "reconciler/core/placement.h"

/* As many as the store keeps. */
#define HOSTS_MAX 2000

/* Where id is among what is remembered, or belongs. */
static size_t find(const struct known *known, const char *id, bool *ret_is_there)
{
    size_t low = 0;
    size_t high = known->hosts_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(known->hosts[middle].id, id);

        if (order == 0) {
            *ret_is_there = true;
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *ret_is_there = false;
    return low;
}

/* Forget the one that nothing was heard of for longest. */
static void drop_oldest(struct engine *engine)
{
    struct known *known = &engine->known;
    size_t oldest = 0;

    for (size_t i = 1; i < known->hosts_count; i++) {
        if (instant_is_before(known->hosts[i].heard, known->hosts[oldest].heard)) {
            oldest = i;
        }
    }
    pool_drop(&engine->pool, known->hosts[oldest].id);
    known->hosts_count--;
    memmove(&known->hosts[oldest], &known->hosts[oldest + 1],
            (known->hosts_count - oldest) * sizeof *known->hosts);
}

static void keep(struct engine *engine, const struct known_host *host)
{
    struct known *known = &engine->known;
    bool is_there;
    size_t index = find(known, host->id, &is_there);

    if (is_there) {
        known->hosts[index].heard = host->heard;
        known->hosts[index].interval_ms = host->interval_ms;
        return;
    }
    if (known->hosts_count == HOSTS_MAX) {
        drop_oldest(engine);
        index = find(known, host->id, &is_there);
    }
    known->hosts = pool_grow(&engine->pool, known->hosts, known->hosts_count,
                             &known->hosts_capacity, sizeof *known->hosts);
    memmove(&known->hosts[index + 1], &known->hosts[index],
            (known->hosts_count - index) * sizeof *known->hosts);
    known->hosts[index] = (struct known_host){pool_keep(&engine->pool, host->id),
                                              host->heard, host->interval_ms};
    known->hosts_count++;
}

static void recall_bucket(struct engine *engine, enum bucket bucket,
                          const struct memory_bucket *memory)
{
    struct bucket_state *state = &engine->buckets[bucket];

    state->made = pool_keep(&engine->pool, memory->made);
    state->sequence = memory->sequence;
    state->deaf_to = memory->deaf_to;
}

void known_recall(struct engine *engine, const struct memory *memory)
{
    struct known *known = &engine->known;

    for (size_t i = 0; i < memory->hosts_count; i++) {
        keep(engine,
             &(struct known_host){memory->hosts[i].id,
                                  instant_after(engine->now, -memory->hosts[i].age_ms),
                                  memory->hosts[i].interval_ms});
    }
    known->is_on = true;
    known->made = pool_keep(&engine->pool, memory->links.made);
    recall_bucket(engine, BUCKET_LINKS, &memory->links);
    recall_bucket(engine, BUCKET_CONFIGS, &memory->configs);
}

void known_host(const struct engine *engine, struct host_item *host)
{
    bool is_there;
    const size_t index = find(&engine->known, host->item.name, &is_there);
    const struct known_host *known;

    if (!is_there) {
        return;
    }
    known = &engine->known.hosts[index];
    host->is_known = true;
    host->heard = known->heard;
    host->gone_at = known->heard;
    if (known->interval_ms > 0) {
        host->interval_ms = known->interval_ms;
        host->gaps_ms[0] = known->interval_ms;
        host->gaps_ms[1] = known->interval_ms;
    }
}

void known_keep_host(struct engine *engine, const struct host_item *host)
{
    if (host->is_known) {
        keep(engine,
             &(struct known_host){host->item.name, host->heard, host->interval_ms});
    }
}

void known_connected(struct engine *engine)
{
    engine->known.is_same = false;
    engine->known.text = NULL;
}

static bool is_told(const struct engine *engine, const struct host_item *host)
{
    return host_is_present(host) && host->connection == engine->connection;
}

/* Hosts that have told since we are connected; is one of them known? */
static bool has_known_host(const struct engine *engine, size_t *ret_count)
{
    const struct item_list *table = &engine->tables[ITEM_HOST];
    bool has_known = false;

    *ret_count = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct host_item *host = (const struct host_item *)table->items[i];

        *ret_count += is_told(engine, host);
        has_known |= is_told(engine, host) && host->is_known;
    }
    return has_known;
}

/* Which bucket of links there is, as this connection has told; NULL: it has not, or that
 * is not known. */
static const char *bucket_made(const struct engine *engine)
{
    const struct bucket_state *links = &engine->buckets[BUCKET_LINKS];

    return links->is_known && links->connection == engine->connection ? links->made
                                                                      : NULL;
}

static bool is_bucket_known(const struct engine *engine)
{
    const char *made = bucket_made(engine);

    return made != NULL && strcmp(made, engine->known.made) == 0;
}

/* Is there no more to come that could show it? */
static bool has_told_all(const struct engine *engine)
{
    const struct bucket_state *links = &engine->buckets[BUCKET_LINKS];

    return engine->is_surveyed && engine->hosts_up > 0 &&
           ((links->is_known && links->connection == engine->connection) ||
            links->loss != LOSS_PASSING);
}

/* It is the lattice: so is every host of it one of its hosts. */
static void learn(struct engine *engine)
{
    const struct item_list *table = &engine->tables[ITEM_HOST];
    const char *made = bucket_made(engine);
    struct known *known = &engine->known;

    for (size_t i = 0; i < table->count; i++) {
        struct host_item *host = (struct host_item *)table->items[i];

        if (is_told(engine, host) && !host->is_known) {
            host->is_known = true;
            known->revision++;
        }
    }
    if (made != NULL && (known->made == NULL || strcmp(made, known->made) != 0)) {
        pool_drop(&engine->pool, known->made);
        known->made = pool_keep(&engine->pool, made);
        known->revision++;
    }
}

static const char *say_strange(struct engine *engine, size_t hosts_count)
{
    const struct bucket_state *links = &engine->buckets[BUCKET_LINKS];
    struct known *known = &engine->known;
    const char *made = bucket_made(engine);
    const char *unseen =
        links->loss == LOSS_DENIED ? "may not be followed" : "is not there";

    arena_free(&known->text_arena);
    return arena_print(
        &known->text_arena,
        "this is another lattice than the store's: its bucket of links %s "
        "(the store's was made at %s), and none of its hosts, of which "
        "there %s %zu, was seen before; if that is meant, stop trellis "
        "here and run trellis store rebind",
        made != NULL ? arena_print(&known->text_arena, "was made at %s", made) : unseen,
        known->made, hosts_count == 1 ? "is" : "are", hosts_count);
}

void known_plan(struct engine *engine)
{
    struct known *known = &engine->known;
    size_t hosts_count = 0;

    if (!known->is_on) {
        return;
    }
    if (!known->is_same) {
        known->is_same = has_known_host(engine, &hosts_count) || known->made == NULL ||
                         is_bucket_known(engine);
        known->text = !known->is_same && has_told_all(engine)
                          ? say_strange(engine, hosts_count)
                          : NULL;
    }
    if (known->is_same) {
        learn(engine);
    }
}

bool known_is_same(const struct engine *engine)
{
    return !engine->known.is_on || engine->known.is_same;
}

const char *known_text(const struct engine *engine)
{
    return engine->known.text;
}

const char *engine_stranger(const struct engine *engine)
{
    return engine->is_connected ? engine->known.text : NULL;
}

uint32_t engine_memory_revision(const struct engine *engine)
{
    return engine->known.revision + engine->buckets[BUCKET_LINKS].remade +
           engine->buckets[BUCKET_CONFIGS].remade;
}

static struct memory_bucket remember_bucket(const struct engine *engine,
                                            enum bucket bucket)
{
    const struct bucket_state *state = &engine->buckets[bucket];

    return (struct memory_bucket){state->made, state->sequence, state->deaf_to};
}

bool engine_remember(const struct engine *engine, struct arena *arena,
                     struct memory *ret_memory)
{
    const struct item_list *table = &engine->tables[ITEM_HOST];
    struct memory_host *hosts = arena_array(arena, table->count, sizeof *hosts);
    size_t count = 0;

    if (!engine->known.is_same) {
        return false;
    }
    for (size_t i = 0; i < table->count; i++) {
        const struct host_item *host = (const struct host_item *)table->items[i];

        if (host_is_present(host) && host->is_known) {
            hosts[count++] = (struct memory_host){
                .id = host->item.name,
                .name = host->inventory != NULL ? host->inventory->name : "",
                .age_ms = engine->now.ms - host->heard.ms,
                .interval_ms = host->interval_ms,
            };
        }
    }
    *ret_memory = (struct memory){
        .links = remember_bucket(engine, BUCKET_LINKS),
        .configs = remember_bucket(engine, BUCKET_CONFIGS),
        .hosts = hosts,
        .hosts_count = count,
    };
    return true;
}

void known_free(struct engine *engine)
{
    struct known *known = &engine->known;

    for (size_t i = 0; i < known->hosts_count; i++) {
        pool_drop(&engine->pool, known->hosts[i].id);
    }
    pool_delete_array(&engine->pool, known->hosts, known->hosts_capacity,
                      sizeof *known->hosts);
    pool_drop(&engine->pool, known->made);
    arena_free(&known->text_arena);
}
