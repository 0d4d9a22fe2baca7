#include "reconciler/sim/host.h"

#include <assert.h>
#include <string.h>

#include "reconciler/sim/host_faults.h"
#include "reconciler/sim/host_out.h"
#include "reconciler/sim/host_state.h"
#include "reconciler/sim/host_steps.h"
#include "reconciler/sim/id.h"

#define VERSION         "1.9.2"
#define HEARTBEAT_MS    ((int64_t)30000)
#define HEALTH_DELAY_MS ((int64_t)5000)
#define EPOCH_UNIX_MS   INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */

static int64_t or_default(int64_t ms, int64_t ms_default)
{
    assert(ms >= 0);
    return ms > 0 ? ms : ms_default;
}

static void set_labels(struct sim_host *host, const struct properties *labels)
{
    sim_host_set_label(host, "hostcore.arch", "x86_64");
    sim_host_set_label(host, "hostcore.os", "linux");
    sim_host_set_label(host, "hostcore.osfamily", "unix");
    for (size_t i = 0; i < labels->count; i++) {
        sim_host_set_label(host, labels->items[i].key, labels->items[i].value);
    }
}

static void set_names(struct sim_host *host, const struct sim_host_options *options)
{
    struct arena *arena = &host->arena;

    host->lattice = arena_copy(arena, options->lattice);
    host->id = options->id != NULL ? arena_copy(arena, options->id)
                                   : sim_id_key(&host->prng, SIM_KEY_HOST, arena);
    host->name = options->name != NULL ? arena_copy(arena, options->name)
                                       : sim_id_name(&host->prng, arena);
    host->version =
        arena_copy(arena, options->version != NULL ? options->version : VERSION);
    host->buckets[SIM_BUCKET_LINKS] = arena_print(arena, "LATTICEDATA_%s", host->lattice);
    host->buckets[SIM_BUCKET_CONFIGS] =
        arena_print(arena, "CONFIGDATA_%s", host->lattice);
}

struct sim_host *sim_host_new(const struct sim_host_options *options)
{
    struct arena arena = {0};
    struct sim_host *host = arena_alloc(&arena, sizeof *host);

    assert(options->lattice != NULL && options->lattice[0] != '\0');
    *host = (struct sim_host){
        .arena = arena,
        .prng = {.state = options->seed},
        .heartbeat_ms = or_default(options->heartbeat_ms, HEARTBEAT_MS),
        .health_delay_ms = or_default(options->health_delay_ms, HEALTH_DELAY_MS),
        .fetch_ms = options->fetch_ms,
        .delay_ms = options->delay_ms,
        .epoch_unix_ms = or_default(options->epoch_unix_ms, EPOCH_UNIX_MS),
        .now = {INT64_MIN},
        .paused_until = {INT64_MIN},
    };
    set_names(host, options);
    set_labels(host, &options->labels);
    sim_request_subscribe(host, !options->is_auction_silent);
    return host;
}

static void free_running(struct sim_host *host)
{
    struct arena arena;

    for (size_t i = 0; i < host->components.count; i++) {
        arena = ((struct sim_component *)host->components.rows[i].item)->arena;
        arena_free(&arena);
    }
    for (size_t i = 0; i < host->providers.count; i++) {
        sim_provider_free(host->providers.rows[i].item);
    }
    for (size_t i = 0; i < host->mirror.count; i++) {
        sim_source_free(host->mirror.rows[i].item);
    }
}

void sim_host_end(struct sim_host *host)
{
    host->is_running = false;
    sim_work_end_all(host);
    assert(host->works.head == NULL);
    free_running(host);
    host->components.count = 0;
    host->providers.count = 0;
    host->mirror.count = 0;
    host->ghosts.count = 0;
    host->changing.count = 0;
    host->waiting_count = 0;
}

void sim_host_free(struct sim_host *host)
{
    struct arena arena;

    if (host == NULL) {
        return;
    }
    sim_host_end(host);
    sim_outbox_clear(&host->outbox);
    arena_free(&host->labels_arena);
    arena = host->arena;
    arena_free(&arena);
}

void sim_host_kill(struct sim_host *host)
{
    sim_host_end(host);
    sim_outbox_clear(&host->outbox);
}

/* Beats that fell due while the host was held up follow each other at once. */
static void beat(struct sim_host *host, struct sim_work *work)
{
    assert(host->now.ms >= host->heartbeat_due.ms);
    sim_out_heartbeat(host);
    host->heartbeat_due.ms += host->heartbeat_ms;
    sim_work_wait_until(host, work, host->heartbeat_due, beat);
}

/* now is that of every call from outside; false when the host is past hearing it. */
static bool enter(struct sim_host *host, struct instant now)
{
    assert(now.ms >= host->now.ms);
    host->now = now;
    return host->is_running;
}

