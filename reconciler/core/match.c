#include "reconciler/core/match.h"

#include <assert.h>
#include <string.h>

#include "reconciler/core/claim.h"
#include "reconciler/core/foreign.h"
#include "reconciler/core/hosts.h"

/* The keys found so far. */
struct found {
    const struct engine *engine;
    struct arena *arena;
    struct explained_key *items;
    size_t count;
    size_t capacity;
};

/* length bytes at bytes, which end nowhere else. */
struct word {
    const char *bytes;
    size_t length;
};

/* A link as it is typed; what is not said is empty. */
struct typed_link {
    struct word source;
    struct word name;
    struct word package; /* "wasi:http" */
    struct word target;
};

const char *explained_kind_name(enum explained_kind kind)
{
    static const char *const names[] = {"application", "component", "provider",
                                        "link",        "config",    "host"};

    assert((size_t)kind < sizeof names / sizeof *names);
    return names[kind];
}

static struct word trim(const char *bytes, size_t length)
{
    while (length > 0 && bytes[0] == ' ') {
        bytes++;
        length--;
    }
    while (length > 0 && bytes[length - 1] == ' ') {
        length--;
    }
    return (struct word){bytes, length};
}

static bool is_equal(const struct word *word, const char *text)
{
    return strlen(text) == word->length && memcmp(text, word->bytes, word->length) == 0;
}

/* word is "application/name". */
static bool is_within(const struct word *word, const char *application, const char *name)
{
    const size_t length = strlen(application);
    const struct word rest = {
        .bytes = word->bytes + length + 1,
        .length = word->length > length ? word->length - length - 1 : 0,
    };

    return word->length > length + 1 && word->bytes[length] == '/' &&
           memcmp(word->bytes, application, length) == 0 && is_equal(&rest, name);
}

static bool is_named(const struct word *word, const char *application, const char *name)
{
    return is_equal(word, name) || is_within(word, application, name);
}

/* An application uses, under the name that is word, what another one runs under id. */
static bool is_shared_as(const struct engine *engine, const char *id,
                         const struct word *word)
{
    const struct application *application;

    TAILQ_FOREACH(application, &engine->applications, others)
    {
        const struct wishes *desired = &application->desired;

        for (size_t i = 0; i < desired->shared_count; i++) {
            if (strcmp(desired->shared[i].id, id) == 0 &&
                is_named(word, application->name, desired->shared[i].component)) {
                return true;
            }
        }
    }
    return false;
}

/* word calls the component or provider of id. */
static bool is_called(const struct engine *engine, const char *id,
                      const struct word *word)
{
    const struct workload_item *workload =
        (const struct workload_item *)state_find(engine, ITEM_WORKLOAD, id);
    const struct claim *claim = workload != NULL ? workload->claims : NULL;

    if (is_equal(word, id)) {
        return true;
    }
    for (; claim != NULL; claim = claim->next) {
        const struct workload_row *row = claim->row;

        if (is_named(word, claim->application->name, row->component) ||
            is_within(word, claim->application->name, id)) {
            return true;
        }
    }
    return is_shared_as(engine, id, word);
}

static void add(struct found *found, enum explained_kind kind, const char *name)
{
    found->items = arena_grow(found->arena, found->items, found->count, &found->capacity,
                              sizeof *found->items);
    found->items[found->count++] = (struct explained_key){kind, name};
}

bool match_has_kind(const struct workload_item *workload, enum workload_kind kind)
{
    const struct workload_row *row = claim_workload(workload);

    for (size_t i = 0; i < workload->placements_count; i++) {
        if (workload->placements[i]->kind == kind) {
            return true;
        }
    }
    if (row == NULL) { /* links name it, and who knows what it would be */
        return workload->placements_count == 0 && kind == WORKLOAD_COMPONENT;
    }
    return row->kind == kind;
}

/* "A -> B", "A -(wasi:http)-> B" or "A -[default wasi:http]-> B", perhaps with
 * interfaces behind the package. */
