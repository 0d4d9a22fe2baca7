/*
 * Trees that look like applications, without a text: each byte decides what stands where
 * the language has a choice, or puts there what it does not have.  So the decoder and the
 * rules are reached by short inputs.  What is accepted has a canonical text that is, too.
 */
#include <stdlib.h>
#include <string.h>

#include "manifest/canon.h"
#include "manifest/decode.h"
#include "manifest/decode_merge.h"
#include "manifest/manifest.h"
#include "manifest/tree_keys.h"
#include "manifest/validate.h"
#include "test/fuzz/fuzz.h"

#define TEXT_BYTES ((size_t)4 * 1024 * 1024)
#define NODES_MAX  ((size_t)2000)
#define DEPTH_MAX  ((size_t)24)
#define SLOTS_MAX  8

/* The parts of a manifest: each is a mapping, a list, or one of some words. */
enum part {
    PART_APPLICATION,
    PART_METADATA,
    PART_SPEC,
    PART_COMPONENTS,
    PART_COMPONENT,
    PART_WORKLOAD,
    PART_SHARED,
    PART_CONFIGS,
    PART_CONFIG,
    PART_SECRETS,
    PART_SECRET,
    PART_FETCH,
    PART_POLICIES,
    PART_POLICY,
    PART_TRAITS,
    PART_LINK_TRAIT,
    PART_LINK,
    PART_END,
    PART_SCALER_TRAIT,
    PART_SCALER,
    PART_SPREADS,
    PART_SPREAD,
    PART_STRINGS,
    PART_INTERFACES,
    PART_NAME,
    PART_TYPE,
    PART_POLICY_TYPE,
    PART_SCALER_TYPE,
    PART_LINK_TYPE,
    PART_NUMBER,
    PART_INTERFACE,
    PART_TEXT,
    PARTS_COUNT,
};

/* A key and what belongs there; in a list, what its items are. */
struct slot {
    const char *key;
    enum part part;
};

