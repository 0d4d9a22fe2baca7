#include "reconciler/run/simulator_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/run/clock.h"
#include "reconciler/run/log.h"
#include "reconciler/sim/host_faults.h"
#include "reconciler/sim/json.h"
#include "reconciler/sim/prng.h"
#include "reconciler/wire/jetstream.h"

#define BUCKET_PATIENCE_MS ((int64_t)5000)

/* Owners of mail tags. */
enum {
    OWNER_ENTRIES = 1,
    OWNER_BUCKETS,
    OWNER_HOSTS, /* and all that follow */
};

struct simulator *simulator_new(struct bus *bus, const struct options *options)
{
    struct simulator *simulator = calloc(1, sizeof *simulator);

    if (simulator == NULL) {
        abort();
    }
    simulator->bus = bus;
    simulator->options = options;
    simulator->configs =
        arena_print(&simulator->arena, "CONFIGDATA_%s", options->lattice);
    simulator->links.name =
        arena_print(&simulator->arena, "LATTICEDATA_%s", options->lattice);
    simulator->follower = follower_new(bus, simulator->links.name, OWNER_ENTRIES);
    for (size_t i = 0; i < options->refused.count; i++) {
        (void)sim_table_put(&simulator->refused, &simulator->arena,
                            options->refused.items[i], arena_copy(&simulator->arena, ""));
    }
    return simulator;
}

void simulator_free(struct simulator *simulator)
{
    if (simulator == NULL) {
        return;
    }
    for (size_t i = 0; i < simulator->sites.count; i++) {
        struct site *site = simulator->sites.rows[i].item;

        host_nats_free(site->host);
        arena_free(&site->labels_arena);
    }
    follower_free(simulator->follower);
    sim_bucket_lose(&simulator->links);
    arena_free(&simulator->arena);
    free(simulator);
}

static void ask_stream(struct simulator *simulator, struct instant now, const char *verb,
                       const char *bucket, const char *body)
{
    struct arena arena = {0};
    const struct bus_message message = {
        .subject = arena_print(&arena, "$JS.API.STREAM.%s.KV_%s", verb, bucket),
        .bytes = body,
        .length = strlen(body),
    };
    struct err err;

    if (bus_request(simulator->bus, &message, mail_tag(OWNER_BUCKETS, 0),
                    instant_after(now, BUCKET_PATIENCE_MS), &err) != ERR_OK) {
        log_say(LOG_LEVEL_WARNING, "a bucket is not made or lost", "bucket", bucket,
                "reason", err.message, NULL);
    }
    arena_free(&arena);
}

void simulator_make_buckets(struct simulator *simulator, struct instant now)
{
    const char *const buckets[] = {simulator->configs, simulator->links.name};
    struct arena arena = {0};

    for (size_t i = 0; i < 2; i++) {
        ask_stream(simulator, now, "CREATE", buckets[i],
                   wire_encode_bucket(buckets[i], 0, 0, &arena));
    }
    arena_free(&arena);
}

void simulator_lose_buckets(struct simulator *simulator, struct instant now)
{
    ask_stream(simulator, now, "DELETE", simulator->configs, "");
    ask_stream(simulator, now, "DELETE", simulator->links.name, "");
}

static void take_bucket_answer(struct simulator *simulator, const struct mail *mail)
{
    struct arena arena = {0};
    struct wire_jetstream answer = {.error_text = "no answer"};

    if (mail->kind == MAIL_ANSWER &&
        wire_decode_jetstream(mail->bytes, mail->length, &arena, &answer, NULL) !=
            ERR_OK) {
        answer.error_text = "an answer that cannot be read";
    }
    if (mail->kind == MAIL_NO_RESPONDERS) {
        answer.error_text = "the NATS server has no JetStream: start it with -js";
    }
    if (answer.error_text[0] != '\0' && answer.error_code != WIRE_JETSTREAM_NAME_IN_USE) {
        log_say(LOG_LEVEL_ERROR, "a bucket cannot be made or lost", "reason",
                answer.error_text, NULL);
    }
    simulator->is_made = true;
    arena_free(&arena);
}

static struct site *find_or_add(struct simulator *simulator, const char *name)
{
    struct site *site = sim_table_find(&simulator->sites, name);

    if (site == NULL) {
        site = arena_alloc(&simulator->arena, sizeof *site);
        site->name = arena_copy(&simulator->arena, name);
        (void)sim_table_put(&simulator->sites, &simulator->arena, site->name, site);
    }
    return site;
}

static struct sim_host_options host_options(const struct simulator *simulator,
                                            const struct site *site, struct instant now)
{
    const struct options *options = simulator->options;

    return (struct sim_host_options){
        .lattice = options->lattice,
        .name = site->name,
        .labels = site->labels,
        .seed = sim_prng_derive(options->seed, site->name, site->starts_count),
        .heartbeat_ms = options->heartbeat_ms,
        .health_delay_ms = options->health_delay_ms,
        .fetch_ms = options->fetch_ms,
        .delay_ms = options->delay_ms,
        .epoch_unix_ms = clock_unix_ms() - now.ms,
    };
}

/* Tell the host in site what is in the bucket: its start is complete. */
static void scan(struct simulator *simulator, struct site *site, struct instant now)
{
    const struct sim_table *entries = &simulator->links.entries;
    struct sim_host *host = host_nats_host(site->host);

    assert(simulator->is_listed && !site->is_scanned);
    for (size_t i = 0; i < entries->count; i++) {
        const struct sim_entry *entry = entries->rows[i].item;

        sim_host_watched(host, now, entry->key, entry->bytes, entry->length);
    }
    site->reached = simulator->links.sequence;
    site->is_scanned = true;
    sim_host_scanned(host, now);
    host_nats_pump(site->host, now);
}