static bool read_link(const char *typed, struct typed_link *ret_link)
{
    const char *arrow = strstr(typed, "->");
    const char *open;
    struct typed_link link = {0};

    if (arrow == NULL) {
        return false;
    }
    open = typed + strcspn(typed, "([");
    link.target = trim(arrow + 2, strlen(arrow + 2));
    if (open > arrow) {
        link.source = trim(typed, (size_t)(arrow - typed));
    } else {
        const struct word inside =
            trim(open + 1, strcspn(open + 1, open[0] == '(' ? ")" : "]"));
        const char *blank = memchr(inside.bytes, ' ', inside.length);
        const char *package = blank != NULL ? blank + 1 : inside.bytes;

        link.source = trim(typed, (size_t)(open - typed));
        link.name = trim(inside.bytes, (size_t)(package - inside.bytes));
        link.package = trim(package, inside.length - (size_t)(package - inside.bytes));
        link.package.length = strcspn(link.package.bytes, "/ )]");
        if (link.source.length > 0 && link.source.bytes[link.source.length - 1] == '-') {
            link.source = trim(link.source.bytes, link.source.length - 1);
        }
    }
    *ret_link = link;
    return true;
}

static bool is_package(const struct word *word, const struct link *link)
{
    const size_t length = strlen(link->wit_namespace);
    const struct word rest = {
        .bytes = word->bytes + length + 1,
        .length = word->length > length ? word->length - length - 1 : 0,
    };

    return word->length == 0 || (word->length > length && word->bytes[length] == ':' &&
                                 memcmp(word->bytes, link->wit_namespace, length) == 0 &&
                                 is_equal(&rest, link->wit_package));
}

static bool is_meant(const struct engine *engine, const struct typed_link *typed,
                     const struct link *link)
{
    return is_called(engine, link->source_id, &typed->source) &&
           (typed->target.length == 0 ||
            is_called(engine, link->target, &typed->target)) &&
           is_package(&typed->package, link) &&
           (typed->name.length == 0 || is_equal(&typed->name, link->name));
}

/* Without an arrow: all links of a source, if nothing but links is meant. */
static void find_links(struct found *found, const char *typed, bool is_only_links)
{
    const struct item_list *sources = &found->engine->tables[ITEM_SOURCE];
    struct typed_link link = {.source = trim(typed, strlen(typed))};

    if (!read_link(typed, &link) && !is_only_links) {
        return;
    }
    for (size_t i = 0; i < sources->count; i++) {
        const struct source_item *source = (const struct source_item *)sources->items[i];

        for (size_t j = 0; j < source->links_count; j++) {
            const struct link *key = source->links[j]->key;

            if (is_meant(found->engine, &link, key)) {
                add(found, EXPLAINED_LINK, link_key(key, found->arena));
            }
        }
    }
}

static void find_workloads(struct found *found, const struct word *word,
                           enum workload_kind kind)
{
    const struct item_list *workloads = &found->engine->tables[ITEM_WORKLOAD];

    for (size_t i = 0; i < workloads->count; i++) {
        const char *id = workloads->items[i]->name;

        if (match_has_kind((const struct workload_item *)workloads->items[i], kind) &&
            is_called(found->engine, id, word)) {
            add(found,
                kind == WORKLOAD_PROVIDER ? EXPLAINED_PROVIDER : EXPLAINED_COMPONENT, id);
        }
    }
}

static void find_configs(struct found *found, const struct word *word)
{
    const struct item_list *configs = &found->engine->tables[ITEM_CONFIG];

    for (size_t i = 0; i < configs->count; i++) {
        const struct config_item *config = (const struct config_item *)configs->items[i];
        const char *name = config->item.name;
        bool is_found = is_equal(word, name);

        for (const struct claim *claim = config->claims; claim != NULL;
             claim = claim->next) {
            is_found |= is_within(word, claim->application->name, name);
        }
        if (is_found) {
            add(found, EXPLAINED_CONFIG, name);
        }
    }
}

