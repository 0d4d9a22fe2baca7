#include "manifest/decode_scaler.h"

enum scaler_key { SCALER_INSTANCES, SCALER_REPLICAS, SCALER_SPREAD };

static const struct decode_key scaler_keys[] = {
    [SCALER_INSTANCES] = {"instances", NULL},
    [SCALER_REPLICAS] = {"replicas", NULL},
    [SCALER_SPREAD] = {"spread", NULL},
};

static const struct decode_shape scaler_shape = {
    .what = "a scaler",
    .unknown = DIAG_ERROR,
    .keys = scaler_keys,
    .keys_count = sizeof scaler_keys / sizeof *scaler_keys,
};

enum spread_key { SPREAD_NAME, SPREAD_REQUIREMENTS, SPREAD_WEIGHT };

static const struct decode_key spread_keys[] = {
    [SPREAD_NAME] = {"name", "a name"},
    [SPREAD_REQUIREMENTS] = {"requirements", "host labels, or '{}' for any host"},
    [SPREAD_WEIGHT] = {"weight", NULL},
};

static const struct decode_shape spread_shape = {
    .what = "a spread",
    .unknown = DIAG_ERROR,
    .keys = spread_keys,
    .keys_count = sizeof spread_keys / sizeof *spread_keys,
};

/* A whole number up to max; false when it is none, which is reported. */
static bool decode_number(struct decode *decode, const struct tree_node *node,
                          const char *what, uint64_t max, uint64_t *ret_number)
{
    uint64_t number;

    if (node->kind == TREE_SCALAR && tree_scalar_u64(node, &number) && number <= max) {
        *ret_number = number;
        return true;
    }
    decode_wrong_type(decode, node, what,
                      arena_print(decode->arena, "a whole number from 0 to %llu",
                                  (unsigned long long)max));
    return false;
}

static void decode_instances(struct decode *decode, const struct tree_node *node,
                             const struct tree_node *const *values,
                             struct oam_scaler *scaler)
{
    const struct tree_node *instances = values[SCALER_INSTANCES];
    const struct tree_node *replicas = values[SCALER_REPLICAS];
    uint64_t number;

    if (instances != NULL && replicas != NULL) {
        diags_add(decode->diags, DIAG_ERROR, "both-keys", &replicas->span,
                  "'replicas' is the older name of 'instances', which is there too: "
                  "expected one of them");
    } else if (instances == NULL && replicas == NULL) {
        diags_add(decode->diags, DIAG_ERROR, "missing-key", &node->span,
                  "a scaler has no 'instances': expected how many to run");
    } else if (decode_number(decode, instances != NULL ? instances : replicas,
                             instances != NULL ? "'instances'" : "'replicas'", UINT32_MAX,
                             &number)) {
        scaler->instances = (uint32_t)number;
    }
}

static void decode_spread(struct decode *decode, const struct tree_node *node,
                          struct oam_spread *spread)
{
    const struct tree_node *values[DECODE_KEYS_MAX];

    *spread = (struct oam_spread){.weight = OAM_WEIGHT_DEFAULT, .span = node->span};
    if (!decode_object(decode, node, &spread_shape, values)) {
        return;
    }
    spread->name = decode_string(decode, values[SPREAD_NAME], "'name'");
    spread->requirements =
        decode_string_map(decode, values[SPREAD_REQUIREMENTS], "'requirements'");
    if (decode_is_given(values[SPREAD_WEIGHT])) {
        (void)decode_number(decode, values[SPREAD_WEIGHT], "'weight'", UINT64_MAX,
                            &spread->weight);
    }
}

static void decode_spreads(struct decode *decode, const struct tree_node *node,
                           struct oam_scaler *scaler)
{
    const size_t count = decode_list(decode, node, "'spread'");
    struct oam_spread *spreads = arena_array(decode->arena, count, sizeof *spreads);
    bool has_weight = false;

    for (size_t i = 0; i < count; i++) {
        decode_spread(decode, node->items[i], &spreads[i]);
        has_weight |= spreads[i].weight > 0;
    }
    scaler->spreads = spreads;
    scaler->spreads_count = count;
    if (count > 0 && !has_weight) {
        diags_add(decode->diags, DIAG_ERROR, "zero-weight", &node->span,
                  "every 'weight' is 0: expected one that is more");
    }
}

void decode_scaler(struct decode *decode, const struct tree_node *node,
                   struct oam_scaler *scaler)
{
    const struct tree_node *values[DECODE_KEYS_MAX];

    if (decode_object(decode, node, &scaler_shape, values)) {
        decode_instances(decode, node, values, scaler);
        decode_spreads(decode, values[SCALER_SPREAD], scaler);
    }
}
