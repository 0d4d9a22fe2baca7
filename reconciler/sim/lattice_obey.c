#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/limits.h"
#include "reconciler/sim/lattice_state.h"
#include "reconciler/sim/links.h"
#include "reconciler/sim/order.h"

/* An order on its way into effect. */
struct obeying {
    struct sim_lattice *lattice;
    const struct sim_order *order;
    struct arena *arena;
    const char *reason; /* why it cannot be obeyed; NULL so far */
};

/* The slot of the host that the order names; NULL, with a reason, when there is none. */
static struct sim_slot *find_slot(struct obeying *obeying)
{
    const struct sim_table *slots = &obeying->lattice->slots;

    assert(obeying->order->host != NULL);
    for (size_t i = 0; i < slots->count; i++) {
        struct sim_slot *slot = slots->rows[i].item;

        if (strcmp(slot->name, obeying->order->host) == 0 ||
            strcmp(sim_host_id(slot->host), obeying->order->host) == 0) {
            return slot;
        }
    }
    obeying->reason = "no such host";
    return NULL;
}

/* The same, and it must be running. */
static struct sim_slot *find_running(struct obeying *obeying)
{
    struct sim_slot *slot = find_slot(obeying);

    if (slot != NULL && !sim_host_is_running(slot->host)) {
        obeying->reason = "that host is not running";
        return NULL;
    }
    return slot;
}

static void start(struct obeying *obeying)
{
    const struct sim_order *order = obeying->order;
    const struct sim_host *before = sim_lattice_find_host(obeying->lattice, order->host);

    if (before != NULL && sim_host_is_running(before)) {
        obeying->reason = "that host is running";
        return;
    }
    (void)sim_lattice_start_host(obeying->lattice, obeying->lattice->now, order->host,
                                 &order->labels);
}

static void restart(struct obeying *obeying)
{
    const struct sim_slot *slot = find_slot(obeying);
    struct properties labels;

    if (slot != NULL) {
        labels = sim_json_copy_map(&slot->labels, obeying->arena);
        (void)sim_lattice_start_host(obeying->lattice, obeying->lattice->now, slot->name,
                                     &labels);
    }
}

static void apply(struct obeying *obeying)
{
    struct sim_slot *slot = find_running(obeying);

    if (slot == NULL) {
        return;
    }
    if (!sim_order_apply(obeying->order, slot->host, obeying->lattice->now)) {
        obeying->reason = "no such provider, or it is broken";
    }
    sim_lattice_pump(obeying->lattice, slot);
}

/* A change of the image store, for all hosts now and later. */
static void change_images(struct obeying *obeying)
{
    const struct sim_order *order = obeying->order;
    struct sim_lattice *lattice = obeying->lattice;
    struct sim_refusal *before = sim_table_remove(&lattice->refused, order->image);
    struct arena arena = {0};

    assert(order->image != NULL);
    if (before != NULL) {
        arena = before->arena;
        arena_free(&arena);
    }
    if (order->kind == SIM_ORDER_REFUSE) {
        struct sim_refusal *refusal = arena_alloc(&arena, sizeof *refusal);

        refusal->image = arena_copy(&arena, order->image);
        refusal->text = arena_copy(&arena, order->text);
        refusal->arena = arena;
        (void)sim_table_put(&lattice->refused, &lattice->arena, refusal->image, refusal);
    }
    for (size_t i = 0; i < lattice->slots.count; i++) {
        const struct sim_slot *slot = lattice->slots.rows[i].item;

        (void)sim_order_apply(order, slot->host, lattice->now);
    }
}

/* As another client: nothing gets lost, and nobody waits for the answer. */
static void request(struct obeying *obeying, const char *host_id)
{
    const struct sim_order_message message = sim_order_request(
        obeying->order, obeying->lattice->name, host_id, obeying->arena);
    const struct sim_letter letter = {message.subject, "", message.bytes,
                                      strlen(message.bytes), false};

    if (!sim_lattice_route(obeying->lattice, &letter)) {
        obeying->reason = "no host is running";
    }
}

