#include "reconciler/run/rehearsal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/core/status.h"
#include "reconciler/run/translate.h"
#include "reconciler/wire/request.h"

/* Of a server that nobody told otherwise, as the simulated one. */
#define SERVER_PAYLOAD_BYTES_MAX ((size_t)1024 * 1024)

/* A request that has not been answered yet. */
struct waiting {
    uint32_t tag;
    struct instant deadline;
};

struct rehearsal {
    struct driver driver;
    struct sim_lattice *lattice;
    char *name;
    struct instant now;
    bool is_killed;
    void (*before_command)(void *context, const struct command *command);
    struct waiting *waiting; /* in the order sent */
    size_t waiting_count;
    size_t waiting_capacity;
    struct translator translator;
    size_t errors_count;
    bool is_denied;
};

static void note(struct rehearsal *rehearsal, enum err_code code)
{
    rehearsal->errors_count += code != ERR_OK;
}

static void wait_for(struct rehearsal *rehearsal, uint32_t tag, struct instant deadline)
{
    if (rehearsal->waiting_count == rehearsal->waiting_capacity) {
        rehearsal->waiting_capacity = 2 * rehearsal->waiting_capacity + 64;
        rehearsal->waiting = realloc(rehearsal->waiting, rehearsal->waiting_capacity *
                                                             sizeof *rehearsal->waiting);
        if (rehearsal->waiting == NULL) {
            abort();
        }
    }
    rehearsal->waiting[rehearsal->waiting_count++] = (struct waiting){tag, deadline};
}

static enum err_code send_command(void *context, const struct command *command,
                                  struct instant now, struct err *err)
{
    struct rehearsal *rehearsal = context;
    struct arena arena = {0};
    struct wire_request request;
    uint32_t tag;

    if (rehearsal->before_command != NULL) {
        rehearsal->before_command(rehearsal->driver.context, command);
    }
    if (rehearsal->is_killed) {
        return err_set(err, ERR_IO, "the process has ended");
    }
    tag = translate_tag(&rehearsal->translator, command);
    wire_encode_command(command, rehearsal->name, &arena, &request);
    sim_lattice_request(rehearsal->lattice, now, request.subject, request.bytes,
                        request.length, tag);
    wait_for(rehearsal, tag,
             (struct instant){now.ms + translate_patience_ms(command->kind)});
    arena_free(&arena);
    return ERR_OK;
}

/* The request under tag is over; was anybody waiting for it? */
static bool stop_waiting(struct rehearsal *rehearsal, uint32_t tag)
{
    for (size_t i = 0; i < rehearsal->waiting_count; i++) {
        if (rehearsal->waiting[i].tag == tag) {
            rehearsal->waiting_count--;
            memmove(&rehearsal->waiting[i], &rehearsal->waiting[i + 1],
                    (rehearsal->waiting_count - i) * sizeof *rehearsal->waiting);
            return true;
        }
    }
    return false;
}

static bool is_waiting(const struct rehearsal *rehearsal, uint32_t tag)
{
    for (size_t i = 0; i < rehearsal->waiting_count; i++) {
        if (rehearsal->waiting[i].tag == tag) {
            return true;
        }
    }
    return false;
}

static void take_reply(struct rehearsal *rehearsal, const struct sim_message *message)
{
    const uint32_t tag = (uint32_t)message->tag;
    struct err err;

    /* Every host answers a survey; what comes twice or late says nothing. */
    if (translate_is_gather(tag) ? !is_waiting(rehearsal, tag)
                                 : !stop_waiting(rehearsal, tag)) {
        return;
    }
    note(rehearsal, translate_answer(&rehearsal->translator, tag, message->bytes,
                                     message->length, &err));
}

static enum bucket bucket_of(const struct sim_message *message)
{
    return strncmp(message->bucket, "LATTICEDATA_", 12) == 0 ? BUCKET_LINKS
                                                             : BUCKET_CONFIGS;
}

