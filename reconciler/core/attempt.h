/*
 * attempt.h - what is tried for one key: the command under way, and what became of those
 * before it.  Internal to core/.
 */
#ifndef RECONCILER_CORE_ATTEMPT_H
#define RECONCILER_CORE_ATTEMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "reconciler/core/command.h"
#include "reconciler/core/instant.h"
#include "reconciler/core/timing.h"

/* The command of a key that is on its way. */
struct flight {
    uint64_t command; /* its id; 0: none */
    struct instant expires;
    enum command_kind kind;
    bool is_accepted;
} __attribute__((packed, aligned(4)));

/* How often others undid what we had put and seen. */
struct contest {
    uint32_t count;
    bool is_on;                          /* too often in too short a time */
    struct instant first;                /* since then they are counted ... */
    struct instant last;                 /* ... until here */
    struct instant times[CONTEST_COUNT]; /* the last of them, in a ring */
};

/* What became of the commands before it. */
struct trouble {
    uint32_t failures; /* in a row, without effect */
    bool is_final;     /* the last failure will not heal by itself */
    uint8_t moots;     /* since then, in a row: what a host answered was no failure */
    struct instant at; /* not again before */
    const char *text;  /* the last failure, or moot answer, in words; NULL none */
    struct contest *contest; /* NULL: it was never undone */
};

/* Most keys have none; see retry_look. */
struct retry {
    struct trouble *trouble; /* NULL: none */
};

struct item;
struct placement;

/* Whose command it is that is in flight. */
struct flight_owner {
    uint64_t command;
    struct item *item;
    struct placement *placement; /* of a workload; else NULL */
    struct instant sent;
};

#endif