static void find_hosts(struct found *found, const struct word *word)
{
    const struct item_list *hosts = &found->engine->tables[ITEM_HOST];

    for (size_t i = 0; i < hosts->count; i++) {
        if (is_equal(word, hosts->items[i]->name) ||
            is_equal(word, host_name((const struct host_item *)hosts->items[i]))) {
            add(found, EXPLAINED_HOST, hosts->items[i]->name);
        }
    }
}

/* One that is being removed is known by what is left of it. */
static void find_applications(struct found *found, const struct word *word)
{
    const char *name = arena_text(found->arena, word->bytes, word->length);
    struct application_status status;
    const struct application *application;
    bool is_found = false;

    TAILQ_FOREACH(application, &found->engine->applications, others)
    {
        is_found |= is_equal(word, application->name);
    }
    if (!is_found) {
        engine_status(found->engine, name, found->arena, &status);
        is_found = status.resources_count > 0;
    }
    if (is_found) {
        add(found, EXPLAINED_APPLICATION, name);
    }
}

/* The kinds that typed may be of, as bits, and what follows the word that says so. */
static unsigned int read_kinds(const char *typed, const char **ret_rest)
{
    static const struct {
        const char *word;
        unsigned int kinds;
    } words[] = {
        {"application ", 1U << EXPLAINED_APPLICATION},
        {"component ", 1U << EXPLAINED_COMPONENT},
        {"provider ", 1U << EXPLAINED_PROVIDER},
        {"link ", 1U << EXPLAINED_LINK},
        {"links ", 1U << EXPLAINED_LINK},
        {"config ", 1U << EXPLAINED_CONFIG},
        {"host ", 1U << EXPLAINED_HOST},
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const size_t length = strlen(words[i].word);

        if (strncmp(typed, words[i].word, length) == 0 &&
            strncmp(typed + length, "-> ", 3) != 0) {
            *ret_rest = typed + length;
            return words[i].kinds;
        }
    }
    *ret_rest = typed;
    return (2U << EXPLAINED_HOST) - 1;
}

size_t explain_match(const struct engine *engine, const char *typed, struct arena *arena,
                     const struct explained_key **ret_keys)
{
    struct found found = {.engine = engine, .arena = arena};
    const struct word whole = trim(typed, strlen(typed));
    const char *rest;
    const unsigned int kinds =
        read_kinds(arena_text(arena, whole.bytes, whole.length), &rest);
    const struct word word = trim(rest, strlen(rest));

    if ((kinds & 1U << EXPLAINED_APPLICATION) != 0) {
        find_applications(&found, &word);
    }
    if ((kinds & 1U << EXPLAINED_COMPONENT) != 0) {
        find_workloads(&found, &word, WORKLOAD_COMPONENT);
    }
    if ((kinds & 1U << EXPLAINED_PROVIDER) != 0) {
        find_workloads(&found, &word, WORKLOAD_PROVIDER);
    }
    if ((kinds & 1U << EXPLAINED_LINK) != 0) {
        find_links(&found, rest, kinds == 1U << EXPLAINED_LINK);
    }
    if ((kinds & 1U << EXPLAINED_CONFIG) != 0) {
        find_configs(&found, &word);
    }
    if ((kinds & 1U << EXPLAINED_HOST) != 0) {
        find_hosts(&found, &word);
    }
    *ret_keys = found.items;
    return found.count;
}

const struct link_item *match_link(const struct engine *engine, const char *key)
{
    const struct item_list *sources = &engine->tables[ITEM_SOURCE];

    for (size_t i = 0; i < sources->count; i++) {
        const struct source_item *source = (const struct source_item *)sources->items[i];
        const size_t length = strlen(source->item.name);

        for (size_t j = 0;
             strncmp(source->item.name, key, length) == 0 && j < source->links_count;
             j++) {
            struct arena arena = {0};
            const bool is_found =
                strcmp(link_key(source->links[j]->key, &arena), key) == 0;

            arena_free(&arena);
            if (is_found) {
                return source->links[j];
            }
        }
    }
    return NULL;
}
