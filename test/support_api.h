/*
 * support_api.h - asking trellis's own API in an end-to-end test.
 */
#ifndef TEST_SUPPORT_API_H
#define TEST_SUPPORT_API_H

#include <jansson.h>

#include "support_stage.h"

/* The reply to trellis.api.default.{tail}, which is the caller's; the test fails without
 * one. */
json_t *api_ask(struct stage *stage, const char *tail, const char *body);

/* The reply is to be as its schema says, api-{schema}; it is the caller's. */
json_t *api_expect(struct stage *stage, const char *tail, const char *body,
                   const char *schema);

/* The reply is to be an error with this code, and these words in its message. */
void api_expect_error(struct stage *stage, const char *tail, const char *body,
                      const char *code, const char *words);

/* A text of object, or of the first object of its field list; "(none)" without. */
const char *api_text(const json_t *object, const char *key);
const char *api_first(const json_t *reply, const char *list, const char *key);

/* The body of apply and plan for one manifest, from text; the caller's to free. */
char *api_manifest_body(const char *text, json_t *conditions);

#endif
