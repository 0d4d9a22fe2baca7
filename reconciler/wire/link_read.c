#include "reconciler/wire/link_read.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The field key of item as a set: sorted, none twice. */
static struct names find_set(struct json_reader *reader, json_t *item, const char *key)
{
    const struct names names = json_find_names(reader, item, key);
    const char **set = arena_array(reader->arena, names.count, sizeof *set);
    size_t count = 0;

    if (names.count == 0) {
        return names;
    }
    memcpy(set, names.items, names.count * sizeof *set);
    qsort(set, names.count, sizeof *set, compare_names);
    for (size_t i = 0; i < names.count; i++) {
        if (count == 0 || strcmp(set[count - 1], set[i]) != 0) {
            set[count++] = set[i];
        }
    }
    return (struct names){.items = set, .count = count};
}

struct link link_read(struct json_reader *reader, json_t *item)
{
    static const char *const required[] = {"source_id", "target", "wit_namespace",
                                           "wit_package", "interfaces"};

    for (size_t i = 0; i < sizeof required / sizeof *required; i++) {
        json_require(reader, item, required[i]);
    }
    return (struct link){
        .source_id = json_find_text(reader, item, "source_id", ""),
        .target = json_find_text(reader, item, "target", ""),
        .name = json_find_text(reader, item, "name", "default"),
        .wit_namespace = json_find_text(reader, item, "wit_namespace", ""),
        .wit_package = json_find_text(reader, item, "wit_package", ""),
        .interfaces = find_set(reader, item, "interfaces"),
        .source_config = json_find_names(reader, item, "source_config"),
        .target_config = json_find_names(reader, item, "target_config"),
    };
}
