/* The language that tells a simulated lattice what happens to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "reconciler/sim/links.h"
#include "reconciler/sim/order.h"
#include "test/support_lattice.h"

#define LINKS   "LATTICEDATA_default"
#define CONFIGS "CONFIGDATA_default"

#define WEB_TO_APP                                                                       \
    "{\"url\":\"\",\"links\":[{\"source_id\":\"web\",\"target\":\"app\",\"name\":"       \
    "\"default\",\"wit_namespace\":\"wasi\",\"wit_package\":\"http\",\"interfaces\":["   \
    "\"in\",\"out\"],\"source_config\":[],\"target_config\":[]}]}"

static void test_words(void **state)
{
    struct arena arena = {0};
    struct sim_order order;
    const char *reason;

    (void)state;
    assert_true(
        sim_order_read("  scale h1 app 3\tghcr.io/a:1 \n", &arena, &order, &reason));
    assert_int_equal(order.kind, SIM_ORDER_SCALE);
    assert_string_equal(order.host, "h1");
    assert_string_equal(order.id, "app");
    assert_int_equal(order.count, 3);
    assert_string_equal(order.image, "ghcr.io/a:1");

    assert_true(sim_order_read("start h1 zone=b a= zone=c", &arena, &order, &reason));
    assert_int_equal(order.labels.count, 2);
    assert_string_equal(order.labels.items[0].key, "a");
    assert_string_equal(order.labels.items[0].value, "");
    assert_string_equal(order.labels.items[1].value, "c");

    assert_true(sim_order_read("refuse a:1 no such  tag", &arena, &order, &reason));
    assert_string_equal(order.text, "no such  tag");
    assert_true(sim_order_read("refuse a:1", &arena, &order, &reason));
    assert_string_equal(order.text, "");
    arena_free(&arena);
}

static void test_not_understood(void **state)
{
    static const struct {
        const char *line;
        const char *reason;
    } cases[] = {
        {"", "an empty line"},
        {"   \n", "an empty line"},
        {"explode h1", "no such order"},
        {"kill", "a word is missing"},
        {"kill h1 h2", "too many words"},
        {"pause h1 soon", "not a number, or too large"},
        {"pause h1 -5", "not a number, or too large"},
        {"scale h1 app 4294967296 a:1", "not a number, or too large"},
        {"scale h1 app 1", "a word is missing"},
        {"label h1 zone", "a label is KEY=VALUE"},
        {"label h1 =b", "a label is KEY=VALUE"},
        {"start h1 zone", "a label is KEY=VALUE"},
        {"drop-link web", "a word is missing"},
        {"drop-link web app default more", "too many words"},
        {"put-link web app wasi http", "a word is missing"},
        {"lose-buckets now", "too many words"},
    };
    struct arena arena = {0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sim_order order;
        const char *reason = NULL;

        assert_false(sim_order_read(cases[i].line, &arena, &order, &reason));
        assert_string_equal(reason, cases[i].reason);
    }
    arena_free(&arena);
}

static void test_cannot_be_obeyed(void **state)
{
    static const struct {
        const char *line;
        const char *reason;
    } cases[] = {
        {"explode", "no such order"},
        {"kill nobody", "no such host"},
        {"restart nobody", "no such host"},
        {"start h0", "that host is running"},
        {"mute h1", "that host is not running"},
        {"scale h1 app 1 a:1", "that host is not running"},
        {"stop nobody", "no such host"},
        {"crash h0 web", "no such provider, or it is broken"},
        {"drop-link web app", "no such link"},
        {"sicken h0 web", "no such provider, or it is broken"},
        {"heal h0 web", "no such provider, or it is broken"},
        {"disable h1 http-server", "that host is not running"},
        {"drop-config c", "no such config"},
    };
    struct sim_client *client = *state;

    sim_client_obey(client, "kill h1");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *reason = NULL;

        assert_false(
            sim_lattice_obey(client->lattice, client->now, cases[i].line, &reason));
        assert_string_equal(reason, cases[i].reason);
    }
    sim_client_obey(client, "kill h0");
    {
        const char *reason = NULL;

        assert_false(sim_lattice_obey(client->lattice, client->now, "put-link a b c d e",
                                      &reason));
        assert_string_equal(reason, "no host is running");
    }
}

static void test_start_and_kill(void **state)
{
    struct sim_client *client = *state;

    sim_client_obey(client, "start new zone=far");
    sim_client_wait(client, 200);
    assert_non_null(strstr(sim_client_take(client), "event host_started"));
    assert_non_null(
        strstr(sim_client_ask(client, "host.get.{new}", ""), "\"zone\":\"far\""));
    sim_client_obey(client, "kill new");
    assert_string_equal(sim_client_ask(client, "host.get.{new}", ""), "no-responders\n");
    assert_null(strstr(sim_client_take(client), "host_stopped"));
}

static void test_stop_and_restart(void **state)
{
    struct sim_client *client = *state;

    sim_client_obey(client, "stop h0");
    sim_client_wait(client, 10);
    assert_non_null(strstr(sim_client_take(client), "event host_stopped"));
    sim_client_obey(client, "restart h0");
    sim_client_wait(client, 200);
    assert_non_null(strstr(sim_client_take(client), "event host_started"));
}

static void test_pause_and_delay(void **state)
{
    struct sim_client *client = *state;

    sim_client_obey(client, "pause h0 1000");
    assert_string_equal(sim_client_ask(client, "host.get.{h0}", ""), "");
    sim_client_wait(client, 1000);
    assert_non_null(strstr(sim_client_take(client), "reply 1 "));
    sim_client_obey(client, "delay h0 100");
    assert_string_equal(sim_client_ask(client, "host.get.{h0}", ""), "");
    sim_client_wait(client, 100);
    assert_non_null(strstr(sim_client_take(client), "reply 2 "));
}

static void test_mute(void **state)
{
    struct sim_client *client = *state;

    sim_client_obey(client, "mute h0");
    sim_client_obey(client, "mute h1");
    sim_client_wait(client, 40000);
    assert_string_equal(sim_client_take(client), "");
    sim_client_obey(client, "unmute h1");
    sim_client_wait(client, 30000);
    assert_non_null(strstr(sim_client_take(client), "event host_heartbeat"));
}

static void test_refuse_and_accept(void **state)
{
    struct sim_client *client = *state;

    sim_client_obey(client, "refuse a:1 registry is down");
    sim_client_obey(client, "restart h0");
    sim_client_obey(client, "scale h0 app 1 a:1");
    sim_client_obey(client, "scale h1 app 1 a:1");
    sim_client_wait(client, 200);
    {
        const char *log = sim_client_take(client);

        log = strstr(log, "failed to fetch component: registry is down");
        assert_non_null(log);
        assert_non_null(strstr(log + 1, "failed to fetch component: registry is down"));
    }
    sim_client_obey(client, "accept a:1");
    sim_client_obey(client, "scale h0 app 1 a:1");
    sim_client_wait(client, 200);
    assert_non_null(strstr(sim_client_take(client), "component_scaled"));
}

static void test_refuse_on_one(void **state)
{
    struct sim_client *client = *state;

    sim_client_obey(client, "refuse-on h0 a:1 disk full");
    sim_client_obey(client, "scale h0 app 1 a:1");
    sim_client_wait(client, 200);
    assert_non_null(
        strstr(sim_client_take(client), "failed to fetch component: disk full"));
    sim_client_obey(client, "scale h1 app 1 a:1");
    sim_client_wait(client, 200);
    assert_non_null(strstr(sim_client_take(client), "component_scaled"));
    sim_client_obey(client, "accept-on h0 a:1");
    sim_client_obey(client, "scale h0 app 1 a:1");
    sim_client_wait(client, 200);
    assert_non_null(strstr(sim_client_take(client), "component_scaled"));
}

static void test_links(void **state)
{
    struct sim_client *client = *state;

    sim_client_obey(client, "put-link web app wasi http in,out");
    sim_client_wait(client, 10);
    assert_string_equal(sim_client_get(client, LINKS, "COMPONENT_web"), WEB_TO_APP);
    sim_client_obey(client, "put-link web app wasi http in second");
    sim_client_wait(client, 10);
    assert_non_null(
        strstr(sim_client_get(client, LINKS, "COMPONENT_web"), "\"name\":\"second\""));
    sim_client_obey(client, "put-link web app wasi http in third");
    sim_client_wait(client, 10);
    sim_client_obey(client, "del-link web wasi http third");
    sim_client_wait(client, 10);
    assert_null(strstr(sim_client_get(client, LINKS, "COMPONENT_web"), "third"));
    (void)sim_client_take(client);
    sim_client_obey(client, "drop-link web app second");
    assert_string_equal(sim_client_get(client, LINKS, "COMPONENT_web"), WEB_TO_APP);
    sim_client_obey(client, "drop-link web app");
    assert_string_equal(sim_client_get(client, LINKS, "COMPONENT_web"),
                        "{\"url\":\"\",\"links\":[]}");
    sim_client_wait(client, 10);
    assert_string_equal(sim_client_take(client),
                        "entry " LINKS " COMPONENT_web " WEB_TO_APP "\n"
                        "entry " LINKS " COMPONENT_web {\"url\":\"\",\"links\":[]}\n");
}

static void test_drop_config(void **state)
{
    struct sim_client *client = *state;

    sim_lattice_put(client->lattice, client->now, CONFIGS, "c", "{}", 2);
    sim_client_obey(client, "drop-config c");
    sim_client_wait(client, 10);
    assert_string_equal(sim_client_take(client),
                        "entry " CONFIGS " c {}\nentry " CONFIGS " c (deleted)\n");
}

static void test_components(void **state)
{
    struct sim_client *client = *state;

    sim_client_obey(client, "scale h0 app 2 a:1");
    sim_client_wait(client, 200);
    sim_client_obey(client, "update h0 app b:1");
    sim_client_wait(client, 200);
    assert_string_equal(
        strstr(sim_client_prints(client), "h0 component"),
        arena_print(&client->arena,
                    "h0 component app count 2 image b:1 serving a:1\nh1 %s\n",
                    sim_host_id(sim_lattice_find_host(client->lattice, "h1"))));
}

static void test_labels(void **state)
{
    struct sim_client *client = *state;

    sim_client_obey(client, "label h0 disk=ssd");
    sim_client_wait(client, 10);
    assert_non_null(strstr(sim_client_take(client), "\"disk\":\"ssd\""));
    sim_client_obey(client, "unlabel h0 disk");
    sim_client_wait(client, 10);
    assert_null(strstr(sim_client_take(client), "disk"));
    assert_null(strstr(sim_client_ask(client, "host.get.{h0}", ""), "disk"));
}

static void test_providers(void **state)
{
    struct sim_client *client = *state;

    sim_client_send(client, "provider.start.{h0}",
                    "{\"provider_id\":\"web\",\"provider_ref\":\"http:1\"}");
    sim_client_wait(client, 10);
    /* The put falls on the start, and is lost; a new process is given the link. */
    sim_client_obey(client, "put-link web app wasi http in");
    sim_client_wait(client, 1000);
    assert_string_equal(sim_client_serves(client), "");
    sim_client_obey(client, "crash h0 web");
    sim_client_wait(client, 10);
    assert_string_equal(sim_client_serves(client),
                        "h0 web -[default wasi:http]-> app: hangs (runs nowhere)\n");
    sim_client_obey(client, "break h0 web");
    assert_string_equal(sim_client_serves(client), "");
    sim_client_obey(client, "stop-provider h0 web");
    sim_client_obey(client, "start-provider h0 web http:2");
    sim_client_wait(client, 1000);
    assert_non_null(strstr(sim_client_prints(client), "provider web image http:2"));
}

