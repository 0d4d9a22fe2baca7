#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/sim/lattice_state.h"

/* From a host to the buckets, and from a write to the watches. */
#define STORE_MS ((int64_t)1)

/* How long a host waits for a bucket. */
#define PATIENCE_MS ((int64_t)5000)

/* In the request for a bucket: the number of its first entry. */
#define FIRST "\"first_seq\":"

/* How long the client's follower needs to see that a bucket is gone. */
#define NOTICE_MS ((int64_t)2000)

static struct sim_packet *notice(const struct sim_bucket *bucket,
                                 enum sim_message_kind kind)
{
    struct sim_packet *packet = sim_packet_new(NULL);

    packet->message.kind = kind;
    packet->message.bucket = bucket->name; /* as long as the lattice */
    return packet;
}

static void tell_entry(struct sim_lattice *lattice, const struct sim_bucket *bucket,
                       const struct sim_entry *entry)
{
    struct sim_packet *packet = notice(bucket, SIM_ENTRY);
    struct sim_message *message = &packet->message;

    message->key = arena_copy(&packet->arena, entry->key);
    if (entry->bytes != NULL) {
        message->bytes = arena_text(&packet->arena, entry->bytes, entry->length);
        message->length = entry->length;
    }
    message->sequence = entry->sequence;
    sim_network_notify(lattice, packet);
}

static int compare_sequences(const void *a, const void *b)
{
    const struct sim_entry *const *left = a;
    const struct sim_entry *const *right = b;

    return (*left)->sequence < (*right)->sequence ? -1 : 1;
}

/* The newest message of every key, markers too, in the order of the stream. */
static const struct sim_entry **sort_entries(const struct sim_bucket *bucket,
                                             struct arena *arena)
{
    const size_t count = bucket->entries.count;
    const struct sim_entry **entries =
        arena_array(arena, count, sizeof(const struct sim_entry *));

    for (size_t i = 0; i < count; i++) {
        entries[i] = bucket->entries.rows[i].item;
    }
    qsort(entries, count, sizeof(const struct sim_entry *), compare_sequences);
    return entries;
}

static void tell_end(struct sim_lattice *lattice, const struct sim_bucket *bucket)
{
    struct sim_packet *packet = notice(bucket, SIM_LISTED);

    packet->message.sequence = bucket->sequence;
    packet->message.made =
        arena_print(&packet->arena, "%u", (unsigned int)bucket->made_count);
    packet->message.age_ms = lattice->now.ms - bucket->made_ms;
    sim_network_notify(lattice, packet);
}

static void list_bucket(struct sim_lattice *lattice, const struct sim_bucket *bucket)
{
    const size_t count = bucket->entries.count;
    struct arena arena = {0};
    const struct sim_entry **entries = sort_entries(bucket, &arena);

    if (bucket->is_missing) {
        sim_network_notify(lattice, notice(bucket, SIM_BUCKET_LOST));
    } else {
        sim_network_notify(lattice, notice(bucket, SIM_LISTING));
        for (size_t i = 0; i < count; i++) {
            tell_entry(lattice, bucket, entries[i]);
        }
        tell_end(lattice, bucket);
    }
    arena_free(&arena);
}

void sim_store_list(struct sim_lattice *lattice)
{
    assert(lattice->is_connected);
    for (size_t i = 0; i < SIM_BUCKETS; i++) {
        list_bucket(lattice, &lattice->buckets[i]);
    }
}

static void arrive_at_watch(struct sim_lattice *lattice, struct sim_packet *packet)
{
    const struct sim_message *message = &packet->message;
    struct sim_host *host = sim_packet_host(packet);

    if (host != NULL && packet->bucket == SIM_BUCKET_LINKS) {
        sim_host_watched(host, lattice->now, message->key, message->bytes,
                         message->length);
    } else if (host != NULL) {
        sim_host_config_changed(host, lattice->now, message->key);
    }
    sim_lattice_pump(lattice, packet->slot);
    sim_packet_free(packet);
}

/*
 * A host's watch goes on at the number after the last it heard, even where the stream
 * was made again and has not come so far: what has a lower number it never hears of.
 */
static void tell_host(struct sim_lattice *lattice, struct sim_slot *slot,
                      enum sim_bucket_kind bucket, const struct sim_entry *entry)
{
    struct sim_packet *packet;

    if (!sim_host_is_running(slot->host) || slot->is_cut_in ||
        entry->sequence < slot->watch_next[bucket]) {
        return;
    }
    assert(entry->sequence > 0);
    slot->watch_next[bucket] = entry->sequence + 1;
    packet = sim_packet_new(arrive_at_watch);
    sim_packet_address(packet, slot);
    packet->bucket = bucket;
    packet->message.key = arena_copy(&packet->arena, entry->key);
    if (entry->bytes != NULL) {
        packet->message.bytes = arena_text(&packet->arena, entry->bytes, entry->length);
        packet->message.length = entry->length;
    }
    sim_packet_send(lattice, packet, STORE_MS);
}