static void request_of_host(struct obeying *obeying)
{
    const struct sim_slot *slot = find_running(obeying);

    if (slot != NULL) {
        request(obeying, sim_host_id(slot->host));
    }
}

static void drop_link(struct obeying *obeying)
{
    const struct link *link = &obeying->order->link;
    const char *key = sim_spec_key(link->source_id, obeying->arena);
    const struct sim_entry *entry =
        sim_bucket_find(&obeying->lattice->buckets[SIM_BUCKET_LINKS], key);
    const char *value = entry != NULL
                            ? sim_links_without(entry->bytes, entry->length, link->target,
                                                link->name, obeying->arena)
                            : NULL;

    if (value == NULL) {
        obeying->reason = "no such link";
        return;
    }
    sim_store_put(obeying->lattice, SIM_BUCKET_LINKS, key, value, strlen(value));
}

static void drop_config(struct obeying *obeying)
{
    const char *name = obeying->order->id;

    if (sim_bucket_find(&obeying->lattice->buckets[SIM_BUCKET_CONFIGS], name) == NULL) {
        obeying->reason = "no such config";
        return;
    }
    sim_store_put(obeying->lattice, SIM_BUCKET_CONFIGS, name, NULL, 0);
}

static void obey(struct obeying *obeying)
{
    struct sim_lattice *lattice = obeying->lattice;

    switch (obeying->order->kind) {
    case SIM_ORDER_START:
        start(obeying);
        return;
    case SIM_ORDER_RESTART:
        restart(obeying);
        return;
    case SIM_ORDER_KILL:
    case SIM_ORDER_PAUSE:
    case SIM_ORDER_DELAY:
    case SIM_ORDER_MUTE:
    case SIM_ORDER_UNMUTE:
    case SIM_ORDER_CRASH:
    case SIM_ORDER_BREAK:
    case SIM_ORDER_SICKEN:
    case SIM_ORDER_HEAL:
    case SIM_ORDER_REFUSE_ON:
    case SIM_ORDER_ACCEPT_ON:
    case SIM_ORDER_DISABLE:
    case SIM_ORDER_ENABLE:
        apply(obeying);
        return;
    case SIM_ORDER_REFUSE:
    case SIM_ORDER_ACCEPT:
        change_images(obeying);
        return;
    case SIM_ORDER_PUT_LINK:
    case SIM_ORDER_DELETE_LINK:
        request(obeying, "");
        return;
    case SIM_ORDER_STOP:
    case SIM_ORDER_SCALE:
    case SIM_ORDER_UPDATE:
    case SIM_ORDER_START_PROVIDER:
    case SIM_ORDER_STOP_PROVIDER:
    case SIM_ORDER_LABEL:
    case SIM_ORDER_UNLABEL:
        request_of_host(obeying);
        return;
    case SIM_ORDER_DROP_LINK:
        drop_link(obeying);
        return;
    case SIM_ORDER_DROP_CONFIG:
        drop_config(obeying);
        return;
    case SIM_ORDER_LOSE_BUCKETS:
        sim_lattice_lose_buckets(lattice, lattice->now);
        return;
    case SIM_ORDER_MAKE_BUCKETS:
        sim_lattice_make_buckets(lattice, lattice->now);
        return;
    }
    abort();
}

bool sim_lattice_obey(struct sim_lattice *lattice, struct instant now, const char *line,
                      const char **ret_reason)
{
    struct arena arena = {0};
    struct sim_order order;
    struct obeying obeying = {.lattice = lattice, .order = &order, .arena = &arena};

    sim_lattice_advance(lattice, now);
    if (sim_order_read(line, &arena, &order, &obeying.reason)) {
        assert(obeying.reason == NULL);
        obey(&obeying);
    }
    arena_free(&arena);
    if (obeying.reason != NULL) {
        *ret_reason = obeying.reason;
    }
    return obeying.reason == NULL;
}
