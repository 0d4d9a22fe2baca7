/*
 * sighting.h - what has been seen to happen to a config or a link, as far as what is
 * there now does not tell.  Internal to core/.
 */
#ifndef RECONCILER_CORE_SIGHTING_H
#define RECONCILER_CORE_SIGHTING_H

#include <stdbool.h>
#include <stdint.h>

#define CONFIG_DIGEST_BYTES 17 /* 16 digits and the NUL */

/* Of a link, since it was planned, but for the last five.  Bits: links are many. */
struct sighting {
    bool has_vanished : 1; /* it was gone, if only for a moment */
    bool has_returned : 1; /* it was put, and not by us, and hosts heard of it */
    bool is_early : 1;     /* it was put while a provider started */
    bool is_amid : 1;  /* it was put while a mutation of ours was under way; see loss.h */
    bool was_here : 1; /* in the bucket that there is now, ever; see deaf.h */
    bool is_known : 1; /* this engine has looked at it */
    bool is_held : 1;  /* it was in the bucket before, and providers have it still */
    bool is_late : 1;  /* one that is not there may take it amid others; see behind.h */
    bool is_sent : 1;  /* the ledger has it as it was sent, not as it was seen since */
    bool may_go : 1;   /* a delete of it was not answered, and may come yet */
};

/* Of an entry, in its bucket: see deaf.h. */
struct number {
    uint64_t told;  /* 0: not known */
    uint64_t flown; /* of when a config was put again; 0: it was not there as wanted */
    bool is_mover;  /* put again to move the bucket on */
};

#endif