void sim_host_start(struct sim_host *host, struct instant now)
{
    assert(!host->is_running && host->now.ms == INT64_MIN);
    (void)enter(host, now);
    host->is_running = true;
    host->started = now;
    host->heartbeat_due.ms = now.ms + host->heartbeat_ms;
    sim_work_wait_until(host, sim_work_new(host), host->heartbeat_due, beat);
}

void sim_host_scanned(struct sim_host *host, struct instant now)
{
    if (enter(host, now)) {
        sim_out_host_started(host);
    }
}

// NOLINTNEXTLINE(readability-function-size): a message and its moment are one thing
void sim_host_request(struct sim_host *host, struct instant now, const char *subject,
                      const char *reply, const char *bytes, size_t length)
{
    const struct instant due = {now.ms + sim_host_held_ms(host, now)};
    struct sim_work *work;

    if (!enter(host, now)) {
        return;
    }
    work = sim_work_new(host);
    work->subject = arena_copy(&work->arena, subject);
    work->reply = arena_copy(&work->arena, reply);
    work->bytes = arena_text(&work->arena, bytes, length);
    work->length = length;
    if (due.ms > now.ms && !sim_request_is_unlink(host, subject)) {
        sim_work_wait_until(host, work, due, sim_request_begin);
    } else {
        sim_request_begin(host, work);
    }
}

// NOLINTNEXTLINE(readability-function-size): a message and its moment are one thing
void sim_host_read(struct sim_host *host, struct instant now, uint64_t token,
                   const char *bytes, size_t length, bool is_bucket_missing)
{
    const struct sim_answer answer = {
        .bytes = bytes, .length = length, .is_bucket_missing = is_bucket_missing};

    assert(bytes == NULL || !is_bucket_missing);
    if (enter(host, now)) {
        sim_work_answer(host, token, &answer);
    }
}

bool sim_host_follows(const struct sim_host *host, const char *config)
{
    return sim_table_find(&host->used, config) != NULL;
}

void sim_host_written(struct sim_host *host, struct instant now, uint64_t token,
                      bool is_done)
{
    if (enter(host, now)) {
        sim_work_answer(host, token, &(struct sim_answer){.is_done = is_done});
    }
}

void sim_host_watched(struct sim_host *host, struct instant now, const char *key,
                      const char *bytes, size_t length)
{
    const size_t prefix = strlen(SIM_SPEC_PREFIX);

    /* Of a deletion a host only writes a line in its log. */
    if (enter(host, now) && bytes != NULL && strncmp(key, SIM_SPEC_PREFIX, prefix) == 0) {
        sim_watch_source(host, key + prefix, bytes, length);
    }
}

void sim_host_config_changed(struct sim_host *host, struct instant now, const char *name)
{
    if (enter(host, now)) {
        sim_start_config_changed(host, name);
    }
}

void sim_host_advance(struct sim_host *host, struct instant now)
{
    struct sim_work *work;

    assert(host->now.ms != INT64_MIN);
    if (!enter(host, now) || now.ms < host->paused_until.ms) {
        return;
    }
    while ((work = sim_agenda_take(&host->works.agenda, now)) != NULL) {
        work->step(host, work);
    }
}

struct instant sim_host_deadline(const struct sim_host *host)
{
    struct instant due = sim_agenda_due(&host->works.agenda);

    if (!sim_outbox_is_empty(&host->outbox)) {
        due = host->now;
    }
    return due.ms < host->paused_until.ms ? host->paused_until : due;
}

bool sim_host_take(struct sim_host *host, struct sim_effect *ret_effect)
{
    return host->now.ms >= host->paused_until.ms &&
           sim_outbox_take(&host->outbox, ret_effect);
}

const char *sim_host_id(const struct sim_host *host)
{
    return host->id;
}

const char *sim_host_name(const struct sim_host *host)
{
    return host->name;
}

const struct properties *sim_host_labels(const struct sim_host *host)
{
    return &host->labels;
}

bool sim_host_is_running(const struct sim_host *host)
{
    return host->is_running;
}

const struct sim_subscription *sim_host_subscriptions(const struct sim_host *host,
                                                      size_t *ret_count)
{
    assert(host->subscriptions_count > 0);
    *ret_count = host->subscriptions_count;
    return host->subscriptions;
}

void sim_host_pause(struct sim_host *host, struct instant until)
{
    host->paused_until = until;
}

void sim_host_mute(struct sim_host *host, bool is_muted)
{
    host->is_muted = is_muted;
}

void sim_host_set_delay(struct sim_host *host, int64_t delay_ms)
{
    assert(delay_ms >= 0);
    host->delay_ms = delay_ms;
}

int64_t sim_host_held_ms(const struct sim_host *host, struct instant now)
{
    const int64_t ms =
        now.ms < host->paused_until.ms ? host->paused_until.ms - now.ms : 0;

    return ms > host->delay_ms ? ms : host->delay_ms;
}
