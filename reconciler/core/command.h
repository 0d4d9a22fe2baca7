/*
 * command.h - what the engine can ask for.
 *
 * Commands are absolute ("scale X on H to 3") and may be repeated.  Questions change
 * nothing in the lattice.
 */
#ifndef RECONCILER_CORE_COMMAND_H
#define RECONCILER_CORE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linkstore/desired.h"
#include "manifest/text.h"

enum bucket {
    BUCKET_LINKS,   /* LATTICEDATA_{lattice}, the COMPONENT_ keys */
    BUCKET_CONFIGS, /* CONFIGDATA_{lattice} */
};

/* Its name without the lattice: "LATTICEDATA". */
const char *bucket_name(enum bucket bucket);

enum command_kind {
    COMMAND_PUT_CONFIG,
    COMMAND_DELETE_CONFIG,
    COMMAND_PUT_LINK,
    COMMAND_DELETE_LINK, /* removes the first link of the slot */
    COMMAND_START_PROVIDER,
    COMMAND_STOP_PROVIDER,
    COMMAND_SCALE_COMPONENT,
    COMMAND_MAKE_BUCKET, /* of JetStream, not of a host: empty, as a host makes it */

    /* questions */
    COMMAND_ASK_HOSTS,  /* host.ping: every host answers */
    COMMAND_ASK_HOST,   /* host.get */
    COMMAND_ASK_CONFIG, /* config.get: any host answers, from the bucket */
    COMMAND_ASK_LINKS,  /* link.get: one host answers, at random, from its memory */
} __attribute__((packed));

struct command {
    uint64_t id; /* unique in its engine, never 0 */
    enum command_kind kind;
    const char *application; /* on whose behalf; "" for questions */
    const char *reason;      /* one sentence with the numbers in it */
    const char *host;        /* whom to ask; "" where any host may answer */
    union {
        struct {
            const char *name;
            const char *content; /* canonical; NULL when it is deleted */
        } config;
        struct link link;
        struct {
            enum bucket which;
            uint64_t first; /* the number of its first entry; 0: any */
        } bucket;
        struct {
            const char *id;
            const char *image;
            uint32_t count; /* of a component; 0 stops it */
            struct names configs;
            const char *scaler_id;
            const char *spread_name;
        } workload;
    } u;
};

/* The word printed for kind, e.g. "put-link". */
const char *command_kind_name(enum command_kind kind);

/* Asks only: nothing in the lattice changes. */
bool command_is_question(enum command_kind kind);

/*
 * Append "put-link web -[default wasi:http/incoming-handler]-> app  # missing" and a
 * newline: the log line, the plan line and the golden file.  Config values are never
 * printed.
 */
void command_print(const struct command *command, struct text *text);

#endif
