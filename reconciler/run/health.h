/*
 * health.h - the pages that those who keep the daemon alive ask for, over HTTP.
 *
 * /livez says that the loop turns; /readyz that the lattice is seen and may be written
 * to, or in words why not; /metrics is for Prometheus.  Of several lattices /readyz has a
 * line each, and wants all of them; /readyz/{lattice} asks for one.
 */
#ifndef RECONCILER_RUN_HEALTH_H
#define RECONCILER_RUN_HEALTH_H

#include "reconciler/run/http.h"
#include "reconciler/run/keeper.h"

struct health {
    const struct keeper *keepers; /* borrowed */
    size_t count;
};

/* An http_make_page; context is a struct health. */
void health_page(void *context, const char *path, struct http_page *page);

#endif
