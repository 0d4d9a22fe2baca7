/*
 * manifests_log.h - what the log says of the folder of manifests: what is wrong with its
 * files, what they changed, and what is held though they are gone.
 */
#ifndef RECONCILER_RUN_MANIFESTS_LOG_H
#define RECONCILER_RUN_MANIFESTS_LOG_H

#include "reconciler/run/claims.h"

/* A line each, which says itself how grave it is; arena is for the time being. */
void manifests_log_findings(const char *findings, struct arena *arena);

/* What was deployed, and what went with it. */
void manifests_log_applied(const struct claims_outcome *outcome);

/* Applications that are held, and why. */
void manifests_log_held(const struct names *held, const char *reason);

#endif
