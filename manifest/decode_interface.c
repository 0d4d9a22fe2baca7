#include "manifest/decode_interface.h"

#include <stdlib.h>
#include <string.h>

#include "manifest/limits.h"

#define KNOWN_MAX ((size_t)4)

/*
 * The packages of the namespaces that are well known.
 *
 * Source: wadm-types 0.8.3 validation.rs.
 */
static const struct package {
    const char *wit_namespace;
    const char *name;
    const char *interfaces[KNOWN_MAX + 1]; /* NULL behind the last */
} packages[] = {
    {"wasi", "blobstore", {"blobstore"}},
    {"wasi", "config", {"runtime"}},
    {"wasi", "http", {"incoming-handler", "outgoing-handler"}},
    {"wasi", "keyvalue", {"atomics", "store", "batch", "watch"}},
    {"wasi", "logging", {"logging"}},
    {"wasmcloud", "messaging", {"consumer", "handler"}},
    {"wrpc", "blobstore", {"blobstore"}},
    {"wrpc", "http", {"incoming-handler", "outgoing-handler"}},
    {"wrpc", "keyvalue", {"atomics", "store"}},
};

#define PACKAGES_COUNT (sizeof packages / sizeof *packages)

/* An item of the list, to find those of one name with. */
struct entry {
    const char *name;
    const struct tree_node *node;
    size_t index;
};

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;
    const int order = strcmp(a->name, b->name);

    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

static void report_repeated(struct decode *decode, struct entry *entries, size_t count)
{
    if (count > 1) {
        qsort(entries, count, sizeof *entries, compare_entries);
    }
    for (size_t i = 1; i < count; i++) {
        if (strcmp(entries[i - 1].name, entries[i].name) == 0 &&
            !diags_drop(decode->diags, DIAG_ERROR)) {
            diags_add(decode->diags, DIAG_ERROR, "duplicate-interface",
                      &entries[i].node->span,
                      "interface %s is listed twice: expected "
                      "it once",
                      diag_quoted(entries[i].name, decode->arena));
        }
    }
}

static const struct package *find_package(const struct oam_link *link)
{
    for (size_t i = 0; i < PACKAGES_COUNT; i++) {
        if (strcmp(packages[i].wit_namespace, link->wit_namespace) == 0 &&
            strcmp(packages[i].name, link->wit_package) == 0) {
            return &packages[i];
        }
    }
    return NULL;
}

/* Report a package that is unknown in a namespace that is not. */
static void check_package(struct decode *decode, const struct tree_node *node,
                          const struct oam_link *link)
{
    const char *names[PACKAGES_COUNT];
    size_t count = 0;

    for (size_t i = 0; i < PACKAGES_COUNT; i++) {
        if (strcmp(packages[i].wit_namespace, link->wit_namespace) == 0) {
            names[count++] = packages[i].name;
        }
    }
    if (count > 0 && !diags_drop(decode->diags, DIAG_WARNING)) {
        diags_add(decode->diags, DIAG_WARNING, "unknown-interface", &node->span,
                  "package %s is not a known one of '%s': %s",
                  diag_quoted(link->wit_package, decode->arena), link->wit_namespace,
                  decode_expected(decode, link->wit_package, names, count));
    }
}

static void check_interface(struct decode *decode, const struct tree_node *node,
                            const struct package *package)
{
    size_t count = 0;

    while (package->interfaces[count] != NULL) {
        if (strcmp(package->interfaces[count], node->text) == 0) {
            return;
        }
        count++;
    }
    if (diags_drop(decode->diags, DIAG_WARNING)) {
        return;
    }
    diags_add(decode->diags, DIAG_WARNING, "unknown-interface", &node->span,
              "interface %s is not a known one of '%s:%s': %s",
              diag_quoted(node->text, decode->arena), package->wit_namespace,
              package->name,
              decode_expected(decode, node->text, package->interfaces, count));
}

/* What is no list is reported as that. */
static void report_empty(struct decode *decode, const struct tree_node *node)
{
    if (node != NULL && node->kind == TREE_SEQUENCE && node->count == 0) {
        diags_add(decode->diags, DIAG_WARNING, "empty-interfaces", &node->span,
                  "a link without interfaces is never used: expected some");
    }
}

/* How many items the list node has; none, with a finding, when they are too many. */
static size_t count_interfaces(struct decode *decode, const struct tree_node *node)
{
    const size_t count = decode_list(decode, node, "'interfaces'");

    if (count <= INTERFACES_MAX) {
        return count;
    }
    diags_add(decode->diags, DIAG_ERROR, "limit", &node->span,
              "%zu interfaces in one link: expected at most %d", count, INTERFACES_MAX);
    return 0;
}

struct names decode_interfaces(struct decode *decode, const struct tree_node *node,
                               const struct tree_node *package_node,
                               const struct oam_link *link)
{
    const size_t length = count_interfaces(decode, node);
    const char **items = arena_array(decode->arena, length, sizeof(char *));
    struct entry *entries = arena_array(decode->arena, length, sizeof *entries);
    const struct package *package = NULL;
    size_t count = 0;

    if (link->wit_namespace != NULL && link->wit_package != NULL) {
        package = find_package(link);
        if (package == NULL) {
            check_package(decode, package_node, link);
        }
    }
    if (length == 0) {
        report_empty(decode, node);
    }
    for (size_t i = 0; i < length; i++) {
        items[count] = decode_string(decode, node->items[i], "an interface");
        if (items[count] == NULL) {
            continue;
        }
        if (package != NULL) {
            check_interface(decode, node->items[i], package);
        }
        entries[count] = (struct entry){items[count], node->items[i], i};
        count++;
    }
    report_repeated(decode, entries, count);
    return (struct names){.items = items, .count = count};
}
