/*
 * support_chaos_manifest.h - manifests by chance, for support_chaos.h.
 */
#ifndef TEST_SUPPORT_CHAOS_MANIFEST_H
#define TEST_SUPPORT_CHAOS_MANIFEST_H

#include <stdbool.h>

#include "manifest/text.h"
#include "reconciler/sim/prng.h"

#define CHAOS_APPLICATIONS 4 /* app0 ... */
#define CHAOS_COMPONENTS   3 /* c0 ... of each */

/* What the manifests of one seed have. */
struct chaos_manifests {
    unsigned int versions[CHAOS_APPLICATIONS];
    bool has_spreads;
    bool has_daemons;
    bool has_builtins;
    bool has_redeliver;
    bool has_rebalance;
    bool has_secrets;
    bool has_shared; /* app0 is, and others use its kv */
};

void chaos_manifests_init(struct chaos_manifests *manifests, struct sim_prng *prng);

/*
 * Append apply-text, and an application whose shape depends on its number, its size and
 * images on chance.  Each line of a part can be left out.
 */
void chaos_manifest(struct chaos_manifests *manifests, struct sim_prng *prng,
                    unsigned int number, struct text *script);

#endif