static void test_buckets(void **state)
{
    struct sim_client *client = *state;

    sim_lattice_put(client->lattice, client->now, CONFIGS, "c", "{}", 2);
    sim_client_obey(client, "lose-buckets");
    assert_string_equal(sim_client_get(client, CONFIGS, "c"), "");
    assert_string_equal(sim_client_ask(client, "config.put.c", "{}"), "");
    sim_client_obey(client, "make-buckets");
    assert_string_equal(sim_client_ask(client, "config.put.c", "{}"),
                        "{\"success\":true,\"message\":\"successfully put config\"}\n");
}

static void test_print(void **state)
{
    struct sim_client *client = *state;

    sim_lattice_put(client->lattice, client->now, CONFIGS, "c", "{}", 2);
    sim_client_obey(client, "put-link web app wasi http in,out");
    sim_client_wait(client, 10);
    assert_string_equal(
        sim_client_prints(client),
        arena_print(&client->arena,
                    CONFIGS " c {}\n" LINKS " COMPONENT_web " WEB_TO_APP "\n"
                            "h0 %s\nh1 %s\n",
                    sim_host_id(sim_lattice_host_at(client->lattice, 0)),
                    sim_host_id(sim_lattice_host_at(client->lattice, 1))));
}

int main(void)
{
#define TEST(sentence, function)                                                         \
    {                                                                                    \
        sentence, function, sim_client_setup, sim_client_teardown, NULL                  \
    }
    const struct CMUnitTest tests[] = {
        {"words go where they belong", test_words, NULL, NULL, NULL},
        {"a line that is no order has a reason", test_not_understood, NULL, NULL, NULL},
        TEST("an order that cannot be obeyed has a reason", test_cannot_be_obeyed),
        TEST("start and kill", test_start_and_kill),
        TEST("stop and restart", test_stop_and_restart),
        TEST("pause and delay", test_pause_and_delay),
        TEST("mute and unmute", test_mute),
        TEST("refuse and accept, on hosts that start later too", test_refuse_and_accept),
        TEST("refuse and accept on one host", test_refuse_on_one),
        TEST("put-link, del-link and drop-link", test_links),
        TEST("drop-config", test_drop_config),
        TEST("scale and update", test_components),
        TEST("label and unlabel", test_labels),
        TEST("crash, break, stop and start a provider", test_providers),
        TEST("lose-buckets and make-buckets", test_buckets),
        TEST("a lattice prints its buckets and hosts", test_print),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