static void add_denial(struct rehearsal *rehearsal, enum bucket bucket)
{
    event_list_add(&rehearsal->translator.events,
                   &(struct event){
                       .kind = EVENT_BUCKET_LOST,
                       .u.bucket = {.bucket = bucket,
                                    .loss = LOSS_DENIED,
                                    .text = "the bucket cannot be followed: no right to"},
                   });
}

static void take_bucket(struct rehearsal *rehearsal, const struct sim_message *message)
{
    struct err err;

    if (rehearsal->is_denied) {
        return;
    }
    if (message->kind == SIM_ENTRY) {
        note(rehearsal, translate_entry(&rehearsal->translator,
                                        &(struct translate_entry){
                                            .bucket = bucket_of(message),
                                            .key = message->key,
                                            .bytes = message->bytes,
                                            .length = message->length,
                                            .sequence = message->sequence,
                                        },
                                        &err));
        return;
    }
    event_list_add(
        &rehearsal->translator.events,
        &(struct event){
            .kind = message->kind == SIM_LISTING  ? EVENT_BUCKET_LISTING
                    : message->kind == SIM_LISTED ? EVENT_BUCKET_LISTED
                                                  : EVENT_BUCKET_LOST,
            .u.bucket = {.bucket = bucket_of(message),
                         .loss = LOSS_MISSING,
                         .text = "the bucket does not exist",
                         .made = message->made != NULL
                                     ? arena_copy(&rehearsal->translator.events.arena,
                                                  message->made)
                                     : NULL,
                         .age_ms = message->age_ms,
                         .sequence = message->sequence},
        });
}

static void take_connection(struct rehearsal *rehearsal, bool is_connected)
{
    if (!is_connected) {
        for (size_t i = 0; i < rehearsal->waiting_count; i++) {
            translate_silence(&rehearsal->translator, rehearsal->waiting[i].tag,
                              ANSWER_NONE);
        }
        rehearsal->waiting_count = 0;
    }
    event_list_add(
        &rehearsal->translator.events,
        &(struct event){.kind = is_connected ? EVENT_CONNECTED : EVENT_DISCONNECTED,
                        .u.connected = {SERVER_PAYLOAD_BYTES_MAX}});
    if (is_connected && rehearsal->is_denied) {
        add_denial(rehearsal, BUCKET_LINKS);
        add_denial(rehearsal, BUCKET_CONFIGS);
    }
}

static void take(struct rehearsal *rehearsal, const struct sim_message *message)
{
    struct err err;

    switch (message->kind) {
    case SIM_REPLY:
        take_reply(rehearsal, message);
        return;
    case SIM_NO_RESPONDERS:
        if (stop_waiting(rehearsal, (uint32_t)message->tag)) {
            translate_silence(&rehearsal->translator, (uint32_t)message->tag,
                              ANSWER_NO_RESPONDERS);
        }
        return;
    case SIM_EVENT:
        note(rehearsal, translate_event(&rehearsal->translator, message->bytes,
                                        message->length, &err));
        return;
    case SIM_LISTING:
    case SIM_ENTRY:
    case SIM_LISTED:
    case SIM_BUCKET_LOST:
        take_bucket(rehearsal, message);
        return;
    case SIM_CONNECTED:
    case SIM_DISCONNECTED:
        take_connection(rehearsal, message->kind == SIM_CONNECTED);
        return;
    }
    abort();
}

static void give_up_late(struct rehearsal *rehearsal)
{
    size_t i = 0;

    while (i < rehearsal->waiting_count) {
        const struct waiting waiting = rehearsal->waiting[i];

        if (waiting.deadline.ms > rehearsal->now.ms) {
            i++;
            continue;
        }
        translate_silence(&rehearsal->translator, waiting.tag, ANSWER_NONE);
        (void)stop_waiting(rehearsal, waiting.tag);
    }
}

