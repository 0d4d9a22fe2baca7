/*
 * support_wash.h - what wash asks of wadm's API, and whether it would take the reply.
 */
#ifndef TEST_SUPPORT_WASH_H
#define TEST_SUPPORT_WASH_H

#include <jansson.h>

#include "support_stage.h"

/* A stage with hosts, and a daemon that answers. */
int wash_set_up(void **state);
#define WASH_TEST(name) cmocka_unit_test_setup_teardown(name, wash_set_up, stage_teardown)

/* Wait until wadm's API answers with a list. */
void wash_expect(struct stage *stage);

/*
 * Ask for tail, as in "status.shop".  The reply, which is the caller's; the test fails
 * without one, and when wash would not take it as one of kind: see support_contract.h.
 */
json_t *wash_ask(struct stage *stage, const char *tail, const char *body,
                 const char *kind);

#endif