enum err_code simulator_settle(struct simulator *simulator, struct instant now,
                               const char *name, const struct properties *labels,
                               struct err *err)
{
    struct site *site = find_or_add(simulator, name);
    struct arena labels_arena = {0};
    struct sim_host_options options;
    enum err_code code;

    site->labels = sim_json_copy_map(labels, &labels_arena);
    arena_free(&site->labels_arena);
    site->labels_arena = labels_arena;
    host_nats_free(site->host);
    options = host_options(simulator, site, now);
    site->starts_count++;
    site->is_scanned = false;
    site->host =
        host_nats_new(simulator->bus, &options,
                      OWNER_HOSTS + simulator->starts_count++ * HOST_NATS_OWNERS);
    for (size_t i = 0; i < simulator->refused.count; i++) {
        sim_host_refuse(host_nats_host(site->host), simulator->refused.rows[i].key,
                        simulator->refused.rows[i].item);
    }
    sim_host_mute(host_nats_host(site->host), simulator->options->is_muted);
    simulator_make_buckets(simulator, now);
    code = host_nats_start(site->host, now, err);
    if (code == ERR_OK && simulator->is_listed) {
        scan(simulator, site, now);
    }
    return code;
}

enum err_code simulator_start(struct simulator *simulator, struct instant now,
                              const char *name, struct err *err)
{
    const struct properties none = {0};

    return simulator_settle(simulator, now, name, &none, err);
}

/*
 * A host's watch goes on at the number after the last it heard, even where the stream
 * was made again and has not come so far: what has a lower number it never hears of.
 * Source: reference real-host section 6.
 */
static void tell_entry(struct simulator *simulator, const struct sim_entry *entry,
                       struct instant now)
{
    for (size_t i = 0; i < simulator->sites.count; i++) {
        struct site *site = simulator->sites.rows[i].item;
        struct sim_host *host = host_nats_host(site->host);

        if (site->is_scanned && sim_host_is_running(host) &&
            entry->sequence > site->reached) {
            site->reached = entry->sequence;
            sim_host_watched(host, now, entry->key, entry->bytes, entry->length);
            host_nats_pump(site->host, now);
        }
    }
}

static void scan_new(struct simulator *simulator, struct instant now)
{
    for (size_t i = 0; i < simulator->sites.count; i++) {
        struct site *site = simulator->sites.rows[i].item;

        if (!site->is_scanned && sim_host_is_running(host_nats_host(site->host))) {
            scan(simulator, site, now);
        }
    }
}

static void take_entry(struct simulator *simulator, const struct follower_news *news,
                       struct instant now)
{
    struct sim_bucket *links = &simulator->links;

    links->sequence = news->sequence - 1; /* the stream counts, and not this copy */
    tell_entry(
        simulator,
        sim_bucket_put(links, &simulator->arena, news->key, news->bytes, news->length),
        now);
}

static void take_news(struct simulator *simulator, struct instant now,
                      const struct follower_news *news, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        switch (news[i].kind) {
        case FOLLOWER_LISTING:
            sim_bucket_lose(&simulator->links);
            simulator->links.is_missing = false;
            simulator->is_listed = false;
            break;
        case FOLLOWER_ENTRY:
            take_entry(simulator, &news[i], now);
            break;
        case FOLLOWER_LISTED:
            simulator->is_listed = true;
            scan_new(simulator, now);
            break;
        case FOLLOWER_LOST:
            simulator->is_listed = false;
            log_say(LOG_LEVEL_WARNING, "hosts hear of no links", "reason", news[i].text,
                    NULL);
            break;
        }
    }
}

void simulator_take(struct simulator *simulator, const struct mail *mail,
                    struct instant now)
{
    struct follower_news news[FOLLOWER_NEWS_MAX];

    if (follower_owns(simulator->follower, mail)) {
        const size_t count = follower_take(simulator->follower, mail, now, news);

        take_news(simulator, now, news, count);
    }
    if (mail_owner(mail) == OWNER_BUCKETS) {
        take_bucket_answer(simulator, mail);
    }
    for (size_t i = 0; i < simulator->sites.count; i++) {
        struct site *site = simulator->sites.rows[i].item;

        host_nats_take(site->host, mail, now);
        host_nats_pump(site->host, now);
    }
}

void simulator_at_deadline(struct simulator *simulator, struct instant now)
{
    struct follower_news news[FOLLOWER_NEWS_MAX];

    if (simulator->is_made) {
        const size_t count = follower_at_deadline(simulator->follower, now, news);

        take_news(simulator, now, news, count);
    }
    for (size_t i = 0; i < simulator->sites.count; i++) {
        struct site *site = simulator->sites.rows[i].item;

        if (instant_is_due(host_nats_deadline(site->host), now)) {
            host_nats_at_deadline(site->host, now);
        }
    }
}

struct instant simulator_deadline(const struct simulator *simulator)
{
    struct instant next =
        simulator->is_made ? follower_deadline(simulator->follower) : INSTANT_NEVER;

    for (size_t i = 0; i < simulator->sites.count; i++) {
        const struct site *site = simulator->sites.rows[i].item;

        next = instant_min(next, host_nats_deadline(site->host));
    }
    return next;
}
