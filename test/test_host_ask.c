#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reconciler/core/hosts.h"

/* A host that tells of so many workloads, with so much under way there, is asked in look
 * milliseconds after a hint, and in watch after a command. */
static const struct asked {
    uint32_t workloads;
    uint32_t flights;
    int64_t look;
    int64_t watch;
} asked[] = {
    {0, 0, 30, 400},
    {40, 1, 40, 400},
    {100, 64, 55, 400}, /* what is told by one answer costs little */
    {1000, 0, 280, 400},
    {1000, 8, 505, 625}, /* little is under way: it is waited for */
    {1000, 32, 1180, 1300},
    {1000, 64, 1180, 1300}, /* no more may be sent there until it is told */
};

static void test_asked(void **state)
{
    const struct engine_options options = {.seed = 1};
    struct engine *engine = engine_new(&options);
    struct host_item *host = state_host(engine, "NHOST");

    (void)state;
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        struct inventory inventory = {.workloads_count = asked[i].workloads};

        host->inventory = &inventory;
        host->flights_count = asked[i].flights;
        host->ask_at = INSTANT_NEVER;
        host_look(engine, host);
        assert_int_equal(host->ask_at.ms - engine->now.ms, asked[i].look);
        host->ask_at = INSTANT_NEVER;
        host_watch(engine, host);
        assert_int_equal(host->ask_at.ms - engine->now.ms, asked[i].watch);
        host->inventory = NULL;
    }
    engine_free(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"who has much to tell is asked later, while much is under way there", test_asked,
         NULL, NULL, NULL},
    };

    return cmocka_run_group_tests_name("host_ask", tests, NULL, NULL);
}
