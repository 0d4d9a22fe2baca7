/*
 * Many more requests than a daemon can answer: those it cannot are told so at once, and
 * the lattice is kept as if there were none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <nats/nats.h>

#include "support_connect.h"
#include "support_contract.h"
#include "support_page.h"
#include "support_stage.h"
#include "support_wash.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define LOOK_MS         20
#define MORE_MS         500
#define RESTORES_MAX    4
#define BODY_BYTES      ((size_t)32 * 1024)
/* For a link that was dropped to be put again, which takes half a second when nobody asks
 * for anything; a sanitizer makes the machine slow.  More wait than the daemon keeps, and
 * no more than it gets through before its connection counts as dead. */
#ifdef __SANITIZE_ADDRESS__
#define RESTORED_MS 15000
#define BURST       1000
#define WAITING_MAX 2500
#else
#define RESTORED_MS 5000
#define BURST       2000
#define WAITING_MAX 8000
#endif

struct flood {
    natsConnection *sender;
    natsConnection *receiver;
    natsSubscription *replies;
    pthread_t thread;
    atomic_bool is_over;
    atomic_size_t sent;
    atomic_size_t answered;
    atomic_size_t busy;
    atomic_size_t odd; /* neither an answer nor such a refusal */
};

static void check(natsStatus status)
{
    if (status != NATS_OK) {
        fail_msg("%s", natsStatus_GetText(status));
    }
}

static const struct {
    const char *subject;
    size_t length; /* of a body of nonsense */
    const char *start;
    const char *busy;
} asked[] = {
    {"wadm.api.default.model.list", 0, "[",
     "{\"message\":\"The daemon is busy: 1024 requests wait already; try again in a "
     "moment\",\"result\":\"error\"}"},
    {"trellis.api.default.status", 0, "{\"schema\":1,\"result\":\"ok\"",
     "{\"schema\":1,\"result\":\"error\",\"code\":\"busy\",\"message\":\"The daemon is "
     "busy: 1024 requests wait already; try again in a moment\","},
    {"wadm.api.default.model.put", BODY_BYTES, "{\"message\":\"", "{\"message\":\"The d"},
    {"trellis.api.default.plan", BODY_BYTES,
     "{\"schema\":1,\"result\":\"error\",\"code\":\"syntax\"",
     "{\"schema\":1,\"result\":\"error\",\"code\":\"busy\""},
};

static void on_reply(natsConnection *connection, natsSubscription *subscription,
                     natsMsg *message, void *closure)
{
    struct flood *flood = closure;
    const size_t which = (size_t)(natsMsg_GetSubject(message)[strlen("flood.")] - '0');
    const char *bytes = natsMsg_GetData(message);

    (void)connection;
    (void)subscription;
    if (strncmp(bytes, asked[which].busy, strlen(asked[which].busy)) == 0) {
        atomic_fetch_add(&flood->busy, 1);
    } else if (strncmp(bytes, asked[which].start, strlen(asked[which].start)) != 0) {
        atomic_fetch_add(&flood->odd, 1);
    }
    atomic_fetch_add(&flood->answered, 1);
    natsMsg_Destroy(message);
}

static void *send_flood(void *context)
{
    static char body[BODY_BYTES];
    struct flood *flood = context;

    memset(body, '[', sizeof body);
    while (!atomic_load(&flood->is_over)) {
        if (atomic_load(&flood->sent) - atomic_load(&flood->answered) > WAITING_MAX) {
            (void)poll(NULL, 0, 1);
            continue;
        }
        for (size_t i = 0; i < BURST; i++) {
            const size_t which = i % 50 < 48 ? i % 2 : 2 + i % 2;
            char reply[16];

            (void)snprintf(reply, sizeof reply, "flood.%zu", which);
            if (natsConnection_PublishRequest(flood->sender, asked[which].subject, reply,
                                              body,
                                              (int)asked[which].length) == NATS_OK) {
                atomic_fetch_add(&flood->sent, 1);
            }
        }
        (void)natsConnection_FlushTimeout(flood->sender, STAGE_MS);
    }
    return NULL;
}

