#include <string.h>

#include "manifest/limits.h"
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

/* Every line of what host runs, after its name. */
static void print_host(const struct sim_host *host, struct text *text)
{
    struct arena arena = {0};
    struct text lines;

    text_init(&lines, &arena, MESSAGE_BYTES_MAX);
    text_append(&lines, "%s\n", sim_host_id(host));
    sim_host_print(host, &lines);
    for (const char *line = lines.bytes; *line != '\0';) {
        const size_t length = strcspn(line, "\n") + 1;

        text_append(text, "%s ", sim_host_name(host));
        text_append_bytes(text, line, length);
        line += length;
    }
    arena_free(&arena);
}

void sim_lattice_print(const struct sim_lattice *lattice, struct text *text)
{
    print_bucket(&lattice->buckets[SIM_BUCKET_CONFIGS], text);
    print_bucket(&lattice->buckets[SIM_BUCKET_LINKS], text);
    for (size_t i = 0; i < lattice->slots.count; i++) {
        const struct sim_slot *slot = lattice->slots.rows[i].item;

        if (sim_host_is_running(slot->host)) {
            print_host(slot->host, text);
        }
    }
}

void sim_lattice_print_serving(const struct sim_lattice *lattice, struct text *text)
{
    struct arena arena = {0};
    struct sim_host **hosts =
        arena_array(&arena, lattice->slots.count, sizeof(struct sim_host *));
    size_t count = 0;

    for (size_t i = 0; i < lattice->slots.count; i++) {
        const struct sim_slot *slot = lattice->slots.rows[i].item;

        if (sim_host_is_running(slot->host)) {
            hosts[count++] = slot->host;
        }
    }
    sim_print_serving(hosts, count, text);
    arena_free(&arena);
}
