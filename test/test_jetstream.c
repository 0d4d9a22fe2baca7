#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "reconciler/wire/jetstream.h"
#include "reconciler/wire/writer.h"

struct answer_case {
    const char *bytes;
    struct wire_jetstream expected;
};

/* As nats-server 2.9.10 wrote them, the settings left out. */
static const struct answer_case answer_cases[] = {
    {"{\"type\":\"io.nats.jetstream.api.v1.stream_info_response\",\"error\":{\"code\":"
     "404,"
     "\"err_code\":10059,\"description\":\"stream not found\"},\"total\":0}",
     {.error_code = WIRE_JETSTREAM_NO_STREAM,
      .error_text = "stream not found",
      .created = ""}},
    {"{\"config\":{\"name\":\"KV_B\"},\"created\":\"2026-11-22T22:36:29.942410219Z\","
     "\"state\":{\"messages\":2,\"bytes\":170,\"first_seq\":2,\"last_seq\":4,"
     "\"num_subjects\":2,\"num_deleted\":1,\"consumer_count\":0}}",
     {.error_text = "",
      .created = "2026-11-22T22:36:29.942410219Z",
      .subjects_count = 2,
      .last_sequence = 4}},
    {"{\"created\":\"x\",\"state\":{\"messages\":0,\"first_seq\":5,\"last_seq\":4}}",
     {.error_text = "", .created = "x", .last_sequence = 4}},
    {"{\"created\":\"x\",\"state\":{\"messages\":3,\"last_seq\":4}}",
     {.error_text = "", .created = "x", .subjects_count = 3, .last_sequence = 4}},
    {"{\"stream_name\":\"KV_B\",\"name\":\"96WPdbY5\",\"created\":\"y\","
     "\"delivered\":{\"consumer_seq\":0,\"stream_seq\":1},\"num_ack_pending\":0,"
     "\"num_pending\":2,\"push_bound\":true}",
     {.error_text = "", .created = "y", .pending_count = 2}},
    {"{\"stream\":\"KV_B\", \"seq\":3}",
     {.error_text = "", .created = "", .sequence = 3}},
    {"{\"error\":{\"code\":400,\"err_code\":10071,\"description\":"
     "\"wrong last sequence: 4\"},\"stream\":\"KV_B\",\"seq\":0}",
     {.error_code = WIRE_JETSTREAM_WRONG_SEQUENCE,
      .error_text = "wrong last sequence: 4",
      .created = ""}},
    {"{\"error\":{\"code\":503}}", {.error_code = 503, .error_text = "", .created = ""}},
};

static void test_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answer_cases / sizeof *answer_cases; i++) {
        const struct answer_case *t = &answer_cases[i];
        struct arena arena = {0};
        struct wire_jetstream answer;
        struct err err;

        assert_int_equal(
            wire_decode_jetstream(t->bytes, strlen(t->bytes), &arena, &answer, &err),
            ERR_OK);
        assert_int_equal(answer.error_code, t->expected.error_code);
        assert_string_equal(answer.error_text, t->expected.error_text);
        assert_string_equal(answer.created, t->expected.created);
        assert_int_equal(answer.subjects_count, t->expected.subjects_count);
        assert_int_equal(answer.last_sequence, t->expected.last_sequence);
        assert_int_equal(answer.pending_count, t->expected.pending_count);
        assert_int_equal(answer.sequence, t->expected.sequence);
        arena_free(&arena);
    }
}

static void test_no_answers(void **state)
{
    static const struct {
        const char *bytes;
        enum err_code code;
    } cases[] = {
        {"", ERR_SYNTAX},
        {"{", ERR_SYNTAX},
        {"+OK", ERR_SYNTAX},
        {"{\"seq\":1}x", ERR_SYNTAX},
        {"[]", ERR_INVALID},
        {"1", ERR_SYNTAX},
        {"{\"seq\":-1}", ERR_INVALID},
        {"{\"num_pending\":\"2\"}", ERR_INVALID},
        {"{\"state\":[]}", ERR_INVALID},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = {0};
        struct wire_jetstream answer = {.sequence = 99};
        struct err err;

        assert_int_equal(wire_decode_jetstream(cases[i].bytes, strlen(cases[i].bytes),
                                               &arena, &answer, &err),
                         cases[i].code);
        assert_int_equal(answer.sequence, 99);
        arena_free(&arena);
    }
}

