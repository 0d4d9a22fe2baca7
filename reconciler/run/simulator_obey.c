#include <stdlib.h>
#include <string.h>

#include "reconciler/run/simulator_state.h"
#include "reconciler/sim/links.h"
#include "reconciler/sim/order.h"

/* An order on its way into effect. */
struct obeying {
    struct simulator *simulator;
    struct instant now;
    const struct sim_order *order;
    struct arena *arena;
    struct err *err;
};

static enum err_code refuse(const struct obeying *obeying, const char *reason)
{
    return err_set(obeying->err, ERR_INVALID, "%s", reason);
}

/* By friendly name or id; NULL when there is none. */
static struct site *find_site(const struct obeying *obeying)
{
    const struct sim_table *sites = &obeying->simulator->sites;
    struct site *site = sim_table_find(sites, obeying->order->host);

    for (size_t i = 0; site == NULL && i < sites->count; i++) {
        struct site *other = sites->rows[i].item;
        const char *id = sim_host_id(host_nats_host(other->host));

        site = strcmp(id, obeying->order->host) == 0 ? other : NULL;
    }
    return site;
}

/* The same, and it must be running. */
static struct host_nats *find_running(const struct obeying *obeying)
{
    const struct site *site = find_site(obeying);

    return site != NULL && sim_host_is_running(host_nats_host(site->host)) ? site->host
                                                                           : NULL;
}

static enum err_code start(const struct obeying *obeying)
{
    if (find_running(obeying) != NULL) {
        return refuse(obeying, "that host is running");
    }
    return simulator_settle(obeying->simulator, obeying->now, obeying->order->host,
                            &obeying->order->labels, obeying->err);
}

static enum err_code restart(const struct obeying *obeying)
{
    const struct site *site = find_site(obeying);

    return site == NULL ? refuse(obeying, "no such host")
                        : simulator_settle(obeying->simulator, obeying->now, site->name,
                                           &site->labels, obeying->err);
}

static enum err_code apply(const struct obeying *obeying)
{
    struct host_nats *host = find_running(obeying);
    bool is_done;

    if (host == NULL) {
        return refuse(obeying, "no such host is running");
    }
    is_done = sim_order_apply(obeying->order, host_nats_host(host), obeying->now);
    host_nats_pump(host, obeying->now);
    return is_done ? ERR_OK : refuse(obeying, "no such provider, or it is broken");
}

/* A change of the image store, for all hosts now and later. */
static enum err_code change_images(const struct obeying *obeying)
{
    const struct sim_order *order = obeying->order;
    struct simulator *simulator = obeying->simulator;
    struct arena *arena = &simulator->arena;

    if (order->kind == SIM_ORDER_REFUSE) {
        (void)sim_table_put(&simulator->refused, arena, arena_copy(arena, order->image),
                            arena_copy(arena, order->text));
    } else {
        (void)sim_table_remove(&simulator->refused, order->image);
    }
    for (size_t i = 0; i < simulator->sites.count; i++) {
        const struct site *site = simulator->sites.rows[i].item;

        (void)sim_order_apply(order, host_nats_host(site->host), obeying->now);
    }
    return ERR_OK;
}

/* As another client that waits for no answer. */
static enum err_code request(const struct obeying *obeying, const char *host_id)
{
    const struct simulator *simulator = obeying->simulator;
    const struct sim_order_message request = sim_order_request(
        obeying->order, simulator->options->lattice, host_id, obeying->arena);
    const struct bus_message message = {
        .subject = request.subject,
        .bytes = request.bytes,
        .length = strlen(request.bytes),
    };

    return bus_publish(simulator->bus, &message, obeying->err);
}

static enum err_code request_of_host(const struct obeying *obeying)
{
    struct host_nats *host = find_running(obeying);

    return host == NULL ? refuse(obeying, "no such host is running")
                        : request(obeying, sim_host_id(host_nats_host(host)));
}

/* bytes NULL: purge the key. */
static enum err_code put_entry(const struct obeying *obeying, const char *bucket,
                               const char *key, const char *bytes)
{
    const struct bus_message message = {
        .subject = arena_print(obeying->arena, "$KV.%s.%s", bucket, key),
        .bytes = bytes != NULL ? bytes : "",
        .length = bytes != NULL ? strlen(bytes) : 0,
        .is_purge = bytes == NULL,
    };

    return bus_publish(obeying->simulator->bus, &message, obeying->err);
}

