#include <assert.h>
#include <stdlib.h>

#include "manifest/limits.h"
#include "reconciler/sim/host_faults.h"
#include "reconciler/sim/links.h"
#include "reconciler/sim/order.h"

bool sim_order_apply(const struct sim_order *order, struct sim_host *host,
                     struct instant now)
{
    assert(host != NULL);
    switch (order->kind) {
    case SIM_ORDER_KILL:
        sim_host_kill(host);
        return true;
    case SIM_ORDER_PAUSE:
        sim_host_pause(host, (struct instant){now.ms + order->ms});
        return true;
    case SIM_ORDER_DELAY:
        sim_host_set_delay(host, order->ms);
        return true;
    case SIM_ORDER_MUTE:
        sim_host_mute(host, true);
        return true;
    case SIM_ORDER_UNMUTE:
        sim_host_mute(host, false);
        return true;
    case SIM_ORDER_CRASH:
        return sim_host_crash(host, order->id);
    case SIM_ORDER_BREAK:
        return sim_host_break(host, order->id);
    case SIM_ORDER_SICKEN:
        return sim_host_set_health(host, order->id, false);
    case SIM_ORDER_HEAL:
        return sim_host_set_health(host, order->id, true);
    case SIM_ORDER_DISABLE:
        sim_host_disable(host, order->id, true);
        return true;
    case SIM_ORDER_ENABLE:
        sim_host_disable(host, order->id, false);
        return true;
    case SIM_ORDER_REFUSE:
    case SIM_ORDER_REFUSE_ON:
        sim_host_refuse(host, order->image, order->text);
        return true;
    case SIM_ORDER_ACCEPT:
    case SIM_ORDER_ACCEPT_ON:
        sim_host_refuse(host, order->image, NULL);
        return true;
    case SIM_ORDER_START:
    case SIM_ORDER_RESTART:
    case SIM_ORDER_STOP:
    case SIM_ORDER_PUT_LINK:
    case SIM_ORDER_DELETE_LINK:
    case SIM_ORDER_SCALE:
    case SIM_ORDER_UPDATE:
    case SIM_ORDER_START_PROVIDER:
    case SIM_ORDER_STOP_PROVIDER:
    case SIM_ORDER_LABEL:
    case SIM_ORDER_UNLABEL:
    case SIM_ORDER_DROP_LINK:
    case SIM_ORDER_DROP_CONFIG:
    case SIM_ORDER_LOSE_BUCKETS:
    case SIM_ORDER_MAKE_BUCKETS:
        break;
    }
    abort();
}

static void print_put_link(const struct sim_order *order, struct text *text)
{
    struct link link = order->link;

    link.name = link.name != NULL ? link.name : "default";
    sim_link_print(&link, text);
}

static void print_delete_link(const struct sim_order *order, struct text *text)
{
    const struct link *link = &order->link;

    sim_json_print_field("{", "source_id", link->source_id, text);
    sim_json_print_field(",", "wit_namespace", link->wit_namespace, text);
    sim_json_print_field(",", "wit_package", link->wit_package, text);
    sim_json_print_field(",", "name", link->name != NULL ? link->name : "default", text);
    text_append(text, "}");
}

static void print_scale(const struct sim_order *order, const char *host_id,
                        struct text *text)
{
    sim_json_print_field("{", "component_ref", order->image, text);
    sim_json_print_field(",", "component_id", order->id, text);
    text_append(text, ",\"count\":%u", (unsigned int)order->count);
    sim_json_print_field(",", "host_id", host_id, text);
    text_append(text, "}");
}

static void print_update(const struct sim_order *order, const char *host_id,
                         struct text *text)
{
    sim_json_print_field("{", "component_id", order->id, text);
    sim_json_print_field(",", "new_component_ref", order->image, text);
    sim_json_print_field(",", "host_id", host_id, text);
    text_append(text, "}");
}

/* The image of a provider to be stopped is NULL. */
static void print_provider(const struct sim_order *order, const char *host_id,
                           struct text *text)
{
    sim_json_print_field("{", "provider_id", order->id, text);
    if (order->image != NULL) {
        sim_json_print_field(",", "provider_ref", order->image, text);
    }
    sim_json_print_field(",", "host_id", host_id, text);
    text_append(text, "}");
}

static void print_label(const struct sim_order *order, struct text *text)
{
    assert(order->labels.count == 1);
    sim_json_print_field("{", "key", order->labels.items[0].key, text);
    sim_json_print_field(",", "value", order->labels.items[0].value, text);
    text_append(text, "}");
}

/* Append the body of the request, and return the verb of its subject. */
static const char *print_request(const struct sim_order *order, const char *host_id,
                                 struct text *text)
{
    switch (order->kind) {
    case SIM_ORDER_STOP:
        sim_json_print_field("{", "host_id", host_id, text);
        text_append(text, "}");
        return "host.stop.";
    case SIM_ORDER_PUT_LINK:
        print_put_link(order, text);
        return "link.put";
    case SIM_ORDER_DELETE_LINK:
        print_delete_link(order, text);
        return "link.del";
    case SIM_ORDER_SCALE:
        print_scale(order, host_id, text);
        return "component.scale.";
    case SIM_ORDER_UPDATE:
        print_update(order, host_id, text);
        return "component.update.";
    case SIM_ORDER_START_PROVIDER:
        print_provider(order, host_id, text);
        return "provider.start.";
    case SIM_ORDER_STOP_PROVIDER:
        print_provider(order, host_id, text);
        return "provider.stop.";
    case SIM_ORDER_LABEL:
        print_label(order, text);
        return "label.put.";
    case SIM_ORDER_UNLABEL:
        print_label(order, text);
        return "label.del.";
    case SIM_ORDER_START:
    case SIM_ORDER_RESTART:
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
    case SIM_ORDER_REFUSE:
    case SIM_ORDER_ACCEPT:
    case SIM_ORDER_DROP_LINK:
    case SIM_ORDER_DROP_CONFIG:
    case SIM_ORDER_LOSE_BUCKETS:
    case SIM_ORDER_MAKE_BUCKETS:
        break;
    }
    abort();
}

struct sim_order_message sim_order_request(const struct sim_order *order,
                                           const char *lattice, const char *host_id,
                                           struct arena *arena)
{
    const bool is_for_any =
        order->kind == SIM_ORDER_PUT_LINK || order->kind == SIM_ORDER_DELETE_LINK;
    struct text text;
    const char *verb;

    assert(host_id != NULL && lattice[0] != '\0');
    text_init(&text, arena, MESSAGE_BYTES_MAX);
    verb = print_request(order, host_id, &text);
    return (struct sim_order_message){
        .subject = arena_print(arena, "wasmbus.ctl.v1.%s.%s%s", lattice, verb,
                               is_for_any ? "" : host_id),
        .bytes = text.bytes,
    };
}
