/*
 * canon_order.h - an application without what makes no difference.  Part of canon.c.
 *
 * Order means nothing, and is by name, for components, policies, links and interfaces.
 * It is kept for configs and secrets, of which later ones override earlier ones, and for
 * spreads, of which earlier ones of the same weight get what cannot be divided.
 */
#ifndef MANIFEST_CANON_ORDER_H
#define MANIFEST_CANON_ORDER_H

#include "manifest/model.h"

/*
 * Set *ret_application to what application, which is valid, means: ordered, with only
 * the last of several policies of one name, without weights that have no effect, without
 * the spread and the scaler that it would have anyway.  Shares all else with application.
 */
void canon_order(const struct oam_application *application, struct arena *arena,
                 struct oam_application *ret_application);

#endif
