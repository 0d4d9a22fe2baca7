/* A simulated lattice: partitions, acknowledgements that lie, and those that are late. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "test/support_lattice.h"

#define LINKS "LATTICEDATA_default"

static struct sim_host *find(struct sim_client *client, const char *name)
{
    return sim_lattice_find_host(client->lattice, name);
}

static void cut(struct sim_client *client, const char *name, bool is_in, bool is_out)
{
    sim_lattice_cut(client->lattice, client->now, find(client, name), is_in, is_out);
}

static void test_cut(void **state)
{
    struct sim_client *client = *state;

    cut(client, "h0", true, true);
    assert_string_equal(sim_client_ask(client, "host.get.{h0}", ""), "no-responders\n");
    sim_client_wait(client, 60000);
    assert_null(strstr(sim_client_take(client), sim_host_id(find(client, "h0"))));
    sim_lattice_mend(client->lattice, client->now, find(client, "h0"));
    assert_non_null(
        strstr(sim_client_ask(client, "host.get.{h0}", ""), "\"success\":true"));
}

static void test_cut_in(void **state)
{
    struct sim_client *client = *state;

    cut(client, "h0", true, false);
    assert_string_equal(sim_client_ask(client, "host.get.{h0}", ""), "");
    sim_client_wait(client, 60000);
    assert_non_null(strstr(sim_client_take(client), sim_host_id(find(client, "h0"))));
}

static void test_cut_out(void **state)
{
    struct sim_client *client = *state;

    cut(client, "h0", false, true);
    assert_string_equal(
        sim_client_ask(client, "label.put.{h0}", "{\"key\":\"a\",\"value\":\"b\"}"), "");
    sim_lattice_mend(client->lattice, client->now, find(client, "h0"));
    assert_non_null(strstr(sim_client_ask(client, "host.get.{h0}", ""), "\"a\":\"b\""));
}

/* A host that cannot reach the buckets says so in the end. */
static void test_buckets(void **state)
{
    struct sim_client *client = *state;

    sim_client_obey(client, "kill h1");
    cut(client, "h0", false, true);
    sim_client_send(client, "link.del",
                    "{\"source_id\":\"web\",\"wit_namespace\":\"wasi\","
                    "\"wit_package\":\"http\",\"name\":\"default\"}");
    sim_client_wait(client, 4000);
    sim_lattice_mend(client->lattice, client->now, find(client, "h0"));
    sim_client_wait(client, 2000);
    assert_non_null(strstr(sim_client_take(client), "failed to get component spec"));
}

/* What was written while a host was cut off it hears of when it is mended. */
static void test_catching_up(void **state)
{
    struct sim_client *client = *state;

    cut(client, "h0", true, true);
    sim_client_obey(client, "put-link web app wasi http in");
    sim_client_wait(client, 100);
    assert_non_null(strstr(sim_client_get(client, LINKS, "COMPONENT_web"), "app"));
    sim_client_obey(client, "kill h1");
    sim_lattice_mend(client->lattice, client->now, find(client, "h0"));
    sim_client_wait(client, 10);
    assert_non_null(strstr(sim_client_ask(client, "link.get", ""), "\"target\":\"app\""));
}

static void test_lies(void **state)
{
    struct sim_client *client = *state;
    const struct sim_faults faults = {.lie_per_mille = 1000};
    size_t false_count = 0;
    size_t written_count = 0;

    sim_lattice_set_faults(client->lattice, &faults);
    for (int i = 0; i < 20; i++) {
        const char *name = arena_print(&client->arena, "c%d", i);
        const char *answer = sim_client_ask(
            client, arena_print(&client->arena, "config.put.%s", name), "{}");
        const bool is_said = strstr(answer, "\"success\":true") != NULL;
        const bool is_done =
            sim_client_get(client, "CONFIGDATA_default", name)[0] != '\0';

        assert_true(is_said != is_done);
        false_count += !is_said;
        written_count += is_done;
    }
    assert_int_equal(false_count, written_count);
    assert_true(false_count > 0 && false_count < 20);
    assert_int_equal(sim_lattice_hits(client->lattice)->lied, 20);
    assert_non_null(
        strstr(sim_client_ask(client, "host.get.{h0}", ""), "\"success\":true"));
}

static void test_late(void **state)
{
    struct sim_client *client = *state;
    const struct sim_faults faults = {.late_per_mille = 1000};

    sim_lattice_set_faults(client->lattice, &faults);
    assert_string_equal(sim_client_ask(client, "host.get.{h0}", ""), "");
    sim_client_wait(client, 20000);
    assert_non_null(strstr(sim_client_take(client), "reply 1 "));
    assert_int_equal(sim_lattice_hits(client->lattice)->late, 1);
}

int main(void)
{
#define TEST(sentence, function)                                                         \
    {                                                                                    \
        sentence, function, sim_client_setup, sim_client_teardown, NULL                  \
    }
    const struct CMUnitTest tests[] = {
        TEST("a host that is cut off is not there", test_cut),
        TEST("cut on its way in it speaks and hears nothing", test_cut_in),
        TEST("cut on its way out it does what it is told", test_cut_out),
        TEST("a bucket that cannot be reached is a failure", test_buckets),
        TEST("a mended host hears what it missed", test_catching_up),
        TEST("a lie says the opposite of what is done", test_lies),
        TEST("a late reply comes after all patience", test_late),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
