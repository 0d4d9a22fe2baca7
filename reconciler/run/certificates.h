/*
 * certificates.h - whose certificates a connection trusts, and which it shows.
 */
#ifndef RECONCILER_RUN_CERTIFICATES_H
#define RECONCILER_RUN_CERTIFICATES_H

#include <nats/nats.h>

#include "manifest/err.h"
#include "reconciler/run/connection.h"

/* Have nats.c use those of given.  ERR_USAGE names the option and the file. */
enum err_code certificates_set(const struct connection *given, natsOptions *options,
                               struct err *err) __attribute__((warn_unused_result));

#endif