static const struct grammar {
    enum tree_kind kind;
    struct slot slots[SLOTS_MAX + 1]; /* of a mapping; a list has one */
    const char *words[SLOTS_MAX + 1]; /* that a scalar may be */
} grammars[PARTS_COUNT] = {
    [PART_APPLICATION] = {.kind = TREE_MAPPING,
                          .slots = {{"apiVersion", PART_TEXT},
                                    {"kind", PART_TEXT},
                                    {"metadata", PART_METADATA},
                                    {"spec", PART_SPEC}}},
    [PART_METADATA] = {.kind = TREE_MAPPING,
                       .slots = {{"name", PART_NAME},
                                 {"annotations", PART_STRINGS},
                                 {"labels", PART_STRINGS}}},
    [PART_SPEC] = {.kind = TREE_MAPPING,
                   .slots = {{"components", PART_COMPONENTS},
                             {"policies", PART_POLICIES}}},
    [PART_COMPONENTS] = {.kind = TREE_SEQUENCE, .slots = {{NULL, PART_COMPONENT}}},
    [PART_COMPONENT] = {.kind = TREE_MAPPING,
                        .slots = {{"name", PART_NAME},
                                  {"type", PART_TYPE},
                                  {"properties", PART_WORKLOAD},
                                  {"traits", PART_TRAITS}}},
    [PART_WORKLOAD] = {.kind = TREE_MAPPING,
                       .slots = {{"image", PART_TEXT},
                                 {"id", PART_NAME},
                                 {"config", PART_CONFIGS},
                                 {"secrets", PART_SECRETS},
                                 {"application", PART_SHARED}}},
    [PART_SHARED] = {.kind = TREE_MAPPING,
                     .slots = {{"name", PART_NAME}, {"component", PART_NAME}}},
    [PART_CONFIGS] = {.kind = TREE_SEQUENCE, .slots = {{NULL, PART_CONFIG}}},
    [PART_CONFIG] = {.kind = TREE_MAPPING,
                     .slots = {{"name", PART_NAME}, {"properties", PART_STRINGS}}},
    [PART_SECRETS] = {.kind = TREE_SEQUENCE, .slots = {{NULL, PART_SECRET}}},
    [PART_SECRET] = {.kind = TREE_MAPPING,
                     .slots = {{"name", PART_NAME}, {"properties", PART_FETCH}}},
    [PART_FETCH] = {.kind = TREE_MAPPING,
                    .slots = {{"policy", PART_NAME},
                              {"key", PART_TEXT},
                              {"field", PART_TEXT},
                              {"version", PART_TEXT}}},
    [PART_POLICIES] = {.kind = TREE_SEQUENCE, .slots = {{NULL, PART_POLICY}}},
    [PART_POLICY] = {.kind = TREE_MAPPING,
                     .slots = {{"name", PART_NAME},
                               {"type", PART_POLICY_TYPE},
                               {"properties", PART_STRINGS}}},
    [PART_TRAITS] = {.kind = TREE_SEQUENCE, .slots = {{NULL, PART_LINK_TRAIT}}},
    [PART_LINK_TRAIT] = {.kind = TREE_MAPPING,
                         .slots = {{"type", PART_LINK_TYPE}, {"properties", PART_LINK}}},
    [PART_LINK] = {.kind = TREE_MAPPING,
                   .slots = {{"namespace", PART_NAME},
                             {"package", PART_NAME},
                             {"interfaces", PART_INTERFACES},
                             {"target", PART_END},
                             {"source", PART_END},
                             {"name", PART_NAME},
                             {"target_config", PART_CONFIGS},
                             {"source_config", PART_CONFIGS}}},
    [PART_END] = {.kind = TREE_MAPPING,
                  .slots = {{"name", PART_NAME},
                            {"config", PART_CONFIGS},
                            {"secrets", PART_SECRETS}}},
    [PART_SCALER_TRAIT] = {.kind = TREE_MAPPING,
                           .slots = {{"type", PART_SCALER_TYPE},
                                     {"properties", PART_SCALER}}},
    [PART_SCALER] = {.kind = TREE_MAPPING,
                     .slots = {{"instances", PART_NUMBER},
                               {"spread", PART_SPREADS},
                               {"replicas", PART_NUMBER}}},
    [PART_SPREADS] = {.kind = TREE_SEQUENCE, .slots = {{NULL, PART_SPREAD}}},
    [PART_SPREAD] = {.kind = TREE_MAPPING,
                     .slots = {{"name", PART_NAME},
                               {"requirements", PART_STRINGS},
                               {"weight", PART_NUMBER}}},
    [PART_STRINGS] = {.kind = TREE_MAPPING,
                      .slots = {{"backend", PART_TEXT},
                                {"version", PART_TEXT},
                                {"k", PART_TEXT},
                                {"a.b/c", PART_TEXT}}},
    [PART_INTERFACES] = {.kind = TREE_SEQUENCE, .slots = {{NULL, PART_INTERFACE}}},
    [PART_NAME] = {.kind = TREE_SCALAR,
                   .words = {"a", "b", "c-d", "wasi", "http", "a b"}},
    [PART_TYPE] = {.kind = TREE_SCALAR,
                   .words = {"component", "capability", "actor", "actr"}},
    [PART_POLICY_TYPE] = {.kind = TREE_SCALAR,
                          .words = {"policy.secret.wasmcloud.dev/v1alpha1", "other"}},
    [PART_SCALER_TYPE] = {.kind = TREE_SCALAR,
                          .words = {"spreadscaler", "daemonscaler", "spreadscalar"}},
    [PART_LINK_TYPE] = {.kind = TREE_SCALAR, .words = {"link", "linkdef"}},
    [PART_NUMBER] = {.kind = TREE_SCALAR,
                     .words = {"1", "0", "0x1F", "4294967296", "-1", "1.0", "1_0"}},
    [PART_INTERFACE] = {.kind = TREE_SCALAR,
                        .words = {"incoming-handler", "store", "stor", "\xc3\xa9"}},
    [PART_TEXT] = {.kind = TREE_SCALAR,
                   .words = {"x", "", "null", "true", "latest", "a: #\n b", "1.5"}},
};

/* The bytes that are left; when there are none, every choice is the first one. */
struct source {
    const uint8_t *data;
    size_t size;
    size_t nodes_count;
    struct arena *arena;
};

static void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

static unsigned int next(struct source *source)
{
    if (source->size == 0) {
        return 0;
    }
    source->size--;
    return *source->data++;
}

static struct tree_node *node_new(struct source *source, enum tree_kind kind)
{
    struct tree_node *node = arena_alloc(source->arena, sizeof *node);
    const struct place place = {.line = (uint32_t)++source->nodes_count, .column = 1};

    node->kind = kind;
    node->span = (struct span){.start = place, .end = place};
    return node;
}

static struct tree_node *scalar_new(struct source *source, const char *text,
                                    bool is_plain)
{
    struct tree_node *node = node_new(source, TREE_SCALAR);

    node->text = text;
    node->length = (uint32_t)strlen(text);
    node->is_plain = is_plain;
    return node;
}

static size_t count_slots(const struct grammar *grammar)
{
    size_t count = 0;

    while (grammar->slots[count].key != NULL) {
        count++;
    }
    return count;
}

static struct tree_node *word(struct source *source, const struct grammar *grammar)
{
    const unsigned int choice = next(source);
    size_t count = 1; /* none has no words */

    while (grammar->words[count] != NULL) {
        count++;
    }
    return scalar_new(source, grammar->words[choice % count], choice < 128);
}

static struct tree_node *build(struct source *source, enum part part, size_t depth);