static void test_delivery(void **state)
{
    static const struct {
        const char *reply;
        bool is_delivery;
        struct wire_delivery expected;
    } cases[] = {
        {"$JS.ACK.KV_B.96WPdbY5.1.4.2.1795386990945378796.0", true, {4, 2, 0}},
        {"$JS.ACK.KV_B.c.1.18446744073709551615.2.3.7", true, {UINT64_MAX, 2, 7}},
        {"$JS.ACK.hub.Ab12.KV_B.c.1.4.2.1795386990945378796.9", true, {4, 2, 9}},
        {"$JS.ACK._.Ab12.KV_B.c.1.4.2.1795386990945378796.9.xyz", true, {4, 2, 9}},
        {"", false, {0}},
        {"_INBOX.x", false, {0}},
        {"$JS.FC.KV_B.c.xyz", false, {0}},
        {"$JS.ACK.KV_B.c.1.4.2.3", false, {0}},
        {"$JS.ACK.KV_B.c.1.4.2.3.0.1", false, {0}},
        {"$JS.ACK.KV_B.c.1.x.2.3.0", false, {0}},
        {"$JS.ACK.KV_B.c.1.18446744073709551616.2.3.0", false, {0}},
        {"$JS.ACK.KV_B.c.1..2.3.0", false, {0}},
        {"$JS.ACK.KV_B.c.1.-4.2.3.0", false, {0}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wire_delivery delivery = {0};

        assert_int_equal(wire_decode_delivery(cases[i].reply, &delivery),
                         cases[i].is_delivery);
        assert_memory_equal(&delivery, &cases[i].expected, sizeof delivery);
    }
}

static void test_long_reply(void **state)
{
    char reply[2000] = "$JS.ACK.";
    struct wire_delivery delivery;

    (void)state;
    memset(reply + strlen(reply), 'x', sizeof reply - strlen(reply) - 1);
    assert_false(wire_decode_delivery(reply, &delivery));
}

static void test_writer(void **state)
{
    const struct wire_writer writer = {"store \"1\"", "h\n", 4711, "2026-11-22"};
    struct arena arena = {0};
    struct wire_writer read;
    struct text text;
    struct err err;

    (void)state;
    text_init(&text, &arena, 1000);
    wire_encode_writer(&writer, &text);
    assert_string_equal(text.bytes, "{\"identity\":\"store \\\"1\\\"\",\"host\":\"h\\n\","
                                    "\"pid\":4711,\"since\":\"2026-11-22\"}");
    assert_int_equal(wire_decode_writer(text.bytes, text.count, &arena, &read, &err),
                     ERR_OK);
    assert_string_equal(read.identity, writer.identity);
    assert_string_equal(read.host, writer.host);
    assert_int_equal(read.pid, 4711);
    assert_string_equal(read.since, writer.since);
    arena_free(&arena);
}

static void test_no_writer(void **state)
{
    static const struct {
        const char *bytes;
        enum err_code code;
    } cases[] = {
        {"", ERR_SYNTAX},
        {"somebody", ERR_SYNTAX},
        {"[]", ERR_INVALID},
        {"{}", ERR_INVALID},
        {"{\"identity\":\"a\",\"host\":\"b\",\"pid\":1}", ERR_INVALID},
        {"{\"identity\":\"a\",\"host\":\"b\",\"pid\":\"1\",\"since\":\"c\"}",
         ERR_INVALID},
        {"{\"identity\":\"a\",\"host\":\"b\",\"pid\":-1,\"since\":\"c\"}", ERR_INVALID},
        {"{\"identity\":null,\"host\":\"b\",\"pid\":1,\"since\":\"c\"}", ERR_INVALID},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = {0};
        struct wire_writer writer;
        struct err err;

        assert_int_equal(wire_decode_writer(cases[i].bytes, strlen(cases[i].bytes),
                                            &arena, &writer, &err),
                         cases[i].code);
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"answers of JetStream are read", test_answers, 0, 0, 0},
        {"what is no answer is refused", test_no_answers, 0, 0, 0},
        {"a delivery says where it stands", test_delivery, 0, 0, 0},
        {"a reply subject that is too long is none", test_long_reply, 0, 0, 0},
        {"a writer's entry is read as it was written", test_writer, 0, 0, 0},
        {"what is no writer's entry is refused", test_no_writer, 0, 0, 0},
    };

    (void)alarm(60);
    return cmocka_run_group_tests_name("jetstream", tests, NULL, NULL);
}
