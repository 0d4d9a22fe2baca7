#include "reconciler/sim/lattice_state.h"

static void print_bucket(const struct sim_bucket *bucket, struct text *text)
{
    for (size_t i = 0; i < bucket->entries.count; i++) {
        const struct sim_entry *entry = bucket->entries.rows[i].item;

        if (entry->bytes != NULL) {
            text_append(text, "%s %s ", bucket->name, entry->key);
            text_append_bytes(text, entry->bytes, entry->length);
            text_append(text, "\n");
        }
    }
}

/* All that run; *ret_hosts in arena. */
static size_t running_hosts(const struct sim_lattice *lattice, struct arena *arena,
                            struct sim_host ***ret_hosts)
{
    struct sim_host **hosts =
        arena_array(arena, lattice->slots.count, sizeof(struct sim_host *));
    size_t count = 0;

    for (size_t i = 0; i < lattice->slots.count; i++) {
        const struct sim_slot *slot = lattice->slots.rows[i].item;

        if (sim_host_is_running(slot->host)) {
            hosts[count++] = slot->host;
        }
    }
    *ret_hosts = hosts;
    return count;
}

void sim_lattice_print(const struct sim_lattice *lattice, struct text *text)
{
    struct arena arena = {0};
    struct sim_host **hosts;
    const size_t count = running_hosts(lattice, &arena, &hosts);

    print_bucket(&lattice->buckets[SIM_BUCKET_CONFIGS], text);
    print_bucket(&lattice->buckets[SIM_BUCKET_LINKS], text);
    sim_print_inventory(hosts, count, text);
    arena_free(&arena);
}

void sim_lattice_print_serving(const struct sim_lattice *lattice, struct text *text)
{
    struct arena arena = {0};
    struct sim_host **hosts;
    const size_t count = running_hosts(lattice, &arena, &hosts);

    sim_print_serving(hosts, count, text);
    arena_free(&arena);
}
