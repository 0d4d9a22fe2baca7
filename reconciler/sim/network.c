#include <assert.h>
#include <string.h>

#include "reconciler/sim/lattice_state.h"

/* nats-server's max_payload: what is longer is not delivered, and nobody hears why. */
#define PAYLOAD_BYTES_MAX ((size_t)1024 * 1024)

/* A reply that is late comes after this, and up to so much more: past all patience. */
#define LATE_MS      ((int64_t)1000)
#define LATE_MS_MORE 15000

struct sim_packet *sim_packet_new(sim_arrival arrive)
{
    struct arena arena = {0};
    struct sim_packet *packet = arena_alloc(&arena, sizeof *packet);

    *packet = (struct sim_packet){.arena = arena, .arrive = arrive, .reply = ""};
    return packet;
}

void sim_packet_free(struct sim_packet *packet)
{
    struct arena arena;

    if (packet != NULL) {
        arena = packet->arena;
        arena_free(&arena);
    }
}

static void send_at(struct sim_lattice *lattice, struct sim_packet *packet,
                    struct instant due)
{
    assert(due.ms >= lattice->now.ms);
    sim_agenda_put(&lattice->agenda, &lattice->arena, due, packet);
}

void sim_packet_send(struct sim_lattice *lattice, struct sim_packet *packet, int64_t ms)
{
    send_at(lattice, packet, (struct instant){lattice->now.ms + ms});
}

void sim_packet_address(struct sim_packet *packet, struct sim_slot *slot)
{
    assert(slot->starts_count > 0);
    packet->slot = slot;
    packet->start = slot->starts_count;
}

struct sim_host *sim_packet_host(const struct sim_packet *packet)
{
    const struct sim_slot *slot = packet->slot;

    assert(slot != NULL && packet->start <= slot->starts_count);
    return packet->start == slot->starts_count && sim_host_is_running(slot->host)
               ? slot->host
               : NULL;
}

bool sim_network_happens(struct sim_lattice *lattice, uint32_t per_mille,
                         uint64_t *counter)
{
    assert(per_mille <= 1000);
    if (per_mille == 0 || sim_prng_below(&lattice->prng, 1000) >= per_mille) {
        return false;
    }
    (*counter)++;
    return true;
}

/* How long a packet takes between client and lattice. */
static int64_t pick_delay(struct sim_lattice *lattice)
{
    const int64_t max = lattice->options.faults.delay_ms_max;

    return max > 1 ? 1 + (int64_t)sim_prng_below(&lattice->prng, (uint64_t)max) : 1;
}

/* What is sent in order arrives in order: not before what was sent earlier. */
static void send_in_lane(struct sim_lattice *lattice, struct sim_packet *packet,
                         struct instant *lane)
{
    const int64_t due = lattice->now.ms + pick_delay(lattice);

    assert(due > lattice->now.ms);
    lane->ms = due > lane->ms ? due : lane->ms;
    send_at(lattice, packet, *lane);
}

/* In order, but for those that are held up and overtaken. */
static void send_in_chaos(struct sim_lattice *lattice, struct sim_packet *packet,
                          struct instant *lane)
{
    if (sim_network_happens(lattice, lattice->options.faults.reorder_per_mille,
                            &lattice->hits.reordered)) {
        sim_packet_send(lattice, packet, 4 * pick_delay(lattice) + 20);
    } else {
        send_in_lane(lattice, packet, lane);
    }
}

static const char *copy_text(struct arena *arena, const char *text)
{
    return text != NULL ? arena_copy(arena, text) : NULL;
}

static struct sim_packet *copy_packet(const struct sim_packet *packet)
{
    struct sim_packet *copy = sim_packet_new(packet->arrive);
    struct sim_message *message = &copy->message;

