#include "manifest/migrate_read.h"

#include <string.h>

#define COMMENTS_BYTES_MAX ((size_t)64 * 1024)

/* A linkdef that is being read. */
struct reading {
    const struct migrate_linkdef *linkdef;
    const struct edits *edits;
    struct diags *diags;
    struct migrate_link link;
    struct text comments; /* of the linkdef, but not those of a value */
    size_t offset;        /* up to where all has been read */
};

static bool refuse(struct reading *reading, const struct tree_node *node,
                   const char *message)
{
    diags_add(reading->diags, DIAG_ERROR, "old-trait", &node->span, "%s", message);
    return false;
}

static const char *quoted(const struct reading *reading, const char *text)
{
    return diag_quoted(text, reading->edits->arena);
}

/* Append the comments that have lines of their own from where reading is up to node. */
static void take_comments(struct reading *reading, const struct tree_node *node,
                          struct text *text)
{
    const struct edits *edits = reading->edits;
    const size_t end = edit_line(edits, edit_start(edits, node));
    size_t line = edit_next_line(edits, reading->offset);

    while (line < end) {
        const size_t next = edit_next_line(edits, line);

        if (edit_is_comment(edits, line)) {
            const size_t blanks = strspn(edits->text + line, " \t");

            text_append_bytes(text, edits->text + line + blanks, next - line - blanks);
        }
        line = next;
    }
}

/* Go on behind node, unless an alias has it elsewhere. */
static void pass(struct reading *reading, const struct tree_node *node)
{
    if (edit_is_inside(reading->edits, reading->linkdef->trait, node)) {
        reading->offset = edit_end(reading->edits, node);
    }
}

/* The scalar as it is written, if that is on one line, and else in double quotes. */
static const char *text_of(const struct reading *reading, const struct tree_node *scalar)
{
    const struct edits *edits = reading->edits;
    const size_t start = edit_start(edits, scalar);
    const size_t length = edit_end(edits, scalar) - start;
    struct text text;

    if (edit_is_inside(edits, reading->linkdef->trait, scalar) && length > 0 &&
        strchr("&!|>", edits->text[start]) == NULL &&
        memchr(edits->text + start, '\n', length) == NULL &&
        tree_scalar_type(scalar) == TREE_STRING) {
        return arena_text(edits->arena, edits->text + start, length);
    }
    text_init(&text, edits->arena, 6 * (size_t)scalar->length + 3);
    text_append_json(&text, scalar->text);
    return text.bytes;
}

/* The comment behind node, with the blanks before it; what is behind the trait stays. */
static const char *rest_of(const struct reading *reading, const struct tree_node *node)
{
    const struct edits *edits = reading->edits;
    const size_t end = edit_end(edits, node);
    const size_t blanks = strspn(edits->text + end, " \t");
    const char *comment = edits->text + end + blanks;

    if (blanks == 0 || *comment != '#' ||
        !edit_is_inside(edits, reading->linkdef->trait, node)) {
        return "";
    }
    return arena_text(edits->arena, edits->text + end, blanks + strcspn(comment, "\r\n"));
}

static bool read_value(struct reading *reading, const struct tree_node *key,
                       const struct tree_node *node)
{
    struct migrate_value *value = &reading->link.values[reading->link.values_count++];
    struct text comments;

    value->value = key->kind == TREE_SCALAR
                       ? decode_old_value(reading->link.contract, key->text)
                       : NULL;
    if (value->value == NULL) {
        return refuse(
            reading, key,
            arena_print(reading->edits->arena,
                        "nobody can say what %s is to the providers of '%s' "
                        "now: expected a 'link' with what they read",
                        key->kind == TREE_SCALAR ? quoted(reading, key->text) : "this",
                        reading->link.contract->id));
    }
    if (node->kind != TREE_SCALAR || !decode_is_given(node)) {
        return refuse(reading, node, "a value of a linkdef is no text: expected one");
    }
    text_init(&comments, reading->edits->arena, COMMENTS_BYTES_MAX);
    take_comments(reading, key, &comments);
    value->comments = comments.bytes;
    value->string = node->text;
    value->text = text_of(reading, node);
    value->rest = rest_of(reading, node);
    value->is_last = edit_end(reading->edits, node) ==
                     edit_end(reading->edits, reading->linkdef->trait);
    pass(reading, node);
    return true;
}

