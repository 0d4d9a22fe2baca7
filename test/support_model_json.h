/*
 * support_model_json.h - an application as JSON, in the shape that wadm gives it.
 */
#ifndef TEST_SUPPORT_MODEL_JSON_H
#define TEST_SUPPORT_MODEL_JSON_H

#include "manifest/model.h"

struct json_t; /* jansson's */

/*
 * What application says, the caller's for json_decref.  A component has a "scaler" and
 * "links" instead of traits; what is empty is left out, and defaults are written out.
 */
struct json_t *support_model_json(const struct oam_application *application);

/* Give manifest, which wadm wrote, the same shape. */
void support_model_json_reshape(struct json_t *manifest);

#endif
