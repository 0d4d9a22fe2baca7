/*
 * Any bytes to any subject of a daemon: it answers each request, and nothing changes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nats/nats.h>

#include "linkstore/store_history.h"
#include "reconciler/wire/jetstream.h"
#include "support_api.h"
#include "support_blast.h"
#include "support_connect.h"
#include "support_linkstore.h"
#include "support_wash.h"

/* A sanitizer makes all of it slow. */
#ifdef __SANITIZE_ADDRESS__
#define REQUESTS 10000
#else
#define REQUESTS 100000
#endif
#define WINDOW      200 /* under way at a time */
#define SILENT_EACH 8   /* so many, one has no reply subject */

#define TEXT_BYTES_MAX ((size_t)65536)

struct blaster {
    natsConnection *connection;
    natsSubscription *replies;
    struct sim_prng prng;
    enum blast_fate fates[REQUESTS];
    bool is_answered[REQUESTS];
    char subjects[WINDOW][BLAST_SUBJECT_BYTES]; /* of those under way */
};

static void check(natsStatus status)
{
    if (status != NATS_OK) {
        fail_msg("%s", natsStatus_GetText(status));
    }
}

static uint64_t read_seed(void)
{
    const char *wish = getenv("BLAST_SEED"); // NOLINT(concurrency-mt-unsafe): one thread
    uint64_t seed = 1;

    assert_true(wish == NULL || wire_decode_number(wish, &seed));
    print_message("# BLAST_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

static void send(struct blaster *blaster, size_t number, bool is_silent)
{
    static struct blast blast;
    natsMsg *message = NULL;
    char reply[32];

    blast_make(&blaster->prng, &blast);
    (void)snprintf(reply, sizeof reply, "blast.%zu", number);
    check(natsMsg_Create(&message, blast.subject, is_silent ? NULL : reply, blast.bytes,
                         (int)blast.length));
    if (blast.content_type != NULL) {
        check(natsMsgHeader_Set(message, "Content-Type", blast.content_type));
    }
    check(natsConnection_PublishMsg(blaster->connection, message));
    natsMsg_Destroy(message);
    blaster->fates[number] = blast.fate;
    memcpy(blaster->subjects[number % WINDOW], blast.subject, BLAST_SUBJECT_BYTES);
}

static void take(struct blaster *blaster, struct stage *stage)
{
    natsMsg *message = NULL;
    uint64_t number = REQUESTS;
    const char *problem;
    const char *bytes;

    if (natsSubscription_NextMsg(&message, blaster->replies, STAGE_MS) != NATS_OK) {
        fail_msg("a request got no answer\n--- the daemon\n%s",
                 process_errors(stage->daemon));
    }
    assert_true(
        wire_decode_number(natsMsg_GetSubject(message) + strlen("blast."), &number));
    assert_true(number < REQUESTS && !blaster->is_answered[number]);
    blaster->is_answered[number] = true;
    bytes = natsMsg_GetData(message);
    problem = blast_judge(blaster->fates[number], bytes != NULL ? bytes : "",
                          (size_t)natsMsg_GetDataLength(message));
    if (problem != NULL) {
        fail_msg("request %zu on %s: %s: %s", (size_t)number,
                 blaster->subjects[number % WINDOW], problem, bytes);
    }
    natsMsg_Destroy(message);
}

static void send_all(struct blaster *blaster, struct stage *stage)
{
    for (size_t begin = 0; begin < REQUESTS; begin += WINDOW) {
        size_t waiting = 0;

        for (size_t i = begin; i < begin + WINDOW && i < REQUESTS; i++) {
            const bool is_silent = sim_prng_below(&blaster->prng, SILENT_EACH) == 0;

            send(blaster, i, is_silent);
            waiting += !is_silent;
        }
        while (waiting-- > 0) {
            take(blaster, stage);
        }
    }
}

/* All that the store holds, but for what hosts were seen. */
static const char *dump(struct stage *stage, struct arena *arena)
{
    struct linkstore_state state = {0};
    struct store_happenings happenings;
    struct text text;

    text_init(&text, arena, TEXT_BYTES_MAX);
    if (store_open_copy(stage->store, "default", &state.store, &state.err) != ERR_OK ||
        store_history(state.store, NULL, 1000, arena, &happenings, &state.err) !=
            ERR_OK) {
        fail_msg("%s", state.err.message);
    }
    text_append(&text, "%s%s%s", linkstore_dump_applications(&state),
                linkstore_dump_desired(&state, "hello-world"),
                linkstore_dump_ledger(&state, 0));
    for (size_t i = 0; i < happenings.count; i++) {
        text_append(&text, "%s %s\n", happenings.items[i].kind, happenings.items[i].text);
    }
    store_close(state.store);
    arena_free(&state.arena);
    assert_false(text.is_cut);
    return text.bytes;
}

static void read_manifest(char *ret_text, size_t size)
{
    FILE *file = fopen("fixtures/manifests/valid/quickstart.yaml", "re");

    assert_non_null(file);
    ret_text[fread(ret_text, 1, size - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
}

static void converge(struct stage *stage)
{
    char manifest[4096];

    read_manifest(manifest, sizeof manifest);
    json_decref(wash_ask(stage, "put", manifest, "put"));
    json_decref(wash_ask(stage, "deploy.hello-world", "", "dep"));
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    stage_expect_converged(stage);
}

/* How many requests the daemon has dealt with, on both interfaces. */
static json_int_t count_requests(struct stage *stage)
{
    json_t *reply = reader_ask(stage->reader, "$SRV.STATS.trellis", "");
    const json_t *endpoint;
    json_int_t count = 0;
    size_t i;

    json_array_foreach(json_object_get(reply, "endpoints"), i, endpoint)
    {
        count += json_integer_value(json_object_get(endpoint, "num_requests"));
    }
    json_decref(reply);
    return count;
}

static void every_request_is_answered_and_none_changes_anything(void **state)
{
    static struct blaster blaster;
    struct stage *stage = *state;
    struct arena arena = {0};
    const char *before;
    json_int_t count;

    converge(stage);
    before = dump(stage, &arena);
    count = count_requests(stage);
    reader_forget(stage->reader);
    blaster.prng.state = read_seed();
    blaster.connection = support_connect(server_url(stage->server));
    check(natsConnection_SubscribeSync(&blaster.replies, blaster.connection, "blast.*"));
    check(natsSubscription_SetPendingLimits(blaster.replies, -1, -1));
    send_all(&blaster, stage);
    natsSubscription_Destroy(blaster.replies);
    natsConnection_Destroy(blaster.connection);
    assert_int_equal(count_requests(stage), count + REQUESTS);

    json_decref(api_expect(stage, "status", "", "status"));
    assert_true(process_is_running(stage->daemon));
    assert_int_equal(stage_run(stage, "status", "--check", NULL), 0);
    assert_string_equal(reader_world(stage->reader), stage_quickstart);
    assert_string_equal(reader_commands(stage->reader), "");
    assert_string_equal(dump(stage, &arena), before);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WASH_TEST(every_request_is_answered_and_none_changes_anything),
    };

    return cmocka_run_group_tests_name("e2e_blast", tests, NULL, NULL);
}
