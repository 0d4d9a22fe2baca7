/* The network of a simulated lattice: what is lost, comes twice, late or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "test/support_lattice.h"

#define CONFIGS "CONFIGDATA_default"

static void test_drop(void **state)
{
    const struct sim_faults faults = {.drop_per_mille = 1000};
    struct sim_client *client = *state;

    sim_lattice_set_faults(client->lattice, &faults);
    assert_string_equal(sim_client_ask(client, "host.ping", ""), "");
    sim_lattice_put(client->lattice, client->now, CONFIGS, "c", "{}", 2);
    sim_client_wait(client, 10);
    assert_string_equal(sim_client_take(client), "entry " CONFIGS " c {}\n");
}

static void test_duplicate(void **state)
{
    const struct sim_faults faults = {.duplicate_per_mille = 1000};
    struct sim_client *client = *state;

    sim_lattice_set_faults(client->lattice, &faults);
    /* The request twice, and each of the two answers twice. */
    assert_int_equal(
        sim_client_count(sim_client_ask(client, "host.get.{h0}", ""), "friendly_name"),
        4);
}

/* What one of two hosts has done, the other does not do again seconds later; alone it
 * does what it was told when it wakes up. */
static void test_duplicate_held(void **state)
{
    const struct sim_faults twice = {.duplicate_per_mille = 1000};
    const struct sim_faults once = {.delay_ms_max = 1};
    struct sim_client *client = *state;

    sim_client_obey(client, "pause h0 10000");
    sim_lattice_set_faults(client->lattice, &twice);
    for (int i = 0; i < 40; i++) {
        sim_client_send(client, "config.put.c", "{}");
    }
    sim_client_wait(client, 1000);
    assert_in_range(sim_client_count(sim_client_take(client), "entry " CONFIGS " c"), 20,
                    60);
    sim_lattice_set_faults(client->lattice, &once);
    sim_client_wait(client, 20000);
    assert_int_equal(sim_client_count(sim_client_take(client), "entry "), 0);
    sim_client_obey(client, "pause h0 10000");
    sim_client_obey(client, "pause h1 10000");
    sim_client_send(client, "config.put.c", "{}");
    sim_client_wait(client, 20000);
    assert_int_equal(sim_client_count(sim_client_take(client), "entry " CONFIGS " c"), 1);
}

/* Some replies overtake others; none is lost. */
static void test_reorder(void **state)
{
    const struct sim_faults faults = {.reorder_per_mille = 300};
    struct sim_client *client = *state;
    unsigned int late = 0;
    unsigned long long last = 0;
    const char *log;

    sim_lattice_set_faults(client->lattice, &faults);
    for (int i = 0; i < 100; i++) {
        sim_client_send(client, "host.get.{h0}", "");
        sim_client_wait(client, 1);
    }
    sim_client_wait(client, 100);
    log = sim_client_take(client);
    assert_int_equal(sim_client_count(log, "reply "), 100);
    for (; *log != '\0'; log += strcspn(log, "\n") + 1) {
        unsigned long long tag = 0;

        for (const char *at = log + strlen("reply "); *at != ' '; at++) {
            tag = tag * 10 + (unsigned long long)(*at - '0');
        }
        late += tag < last ? 1 : 0;
        last = tag;
    }
    assert_true(late > 10);
}

static void test_large_reply_vanishes(void **state)
{
    struct sim_client *client = *state;
    char *large = arena_alloc(&client->arena, 1100001);

    memset(large, 'x', 1100000);
    sim_client_obey(client, arena_print(&client->arena, "label h0 large=%s", large));
    assert_string_equal(sim_client_ask(client, "host.get.{h0}", ""), "");
    assert_int_equal(
        sim_client_count(sim_client_ask(client, "host.ping", ""), "friendly_name"), 1);
}

int main(void)
{
#define TEST(sentence, function)                                                         \
    {                                                                                    \
        sentence, function, sim_client_setup, sim_client_teardown, NULL                  \
    }
    const struct CMUnitTest tests[] = {
        TEST("everything but buckets can be dropped", test_drop),
        TEST("requests and replies can come twice", test_duplicate),
        TEST("what comes twice is not held up long", test_duplicate_held),
        TEST("replies can overtake each other", test_reorder),
        TEST("a reply over the largest payload vanishes", test_large_reply_vanishes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
