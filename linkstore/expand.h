/*
 * expand.h - from an application as declared to the rows it wants.
 *
 * Here ids, config names and scaler ids are made, exactly as wadm makes them, so
 * that a lattice moves between the two without a restart.  Pure.
 *
 * Source: wadm v0.21.1 scaler/convert.rs; reference wadm-behaviour section 3.
 */
#ifndef LINKSTORE_EXPAND_H
#define LINKSTORE_EXPAND_H

#include "linkstore/desired.h"
#include "manifest/model.h"

/*
 * The rows of application, a valid model that came from source, as version.
 *
 * A file:// image that is not absolute is resolved against the folder of source when
 * source is an absolute path; other images stay as they are.  Links of one store key
 * become one with the interfaces of all.  Of other rows of one key, which validation
 * refuses where they differ, the first in the manifest counts.  All of shared is absent,
 * as far as is known here.
 *
 * The rows live in arena and point into application, source and version: keep them all.
 * Cannot fail: the model was validated.
 */
void expand_application(const struct oam_application *application, const char *source,
                        const char *version, struct arena *arena,
                        struct desired *ret_desired);

/*
 * The id of a component or provider: its own, or made of both names.  Of one that another
 * application runs, what wadm takes for it; which one it has, only that application says.
 */
const char *expand_id(const struct oam_application *application,
                      const struct oam_component *component, struct arena *arena);

/* The name that hosts keep a config under: its own, or made of both names. */
const char *expand_config(const struct oam_application *application,
                          const struct oam_config *config, struct arena *arena);

/* The name that hosts keep a secret under. */
const char *expand_secret(const struct oam_application *application,
                          const struct oam_secret *secret, struct arena *arena);

#endif
