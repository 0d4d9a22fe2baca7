#include "reconciler/sim/lattice.h"

#include <assert.h>
#include <string.h>

#include "reconciler/sim/host_faults.h"
#include "reconciler/sim/host_steps.h"
#include "reconciler/sim/lattice_state.h"

/* Between two hosts. */
#define HOP_MS ((int64_t)1)
/* A host that would look at one of two like requests later than this does not get it. */
#define DOUBLED_MS_MAX ((int64_t)500)

#define INBOX "_INBOX."

/* What JetStream is asked, with the name of a bucket, and what it answers. */
#define STREAM_CREATE  "$JS.API.STREAM.CREATE.KV_"
#define STREAM_CREATED "{\"type\":\"io.nats.jetstream.api.v1.stream_create_response\"}"
#define EVENTS         "wasmbus.evt."

struct sim_lattice *sim_lattice_new(const struct sim_lattice_options *options)
{
    struct arena arena = {0};
    struct sim_lattice *lattice = arena_alloc(&arena, sizeof *lattice);

    assert(options->lattice != NULL && options->lattice[0] != '\0');
    *lattice = (struct sim_lattice){
        .options = *options,
        .prng = {.state = options->seed},
        .now = {INT64_MIN},
        .name = arena_copy(&arena, options->lattice),
    };
    lattice->buckets[SIM_BUCKET_LINKS].name =
        arena_print(&arena, "LATTICEDATA_%s", options->lattice);
    lattice->buckets[SIM_BUCKET_CONFIGS].name =
        arena_print(&arena, "CONFIGDATA_%s", options->lattice);
    lattice->buckets[SIM_BUCKET_LINKS].is_missing = true;
    lattice->buckets[SIM_BUCKET_CONFIGS].is_missing = true;
    lattice->options.lattice = lattice->name;
    lattice->arena = arena;
    return lattice;
}

void sim_lattice_free(struct sim_lattice *lattice)
{
    struct arena arena;

    if (lattice == NULL) {
        return;
    }
    sim_network_clear(lattice);
    for (size_t i = 0; i < lattice->slots.count; i++) {
        struct sim_slot *slot = lattice->slots.rows[i].item;

        sim_host_free(slot->host);
        arena_free(&slot->labels_arena);
    }
    for (size_t i = 0; i < lattice->refused.count; i++) {
        arena = ((struct sim_refusal *)lattice->refused.rows[i].item)->arena;
        arena_free(&arena);
    }
    for (size_t i = 0; i < SIM_BUCKETS; i++) {
        sim_bucket_lose(&lattice->buckets[i]);
    }
    arena = lattice->arena;
    arena_free(&arena);
}

void sim_lattice_set_faults(struct sim_lattice *lattice, const struct sim_faults *faults)
{
    lattice->options.faults = *faults;
}

const struct sim_hits *sim_lattice_hits(const struct sim_lattice *lattice)
{
    return &lattice->hits;
}

/* The subscription of host that covers subject; NULL when none does. */
static const struct sim_subscription *find_subscription(const struct sim_host *host,
                                                        const char *subject)
{
    size_t count;
    const struct sim_subscription *all = sim_host_subscriptions(host, &count);

    for (size_t i = 0; sim_host_is_running(host) && i < count; i++) {
        if (sim_request_matches(all[i].subject, subject)) {
            return &all[i];
        }
    }
    return NULL;
}

static void hand_over(struct sim_lattice *lattice, struct sim_slot *slot,
                      const struct sim_letter *letter)
{
    if (slot->is_cut_in) {
        lattice->hits.cut++;
        return;
    }
    sim_host_request(slot->host, lattice->now, letter->subject, letter->reply,
                     letter->bytes, letter->length);
    sim_lattice_pump(lattice, slot);
}

/* See sim_faults: another host may do long before what this one is told, too. */
static bool is_held_up(const struct sim_lattice *lattice, const struct sim_slot *slot,
                       const struct sim_letter *letter)
{
    return letter->is_doubled &&
           sim_host_held_ms(slot->host, lattice->now) > DOUBLED_MS_MAX;
}

bool sim_lattice_route(struct sim_lattice *lattice, const struct sim_letter *letter)
{
    struct sim_slot *chosen = NULL;
    uint64_t members_count = 0;
    bool is_heard = false;

    for (size_t i = 0; i < lattice->slots.count; i++) {
        struct sim_slot *slot = lattice->slots.rows[i].item;
        const struct sim_subscription *subscription =
            find_subscription(slot->host, letter->subject);

        if (subscription == NULL || (slot->is_cut_in && slot->is_cut_out)) {
            continue;
        }
        is_heard = true;
        if (subscription->queue == NULL) {
            hand_over(lattice, slot, letter);
        } else if (sim_prng_below(&lattice->prng, ++members_count) == 0) {
            chosen = slot; /* each of the members seen so far is as likely */
        }
    }
    assert((chosen != NULL) == (members_count > 0));
    if (chosen != NULL && is_held_up(lattice, chosen, letter)) {
        lattice->hits.dropped++;
    } else if (chosen != NULL) {
        hand_over(lattice, chosen, letter);
    }
    return is_heard;
}

