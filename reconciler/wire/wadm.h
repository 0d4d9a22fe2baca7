/*
 * wadm.h - wadm's NATS API in bytes: subjects and bodies in, replies out.
 *
 * Every reply parses with the clients of wadm 0.21 (wash 0.43 among them): lower-case
 * words out of a fixed set, no null but where it is allowed, fields in wadm's order.
 * Messages are the caller's, and wadm's where clients look at them.
 *
 * Encoding appends JSON to text and cannot fail.
 *
 * Source: wadm 0.21.1; reference wadm-behaviour sections 1 and 6, wash-client 1.4.
 */
#ifndef RECONCILER_WIRE_WADM_H
#define RECONCILER_WIRE_WADM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/arena.h"
#include "manifest/err.h"
#include "manifest/model.h"
#include "manifest/text.h"
#include "reconciler/core/status.h"

/* Requests: */

enum wadm_op {
    WADM_UNSUPPORTED, /* none of those below */
    WADM_PUT,         /* model.put: the body is a manifest */
    WADM_GET,         /* model.get.{name} */
    WADM_MODELS,      /* model.get: the list in an envelope */
    WADM_LIST,        /* model.list: the list as a bare array */
    WADM_VERSIONS,    /* model.versions.{name} */
    WADM_DELETE,      /* model.del.{name} */
    WADM_DEPLOY,      /* model.deploy.{name} */
    WADM_UNDEPLOY,    /* model.undeploy.{name} */
    WADM_STATUS,      /* model.status.{name} */
    WADM_HISTORY,     /* model.history.{name}: answered with WADM_NO_HISTORY */
};

#define WADM_NO_HISTORY                                                                  \
    "Model deployment history is not currently supported. It may be added in a future "  \
    "version"

struct wadm_request {
    enum wadm_op op;
    const char *lattice;
    const char *application; /* "" where op names none */
    const char *version;     /* that the body asks for; NULL none */
};

/*
 * What "{prefix}.{lattice}.model.{op}[.{name}]" asks for.  prefix is usually
 * SUBJECT_WADM, and may begin with "*.": then the first token is an account's, as a wadm
 * for many has it.  Any other subject is ERR_INVALID, with the sentence wadm answers it
 * with.
 */
enum err_code wadm_read_subject(const char *prefix, const char *subject,
                                struct arena *arena, struct wadm_request *ret_request,
                                struct err *err) __attribute__((warn_unused_result));

/*
 * Add to request, read from its subject, what its body says: the version, of a get, a
 * delete or a deploy.  An undeploy's body says nothing but must be an object or empty;
 * that of other operations is not looked at.  ERR_INVALID, ERR_SYNTAX or ERR_LIMIT, with
 * the beginning of wadm's sentence, leave request as it was.
 */
enum err_code wadm_decode_body(const char *bytes, size_t length, struct arena *arena,
                               struct wadm_request *request, struct err *err)
    __attribute__((warn_unused_result));

/*
 * May the body of a put, of length bytes, be read as what its header Content-Type says?
 * "" says nothing: YAML, of which JSON is a part.  Parameters such as a charset do not
 * matter.  Else ERR_INVALID or ERR_SYNTAX, with the beginning of wadm's sentence.
 */
enum err_code wadm_check_type(const char *content_type, const char *bytes, size_t length,
                              struct err *err) __attribute__((warn_unused_result));

/* Replies: */

enum wadm_result {
    WADM_ERROR,
    WADM_CREATED,      /* put: the only version there is */
    WADM_NEWVERSION,   /* put: one more */
    WADM_DELETED,      /* delete */
    WADM_NOOP,         /* delete: it was not there */
    WADM_ACKNOWLEDGED, /* deploy, undeploy */
    WADM_SUCCESS,      /* get, versions */
    WADM_NOTFOUND,     /* get, versions, deploy, undeploy */
};

struct wadm_put {
    enum wadm_result result; /* created, newversion */
    uint64_t versions_count;
    const char *version; /* the one that was put */
    const char *message;
    const char *name;
};

struct wadm_delete {
    enum wadm_result result; /* deleted, noop, error */
    const char *message;
    bool is_undeployed; /* by this very request */
};

/* To undeploy, too. */
struct wadm_deploy {
    enum wadm_result result; /* acknowledged, notfound, error */
    const char *message;
    const char *name;
    const char *version; /* deployed, or asked for; NULL none */
};

struct wadm_get {
    enum wadm_result result; /* success, notfound */
    const char *message;
    const struct oam_application *application; /* of success */
    const char *version;                       /* it is known under; of success */
};

struct wadm_version {
    const char *version;
    bool is_deployed;
};

struct wadm_versions {
    enum wadm_result result; /* success, notfound */
    const char *message;
    const struct wadm_version *items; /* in the order they were put */
    size_t count;
};

struct wadm_model {
    const char *name;
    const char *version;          /* the newest; "" none */
    const char *deployed_version; /* NULL none */
    const char *description;      /* NULL none */
    const struct application_status *status;
};

void wadm_encode_put(const struct wadm_put *put, struct text *text);
void wadm_encode_delete(const struct wadm_delete *delete, struct text *text);
void wadm_encode_deploy(const struct wadm_deploy *deploy, struct text *text);
void wadm_encode_get(const struct wadm_get *get, struct text *text);
void wadm_encode_versions(const struct wadm_versions *versions, struct text *text);

/* The answer to WADM_LIST. */
void wadm_encode_list(const struct wadm_model *models, size_t count, struct text *text);

/* The answer to WADM_MODELS. */
void wadm_encode_models(const struct wadm_model *models, size_t count,
                        const char *message, struct text *text);

/*
 * The status of model alone, as published on wadm.status.{lattice}.{name}.
 *
 * Three of our words wadm's clients do not know: degraded is told as reconciling, stuck
 * as failed, and blind as the last word before that, all with their reasons.  Configs are
 * no scalers.
 */
void wadm_encode_status(const struct wadm_model *model, struct text *text);

/* The stream in which wadm keeps these, as it makes it. */
/* A trellis that asks for the list shows who it is, which a wadm does not heed, and one
 * that is asked so says what it is, for the list is of no use then. */
#define WADM_TRELLIS_ASKS    "{\"asked_by\":\"trellis\"}"
#define WADM_TRELLIS_ANSWERS "{\"answered_by\":\"trellis\"}"

#define WADM_STATUS_STREAM "wadm_status"
#define WADM_STATUS_STREAM_BODY                                                          \
    "{\"name\":\"wadm_status\",\"subjects\":[\"wadm.status.*.*\"],"                      \
    "\"retention\":\"limits\",\"max_consumers\":-1,\"max_msgs\":-1,\"max_bytes\":-1,"    \
    "\"max_msg_size\":-1,\"max_msgs_per_subject\":10,\"max_age\":0,"                     \
    "\"storage\":\"file\",\"discard\":\"old\",\"num_replicas\":1,\"allow_direct\":true}"

/* The answer to WADM_STATUS; of an application nobody knows, too. */
void wadm_encode_status_reply(const struct wadm_model *model, const char *message,
                              struct text *text);

/*
 * The answer to op when something went wrong, with the empty lists that clients insist
 * on.  A client of WADM_LIST cannot be told: it says that it cannot parse this.
 */
void wadm_encode_error(enum wadm_op op, const char *message, struct text *text);

#endif
