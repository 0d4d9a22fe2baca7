#include "test/support_words.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define PARTS_MAX 64

struct names script_split(struct arena *arena, const char *text, char separator)
{
    const char **items = arena_array(arena, PARTS_MAX, sizeof *items);
    size_t count = 0;

    if (text[0] == '\0' || strcmp(text, "-") == 0) {
        return (struct names){items, 0};
    }
    for (;;) {
        const char *end = strchr(text, separator);
        const size_t length = end != NULL ? (size_t)(end - text) : strlen(text);

        assert(count < PARTS_MAX);
        items[count++] = arena_text(arena, text, length);
        if (end == NULL) {
            return (struct names){items, count};
        }
        text = end + 1;
    }
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct names sorted(struct names names)
{
    // NOLINTNEXTLINE(performance-no-int-to-ptr): not const, they are ours, see split
    const char **items = (const char **)(uintptr_t)names.items;

    qsort(items, names.count, sizeof *items, compare_texts);
    return names;
}

struct link script_link(struct arena *arena, const char *source, const char *target,
                        const struct names *parts)
{
    const struct names interface = script_split(arena, parts->items[0], '/');
    const struct names package = script_split(arena, interface.items[0], ':');

    return (struct link){
        .source_id = source,
        .target = target,
        .wit_namespace = package.items[0],
        .wit_package = package.items[1],
        .interfaces = sorted(script_split(arena, interface.items[1], ',')),
        .name = parts->count > 1 ? parts->items[1] : "default",
        .source_config =
            script_split(arena, parts->count > 2 ? parts->items[2] : "", ','),
        .target_config =
            script_split(arena, parts->count > 3 ? parts->items[3] : "", ','),
    };
}

struct host_workload script_workload(struct arena *arena, const char *text)
{
    const struct names at = script_split(arena, text, '@');
    const struct names equals = script_split(arena, at.items[0], '=');
    const struct names star = script_split(arena, equals.items[1], '*');

    return (struct host_workload){
        .kind = star.count > 1 ? WORKLOAD_COMPONENT : WORKLOAD_PROVIDER,
        .id = equals.items[0],
        .image = star.items[0],
        .count = star.count > 1 ? (uint32_t)strtoul(star.items[1], NULL, 10) : 1,
        .application = at.count > 1 ? at.items[1] : "",
        .manager = "",
    };
}