static bool has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static void arrive_at_hosts(struct sim_lattice *lattice, struct sim_packet *packet)
{
    const struct sim_message *message = &packet->message;
    const struct sim_letter letter = {message->subject, "", message->bytes,
                                      message->length, false};

    (void)sim_lattice_route(lattice, &letter);
    sim_packet_free(packet);
}

/* A host does what it is told, and says that it failed. */
#define LIE_REFUSED  "{\"success\":false,\"message\":\"it is said to have failed\"}"
#define LIE_ACCEPTED "{\"success\":true,\"message\":\"\"}"

/* Replies are sent to INBOX{connection}.{tag}, or INBOX{connection}.{tag}.1 when what
 * comes is to be taken for LIE_REFUSED.  Returns whether it is. */
static bool read_inbox(const char *subject, struct sim_packet *packet)
{
    uint64_t numbers[3] = {0, 0, 0};
    size_t i = 0;

    for (const char *at = subject + strlen(INBOX); *at != '\0'; at++) {
        if (*at == '.') {
            i++;
        } else {
            assert(*at >= '0' && *at <= '9' && i < 3);
            numbers[i] = numbers[i] * 10 + (uint64_t)(*at - '0');
        }
    }
    assert(i == 1 || i == 2);
    packet->connection = numbers[0];
    packet->message.tag = numbers[1];
    return numbers[2] != 0;
}

static void publish(struct sim_lattice *lattice, const struct sim_effect *effect)
{
    struct sim_packet *packet = sim_packet_new(arrive_at_hosts);
    struct sim_message *message = &packet->message;

    message->subject = arena_copy(&packet->arena, effect->subject);
    message->bytes = arena_text(&packet->arena, effect->bytes, effect->length);
    message->length = effect->length;
    if (has_prefix(effect->subject, INBOX)) {
        message->kind = SIM_REPLY;
        if (read_inbox(effect->subject, packet)) {
            message->bytes = LIE_REFUSED;
            message->length = strlen(LIE_REFUSED);
        }
        sim_network_tell(lattice, packet);
    } else if (has_prefix(effect->subject, EVENTS)) {
        message->kind = SIM_EVENT;
        packet->connection = lattice->connection;
        sim_network_tell(lattice, packet);
    } else {
        sim_packet_send(lattice, packet, HOP_MS);
    }
}

void sim_lattice_pump(struct sim_lattice *lattice, struct sim_slot *slot)
{
    struct sim_effect effect;

    while (sim_host_take(slot->host, &effect)) {
        switch (effect.kind) {
        case SIM_PUBLISH:
            if (slot->is_cut_out) {
                lattice->hits.cut++;
            } else {
                publish(lattice, &effect);
            }
            break;
        case SIM_READ:
        case SIM_WRITE:
        case SIM_PURGE:
            sim_store_serve(lattice, slot, &effect);
            break;
        case SIM_LEAVE:
            break;
        }
    }
}

static struct instant next_due(const struct sim_lattice *lattice)
{
    struct instant next = sim_agenda_due(&lattice->agenda);

    for (size_t i = 0; i < lattice->slots.count; i++) {
        const struct sim_slot *slot = lattice->slots.rows[i].item;
        const struct instant due = sim_host_deadline(slot->host);

        next.ms = due.ms < next.ms ? due.ms : next.ms;
    }
    return next;
}

/* One packet arrives, or the hosts do what they have to do. */
static void step(struct sim_lattice *lattice)
{
    struct sim_packet *packet = sim_agenda_take(&lattice->agenda, lattice->now);

    assert(lattice->now.ms != INT64_MIN);
    if (packet != NULL) {
        assert(packet->arrive != NULL);
        packet->arrive(lattice, packet);
        return;
    }
    for (size_t i = 0; i < lattice->slots.count; i++) {
        struct sim_slot *slot = lattice->slots.rows[i].item;

        if (sim_host_deadline(slot->host).ms <= lattice->now.ms) {
            sim_host_advance(slot->host, lattice->now);
            sim_lattice_pump(lattice, slot);
        }
    }
}