void sim_store_catch_up(struct sim_lattice *lattice, struct sim_slot *slot)
{
    for (size_t i = 0; i < SIM_BUCKETS; i++) {
        const struct sim_bucket *bucket = &lattice->buckets[i];
        struct arena arena = {0};
        const struct sim_entry **entries = sort_entries(bucket, &arena);

        for (size_t j = 0; j < bucket->entries.count; j++) {
            tell_host(lattice, slot, i == 0 ? SIM_BUCKET_LINKS : SIM_BUCKET_CONFIGS,
                      entries[j]);
        }
        arena_free(&arena);
    }
}

void sim_store_put(struct sim_lattice *lattice, enum sim_bucket_kind bucket,
                   const char *key, const char *bytes, size_t length)
{
    struct sim_bucket *into = &lattice->buckets[bucket];
    const struct sim_entry *entry =
        sim_bucket_put(into, &lattice->arena, key, bytes, length);

    for (size_t i = 0; i < lattice->slots.count; i++) {
        struct sim_slot *slot = lattice->slots.rows[i].item;

        lattice->hits.deaf +=
            sim_host_is_running(slot->host) && entry->sequence < slot->watch_next[bucket];
        tell_host(lattice, slot, bucket, entry);
    }
    if (lattice->is_connected) {
        tell_entry(lattice, into, entry);
    }
}

static void answer_read(struct sim_lattice *lattice, const struct sim_packet *packet,
                        struct sim_host *host)
{
    const struct sim_bucket *bucket = &lattice->buckets[packet->bucket];
    const struct sim_entry *entry = sim_bucket_find(bucket, packet->message.key);

    sim_host_read(host, lattice->now, packet->token, entry != NULL ? entry->bytes : NULL,
                  entry != NULL ? entry->length : 0, bucket->is_missing);
}

/* Is a config read that host has used?  It need not be asked for, for the host follows
 * it, see host.h. */
static bool is_followed(const struct sim_packet *packet, const struct sim_host *host)
{
    return packet->effect == SIM_READ && packet->bucket == SIM_BUCKET_CONFIGS &&
           sim_host_follows(host, packet->message.key);
}

/* A host that is cut off waits no longer for its answer; of what it follows it hears
 * unless it is cut off on its way in, and then when it is mended. */
static void arrive_as_timeout(struct sim_lattice *lattice, struct sim_packet *packet)
{
    struct sim_host *host = sim_packet_host(packet);

    if (host != NULL && is_followed(packet, host)) {
        if (packet->slot->is_cut_in) {
            sim_packet_send(lattice, packet, PATIENCE_MS);
            return;
        }
        answer_read(lattice, packet, host);
    } else if (host != NULL && packet->effect == SIM_READ) {
        sim_host_read(host, lattice->now, packet->token, NULL, 0, true);
    } else if (host != NULL) {
        sim_host_written(host, lattice->now, packet->token, false);
    }
    sim_lattice_pump(lattice, packet->slot);
    sim_packet_free(packet);
}

/* The host of packet hears nothing of it until its patience ends. */
static void lose(struct sim_lattice *lattice, struct sim_packet *packet)
{
    lattice->hits.cut++;
    packet->arrive = arrive_as_timeout;
    sim_packet_send(lattice, packet, PATIENCE_MS);
}

/* What a host has sent is done, even when that has died since; only nobody is told. */
static void arrive_at_store(struct sim_lattice *lattice, struct sim_packet *packet)
{
    const struct sim_message *message = &packet->message;
    const bool is_missing = lattice->buckets[packet->bucket].is_missing;
    struct sim_host *host = sim_packet_host(packet);

    if (packet->effect != SIM_READ && !is_missing) {
        sim_store_put(lattice, packet->bucket, message->key, message->bytes,
                      message->length);
    }
    if (packet->slot->is_cut_in) {
        lose(lattice, packet);
        return;
    }
    if (host != NULL && packet->effect == SIM_READ) {
        answer_read(lattice, packet, host);
    } else if (host != NULL) {
        sim_host_written(host, lattice->now, packet->token, !is_missing);
    }
    sim_lattice_pump(lattice, packet->slot);
    sim_packet_free(packet);
}

void sim_store_serve(struct sim_lattice *lattice, struct sim_slot *slot,
                     const struct sim_effect *effect)
{
    const bool is_links =
        strcmp(effect->bucket, lattice->buckets[SIM_BUCKET_LINKS].name) == 0;
    struct sim_packet *packet = sim_packet_new(arrive_at_store);

    assert(effect->kind == SIM_READ || effect->kind == SIM_WRITE ||
           effect->kind == SIM_PURGE);
    sim_packet_address(packet, slot);
    packet->effect = effect->kind;
    packet->bucket = is_links ? SIM_BUCKET_LINKS : SIM_BUCKET_CONFIGS;
    packet->token = effect->token;
    packet->message.key = arena_copy(&packet->arena, effect->key);
    if (effect->kind == SIM_WRITE) {
        packet->message.bytes = arena_text(&packet->arena, effect->bytes, effect->length);
        packet->message.length = effect->length;
    }
    if (slot->is_cut_out) {
        lose(lattice, packet);
    } else {
        sim_packet_send(lattice, packet, STORE_MS);
    }
}

