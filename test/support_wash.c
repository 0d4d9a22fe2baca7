#include "test/support_wash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <poll.h>

#include "test/support_contract.h"

#define LOOK_MS 50

int wash_set_up(void **state)
{
    struct stage *stage = stage_start();

    *state = stage;
    stage_simulate(stage, NULL);
    stage_daemon(stage);
    wash_expect(stage);
    return 0;
}

void wash_expect(struct stage *stage)
{
    for (int ms = 0; ms < STAGE_MS; ms += LOOK_MS) {
        json_t *reply = reader_ask(stage->reader, "wadm.api.default.model.list", "");
        const bool is_there = json_is_array(reply);

        json_decref(reply);
        if (is_there) {
            return;
        }
        (void)poll(NULL, 0, LOOK_MS);
    }
    fail_msg("wadm's API is not served\n--- the daemon\n%s",
             process_errors(stage->daemon));
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
