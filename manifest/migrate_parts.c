#include "manifest/migrate_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/limits.h"
#include "manifest/migrate_link.h"
#include "manifest/migrate_read.h"

/* What becomes of a component. */
struct part {
    const struct tree_node *node;
    const char *name;  /* NULL: it has none */
    size_t index;      /* in the list */
    struct text links; /* that it is to have as a provider; whole lines, or JSON */
    size_t links_count;
    size_t *removed; /* traits that it is to lose, by index */
    size_t removed_count;
    bool is_kept; /* as a provider, for something that a human has to do */
};

struct migration {
    struct edits *edits;
    struct diags *diags;
    struct part *parts;    /* in their order */
    struct part **by_name; /* those that have one */
    size_t parts_count;
    size_t named_count;
};

/* The index of key in mapping, which may be NULL; its count when there is none. */
static size_t index_of(const struct tree_node *mapping, const char *key)
{
    size_t i = 0;

    while (i < mapping->count && (mapping->items[i]->kind != TREE_SCALAR ||
                                  strcmp(mapping->items[i]->text, key) != 0)) {
        i += 2;
    }
    return i;
}

/* The text of the scalar at key in mapping; "" when there is none. */
static const char *text_at(const struct tree_node *mapping, const char *key)
{
    const struct tree_node *node = tree_find(mapping, key);

    return node != NULL && node->kind == TREE_SCALAR ? node->text : "";
}