    copy->connection = packet->connection;
    copy->is_doubled = packet->is_doubled;
    copy->reply = arena_copy(&copy->arena, packet->reply);
    *message = packet->message;
    message->subject = copy_text(&copy->arena, message->subject);
    message->bytes = message->bytes != NULL
                         ? arena_text(&copy->arena, message->bytes, message->length)
                         : NULL;
    assert(message->bucket == NULL && message->key == NULL && packet->slot == NULL);
    return copy;
}

/* Send packet, which may get lost, and may come twice. */
static void send_badly(struct sim_lattice *lattice, struct sim_packet *packet,
                       struct instant *lane)
{
    const struct sim_faults *faults = &lattice->options.faults;

    if (sim_network_happens(lattice, faults->drop_per_mille, &lattice->hits.dropped) ||
        packet->message.length > PAYLOAD_BYTES_MAX) {
        sim_packet_free(packet);
        return;
    }
    if (sim_network_happens(lattice, faults->duplicate_per_mille,
                            &lattice->hits.duplicated)) {
        packet->is_doubled = true;
        send_in_chaos(lattice, copy_packet(packet), lane);
    }
    send_in_chaos(lattice, packet, lane);
}

static void put_in_inbox(struct sim_lattice *lattice, struct sim_packet *packet)
{
    assert((lattice->inbox == NULL) == (lattice->inbox_last == NULL));
    packet->next = NULL;
    if (lattice->inbox_last != NULL) {
        lattice->inbox_last->next = packet;
    } else {
        lattice->inbox = packet;
    }
    lattice->inbox_last = packet;
}

/* What is meant for a connection that is no more is lost. */
static void arrive_at_client(struct sim_lattice *lattice, struct sim_packet *packet)
{
    if (lattice->is_connected && packet->connection == lattice->connection) {
        put_in_inbox(lattice, packet);
    } else {
        sim_packet_free(packet);
    }
}

void sim_network_ask(struct sim_lattice *lattice, struct sim_packet *packet)
{
    assert(lattice->is_connected);
    packet->connection = lattice->connection;
    send_badly(lattice, packet, &lattice->lane_out);
}

void sim_network_tell(struct sim_lattice *lattice, struct sim_packet *packet)
{
    packet->arrive = arrive_at_client;
    if (packet->message.kind == SIM_REPLY &&
        sim_network_happens(lattice, lattice->options.faults.late_per_mille,
                            &lattice->hits.late)) {
        sim_packet_send(lattice, packet,
                        LATE_MS + (int64_t)sim_prng_below(&lattice->prng, LATE_MS_MORE));
        return;
    }
    send_badly(lattice, packet, &lattice->lane_in);
}

void sim_network_notify(struct sim_lattice *lattice, struct sim_packet *packet)
{
    assert(packet->message.bucket != NULL);
    packet->arrive = arrive_at_client;
    packet->connection = lattice->connection;
    send_in_lane(lattice, packet, &lattice->lane_kept);
}

void sim_network_arrive(struct sim_lattice *lattice, enum sim_message_kind kind)
{
    struct sim_packet *packet = sim_packet_new(arrive_at_client);

    packet->message.kind = kind;
    put_in_inbox(lattice, packet);
}

bool sim_lattice_take(struct sim_lattice *lattice, struct sim_message *ret_message)
{
    struct sim_packet *packet = lattice->inbox;

    sim_packet_free(lattice->taken);
    lattice->taken = packet;
    if (packet == NULL) {
        return false;
    }
    lattice->inbox = packet->next;
    if (lattice->inbox == NULL) {
        lattice->inbox_last = NULL;
    }
    *ret_message = packet->message;
    return true;
}

void sim_network_clear(struct sim_lattice *lattice)
{
    struct sim_message message;

    for (;;) {
        struct sim_packet *packet = sim_agenda_take(&lattice->agenda, INSTANT_NEVER);

        if (packet == NULL) {
            break;
        }
        sim_packet_free(packet);
    }
    while (sim_lattice_take(lattice, &message)) {
        /* taking frees the one before */
    }
    assert(lattice->inbox == NULL && lattice->taken == NULL);
}
