#include "manifest/decode_trait.h"

#include <string.h>

#include "manifest/decode_link.h"
#include "manifest/decode_old.h"
#include "manifest/decode_scaler.h"
#include "manifest/limits.h"

enum trait_key { TRAIT_TYPE, TRAIT_PROPERTIES };

static const struct decode_key trait_keys[] = {
    [TRAIT_TYPE] = {"type", "'link', 'spreadscaler' or 'daemonscaler'"},
    [TRAIT_PROPERTIES] = {"properties", "the properties of its type"},
};

static const struct decode_shape trait_shape = {
    .what = "a trait",
    .unknown = DIAG_ERROR,
    .keys = trait_keys,
    .keys_count = sizeof trait_keys / sizeof *trait_keys,
};

/* A component and its links, while they are read. */
struct draft {
    struct oam_component *component;
    struct oam_link *links; /* room for one a trait */
    size_t links_count;
};

/* Read properties, those of the trait node, into draft. */
typedef void read_trait(struct decode *decode, const struct tree_node *node,
                        const struct tree_node *properties, struct draft *draft);

static void read_link(struct decode *decode, const struct tree_node *node,
                      const struct tree_node *properties, struct draft *draft)
{
    struct oam_link *link = &draft->links[draft->links_count++];

    link->span = node->span;
    decode_link(decode, properties, link);
}

static void read_scaler(struct decode *decode, const struct tree_node *node,
                        const struct tree_node *properties, struct oam_scaler *scaler,
                        enum oam_scaler_kind kind)
{
    if (scaler->kind != OAM_SCALER_NONE) {
        diags_add(decode->diags, DIAG_WARNING, "second-scaler", &node->span,
                  "a component has a scaler already and this one is ignored: expected "
                  "one");
        diags_relate(decode->diags, NULL, &scaler->span, "this one counts");
        return;
    }
    scaler->kind = kind;
    scaler->span = node->span;
    decode_scaler(decode, properties, scaler);
}

static void read_spreadscaler(struct decode *decode, const struct tree_node *node,
                              const struct tree_node *properties, struct draft *draft)
{
    read_scaler(decode, node, properties, &draft->component->scaler, OAM_SCALER_SPREAD);
}

static void read_daemonscaler(struct decode *decode, const struct tree_node *node,
                              const struct tree_node *properties, struct draft *draft)
{
    read_scaler(decode, node, properties, &draft->component->scaler, OAM_SCALER_DAEMON);
}

static const char *const type_names[] = {"link", "spreadscaler", "daemonscaler"};

static read_trait *const type_readers[] = {read_link, read_spreadscaler,
                                           read_daemonscaler};

#define TYPES_COUNT (sizeof type_names / sizeof *type_names)

static void report_unknown_type(struct decode *decode, const struct tree_node *type)
{
    if (diags_drop(decode->diags, DIAG_WARNING)) {
        return;
    }
    diags_add(decode->diags, DIAG_WARNING, "unknown-trait", &type->span,
              "a trait of type %s has no effect: %s",
              diag_quoted(type->text, decode->arena),
              decode_expected(decode, type->text, type_names, TYPES_COUNT));
}

static void decode_trait(struct decode *decode, const struct tree_node *node,
                         struct draft *draft)
{
    const struct tree_node *values[DECODE_KEYS_MAX];
    const char *type;
    size_t i = 0;

    if (!decode_object(decode, node, &trait_shape, values)) {
        return;
    }
    type = decode_text(decode, values[TRAIT_TYPE], "'type'");
    if (type == NULL) {
        return;
    }
    while (i < TYPES_COUNT && strcmp(type_names[i], type) != 0) {
        i++;
    }
    if (strcmp(type, "linkdef") == 0) {
        decode_old_linkdef(decode, values[TRAIT_TYPE], values[TRAIT_PROPERTIES],
                           draft->component->name);
    } else if (i == TYPES_COUNT) {
        report_unknown_type(decode, values[TRAIT_TYPE]);
    } else {
        type_readers[i](decode, node, values[TRAIT_PROPERTIES], draft);
    }
}

/* Count the traits in node; false when they are too many, which is reported once. */
static bool count_traits(struct decode *decode, const struct tree_node *node,
                         size_t count)
{
    const bool was_within = decode->traits_count <= TRAITS_MAX;

    decode->traits_count += count;
    if (decode->traits_count <= TRAITS_MAX) {
        return true;
    }
    if (was_within) {
        diags_add(decode->diags, DIAG_ERROR, "limit", &node->span,
                  "%zu traits so far: expected at most %d in one application",
                  decode->traits_count, TRAITS_MAX);
    }
    return false;
}

void decode_traits(struct decode *decode, const struct tree_node *node,
                   struct oam_component *component)
{
    struct draft draft = {.component = component};
    size_t count;

    if (!decode_is_given(node)) {
        return;
    }
    count = decode_list(decode, node, "'traits'");
    if (!count_traits(decode, node, count)) {
        return;
    }
    draft.links = arena_array(decode->arena, count, sizeof *draft.links);
    for (size_t i = 0; i < count; i++) {
        decode_trait(decode, node->items[i], &draft);
    }
    component->links = draft.links;
    component->links_count = draft.links_count;
}