void sim_lattice_advance(struct sim_lattice *lattice, struct instant now)
{
    assert(now.ms >= lattice->now.ms);
    for (;;) {
        const struct instant next = next_due(lattice);

        if (next.ms > now.ms) {
            break;
        }
        lattice->now.ms = next.ms > lattice->now.ms ? next.ms : lattice->now.ms;
        step(lattice);
    }
    lattice->now = now;
}

struct instant sim_lattice_deadline(const struct sim_lattice *lattice)
{
    assert((lattice->inbox == NULL) == (lattice->inbox_last == NULL));
    return lattice->inbox != NULL ? lattice->now : next_due(lattice);
}

void sim_lattice_connect(struct sim_lattice *lattice, struct instant now)
{
    assert(!lattice->is_connected);
    sim_lattice_advance(lattice, now);
    lattice->is_connected = true;
    lattice->connection++;
    lattice->lane_out = now;
    lattice->lane_in = now;
    lattice->lane_kept = now;
    sim_network_arrive(lattice, SIM_CONNECTED);
    sim_store_list(lattice);
}

void sim_lattice_disconnect(struct sim_lattice *lattice, struct instant now)
{
    assert(lattice->is_connected);
    sim_lattice_advance(lattice, now);
    lattice->is_connected = false;
    sim_network_arrive(lattice, SIM_DISCONNECTED);
}

/* Answer packet, a request, as nobody but the network does: JetStream, or a server that
 * finds nobody who listens. */
static void answer(struct sim_lattice *lattice, const struct sim_packet *packet,
                   enum sim_message_kind kind, const char *bytes)
{
    struct sim_packet *reply = sim_packet_new(NULL);

    assert(kind == SIM_REPLY || kind == SIM_NO_RESPONDERS);
    reply->connection = packet->connection;
    reply->message.kind = kind;
    reply->message.tag = packet->message.tag;
    reply->message.bytes = bytes;
    reply->message.length = strlen(bytes);
    sim_network_tell(lattice, reply);
}

/* Told to do something, as opposed to asked. */
static bool is_mutation(const char *subject)
{
    return strstr(subject, ".host.") == NULL && strstr(subject, ".get") == NULL;
}

/*
 * Is the request of packet acknowledged falsely?  Either it is said to be done, and
 * nothing is: true.  Or it is done, and said to have failed by the host that did it, as
 * soon as it has: its reply is asked for so.
 */
static bool is_lied_about(struct sim_lattice *lattice, struct sim_packet *packet)
{
    if (!is_mutation(packet->message.subject) ||
        !sim_network_happens(lattice, lattice->options.faults.lie_per_mille,
                             &lattice->hits.lied)) {
        return false;
    }
    if (sim_prng_below(&lattice->prng, 2) == 1) {
        packet->reply = arena_print(&packet->arena, "%s.1", packet->reply);
        return false;
    }
    answer(lattice, packet, SIM_REPLY, LIE_ACCEPTED);
    return true;
}

static bool deliver(struct sim_lattice *lattice, const struct sim_packet *packet)
{
    const struct sim_message *message = &packet->message;
    const struct sim_letter letter = {message->subject, packet->reply, message->bytes,
                                      message->length, packet->is_doubled};

    return sim_lattice_route(lattice, &letter);
}

static void arrive_as_request(struct sim_lattice *lattice, struct sim_packet *packet)
{
    const struct sim_message *message = &packet->message;

    if (has_prefix(message->subject, STREAM_CREATE)) {
        sim_store_create(lattice, message->subject + strlen(STREAM_CREATE),
                         message->bytes, message->length);
        answer(lattice, packet, SIM_REPLY, STREAM_CREATED);
    } else if (!is_lied_about(lattice, packet) && !deliver(lattice, packet)) {
        answer(lattice, packet, SIM_NO_RESPONDERS, "");
    }
    sim_packet_free(packet);
}

// NOLINTNEXTLINE(readability-function-size): a message and its moment are one thing
void sim_lattice_request(struct sim_lattice *lattice, struct instant now,
                         const char *subject, const char *bytes, size_t length,
                         uint64_t tag)
{
    struct sim_packet *packet;

    sim_lattice_advance(lattice, now);
    if (!lattice->is_connected) {
        return;
    }
    packet = sim_packet_new(arrive_as_request);
    packet->reply =
        arena_print(&packet->arena, INBOX "%llu.%llu",
                    (unsigned long long)lattice->connection, (unsigned long long)tag);
    packet->message.subject = arena_copy(&packet->arena, subject);
    packet->message.bytes = arena_text(&packet->arena, bytes, length);
    packet->message.length = length;
    packet->message.tag = tag;
    sim_network_ask(lattice, packet);
}
