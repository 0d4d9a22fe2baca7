/*
 * api.h - trellis's own API: what the CLI asks of the daemon, and what it is told.
 *
 * Subjects trellis.api.{lattice}.{verb}[.{application}]; JSON bodies with a field
 * "schema" (API_SCHEMA), described in schemas/api-*.schema.json.  The same structs are
 * what the verbs print when there is no daemon.  Decoders return ERR_SYNTAX or
 * ERR_INVALID and point into arena; encoders cannot fail.
 */
#ifndef RECONCILER_WIRE_API_H
#define RECONCILER_WIRE_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/diag.h"
#include "manifest/err.h"
#include "manifest/text.h"
#include "reconciler/core/command.h"
#include "reconciler/core/explain.h"

#define API_SCHEMA 1

/* One manifest, as the client read it. */
struct api_manifest {
    const char *source; /* absolute path, or what else the client calls it */
    const char *text;
    size_t length;
    const char *way;    /* it came in: see struct store_version; NULL: not known */
    const char *author; /* who sent it, by their own word; NULL: not known */
};

/* What its sender takes an application to be. */
struct api_expected {
    const char *application;
    const char *version; /* the newest; "": there is none; NULL: whatever it is */
    const char *digest;  /* of its text; NULL: whatever it is */
};

struct api_manifests {
    const struct api_manifest *items;
    size_t count;
    const struct api_expected *expected; /* apply: or else nothing is done */
    size_t expected_count;
    bool is_dry_run; /* apply: nothing is done */
};

/* What became of one application of an apply. */
struct api_applied {
    const char *application;
    const char *version;
    const char *result; /* "created", "new version", "replaced", "unchanged" */
    uint64_t revision;
    struct names users; /* deployed applications that wait for what it does not run */
};

struct api_apply_report {
    const struct api_applied *items;
    size_t count;
    const char *findings;    /* warnings, a line each; "" none */
    const char *by;          /* "daemon", or "direct" without one */
    uint64_t commands_count; /* sent until it returned, when direct */
    bool is_dry_run;         /* nothing was stored */
};

/* One application, as status shows it. */
struct api_application {
    const char *version;  /* the newest; "" when only its remains are left */
    const char *deployed; /* "" when it is not deployed */
    uint64_t revision;
    struct application_status status;
    const char *digest;     /* SHA-256 of the newest text, hex; NULL: none */
    int64_t paused_unix_ms; /* since when nothing is sent for it; 0: it is not paused */
};

struct api_status_report {
    const char *server;  /* who answers: "daemon" or "store" */
    const char *lattice; /* its name */
    const char *sight;   /* the lattice in one sentence */
    const struct api_application *items;
    size_t count;
    struct instant now; /* of the answer */
    int64_t epoch_ms;   /* instant 0 on the wall's clock: ms since 1970 */
    struct names notes; /* what is wrong with the daemon's files, a sentence each */
    bool is_brief;      /* without resources */
};

/* A command that apply would send. */
struct api_planned {
    const char *kind; /* command_kind_name */
    const char *application;
    const char *text; /* command_print, without the newline */
};

/* A resource that apply could not bring where it is wanted. */
struct api_obstacle {
    const char *application;
    const char *resource;
    const char *reason;
};

struct api_plan_report {
    const struct api_planned *items;
    size_t count;
    const struct api_obstacle *obstacles;
    size_t obstacles_count;
    const char *findings; /* warnings, a line each; "" none */
};

/* What is held though its file is gone. */
struct api_pruning {
    struct names held;
    const char *reason; /* in one sentence; "" when none are held */
    bool is_confirmed;  /* they go now */
};

/* What became of a delete. */
struct api_removal {
    const char *application;
    const char *waits;  /* what is left waits for, in one sentence; "" nothing is left */
    struct names users; /* deployed applications that use what it ran, and wait for it */
};

/* What a key means, and, when that is one thing, why it is as it is. */
struct api_explain_report {
    const char *server;  /* who answers: "daemon" or "store" */
    const char *lattice; /* its name */
    const char *sight;   /* the lattice in one sentence */
    const struct explained_key *matches;
    size_t count;
    struct explanation explanation; /* if count is 1 */
    struct instant now;             /* of the answer */
    int64_t epoch_ms;               /* instant 0 on the wall's clock: ms since 1970 */
};

/* "config", "link", "component", "provider". */
const char *api_kind_name(enum ledger_kind kind);

/* Requests: */

/* The body of apply and plan. */
void api_encode_manifests(const struct api_manifests *manifests, struct text *text);
enum err_code api_decode_manifests(const char *bytes, size_t length, struct arena *arena,
                                   struct api_manifests *ret_manifests, struct err *err)
    __attribute__((warn_unused_result));

/* The body was sent before, in pieces, under id. */
void api_encode_upload(const char *id, struct text *text);
/* *ret_id: "" when bytes are the body itself. */
enum err_code api_decode_upload(const char *bytes, size_t length, struct arena *arena,
                                const char **ret_id, struct err *err)
    __attribute__((warn_unused_result));

/* Replies: */

/* findings: all of them, a line each, for a manifest that is refused; "" otherwise. */
void api_encode_error(const struct err *err, const char *findings, struct text *text);
void api_encode_apply(const struct api_apply_report *report, struct text *text);
void api_encode_status(const struct api_status_report *report, struct text *text);
void api_encode_explain(const struct api_explain_report *report, struct text *text);
void api_encode_plan(const struct api_plan_report *report, struct text *text);
void api_encode_delete(const struct api_removal *removal, struct text *text);

void api_encode_prune(const struct api_pruning *pruning, struct text *text);
/* All went well, and there is nothing to tell. */
void api_encode_done(struct text *text);

/* The reply is kept under id, to be fetched in count pieces. */
void api_encode_pieces(const char *id, uint32_t count, struct text *text);
/* *ret_id: "" when the body is the reply itself. */
enum err_code api_decode_pieces(const char *bytes, size_t length, struct arena *arena,
                                const char **ret_id, uint32_t *ret_count, struct err *err)
    __attribute__((warn_unused_result));

enum err_code api_decode_prune(const char *bytes, size_t length, struct arena *arena,
                               struct api_pruning *ret_pruning, struct err *err)
    __attribute__((warn_unused_result));
/* A reply without content: the error it carries, if it carries one. */
enum err_code api_decode_done(const char *bytes, size_t length, struct arena *arena,
                              struct err *err) __attribute__((warn_unused_result));

/* Each returns the error that the reply carries, if it carries one, and fills *err with
 * it.  The findings of a report are set whatever the code. */
enum err_code api_decode_apply(const char *bytes, size_t length, struct arena *arena,
                               struct api_apply_report *ret_report, struct err *err)
    __attribute__((warn_unused_result));
enum err_code api_decode_status(const char *bytes, size_t length, struct arena *arena,
                                struct api_status_report *ret_report, struct err *err)
    __attribute__((warn_unused_result));
enum err_code api_decode_explain(const char *bytes, size_t length, struct arena *arena,
                                 struct api_explain_report *ret_report, struct err *err)
    __attribute__((warn_unused_result));
enum err_code api_decode_plan(const char *bytes, size_t length, struct arena *arena,
                              struct api_plan_report *ret_report, struct err *err)
    __attribute__((warn_unused_result));
enum err_code api_decode_delete(const char *bytes, size_t length, struct arena *arena,
                                struct api_removal *ret_removal, struct err *err)
    __attribute__((warn_unused_result));

#endif