static void begin_flood(struct flood *flood, struct stage *stage)
{
    flood->sender = support_connect(server_url(stage->server));
    flood->receiver = support_connect(server_url(stage->server));
    check(natsConnection_Subscribe(&flood->replies, flood->receiver, "flood.*", on_reply,
                                   flood));
    check(natsSubscription_SetPendingLimits(flood->replies, -1, -1));
    check(natsConnection_Flush(flood->receiver));
    assert_int_equal(pthread_create(&flood->thread, NULL, send_flood, flood), 0);
    while (atomic_load(&flood->busy) == 0) { /* until it is one */
        (void)poll(NULL, 0, LOOK_MS);
    }
}

/* All that were sent get an answer, whatever it is. */
static void end_flood(struct flood *flood)
{
    const int64_t until = nats_Now() + STAGE_MS;

    atomic_store(&flood->is_over, true);
    assert_int_equal(pthread_join(flood->thread, NULL), 0);
    while (atomic_load(&flood->answered) < atomic_load(&flood->sent)) {
        if (nats_Now() > until) {
            fail_msg("%zu of %zu requests were answered", atomic_load(&flood->answered),
                     atomic_load(&flood->sent));
        }
        (void)poll(NULL, 0, LOOK_MS);
    }
    natsSubscription_Destroy(flood->replies);
    natsConnection_Destroy(flood->receiver);
    natsConnection_Destroy(flood->sender);
}

/* Drop the link, and wait until it is there again. */
static int64_t restore_link(struct stage *stage)
{
    const int64_t begun = nats_Now();

    reader_forget(stage->reader);
    (void)stage_order(stage,
                      "drop-link hello_world-httpserver hello_world-http_component");
    while (reader_count(stage->reader, "link.put") == 0) {
        if (nats_Now() - begun > STAGE_MS) {
            fail_msg("the link was not put again\n--- the daemon\n%s",
                     process_errors(stage->daemon));
        }
        (void)poll(NULL, 0, LOOK_MS);
    }
    return nats_Now() - begun;
}

/* A verb of ours asks again, until it is heard. */
static void expect_verb_is_heard(struct stage *stage)
{
    static struct flood flood;
    struct process *verb;

    begin_flood(&flood, stage);
    verb = stage_start_verb(stage, "status", NULL);
    (void)poll(NULL, 0, MORE_MS);
    end_flood(&flood);
    assert_int_equal(process_wait(verb, STAGE_MS), 0);
    stage_expect_output(stage, "hello-world");
}

static void a_flood_does_not_keep_the_lattice_waiting(void **state)
{
    static struct flood flood;
    struct stage *stage = *state;
    char line[64];
    int64_t quiet_ms;
    int64_t flooded_ms = RESTORED_MS;

    stage_converge_quickstart(stage);
    wash_expect(stage);
    quiet_ms = restore_link(stage);
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    stage_expect_converged(stage);
    begin_flood(&flood, stage);
    for (int i = 0; flooded_ms >= RESTORED_MS && i < RESTORES_MAX; i++) {
        flooded_ms = restore_link(stage); /* a busy machine may be slow now and then */
        reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    }
    end_flood(&flood);
    print_message("# a dropped link was put after %d ms, and after %d ms while %zu "
                  "requests came, of which %zu were refused as too many\n",
                  (int)quiet_ms, (int)flooded_ms, flood.sent, flood.busy);
    assert_true(flooded_ms < RESTORED_MS);
    assert_int_equal(flood.odd, 0);
    assert_true(flood.answered == flood.sent);
    assert_true(flood.busy > 0 && flood.busy < flood.sent);
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    stage_expect_converged(stage);
    (void)snprintf(line, sizeof line, "\ntrellis_requests_busy_total %zu\n", flood.busy);
    page_expect(stage, "/metrics", line);
    page_expect(stage, "/metrics", "\ntrellis_mailbox_losses_total 0\n");
    expect_verb_is_heard(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(a_flood_does_not_keep_the_lattice_waiting),
    };

    return cmocka_run_group_tests_name("e2e_flood", tests, NULL, NULL);
}
