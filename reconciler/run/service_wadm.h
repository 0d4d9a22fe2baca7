/*
 * service_wadm.h - those operations of wadm's API that only look.  Part of service.h.
 */
#ifndef RECONCILER_RUN_SERVICE_WADM_H
#define RECONCILER_RUN_SERVICE_WADM_H

#include "reconciler/run/service.h"
#include "reconciler/wire/wadm.h"

/* Each appends the whole reply. */
void service_wadm_get(const struct service_request *request,
                      const struct wadm_request *wadm);
void service_wadm_versions(const struct service_request *request,
                           const struct wadm_request *wadm);
void service_wadm_status(const struct service_request *request,
                         const struct wadm_request *wadm);
void service_wadm_list(const struct service_request *request, enum wadm_op op);

/* wadm's sentence about an application that is not there. */
const char *service_wadm_unknown(const struct service_request *request,
                                 const struct wadm_request *wadm);

#endif
