#include "reconciler/core/known.h"

#include <string.h>

#include "reconciler/core/hosts.h"
#include "reconciler/core/placement.h"

/* Where id is among what is remembered; NULL: it is not. */
static const struct memory_host *find(const struct known *known, const char *id)
{
    size_t low = 0;
    size_t high = known->hosts_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(known->hosts[middle].id, id);

        if (order == 0) {
            return &known->hosts[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
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
    struct memory_host *hosts =
        arena_array(&known->arena, memory->hosts_count, sizeof *hosts);

    for (size_t i = 0; i < memory->hosts_count; i++) {
        hosts[i] = memory->hosts[i];
        hosts[i].id = arena_copy(&known->arena, memory->hosts[i].id);
    }
    known->is_on = true;
    known->hosts = hosts;
    known->hosts_count = memory->hosts_count;
    known->made = pool_keep(&engine->pool, memory->links.made);
    recall_bucket(engine, BUCKET_LINKS, &memory->links);
    recall_bucket(engine, BUCKET_CONFIGS, &memory->configs);
}

void known_host(const struct engine *engine, struct host_item *host)
{
    const struct memory_host *memory = find(&engine->known, host->item.name);

    if (memory == NULL) {
        return;
    }
    host->is_known = true;
    host->heard = instant_after(engine->now, -memory->age_ms);
    host->gone_at = host->heard;
    if (memory->interval_ms > 0) {
        host->interval_ms = memory->interval_ms;
        host->gaps_ms[0] = memory->interval_ms;
        host->gaps_ms[1] = memory->interval_ms;
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

static bool is_bucket_known(const struct engine *engine)
{
    const struct bucket_state *links = &engine->buckets[BUCKET_LINKS];

    return links->is_known && links->made != NULL &&
           strcmp(links->made, engine->known.made) == 0;
}

/* Is there no more to come that could show it? */
static bool has_told_all(const struct engine *engine)
{
    const struct bucket_state *links = &engine->buckets[BUCKET_LINKS];

    return engine->is_surveyed && engine->hosts_up > 0 &&
           (links->is_known || links->loss != LOSS_PASSING);
}

/* It is the lattice: so is every host of it one of its hosts. */
static void learn(struct engine *engine)
{
    const struct item_list *table = &engine->tables[ITEM_HOST];
    const struct bucket_state *links = &engine->buckets[BUCKET_LINKS];
    struct known *known = &engine->known;

    for (size_t i = 0; i < table->count; i++) {
        struct host_item *host = (struct host_item *)table->items[i];

        if (is_told(engine, host) && !host->is_known) {
            host->is_known = true;
            known->revision++;
        }
    }
    if (links->is_known && links->made != NULL &&
        (known->made == NULL || strcmp(links->made, known->made) != 0)) {
        pool_drop(&engine->pool, known->made);
        known->made = pool_keep(&engine->pool, links->made);
        known->revision++;
    }
}

static const char *say_strange(struct engine *engine, size_t hosts_count)
{
    const struct bucket_state *links = &engine->buckets[BUCKET_LINKS];
    struct known *known = &engine->known;
    const char *made = links->is_known && links->made != NULL ? links->made : NULL;
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
    pool_drop(&engine->pool, engine->known.made);
    arena_free(&engine->known.text_arena);
    arena_free(&engine->known.arena);
}
