/*
 * api_event.h - one event of trellis.event.{lattice}, which tells whoever follows a
 * daemon what it decided and what changed, and the reply to who asks for those it missed.
 *
 * Described in schemas/api-event.schema.json and api-events.schema.json; no content of a
 * config is in any.
 */
#ifndef RECONCILER_WIRE_API_EVENT_H
#define RECONCILER_WIRE_API_EVENT_H

#include "reconciler/wire/api.h"

struct api_event {
    const char *run;         /* of the daemon: another one after it was started again */
    uint64_t sequence;       /* from 1 in each run, by 1: a gap is what a reader missed */
    const char *at;          /* UTC, as utc_print has it */
    const char *kind;        /* "command", "status", "host", "manifest" */
    const char *application; /* "" of none */
    const char *resource;    /* "application", "component", "provider", "link", "config",
                                "host", "bucket", "version" */
    const char *key;         /* which one, as explain takes it; of a version itself */
    const char *event;       /* the kind of a command; a status; "up", "gone"; "put",
                                "deployed", "undeployed", "deleted" */
    const char *before;      /* status: the one before; NULL none, and of all else */
    const char *text;        /* all that in one sentence, with the reason */
};

void api_encode_event(const struct api_event *event, struct text *text);

enum err_code api_decode_event(const char *bytes, size_t length, struct arena *arena,
                               struct api_event *ret_event, struct err *err)
    __attribute__((warn_unused_result));

/* The reply to events. */
struct api_events {
    const char *run;     /* of the daemon */
    uint64_t oldest;     /* the number of the oldest that it keeps */
    uint64_t newest;     /* of the newest; one less than oldest: none is kept */
    struct names events; /* as api_encode_event has them, in the order of their numbers */
};

void api_encode_events(const struct api_events *events, struct text *text);

/* The error that the reply carries, if it carries one. */
enum err_code api_decode_events(const char *bytes, size_t length, struct arena *arena,
                                struct api_events *ret_events, struct err *err)
    __attribute__((warn_unused_result));

/* What event of a command says, but for run, sequence and at; in arena. */
struct api_event api_event_of_command(const struct command *command, struct arena *arena);

#endif
