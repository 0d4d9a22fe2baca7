#include "reconciler/core/inventory_digest.h"

#include "manifest/hash.h"

/* Of a workload, and of a label: they are not to make up for each other. */
#define SEED_WORKLOAD 1
#define SEED_LABEL    2

static uint64_t not_zero(uint64_t digest)
{
    return digest != 0 ? digest : 1;
}

uint64_t workload_digest(const struct host_workload *workload)
{
    const uint32_t numbers[2] = {(uint32_t)workload->kind, workload->count};
    uint64_t digest = hash_bytes(numbers, sizeof numbers, SEED_WORKLOAD);

    digest = hash_text(workload->id, digest);
    digest = hash_text(workload->image, digest);
    digest = hash_text(workload->application, digest);
    return not_zero(hash_text(workload->manager, digest));
}

uint64_t inventory_digest(const struct inventory *inventory)
{
    uint64_t digest = inventory->workloads_count;

    for (size_t i = 0; i < inventory->workloads_count; i++) {
        digest += inventory->workloads[i].digest;
    }
    for (size_t i = 0; i < inventory->labels.count; i++) {
        const struct property *label = &inventory->labels.items[i];

        digest += hash_text(label->value, hash_text(label->key, SEED_LABEL));
    }
    return not_zero(digest);
}