// NOLINTNEXTLINE(misc-no-recursion): the depth is capped by DEPTH_MAX
static struct tree_node *list(struct source *source, enum part item, size_t depth)
{
    struct tree_node *node = node_new(source, TREE_SEQUENCE);
    const unsigned int choice = next(source);

    node->count = choice % 5;
    node->items = arena_array(source->arena, node->count, sizeof(struct tree_node *));
    for (size_t i = 0; i < node->count; i++) {
        const bool is_scaler = item == PART_LINK_TRAIT && next(source) % 2 == 1;

        node->items[i] = build(source, is_scaler ? PART_SCALER_TRAIT : item, depth + 1);
    }
    return node;
}

/* The bits of one byte say which keys are left out; a second one adds a strange key. */
// NOLINTNEXTLINE(misc-no-recursion): the depth is capped by DEPTH_MAX
static struct tree_node *mapping(struct source *source, const struct grammar *grammar,
                                 size_t depth)
{
    const size_t slots_count = count_slots(grammar);
    struct tree_node *node = node_new(source, TREE_MAPPING);
    const unsigned int absent = next(source);
    const unsigned int strange = next(source);

    node->items =
        arena_array(source->arena, 2 * (slots_count + 1), sizeof(struct tree_node *));
    for (size_t i = 0; i < slots_count; i++) {
        if ((absent >> i & 1) == 0) {
            node->items[node->count++] = scalar_new(source, grammar->slots[i].key, true);
            node->items[node->count++] = build(source, grammar->slots[i].part, depth + 1);
        }
    }
    if (strange % 8 == 7) {
        node->items[node->count++] = build(source, PART_NAME, depth + 1);
        node->items[node->count++] = build(source, PART_TEXT, depth + 1);
    }
    return node;
}

/* What belongs to part, or, one time in 16, to another one. */
// NOLINTNEXTLINE(misc-no-recursion): the depth is capped by DEPTH_MAX
static struct tree_node *build(struct source *source, enum part part, size_t depth)
{
    const struct grammar *grammar = &grammars[part];

    if (next(source) % 16 == 15) {
        grammar = &grammars[next(source) % PARTS_COUNT];
    }
    if (depth == DEPTH_MAX || source->nodes_count > NODES_MAX) {
        return scalar_new(source, "", true);
    }
    switch (grammar->kind) {
    case TREE_SCALAR:
        return word(source, grammar);
    case TREE_SEQUENCE:
        return list(source, grammar->slots[0].part, depth);
    case TREE_MAPPING:
        return mapping(source, grammar, depth);
    }
    abort();
}

// NOLINTNEXTLINE(misc-no-recursion): the depth is capped by DEPTH_MAX
static void check_keys(const struct tree_node *node, struct arena *arena,
                       struct diags *diags)
{
    if (node->kind == TREE_SCALAR) {
        return;
    }
    if (node->kind == TREE_MAPPING) {
        tree_keys_check(node, arena, diags);
    }
    for (size_t i = 0; i < node->count; i++) {
        check_keys(node->items[i], arena, diags);
    }
}

static const char *canon_of(const struct oam_application *application,
                            struct arena *arena)
{
    struct text text;

    text_init(&text, arena, TEXT_BYTES);
    canon_print(application, &text);
    require(!text.is_cut);
    return text.bytes;
}

static void check_canon(const char *canon, struct arena *arena)
{
    struct manifest manifest;
    struct diags diags;
    struct err err;

    diags_init(&diags, arena, "canon");
    require(manifest_read(canon, strlen(canon), "canon", arena, &diags, &manifest,
                          &err) == ERR_OK);
    require(manifest.applications_count == 1);
    require(strcmp(canon_of(&manifest.applications[0], arena), canon) == 0);
}

static void check_findings(const struct diags *diags, size_t nodes_count)
{
    for (size_t i = 0; i < diags->count; i++) {
        const struct diag *diag = &diags->items[i];

        require(diag->span.start.line > 0 && diag->span.start.line <= nodes_count);
        require(diag->message[0] != '\0');
        require(diag->note == NULL || diag->note_span.start.line > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct source source = {.data = data, .size = size, .arena = &arena};
    const struct tree_node *root = build(&source, PART_APPLICATION, 0);
    struct oam_application application;
    struct diags diags;
    struct decode decode = {.arena = &arena, .diags = &diags};

    diags_init(&diags, &arena, "fuzz");
    check_keys(root, &arena, &diags);
    decode_application(&decode, root, &application);
    validate_application(&application, &diags);
    check_findings(&diags, source.nodes_count);
    if (diags.errors_count == 0) {
        decode_merge_links(&application, &arena);
        check_canon(canon_of(&application, &arena), &arena);
    }
    arena_free(&arena);
    return 0;
}
