#include "manifest/validate_keyed.h"

#include <stdlib.h>
#include <string.h>

static int compare_keys(const struct validate_keyed *a, const struct validate_keyed *b)
{
    for (size_t i = 0; i < VALIDATE_KEYS_MAX && a->keys[i] != NULL; i++) {
        const int order = strcmp(a->keys[i], b->keys[i]);

        if (order != 0) {
            return order;
        }
    }
    return 0;
}

static int compare_items(const void *left, const void *right)
{
    const struct validate_keyed *a = left;
    const struct validate_keyed *b = right;
    const int order = compare_keys(a, b);

    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

void validate_keyed_sort(struct validate_keyed *items, size_t count)
{
    if (count > 1) {
        qsort(items, count, sizeof *items, compare_items);
    }
}

size_t validate_keyed_run(const struct validate_keyed *items, size_t count)
{
    size_t run = 0;

    while (run < count && compare_keys(&items[0], &items[run]) == 0) {
        run++;
    }
    return run;
}

void validate_keyed_repeats(struct validate_keyed *items, size_t count,
                            validate_repeat *report, struct diags *diags)
{
    size_t run;

    validate_keyed_sort(items, count);
    for (size_t first = 0; first < count; first += run) {
        run = validate_keyed_run(&items[first], count - first);
        for (size_t i = first + 1; i < first + run; i++) {
            report(diags, &items[first], &items[i]);
        }
    }
}