/* All that happens now: what is due in the lattice reaches the engine, and back. */
static void happen(struct rehearsal *rehearsal)
{
    struct sim_message message;

    sim_lattice_advance(rehearsal->lattice, rehearsal->now);
    while (sim_lattice_take(rehearsal->lattice, &message)) {
        if (!rehearsal->is_killed) {
            take(rehearsal, &message);
        }
    }
    if (rehearsal->is_killed) {
        return;
    }
    give_up_late(rehearsal);
    if (rehearsal->translator.events.count > 0 ||
        rehearsal->driver.deadline.ms <= rehearsal->now.ms) {
        driver_step(&rehearsal->driver, rehearsal->now,
                    rehearsal->translator.events.items,
                    rehearsal->translator.events.count);
        event_list_clear(&rehearsal->translator.events);
    }
}

static struct instant next_moment(const struct rehearsal *rehearsal)
{
    struct instant next = sim_lattice_deadline(rehearsal->lattice);

    if (rehearsal->is_killed) {
        return next;
    }
    if (rehearsal->driver.deadline.ms < next.ms) {
        next = rehearsal->driver.deadline;
    }
    for (size_t i = 0; i < rehearsal->waiting_count; i++) {
        if (rehearsal->waiting[i].deadline.ms < next.ms) {
            next = rehearsal->waiting[i].deadline;
        }
    }
    return next;
}

/* Go to the next moment at which something happens, but not past until. */
static bool advance(struct rehearsal *rehearsal, struct instant until)
{
    struct instant next = next_moment(rehearsal);

    if (next.ms <= rehearsal->now.ms) {
        next.ms = rehearsal->now.ms + 1; /* what is due by then waits for a tick */
    }
    if (next.ms > until.ms) {
        rehearsal->now = until;
        return false;
    }
    rehearsal->now = next;
    happen(rehearsal);
    return true;
}

void rehearsal_run(struct rehearsal *rehearsal, int64_t ms)
{
    const struct instant until = {rehearsal->now.ms + ms};

    happen(rehearsal);
    while (advance(rehearsal, until)) {
    }
}

bool rehearsal_converge(struct rehearsal *rehearsal, int64_t ms, int64_t quiet_ms)
{
    const struct instant until = {rehearsal->now.ms + ms};

    happen(rehearsal);
    while (!engine_is_converged(rehearsal->driver.engine) && advance(rehearsal, until)) {
    }
    rehearsal_run(rehearsal, quiet_ms);
    while (engine_is_planning(rehearsal->driver.engine) && !rehearsal->is_killed) {
        driver_step(&rehearsal->driver, rehearsal->now, NULL, 0);
    }
    return engine_is_converged(rehearsal->driver.engine);
}

struct rehearsal *rehearsal_new(const struct rehearsal_options *options)
{
    struct rehearsal *rehearsal = calloc(1, sizeof *rehearsal);

    if (rehearsal == NULL) {
        abort();
    }
    rehearsal->name = strdup(options->name);
    if (rehearsal->name == NULL) {
        abort();
    }
    rehearsal->lattice = options->lattice;
    rehearsal->now = options->now;
    rehearsal->before_command = options->before_command;
    rehearsal->driver = (struct driver){
        .engine = options->engine,
        .store = options->store,
        .lattice = {rehearsal, send_command},
        .unix_ms = options->unix_ms,
        .on_command = options->on_command,
        .on_update = options->on_update,
        .context = options->context,
        .deadline = {INT64_MAX},
    };
    return rehearsal;
}

void rehearsal_free(struct rehearsal *rehearsal)
{
    if (rehearsal == NULL) {
        return;
    }
    driver_clear(&rehearsal->driver);
    event_list_clear(&rehearsal->translator.events);
    free(rehearsal->waiting);
    free(rehearsal->name);
    free(rehearsal);
}

void rehearsal_kill(struct rehearsal *rehearsal)
{
    rehearsal->is_killed = true;
}

struct driver *rehearsal_driver(struct rehearsal *rehearsal)
{
    return &rehearsal->driver;
}

struct instant rehearsal_now(const struct rehearsal *rehearsal)
{
    return rehearsal->now;
}

void rehearsal_deny(struct rehearsal *rehearsal, bool is_denied)
{
    rehearsal->is_denied = is_denied;
}

size_t rehearsal_errors_count(const struct rehearsal *rehearsal)
{
    return rehearsal->errors_count;
}
