#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "manifest/limits.h"
#include "reconciler/sim/host_out.h"
#include "reconciler/sim/host_steps.h"

/* Both auctions; what the other kind calls its fields is in its own table. */
struct auction {
    const char *image;
    const char *id;
    struct properties constraints;
};

static const struct sim_field component_fields[] = {
    {"component_ref", SIM_FIELD_TEXT, SIM_OPTIONAL, offsetof(struct auction, image)},
    {"component_id", SIM_FIELD_TEXT, SIM_REQUIRED, offsetof(struct auction, id)},
    {"constraints", SIM_FIELD_MAP, SIM_REQUIRED, offsetof(struct auction, constraints)},
};

static const struct sim_field provider_fields[] = {
    {"provider_ref", SIM_FIELD_TEXT, SIM_OPTIONAL, offsetof(struct auction, image)},
    {"provider_id", SIM_FIELD_TEXT, SIM_REQUIRED, offsetof(struct auction, id)},
    {"constraints", SIM_FIELD_MAP, SIM_REQUIRED, offsetof(struct auction, constraints)},
};

static bool read_auction(struct sim_work *work, const struct sim_field *fields,
                         struct auction *ret_auction)
{
    const struct tree_node *root = sim_json_read(work->bytes, work->length, &work->arena);

    return root != NULL && sim_json_decode(root, fields, 3, &work->arena, ret_auction);
}

/* Every constraint is a label of host, value and all. */
static bool is_able(const struct sim_host *host, const struct auction *auction)
{
    assert(auction->id != NULL && auction->image != NULL);
    for (size_t i = 0; i < auction->constraints.count; i++) {
        const struct property *wanted = &auction->constraints.items[i];
        const char *label = sim_json_find(&host->labels, wanted->key);

        if (label == NULL || strcmp(label, wanted->value) != 0) {
            return false;
        }
    }
    return true;
}

static void print_constraints(const struct auction *auction, struct text *text)
{
    text_append(text, ",\"constraints\":");
    sim_json_print_map(&auction->constraints, text);
    text_append(text, "}");
}

/*
 * Hosts 1.3 to 1.9.2 take the image for the id, both when they ask whether it runs
 * already and in the answer.
 */
void sim_auction_component(struct sim_host *host, struct sim_work *work)
{
    struct auction auction = {.image = ""};
    struct text text;

    if (!read_auction(work, component_fields, &auction)) {
        sim_out_refuse(host, work, "failed to deserialize component auction command");
    } else if (is_able(host, &auction) &&
               sim_table_find(&host->components, auction.image) == NULL) {
        text_init(&text, &work->arena, MESSAGE_BYTES_MAX);
        sim_json_print_field("{", "component_ref", auction.image, &text);
        sim_json_print_field(",", "component_id", auction.image, &text);
        sim_json_print_field(",", "host_id", host->id, &text);
        print_constraints(&auction, &text);
        sim_out_respond(host, work, text.bytes);
    }
    sim_work_end(host, work);
}

void sim_auction_provider(struct sim_host *host, struct sim_work *work)
{
    struct auction auction = {.image = ""};
    struct text text;

    if (!read_auction(work, provider_fields, &auction)) {
        sim_out_refuse(host, work, "failed to deserialize provider auction command");
    } else if (is_able(host, &auction) &&
               sim_table_find(&host->providers, auction.id) == NULL) {
        text_init(&text, &work->arena, MESSAGE_BYTES_MAX);
        sim_json_print_field("{", "host_id", host->id, &text);
        sim_json_print_field(",", "provider_ref", auction.image, &text);
        sim_json_print_field(",", "provider_id", auction.id, &text);
        print_constraints(&auction, &text);
        sim_out_respond(host, work, text.bytes);
    }
    sim_work_end(host, work);
}
