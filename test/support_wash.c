#include "test/support_wash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "test/support_contract.h"

int wash_set_up(void **state)
{
    struct stage *stage = stage_start();

    *state = stage;
    stage_simulate(stage, NULL);
    stage_daemon(stage);
    stage_expect_daemon(stage);
    return 0;
}

json_t *wash_ask(struct stage *stage, const char *tail, const char *body,
                 const char *kind)
{
    char subject[128];
    json_t *reply;
    char *text;

    (void)snprintf(subject, sizeof subject, "wadm.api.default.model.%s", tail);
    reply = body[0] == '{' ? reader_ask_json(stage->reader, subject, body)
                           : reader_ask(stage->reader, subject, body);
    if (reply == NULL) {
        fail_msg("no answer on %s\n--- the daemon\n%s", subject,
                 process_errors(stage->daemon));
    }
    text = json_dumps(reply, JSON_COMPACT);
    if (!contract_accepts(kind, text)) {
        fail_msg("%s: wash does not take %s", subject, text);
    }
    free(text);
    return reply;
}
