#include "reconciler/wire/micro.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/limits.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static const struct micro_endpoint endpoints[] = {
    {"trellis", "trellis.api.default.>", "", 4, 1, 10},
    {"wadm", "wadm.api.default.>", "wadm_server", 0, 0, 0},
};
static const struct micro_service service = {
    "0f0f", "0.9.0", "default", INT64_C(1795386062345), endpoints, 2};

#define HEAD                                                                             \
    "\"name\":\"trellis\",\"id\":\"0f0f\",\"version\":\"0.9.0\",\"metadata\":"           \
    "{\"lattice\":\"default\"}"

static const char ping[] = "{\"type\":\"io.nats.micro.v1.ping_response\"," HEAD "}";
static const char info[] =
    "{\"type\":\"io.nats.micro.v1.info_response\"," HEAD ",\"description\":"
    "\"deploys wasmCloud applications to a lattice\",\"endpoints\":["
    "{\"name\":\"trellis\",\"subject\":\"trellis.api.default.>\",\"queue_group\":\"\"},"
    "{\"name\":\"wadm\",\"subject\":\"wadm.api.default.>\",\"queue_group\":"
    "\"wadm_server\"}]}";
static const char stats[] =
    "{\"type\":\"io.nats.micro.v1.stats_response\"," HEAD ",\"started\":"
    "\"2026-11-22T22:21:02.345Z\",\"endpoints\":["
    "{\"name\":\"trellis\",\"subject\":\"trellis.api.default.>\",\"queue_group\":\"\","
    "\"num_requests\":4,\"num_errors\":1,\"last_error\":\"\",\"processing_time\":10000,"
    "\"average_processing_time\":2500},"
    "{\"name\":\"wadm\",\"subject\":\"wadm.api.default.>\",\"queue_group\":"
    "\"wadm_server\",\"num_requests\":0,\"num_errors\":0,\"last_error\":\"\","
    "\"processing_time\":0,\"average_processing_time\":0}]}";

static void each_is_answered_of_all_by_name_and_by_id(void **state)
{
    static const struct {
        const char *subject;
        const char *answer; /* NULL: it is not for us */
    } cases[] = {
        {"$SRV.PING", ping},
        {"$SRV.PING.trellis", ping},
        {"$SRV.PING.trellis.0f0f", ping},
        {"$SRV.INFO", info},
        {"$SRV.INFO.trellis", info},
        {"$SRV.INFO.trellis.0f0f", info},
        {"$SRV.STATS", stats},
        {"$SRV.STATS.trellis", stats},
        {"$SRV.STATS.trellis.0f0f", stats},
        {"$SRV.PING.other", NULL},
        {"$SRV.PING.trellis2", NULL},
        {"$SRV.PING.trellis.0f0", NULL},
        {"$SRV.PING.trellis.0f0f.x", NULL},
        {"$SRV.PINGS", NULL},
        {"$SRV.SCHEMA", NULL},
        {"$SRV", NULL},
        {"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena arena = {0};
        struct text text;

        text_init(&text, &arena, MESSAGE_BYTES_MAX);
        assert_int_equal(micro_answer(&service, cases[i].subject, &text),
                         cases[i].answer != NULL);
        assert_string_equal(text.bytes, cases[i].answer != NULL ? cases[i].answer : "");
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_answered_of_all_by_name_and_by_id),
    };

    return cmocka_run_group_tests_name("micro", tests, NULL, NULL);
}