void sim_store_scan(struct sim_lattice *lattice, struct sim_slot *slot)
{
    const struct sim_table *entries = &lattice->buckets[SIM_BUCKET_LINKS].entries;

    assert(sim_host_is_running(slot->host));
    for (size_t i = 0; i < entries->count; i++) {
        const struct sim_entry *entry = entries->rows[i].item;

        sim_host_watched(slot->host, lattice->now, entry->key, entry->bytes,
                         entry->length);
    }
}

static void arrive_as_loss(struct sim_lattice *lattice, struct sim_packet *packet)
{
    const struct sim_bucket *bucket = &lattice->buckets[packet->bucket];

    if (bucket->is_missing && lattice->is_connected &&
        packet->connection == lattice->connection) {
        sim_network_notify(lattice, notice(bucket, SIM_BUCKET_LOST));
    }
    sim_packet_free(packet);
}

void sim_lattice_lose_buckets(struct sim_lattice *lattice, struct instant now)
{
    sim_lattice_advance(lattice, now);
    for (size_t i = 0; i < SIM_BUCKETS; i++) {
        struct sim_packet *packet = sim_packet_new(arrive_as_loss);

        sim_bucket_lose(&lattice->buckets[i]);
        assert(lattice->buckets[i].is_missing);
        packet->bucket = i == 0 ? SIM_BUCKET_LINKS : SIM_BUCKET_CONFIGS;
        packet->connection = lattice->connection;
        sim_packet_send(lattice, packet, NOTICE_MS);
    }
}

static void make(struct sim_lattice *lattice, struct sim_bucket *bucket, uint64_t first)
{
    if (!bucket->is_missing) {
        return;
    }
    bucket->is_missing = false;
    bucket->made_count++;
    bucket->made_ms = lattice->now.ms;
    assert(bucket->sequence == 0 && bucket->entries.count == 0);
    bucket->sequence = first > 0 ? first - 1 : 0;
    if (lattice->is_connected) {
        list_bucket(lattice, bucket);
    }
}

void sim_store_make(struct sim_lattice *lattice)
{
    for (size_t i = 0; i < SIM_BUCKETS; i++) {
        make(lattice, &lattice->buckets[i], 0);
    }
}

void sim_store_create(struct sim_lattice *lattice, const char *name, const char *bytes,
                      size_t length)
{
    struct arena arena = {0};
    const char *first = strstr(arena_text(&arena, bytes, length), FIRST);
    uint64_t number = 0;

    for (first += first != NULL ? strlen(FIRST) : 0;
         first != NULL && *first >= '0' && *first <= '9'; first++) {
        number = number * 10 + (uint64_t)(*first - '0');
    }

    for (size_t i = 0; i < SIM_BUCKETS; i++) {
        if (strcmp(lattice->buckets[i].name, name) == 0) {
            make(lattice, &lattice->buckets[i], number);
        }
    }
    arena_free(&arena);
}

void sim_lattice_make_buckets(struct sim_lattice *lattice, struct instant now)
{
    sim_lattice_advance(lattice, now);
    sim_store_make(lattice);
}

/* Which bucket is called so; SIM_BUCKETS: none. */
static size_t find_bucket(const struct sim_lattice *lattice, const char *name)
{
    size_t i = 0;

    while (i < SIM_BUCKETS && strcmp(lattice->buckets[i].name, name) != 0) {
        i++;
    }
    return i;
}

// NOLINTNEXTLINE(readability-function-size): a message and its moment are one thing
void sim_lattice_put(struct sim_lattice *lattice, struct instant now, const char *bucket,
                     const char *key, const char *bytes, size_t length)
{
    const size_t i = find_bucket(lattice, bucket);

    assert(i < SIM_BUCKETS);
    sim_lattice_advance(lattice, now);
    if (!lattice->buckets[i].is_missing) {
        sim_store_put(lattice, i == 0 ? SIM_BUCKET_LINKS : SIM_BUCKET_CONFIGS, key, bytes,
                      length);
    }
}

const char *sim_lattice_get(const struct sim_lattice *lattice, const char *bucket,
                            const char *key, size_t *ret_length)
{
    const size_t i = find_bucket(lattice, bucket);
    const struct sim_entry *entry;

    assert(i < SIM_BUCKETS);
    entry = sim_bucket_find(&lattice->buckets[i], key);
    if (entry == NULL) {
        return NULL;
    }
    *ret_length = entry->length;
    return entry->bytes;
}