static int compare_parts(const void *left, const void *right)
{
    const struct part *a = *(struct part *const *)left;
    const struct part *b = *(struct part *const *)right;
    const int order = strcmp(a->name, b->name);

    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

static int compare_name(const void *name, const void *part)
{
    return strcmp(name, (*(struct part *const *)part)->name);
}

static struct part *find_part(const struct migration *migration, const char *name)
{
    struct part **found = name == NULL || migration->named_count == 0
                              ? NULL
                              : bsearch(name, migration->by_name, migration->named_count,
                                        sizeof(struct part *), compare_name);

    return found == NULL ? NULL : *found;
}

static void name_parts(struct migration *migration, const struct tree_node *components)
{
    struct arena *arena = migration->edits->arena;

    migration->parts = arena_array(arena, components->count, sizeof *migration->parts);
    migration->by_name = arena_array(arena, components->count, sizeof(struct part *));
    for (size_t i = 0; i < components->count; i++) {
        struct part *part = &migration->parts[migration->parts_count];
        const char *name = text_at(components->items[i], "name");

        if (components->items[i]->kind != TREE_MAPPING) {
            continue;
        }
        *part = (struct part){.node = components->items[i], .index = i};
        text_init(&part->links, arena, MANIFEST_BYTES_MAX);
        migration->parts_count++;
        if (*name != '\0') {
            part->name = name;
            migration->by_name[migration->named_count++] = part;
        }
    }
    if (migration->named_count > 0) {
        qsort(migration->by_name, migration->named_count, sizeof(struct part *),
              compare_parts);
    }
}

/* Write scalar as word instead; what is spelt oddly is left to a human. */
static void rename(struct migration *migration, const struct tree_node *scalar,
                   const char *word)
{
    if (!edit_replace_word(migration->edits, scalar, word)) {
        diags_add(migration->diags, DIAG_ERROR, "old-key", &scalar->span,
                  "%s is written in a way that cannot be edited: expected '%s'",
                  diag_quoted(scalar->text, migration->edits->arena), word);
    }
}

/* The traits of part when they can get more of them; NULL when there are none yet. */
static const struct tree_node *traits_of(const struct part *part)
{
    const struct tree_node *traits = tree_find(part->node, "traits");

    return traits != NULL && traits->kind == TREE_SEQUENCE ? traits : NULL;
}

static const struct tree_node *trait_at(const struct part *part, size_t i)
{
    const struct tree_node *traits = traits_of(part);

    assert(traits != NULL && i < traits->count);

    return traits->items[i];
}

/* Whether what an edit would change stands where it is used, and can be found. */
static bool is_editable(const struct migration *migration, const struct part *part,
                        const struct tree_node *traits, size_t i)
{
    struct edit edit;
    const char first =
        migration->edits->text[edit_start(migration->edits, traits->items[i])];

    return edit_is_inside(migration->edits, part->node, traits) &&
           strchr("&!", first) == NULL && edit_find(migration->edits, traits, i, &edit);
}

/* Whether links can be added to the provider part. */
static bool is_open(const struct migration *migration, const struct part *part)
{
    const struct tree_node *traits = tree_find(part->node, "traits");

    return traits == NULL || (edit_is_inside(migration->edits, part->node, traits) &&
                              traits->kind == TREE_SEQUENCE && traits->count > 0);
}

/* The column of the dash of the traits of part, or of where they would have one. */
static size_t dash_column(const struct migration *migration, const struct part *part)
{
    const struct tree_node *traits = traits_of(part);

    return traits != NULL
               ? edit_column(migration->edits, edit_start(migration->edits, traits))
               : edit_column(migration->edits, edit_start(migration->edits, part->node)) +
                     2;
}

/* Whether the traits of part are, or would be, in brackets. */
static bool is_flow(const struct migration *migration, const struct part *part)
{
    const struct tree_node *traits = traits_of(part);

    return edit_is_flow(migration->edits, traits != NULL ? traits : part->node);
}

/* Where the comments begin that stand right above the item at offset, as far in. */
static size_t comments_start(const struct edits *edits, size_t offset)
{
    const size_t column = strspn(edits->text + edit_line(edits, offset), " ");
    size_t start = edit_line(edits, offset);

    while (start > 0 && edit_is_comment(edits, start - 1) &&
           strspn(edits->text + edit_line(edits, start - 1), " ") == column) {
        start = edit_line(edits, start - 1);
    }
    return start;
}

/* Append the comments right above trait, and then those in it, indented by column. */
static void print_comments(const struct edits *edits, const struct tree_node *trait,
                           const char *comments, size_t column, struct text *text)
{
    const size_t end = edit_line(edits, edit_start(edits, trait));
    size_t line = comments_start(edits, end);

    while (line < end) {
        const size_t next = edit_next_line(edits, line);
        const size_t blanks = strspn(edits->text + line, " \t");

        text_append(text, "%*s", (int)column, "");
        text_append_bytes(text, edits->text + line + blanks, next - line - blanks);
        line = next;
    }
    while (*comments != '\0') {
        const size_t length = strcspn(comments, "\n") + 1;

        text_append(text, "%*s", (int)column, "");
        text_append_bytes(text, comments, length);
        comments += length;
    }
}

/* Give the provider part the link from it, which trait was. */
static void add_link(struct migration *migration, struct part *part,
                     const struct tree_node *trait, struct migrate_link *link)
{
    const bool is_moved = link->contract->imports == NULL;

    if (part->links_count > 0) { /* an interface has one link of a name */
        link->name = link->name == NULL ? link->component
                                        : arena_print(migration->edits->arena, "%s-%s",
                                                      link->name, link->component);
    }
    part->links_count++;
    if (is_flow(migration, part)) {
        text_append(&part->links, part->links_count > 1 ? ", " : "");
        migrate_link_print_json(link, true, &part->links);
    } else {
        const size_t column = dash_column(migration, part);

        if (is_moved && !edit_is_flow(migration->edits, trait)) {
            print_comments(migration->edits, trait, link->comments, column, &part->links);
        }
        text_append(&part->links, "%*s- ", (int)column, "");
        migrate_link_print(link, true, column + 2, migration->edits->line_end,
                           &part->links);
        text_append(&part->links, "%s", migration->edits->line_end);
    }
}

/* The link in the place of the linkdef. */
static void replace_trait(struct migration *migration, const struct tree_node *trait,
                          const struct migrate_link *link)
{
    struct edits *edits = migration->edits;
    const size_t start = edit_start(edits, trait);
    struct text text;

    text_init(&text, edits->arena, MANIFEST_BYTES_MAX);
    if (edit_is_flow(edits, trait)) {
        migrate_link_print_json(link, false, &text);
    } else {
        migrate_link_print(link, false, edit_column(edits, start), edits->line_end,
                           &text);
    }
    edit_replace(edits, start, edit_end(edits, trait), text.bytes);
}

/* Make of trait i of part, which is as it was read, the links that it is. */
static void move_linkdef(struct migration *migration, struct part *part, size_t i,
                         struct migrate_link *link)
{
    const struct tree_node *trait = trait_at(part, i);
    struct part *provider = find_part(migration, link->provider);

    if (link->contract->imports != NULL) {
        replace_trait(migration, trait, link);
    } else {
        part->removed[part->removed_count++] = i;
    }
    if (migrate_link_is_reversed(link)) {
        add_link(migration, provider, trait, link);
    }
}

static void refuse(struct migration *migration, const struct tree_node *node,
                   const char *message)
{
    diags_add(migration->diags, DIAG_ERROR, "old-trait", &node->span, "%s", message);
}

/* Whether trait i of part has become something else. */
static bool migrate_linkdef(struct migration *migration, struct part *part, size_t i,
                            const struct tree_node *type)
{
    const struct tree_node *traits = traits_of(part);
    const struct tree_node *trait = trait_at(part, i);
    struct part *provider =
        find_part(migration, decode_old_target(tree_find(trait, "properties")));
    const struct migrate_linkdef linkdef = {
        .component = part->name,
        .trait = trait,
        .type = type,
        .provider = provider == NULL ? NULL : provider->node,
    };
    struct migrate_link link;

    if (decode_old_is_link(tree_find(linkdef.trait, "properties"))) {
        rename(migration, type, "link");
        return true;
    }
    if (!migrate_read(&linkdef, migration->edits, migration->diags, &link)) {
        return false;
    }
    assert(provider != NULL);
    if (!is_editable(migration, part, traits, i)) {
        refuse(migration, type,
               "this linkdef is written in a way that cannot be edited, or used in "
               "several places: expected one on lines of its own");
        return false;
    }
    if (link.contract->exports != NULL && !is_open(migration, provider)) {
        refuse(migration, tree_find(provider->node, "traits"),
               "these traits are to have a link, and cannot be edited: expected some "
               "on lines of their own, or no such key");
        return false;
    }
    move_linkdef(migration, part, i, &link);
    return true;
}

static void migrate_trait(struct migration *migration, struct part *part, size_t i)
{
    const struct tree_node *trait = trait_at(part, i);
    const struct tree_node *type = tree_find(trait, "type");
    const struct tree_node *properties = tree_find(trait, "properties");
    struct part *provider;
    size_t key;

    if (strcmp(text_at(trait, "type"), "linkdef") == 0) {
        provider = find_part(migration, decode_old_target(properties));
        if (!migrate_linkdef(migration, part, i, type) && provider != NULL) {
            provider->is_kept = true;
        }
        return;
    }
    if (properties != NULL && properties->kind == TREE_MAPPING &&
        (strcmp(text_at(trait, "type"), "spreadscaler") == 0 ||
         strcmp(text_at(trait, "type"), "daemonscaler") == 0)) {
        key = index_of(properties, "replicas");
        if (key < properties->count && tree_find(properties, "instances") == NULL) {
            rename(migration, properties->items[key], "instances");
        }
    }
}

static void migrate_part(struct migration *migration, struct part *part)
{
    const struct tree_node *traits = traits_of(part);

    if (strcmp(text_at(part->node, "type"), "actor") == 0) {
        rename(migration, tree_find(part->node, "type"), "component");
    }
    if (traits == NULL) {
        return;
    }
    part->removed =
        arena_array(migration->edits->arena, traits->count, sizeof *part->removed);
    for (size_t i = 0; i < traits->count; i++) {
        migrate_trait(migration, part, i);
    }
}

/* Take away the traits that have gone elsewhere, and the key when none is left. */
static void remove_traits(struct migration *migration, const struct part *part)
{
    const struct tree_node *traits = traits_of(part);
    struct edits *edits = migration->edits;
    struct edit edit;

    if (part->removed_count == 0) {
        return;
    }
    if (part->removed_count == traits->count && part->links_count == 0 &&
        edit_find(edits, part->node, index_of(part->node, "traits"), &edit)) {
        edit_replace(edits, edit.start, edit.end, "");
        return;
    }
    for (size_t i = 0; i < part->removed_count; i++) {
        const bool is_found = edit_find(edits, traits, part->removed[i], &edit);

        assert(is_found);
        edit_replace(edits,
                     edit_is_flow(edits, traits) ? edit.start
                                                 : comments_start(edits, edit.start),
                     edit.end, "");
    }
}

static void insert_links(struct migration *migration, const struct part *part)
{
    const struct tree_node *traits = traits_of(part);
    struct edits *edits = migration->edits;
    const size_t end = edit_end(edits, traits != NULL ? traits : part->node);
    const char *links = part->links.bytes;

    if (part->links_count == 0) {
        return;
    }
    if (!is_flow(migration, part)) {
        edit_insert_lines(edits, end - 1,
                          traits != NULL
                              ? links
                              : arena_print(edits->arena, "%*straits:%s%s",
                                            (int)dash_column(migration, part) - 2, "",
                                            edits->line_end, links));
    } else if (traits == NULL) {
        edit_replace(edits, end - 1, end - 1,
                     arena_print(edits->arena, ", \"traits\": [%s]", links));
    } else {
        const size_t last = edit_end(edits, traits->items[traits->count - 1]);

        edit_replace(edits, last, last,
                     part->removed_count < traits->count
                         ? arena_print(edits->arena, ", %s", links)
                         : links);
    }
}

static void remove_key(struct migration *migration, const struct part *part,
                       const char *key)
{
    const struct tree_node *properties = tree_find(part->node, "properties");
    const size_t i = index_of(properties, key);
    struct edit edit;

    if (i == properties->count) {
        return;
    }
    if (edit_is_inside(migration->edits, part->node, properties) &&
        edit_find(migration->edits, properties, i, &edit)) {
        edit_replace(migration->edits, edit.start, edit.end, "");
        return;
    }
    diags_add(migration->diags, DIAG_ERROR, "old-key", &properties->items[i]->span,
              "'%s' is written in a way that cannot be edited: expected no such key",
              key);
}

/* A contract that hosts fulfil: there is nothing left of such a provider. */
static bool is_of_host(const struct part *part)
{
    const struct old_contract *contract = decode_old_contract(part->node);

    return contract != NULL && contract->wit_package == NULL;
}

static void finish_part(struct migration *migration, const struct part *part)
{
    const struct tree_node *properties = tree_find(part->node, "properties");

    remove_traits(migration, part);
    insert_links(migration, part);
    if (properties == NULL || properties->kind != TREE_MAPPING || part->is_kept) {
        return;
    }
    if (is_of_host(part)) {
        diags_add(migration->diags, DIAG_ERROR, "old-key", &part->node->span,
                  "hosts bring '%s' themselves: expected no such component",
                  text_at(properties, "contract"));
        return;
    }
    remove_key(migration, part, "contract");
    remove_key(migration, part, "link_name");
}

void migrate_document(const struct tree_node *root, struct edits *edits,
                      struct diags *diags)
{
    const struct tree_node *spec = tree_find(root, "spec");
    const struct tree_node *components =
        spec == NULL ? NULL : tree_find(spec, "components");
    struct migration migration = {.edits = edits, .diags = diags};

    if (components == NULL || components->kind != TREE_SEQUENCE) {
        return;
    }
    name_parts(&migration, components);
    for (size_t i = 0; i < migration.parts_count; i++) {
        migrate_part(&migration, &migration.parts[i]);
    }
    for (size_t i = 0; i < migration.parts_count; i++) {
        finish_part(&migration, &migration.parts[i]);
    }
}