static enum err_code drop_link(const struct obeying *obeying)
{
    const struct link *link = &obeying->order->link;
    const struct sim_bucket *links = &obeying->simulator->links;
    const char *key = sim_spec_key(link->source_id, obeying->arena);
    const struct sim_entry *entry =
        obeying->simulator->is_listed ? sim_bucket_find(links, key) : NULL;
    const char *rest = entry != NULL
                           ? sim_links_without(entry->bytes, entry->length, link->target,
                                               link->name, obeying->arena)
                           : NULL;

    return rest == NULL ? refuse(obeying, "no such link")
                        : put_entry(obeying, links->name, key, rest);
}

static enum err_code obey(const struct obeying *obeying)
{
    switch (obeying->order->kind) {
    case SIM_ORDER_START:
        return start(obeying);
    case SIM_ORDER_RESTART:
        return restart(obeying);
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
        return apply(obeying);
    case SIM_ORDER_REFUSE:
    case SIM_ORDER_ACCEPT:
        return change_images(obeying);
    case SIM_ORDER_PUT_LINK:
    case SIM_ORDER_DELETE_LINK:
        return request(obeying, "");
    case SIM_ORDER_STOP:
    case SIM_ORDER_SCALE:
    case SIM_ORDER_UPDATE:
    case SIM_ORDER_START_PROVIDER:
    case SIM_ORDER_STOP_PROVIDER:
    case SIM_ORDER_LABEL:
    case SIM_ORDER_UNLABEL:
        return request_of_host(obeying);
    case SIM_ORDER_DROP_LINK:
        return drop_link(obeying);
    case SIM_ORDER_DROP_CONFIG:
        return put_entry(obeying, obeying->simulator->configs, obeying->order->id, NULL);
    case SIM_ORDER_LOSE_BUCKETS:
        simulator_lose_buckets(obeying->simulator, obeying->now);
        return ERR_OK;
    case SIM_ORDER_MAKE_BUCKETS:
        simulator_make_buckets(obeying->simulator, obeying->now);
        return ERR_OK;
    }
    abort();
}

static void print_hosts(const struct simulator *simulator, struct text *answer)
{
    for (size_t i = 0; i < simulator->sites.count; i++) {
        const struct site *site = simulator->sites.rows[i].item;
        const struct sim_host *host = host_nats_host(site->host);

        text_append(answer, "%s %s%s\n", site->name, sim_host_id(host),
                    sim_host_is_running(host) ? "" : " ended");
    }
}

typedef void print_function(struct sim_host *const *hosts, size_t count,
                            struct text *text);

static void print_running(const struct simulator *simulator, print_function *print,
                          struct arena *arena, struct text *answer)
{
    struct sim_host **hosts =
        arena_array(arena, simulator->sites.count, sizeof(struct sim_host *));
    size_t count = 0;

    for (size_t i = 0; i < simulator->sites.count; i++) {
        const struct site *site = simulator->sites.rows[i].item;

        if (sim_host_is_running(host_nats_host(site->host))) {
            hosts[count++] = host_nats_host(site->host);
        }
    }
    print(hosts, count, answer);
}

/* False when line is no question. */
static bool answer_question(const struct simulator *simulator, const char *line,
                            struct arena *arena, struct text *answer)
{
    if (strcmp(line, "hosts") == 0) {
        print_hosts(simulator, answer);
    } else if (strcmp(line, "inventory") == 0) {
        print_running(simulator, sim_print_inventory, arena, answer);
    } else if (strcmp(line, "serving") == 0) {
        print_running(simulator, sim_print_serving, arena, answer);
    } else {
        return false;
    }
    return true;
}

enum err_code simulator_obey(struct simulator *simulator, struct instant now,
                             const char *line, struct text *answer, struct err *err)
{
    struct arena arena = {0};
    struct sim_order order;
    const struct obeying obeying = {simulator, now, &order, &arena, err};
    const char *reason;
    enum err_code code = ERR_OK;

    if (!answer_question(simulator, line, &arena, answer)) {
        code = sim_order_read(line, &arena, &order, &reason) ? obey(&obeying)
                                                             : refuse(&obeying, reason);
    }
    arena_free(&arena);
    return code;
}
