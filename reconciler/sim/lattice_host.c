#include <assert.h>
#include <string.h>

#include "reconciler/sim/host_faults.h"
#include "reconciler/sim/json.h"
#include "reconciler/sim/lattice_state.h"

/* From the start of a host until it has read all links; it answers before. */
#define SCAN_MS ((int64_t)100)

static struct sim_slot *find_slot(struct sim_lattice *lattice, const char *name)
{
    struct sim_slot *slot = sim_table_find(&lattice->slots, name);

    if (slot == NULL) {
        slot = arena_alloc(&lattice->arena, sizeof *slot);
        slot->name = arena_copy(&lattice->arena, name);
    }
    return slot;
}

/* A host takes the place of the one before in slot, and hears what comes from now on. */
static void replace_host(struct sim_lattice *lattice, struct sim_slot *slot,
                         const struct sim_host_options *options)
{
    struct arena labels_arena = {0};

    slot->labels = sim_json_copy_map(&options->labels, &labels_arena);
    arena_free(&slot->labels_arena);
    slot->labels_arena = labels_arena;

    sim_host_free(slot->host);
    slot->host = sim_host_new(options);
    slot->is_cut_in = false;
    slot->is_cut_out = false;
    slot->starts_count++;
    (void)sim_table_put(&lattice->slots, &lattice->arena, slot->name, slot);
    assert(lattice->slots.count > 0 && slot->starts_count > 0);

    sim_store_make(lattice);
    for (size_t i = 0; i < SIM_BUCKETS; i++) {
        slot->watch_next[i] = lattice->buckets[i].sequence + 1;
    }
    for (size_t i = 0; i < lattice->refused.count; i++) {
        const struct sim_refusal *refusal = lattice->refused.rows[i].item;

        sim_host_refuse(slot->host, refusal->image, refusal->text);
    }
    assert(!sim_host_is_running(slot->host));
    sim_host_start(slot->host, lattice->now);
}

/* What all hosts of lattice have in common. */
static struct sim_host_options common_options(const struct sim_lattice *lattice,
                                              const struct sim_slot *slot)
{
    const struct sim_lattice_options *options = &lattice->options;

    return (struct sim_host_options){
        .lattice = lattice->name,
        .name = slot->name,
        .seed = sim_prng_derive(options->seed, slot->name, slot->starts_count),
        .heartbeat_ms = options->heartbeat_ms,
        .health_delay_ms = options->health_delay_ms,
        .fetch_ms = options->fetch_ms,
        .epoch_unix_ms = options->epoch_unix_ms,
    };
}

static void arrive_as_scan(struct sim_lattice *lattice, struct sim_packet *packet)
{
    struct sim_host *host = sim_packet_host(packet);

    if (host != NULL) {
        sim_store_scan(lattice, packet->slot);
        sim_host_scanned(host, lattice->now);
        sim_lattice_pump(lattice, packet->slot);
    }
    sim_packet_free(packet);
}

struct sim_host *sim_lattice_start_host(struct sim_lattice *lattice, struct instant now,
                                        const char *name, const struct properties *labels)
{
    struct sim_slot *slot = find_slot(lattice, name);
    struct sim_host_options options = common_options(lattice, slot);
    struct sim_packet *packet = sim_packet_new(arrive_as_scan);

    sim_lattice_advance(lattice, now);
    options.labels = *labels;
    replace_host(lattice, slot, &options);
    sim_packet_address(packet, slot);
    sim_packet_send(lattice, packet, SCAN_MS);
    return slot->host;
}

/* A host makes the buckets when it starts: they have been there for as long. */
static void age_buckets(struct sim_lattice *lattice, int64_t uptime_seconds)
{
    const int64_t made_ms = lattice->now.ms - 1000 * uptime_seconds;

    for (size_t i = 0; i < SIM_BUCKETS; i++) {
        if (lattice->buckets[i].made_ms > made_ms) {
            lattice->buckets[i].made_ms = made_ms;
        }
    }
}

struct sim_host *sim_lattice_restore_host(struct sim_lattice *lattice, struct instant now,
                                          const struct inventory *inventory)
{
    const bool is_taken = sim_lattice_find_host(lattice, inventory->name) != NULL;
    struct sim_slot *slot =
        find_slot(lattice, is_taken ? inventory->host : inventory->name);
    struct sim_host_options options = common_options(lattice, slot);

    assert(sim_lattice_find_host(lattice, inventory->host) == NULL);
    sim_lattice_advance(lattice, now);
    options.id = inventory->host;
    options.name = inventory->name;
    options.version = inventory->version;
    options.labels = inventory->labels;
    replace_host(lattice, slot, &options);
    sim_store_scan(lattice, slot);
    sim_host_restore(slot->host, inventory);
    age_buckets(lattice, inventory->uptime_seconds);
    sim_lattice_pump(lattice, slot);
    return slot->host;
}

struct sim_host *sim_lattice_find_host(const struct sim_lattice *lattice,
                                       const char *name)
{
    const struct sim_slot *slot = sim_table_find(&lattice->slots, name);

    for (size_t i = 0; slot == NULL && i < lattice->slots.count; i++) {
        const struct sim_slot *other = lattice->slots.rows[i].item;

        slot = strcmp(sim_host_id(other->host), name) == 0 ? other : NULL;
    }
    return slot != NULL ? slot->host : NULL;
}

size_t sim_lattice_hosts_count(const struct sim_lattice *lattice)
{
    return lattice->slots.count;
}

struct sim_host *sim_lattice_host_at(const struct sim_lattice *lattice, size_t i)
{
    const struct sim_slot *slot;

    assert(i < lattice->slots.count);
    slot = lattice->slots.rows[i].item;
    return slot->host;
}

static struct sim_slot *slot_of(const struct sim_lattice *lattice,
                                const struct sim_host *host)
{
    for (size_t i = 0; i < lattice->slots.count; i++) {
        struct sim_slot *slot = lattice->slots.rows[i].item;

        if (slot->host == host) {
            return slot;
        }
    }
    assert(false);
    return NULL;
}

void sim_lattice_cut(struct sim_lattice *lattice, struct instant now,
                     struct sim_host *host, bool is_cut_in, bool is_cut_out)
{
    struct sim_slot *slot = slot_of(lattice, host);

    sim_lattice_advance(lattice, now);
    slot->is_cut_in = is_cut_in;
    slot->is_cut_out = is_cut_out;
    sim_store_catch_up(lattice, slot);
}

void sim_lattice_mend(struct sim_lattice *lattice, struct instant now,
                      struct sim_host *host)
{
    sim_lattice_cut(lattice, now, host, false, false);
}

bool sim_lattice_is_cut(const struct sim_lattice *lattice, const struct sim_host *host)
{
    const struct sim_slot *slot = slot_of(lattice, host);

    return slot->is_cut_in || slot->is_cut_out;
}

bool sim_lattice_is_deaf(const struct sim_lattice *lattice, const struct sim_host *host)
{
    const struct sim_bucket *links = &lattice->buckets[SIM_BUCKET_LINKS];

    return slot_of(lattice, host)->watch_next[SIM_BUCKET_LINKS] > links->sequence + 1;
}
