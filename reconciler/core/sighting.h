/*
 * sighting.h - what has been seen to happen to a config or a link, as far as what is
 * there now does not tell.  Internal to core/.
 */
#ifndef RECONCILER_CORE_SIGHTING_H
#define RECONCILER_CORE_SIGHTING_H

#include <stdbool.h>
#include <stdint.h>

#define CONFIG_DIGEST_BYTES 17 /* 16 digits and the NUL */

/* Of a link, since it was planned, but for the last five. */
struct sighting {
    bool has_vanished; /* it was gone, if only for a moment */
    bool has_returned; /* it was put, and not by us, and hosts heard of it */
    bool is_early;     /* it was put while a provider started */
    bool is_amid;      /* it was put while a mutation of ours was under way; see loss.h */
    bool was_here;     /* in the bucket that there is now, ever; see deaf.h */
    bool is_known;     /* this engine has looked at it */
    bool is_held;      /* it was in the bucket before, and providers have it still */
    bool is_late;      /* one that is not there may take it amid others; see behind.h */
    bool is_sent;      /* the ledger has it as it was sent, not as it was seen since */
    bool may_go;       /* a delete of it was not answered, and may come yet */
};

/* Of an entry, in its bucket: see deaf.h. */
struct number {
    uint64_t told;  /* 0: not known */
    uint64_t flown; /* of when a config was put again; 0: it was not there as wanted */
    bool is_mover;  /* put again to move the bucket on */
};

#endif
