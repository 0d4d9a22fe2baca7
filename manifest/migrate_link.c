#include "manifest/migrate_link.h"

#include <string.h>

#include "manifest/canon.h"

/* A trait that is being printed as a block. */
struct block {
    const struct migrate_link *link;
    bool is_reversed;
    size_t column;
    const char *line_end;
    struct text *text;
};

/* Whether value is for the calls in this direction. */
static bool is_of(const struct migrate_link *link, const struct migrate_value *value,
                  bool is_reversed)
{
    return value->value->is_of_handler == is_reversed ||
           (link->contract->imports == NULL && is_reversed);
}

static bool has_values(const struct migrate_link *link, bool is_reversed)
{
    for (size_t i = 0; i < link->values_count; i++) {
        if (is_of(link, &link->values[i], is_reversed)) {
            return true;
        }
    }
    return false;
}

bool migrate_link_is_reversed(const struct migrate_link *link)
{
    return link->contract->exports != NULL &&
           (link->contract->imports == NULL || has_values(link, true));
}

static const char *target_of(const struct migrate_link *link, bool is_reversed)
{
    return is_reversed ? link->component : link->provider;
}

/* Source, target, and where there may be several, the name of the link. */
static const char *config_name(const struct migrate_link *link, bool is_reversed,
                               struct arena *arena)
{
    if (is_reversed) {
        return arena_print(arena, "%s-%s", link->provider, link->component);
    }
    return arena_print(arena, "%s-%s%s%s", link->component, link->provider,
                       link->name == NULL ? "" : "-",
                       link->name == NULL ? "" : link->name);
}

static void begin_line(const struct block *block, size_t level)
{
    text_append(block->text, "%s%*s", block->line_end, (int)(block->column + 2 * level),
                "");
}

static void print_field(const struct block *block, size_t level, const char *key,
                        const char *value)
{
    begin_line(block, level);
    text_append(block->text, "%s: ", key);
    canon_print_scalar(value, block->text);
}

/* comments are lines with their ends; ours go before. */
static void print_comments(const struct block *block, size_t level, const char *comments)
{
    while (*comments != '\0') {
        const size_t length = strcspn(comments, "\r\n");

        begin_line(block, level);
        text_append_bytes(block->text, comments, length);
        comments += length;
        comments += strspn(comments, "\r\n");
    }
}

static void print_config(const struct block *block)
{
    const struct migrate_link *link = block->link;

    begin_line(block, 2);
    text_append(block->text, "config:");
    print_field(block, 3, "- name",
                config_name(link, block->is_reversed, block->text->arena));
    begin_line(block, 4);
    text_append(block->text, "properties:");
    for (size_t i = 0; i < link->values_count; i++) {
        const struct migrate_value *value = &link->values[i];

        if (is_of(link, value, block->is_reversed)) {
            print_comments(block, 5, value->comments);
            begin_line(block, 5);
            text_append(block->text, "%s: %s%s", value->value->property, value->text,
                        value->is_last && !block->is_reversed ? "" : value->rest);
        }
    }
}

static void print_ends(const struct block *block)
{
    const char *target = target_of(block->link, block->is_reversed);
    const bool has_config = has_values(block->link, block->is_reversed);

    if (block->is_reversed || !has_config) {
        print_field(block, 1, "target", target);
    }
    if (has_config) {
        begin_line(block, 1);
        text_append(block->text, block->is_reversed ? "source:" : "target:");
        if (!block->is_reversed) {
            print_field(block, 2, "name", target);
        }
        print_config(block);
    }
}

void migrate_link_print(const struct migrate_link *link, bool is_reversed, size_t column,
                        const char *line_end, struct text *text)
{
    const struct block block = {link, is_reversed, column, line_end, text};
    const struct old_contract *contract = link->contract;

    text_append(text, "type: link");
    if (!is_reversed) {
        print_comments(&block, 0, link->comments);
    }
    begin_line(&block, 0);
    text_append(text, "properties:");
    if (link->name != NULL) {
        print_field(&block, 1, "name", link->name);
    }
    print_field(&block, 1, "namespace", contract->wit_namespace);
    print_field(&block, 1, "package", contract->wit_package);
    begin_line(&block, 1);
    text_append(text, "interfaces: [%s]",
                is_reversed ? contract->exports : contract->imports);
    print_ends(&block);
}

static void print_json_field(const char *key, const char *value, struct text *text)
{
    text_append(text, "\"%s\": ", key);
    text_append_json(text, value);
}

/* A list of words with commas between them as JSON strings. */
static void print_json_list(const char *list, struct text *text)
{
    text_append(text, "\"interfaces\": [");
    while (*list != '\0') {
        const size_t length = strcspn(list, ",");

        text_append(text, "\"%.*s\"", (int)length, list);
        list += length;
        if (*list == ',') {
            text_append(text, ", ");
            list += strspn(list, ", ");
        }
    }
    text_append(text, "]");
}

static void print_json_config(const struct migrate_link *link, bool is_reversed,
                              struct text *text)
{
    const char *comma = "";

    text_append(text, "\"config\": [{");
    print_json_field("name", config_name(link, is_reversed, text->arena), text);
    text_append(text, ", \"properties\": {");
    for (size_t i = 0; i < link->values_count; i++) {
        const struct migrate_value *value = &link->values[i];

        if (is_of(link, value, is_reversed)) {
            text_append(text, "%s", comma);
            print_json_field(value->value->property, value->string, text);
            comma = ", ";
        }
    }
    text_append(text, "}}]}");
}

void migrate_link_print_json(const struct migrate_link *link, bool is_reversed,
                             struct text *text)
{
    const struct old_contract *contract = link->contract;
    const char *target = target_of(link, is_reversed);
    const bool has_config = has_values(link, is_reversed);

    text_append(text, "{\"type\": \"link\", \"properties\": {");
    if (link->name != NULL) {
        print_json_field("name", link->name, text);
        text_append(text, ", ");
    }
    print_json_field("namespace", contract->wit_namespace, text);
    text_append(text, ", ");
    print_json_field("package", contract->wit_package, text);
    text_append(text, ", ");
    print_json_list(is_reversed ? contract->exports : contract->imports, text);
    text_append(text, ", ");
    if (is_reversed || !has_config) {
        print_json_field("target", target, text);
        text_append(text, has_config ? ", " : "");
    }
    if (has_config) {
        text_append(text, is_reversed ? "\"source\": {" : "\"target\": {");
        if (!is_reversed) {
            print_json_field("name", target, text);
            text_append(text, ", ");
        }
        print_json_config(link, is_reversed, text);
    }
    text_append(text, "}}");
}