static bool read_values(struct reading *reading, const struct tree_node *values)
{
    if (!decode_is_given(values)) {
        return true;
    }
    if (values->kind != TREE_MAPPING) {
        return refuse(reading, values,
                      "the values of a linkdef are no mapping: expected one");
    }
    reading->link.values = arena_array(reading->edits->arena, values->count / 2,
                                       sizeof *reading->link.values);
    for (size_t i = 0; i < values->count; i += 2) {
        if (!read_value(reading, values->items[i], values->items[i + 1])) {
            return false;
        }
    }
    return true;
}

static bool read_property(struct reading *reading, const struct tree_node *key,
                          const struct tree_node *value)
{
    const char *name = key->kind == TREE_SCALAR ? key->text : "";

    take_comments(reading, key, &reading->comments);
    pass(reading, key);
    if (strcmp(name, "values") == 0) {
        return read_values(reading, value);
    }
    if (strcmp(name, "target") != 0) {
        return refuse(reading, key,
                      "a linkdef has only 'target' and 'values': expected a 'link' with "
                      "what this is");
    }
    pass(reading, value);
    return true;
}

static bool read_properties(struct reading *reading, const struct tree_node *properties)
{
    bool is_read = true;

    for (size_t i = 0; is_read && i < properties->count; i += 2) {
        is_read = read_property(reading, properties->items[i], properties->items[i + 1]);
    }
    return is_read;
}

static bool read_trait(struct reading *reading)
{
    const struct tree_node *trait = reading->linkdef->trait;
    bool is_read = true;

    for (size_t i = 0; is_read && i < trait->count; i += 2) {
        const struct tree_node *key = trait->items[i];

        take_comments(reading, key, &reading->comments);
        pass(reading, key);
        if (key->kind == TREE_SCALAR && strcmp(key->text, "properties") == 0) {
            is_read = read_properties(reading, trait->items[i + 1]);
        } else {
            pass(reading, trait->items[i + 1]);
        }
    }
    return is_read;
}

/* Whether there is a component, a provider, and a contract between them. */
static bool read_ends(struct reading *reading)
{
    const struct migrate_linkdef *linkdef = reading->linkdef;
    const char *target = decode_old_target(tree_find(linkdef->trait, "properties"));

    if (target == NULL || linkdef->component == NULL) {
        return refuse(reading, linkdef->type,
                      "a linkdef that names no target, or stands in a component without "
                      "a name: expected both");
    }
    if (linkdef->provider == NULL) {
        return refuse(reading, linkdef->type,
                      arena_print(reading->edits->arena,
                                  "a linkdef to %s, which is no component: expected one "
                                  "of that name",
                                  quoted(reading, target)));
    }
    reading->link.contract = decode_old_contract(linkdef->provider);
    if (reading->link.contract == NULL) {
        return refuse(reading, linkdef->type,
                      arena_print(reading->edits->arena,
                                  "nobody can say which interfaces %s has: expected a "
                                  "'link' with 'namespace', 'package' and 'interfaces'",
                                  quoted(reading, target)));
    }
    reading->link.component = linkdef->component;
    reading->link.provider = target;
    return true;
}

/* The name that all links to the provider had; NULL when it is default. */
static const char *name_of(const struct tree_node *provider)
{
    const struct tree_node *properties = tree_find(provider, "properties");
    const struct tree_node *name =
        properties == NULL ? NULL : tree_find(properties, "link_name");

    return name == NULL || name->kind != TREE_SCALAR || !decode_is_given(name) ||
                   strcmp(name->text, "default") == 0
               ? NULL
               : name->text;
}

bool migrate_read(const struct migrate_linkdef *linkdef, const struct edits *edits,
                  struct diags *diags, struct migrate_link *ret_link)
{
    struct reading reading = {
        .linkdef = linkdef,
        .edits = edits,
        .diags = diags,
        .offset = edit_start(edits, linkdef->trait),
    };

    text_init(&reading.comments, edits->arena, COMMENTS_BYTES_MAX);
    if (!read_ends(&reading)) {
        return false;
    }
    if (reading.link.contract->wit_package != NULL && !read_trait(&reading)) {
        return false;
    }
    reading.link.name = name_of(linkdef->provider);
    reading.link.comments = reading.comments.bytes;
    *ret_link = reading.link;
    return true;
}
