/*
 * service.h - what a daemon answers on NATS: wadm's API and trellis's own.
 *
 * wadm.api.{lattice}.model.* in wadm's queue group, trellis.api.{lattice}.*.  Requests
 * are dealt with one after the other, on the loop's thread, for a bounded time in each
 * turn; none of them waits for the lattice.  Those that find too many others waiting are
 * answered that the daemon is busy.
 */
#ifndef RECONCILER_RUN_SERVICE_H
#define RECONCILER_RUN_SERVICE_H

#include "reconciler/run/mailbox.h"
#include "reconciler/run/manifests.h"
#include "reconciler/run/reconciler.h"

struct service;

/*
 * Listen for requests that concern lattice; those to wadm's API begin with prefix.  Both
 * are borrowed.  Where a wadm answers already, reconciler is suspended and wadm's API is
 * not served until it is gone.
 */
enum err_code service_open(struct reconciler *reconciler, const char *prefix,
                           const char *lattice, struct service **ret_service,
                           struct err *err) __attribute__((warn_unused_result));
void service_close(struct service *service);

/* The daemon has a folder of manifests: what its files declare nobody else changes. */
void service_follow(struct service *service, struct manifests *manifests);

/* After a turn: deal with requests, and tell what has changed to whoever follows it. */
void service_turn(struct service *service);
struct instant service_deadline(const struct service *service);

/* Deal with mail that is no request, if it is of the service; context is that. */
void service_take(void *context, const struct mail *mail, struct instant now);

/* Between service.c and the files of the two APIs: */

/* One request, and where its reply is written. */
struct service_request {
    struct reconciler *reconciler;
    const char *prefix; /* of wadm's API */
    const char *lattice;
    struct manifests *manifests; /* NULL: the daemon has no folder */
    const char *subject;
    const char *content_type; /* "" when the request does not say it */
    const char *bytes;
    size_t length;
    struct arena *arena; /* of this request */
    struct text *reply;
};

/* Who stands behind what is to be changed. */
struct claims service_claims(const struct service_request *request);

/* Each appends the whole reply.  wadm's clients take no more than bytes_max of one. */
void service_wadm(const struct service_request *request, size_t bytes_max);
/* The reply to whoever asked at subject, of an API at prefix, and is not heard: why. */
void service_wadm_refuse(const char *prefix, const char *subject, const struct err *why,
                         struct text *reply);
void service_api(const struct service_request *request, const char *name,
                 const char *application);

#endif
