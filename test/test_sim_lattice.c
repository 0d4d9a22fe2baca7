/* A simulated lattice: who hears what, buckets, deafness, and determinism. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "test/support_lattice.h"

#define LINKS   "LATTICEDATA_default"
#define CONFIGS "CONFIGDATA_default"

#define PUT_OK "{\"success\":true,\"message\":\"successfully set link\"}\n"

static const char *link_body(struct sim_client *client, const char *source,
                             unsigned int i)
{
    return arena_print(&client->arena,
                       "{\"source_id\":\"%s\",\"target\":\"t%u\",\"name\":\"n%u\","
                       "\"wit_namespace\":\"wasi\",\"wit_package\":\"http\","
                       "\"interfaces\":[\"in\"]}",
                       source, i, i);
}

static void test_ping(void **state)
{
    assert_int_equal(
        sim_client_count(sim_client_ask(*state, "host.ping", ""), "\"friendly_name\""),
        2);
}

static void test_queue_group(void **state)
{
    struct sim_client *client = *state;
    const char *log;

    sim_client_obey(client, "mute h1");
    for (int i = 0; i < 40; i++) {
        sim_client_send(client, "config.put.c", "{}");
    }
    sim_client_wait(client, 100);
    log = sim_client_take(client);
    assert_int_equal(sim_client_count(log, "successfully put config"), 40);
    assert_int_equal(sim_client_count(log, "entry " CONFIGS " c"), 40);
    /* The events of one of the two are not heard: both took some. */
    assert_in_range(sim_client_count(log, "event config_set"), 5, 35);
}

static void test_addressed(void **state)
{
    const char *reply = sim_client_ask(*state, "host.get.{h1}", "");

    assert_int_equal(sim_client_count(reply, "\"friendly_name\":\"h1\""), 1);
    assert_int_equal(sim_client_count(reply, "\"friendly_name\""), 1);
}

static void test_no_responders(void **state)
{
    struct sim_client *client = *state;

    sim_client_obey(client, "kill h1");
    assert_string_equal(sim_client_ask(client, "host.get.{h1}", ""), "no-responders\n");
    sim_client_obey(client, "stop h0");
    sim_client_wait(client, 10);
    assert_string_equal(sim_client_ask(client, "host.get.{h0}", ""), "no-responders\n");
    assert_string_equal(sim_client_ask(client, "host.ping", ""), "no-responders\n");
    assert_string_equal(sim_client_ask(client, "link.get", ""), "no-responders\n");
}

static void test_unheard_subject(void **state)
{
    assert_string_equal(sim_client_ask(*state, "nonsense.verb", ""), "no-responders\n");
    assert_string_equal(sim_client_ask(*state, "host.foo.{h0}", ""), "");
}

static void test_unlink_reaches_other_hosts(void **state)
{
    struct sim_client *client = *state;

    sim_client_send(client, "provider.start.{h0}",
                    "{\"provider_id\":\"web\",\"provider_ref\":\"http:1\"}");
    sim_client_send(client, "provider.start.{h1}",
                    "{\"provider_id\":\"web\",\"provider_ref\":\"http:1\"}");
    sim_client_wait(client, 200);
    assert_string_equal(sim_client_ask(client, "link.put", link_body(client, "web", 1)),
                        PUT_OK);
    assert_string_equal(sim_client_serves(client),
                        "h0 web -[n1 wasi:http]-> t1: hangs (runs nowhere)\n"
                        "h1 web -[n1 wasi:http]-> t1: hangs (runs nowhere)\n");
    (void)sim_client_ask(client, "link.del", link_body(client, "web", 1));
    assert_string_equal(sim_client_serves(client), "");
}

static void test_serving_across_hosts(void **state)
{
    struct sim_client *client = *state;

    sim_client_send(client, "provider.start.{h0}",
                    "{\"provider_id\":\"ext\",\"provider_ref\":\"http:1\"}");
    sim_client_send(client, "provider.start.{h0}",
                    "{\"provider_id\":\"in\",\"provider_ref\":"
                    "\"wasmcloud+builtin://http-server\"}");
    sim_client_obey(client, "scale h1 t1 1 a:1");
    sim_client_wait(client, 200);
    (void)sim_client_ask(client, "link.put", link_body(client, "ext", 1));
    (void)sim_client_ask(client, "link.put", link_body(client, "in", 1));
    assert_string_equal(sim_client_serves(client),
                        "h0 ext -[n1 wasi:http]-> t1: ok a:1\n"
                        "h0 in -[n1 wasi:http]-> t1: reset (not on this host)\n");
    sim_client_obey(client, "scale h0 t1 1 b:1");
    sim_client_wait(client, 200);
    assert_string_equal(sim_client_serves(client),
                        "h0 ext -[n1 wasi:http]-> t1: ok a:1,b:1\n"
                        "h0 in -[n1 wasi:http]-> t1: ok b:1\n");
}

static void test_young_host(void **state)
{
    struct sim_client *client = *state;

    (void)sim_client_ask(client, "link.put", link_body(client, "web", 1));
    sim_client_obey(client, "kill h0");
    sim_client_obey(client, "kill h1");
    sim_client_obey(client, "start young a=b");
    assert_string_equal(sim_client_ask(client, "link.get", ""),
                        "{\"success\":true,\"message\":\"\",\"response\":[]}\n");
    assert_int_equal(sim_client_count(sim_client_take(client), "host_started"), 0);
    sim_client_wait(client, 100);
    assert_int_equal(sim_client_count(sim_client_take(client),
                                      "event host_started {\"friendly_name\":"
                                      "\"young\",\"labels\":{\"a\":\"b\","),
                     1);
    assert_int_equal(sim_client_count(sim_client_ask(client, "link.get", ""), "\"n1\""),
                     1);
}

static void test_restart(void **state)
{
    struct sim_client *client = *state;
    const char *before = arena_copy(
        &client->arena, sim_host_id(sim_lattice_find_host(client->lattice, "h0")));
    const struct sim_host *host;

    sim_client_obey(client, "scale h0 app 1 a:1");
    sim_client_wait(client, 200);
    sim_client_obey(client, "restart h0");
    host = sim_lattice_find_host(client->lattice, "h0");
    assert_string_not_equal(sim_host_id(host), before);
    assert_null(sim_lattice_find_host(client->lattice, before));
    assert_ptr_equal(sim_lattice_find_host(client->lattice, sim_host_id(host)), host);
    assert_int_equal(sim_lattice_hosts_count(client->lattice), 2);
    sim_client_wait(client, 200);
    assert_int_equal(sim_client_count(sim_client_ask(client, "host.get.{h0}", ""),
                                      "\"components\":[],\"providers\":[]"),
                     1);
    assert_int_equal(
        sim_client_count(sim_client_ask(client, "host.ping", ""), "\"zone\":\"z1\""), 2);
}

static void test_restored(void **state)
{
    static const struct host_workload workloads[] = {
        {.kind = WORKLOAD_COMPONENT,
         .id = "t1",
         .image = "a:1",
         .count = 2,
         .application = "shop",
         .manager = "wadm"},
        {.kind = WORKLOAD_PROVIDER,
         .id = "web",
         .image = "http:1",
         .count = 1,
         .application = "shop",
         .manager = "wadm"},
    };
    const struct inventory inventory = {.host = "NABC",
                                        .name = "real",
                                        .version = "1.8.0",
                                        .uptime_seconds = 100,
                                        .workloads = workloads,
                                        .workloads_count = 2};
    struct sim_client *client = *state;

    (void)sim_client_ask(client, "link.put", link_body(client, "web", 1));
    (void)sim_lattice_restore_host(client->lattice, client->now, &inventory);
    sim_client_wait(client, 10);
    assert_string_equal(sim_client_take(client), "");
    assert_string_equal(sim_client_serves(client),
                        "real web -[n1 wasi:http]-> t1: ok a:1\n");
    assert_int_equal(
        sim_client_count(sim_client_ask(client, "host.get.{NABC}", ""),
                         "\"version\":\"1.8.0\",\"uptime_human\":\"1m 40s\""),
        1);
    assert_int_equal(sim_client_count(sim_client_ask(client, "link.get", ""), "\"n1\""),
                     1);
}

static void test_follow(void **state)
{
    struct sim_client *client = *state;

    sim_client_send(client, "config.put.c", "{\"a\":\"b\"}");
    sim_client_wait(client, 20);
    sim_client_send(client, "config.del.c", "");
    sim_client_wait(client, 20);
    assert_non_null(
        strstr(sim_client_take(client), "entry " CONFIGS " c {\"a\":\"b\"}\n"));
    sim_lattice_disconnect(client->lattice, client->now);
    sim_lattice_put(client->lattice, client->now, CONFIGS, "a", "{}", 2);
    sim_lattice_put(client->lattice, client->now, CONFIGS, "z", "{}", 2);
    sim_lattice_put(client->lattice, client->now, CONFIGS, "a", "{}", 2);
    sim_client_wait(client, 20);
    sim_lattice_connect(client->lattice, client->now);
    sim_client_wait(client, 20);
    assert_string_equal(sim_client_take(client),
                        "disconnected\nconnected\n"
                        "listing " LINKS "\nlisted " LINKS "\n"
                        "listing " CONFIGS "\nentry " CONFIGS " c (deleted)\n"
                        "entry " CONFIGS " z {}\nentry " CONFIGS " a {}\n"
                        "listed " CONFIGS "\n");
}

static void test_cut_off(void **state)
{
    struct sim_client *client = *state;

    sim_client_send(client, "host.ping", "");
    sim_lattice_disconnect(client->lattice, client->now);
    sim_client_send(client, "config.put.c", "{}");
    sim_client_wait(client, 100);
    sim_lattice_connect(client->lattice, client->now);
    sim_client_wait(client, 100);
    assert_int_equal(sim_client_count(sim_client_take(client), "reply"), 0);
    assert_string_equal(sim_client_get(client, CONFIGS, "c"), "");
}

static void test_first_host_makes_buckets(void **state)
{
    const struct sim_lattice_options options = {.lattice = "default", .seed = 1};
    const struct properties none = {0};
    struct sim_client *client = *state;

    sim_client_close(client);
    sim_client_open_with(client, &options, 0);
    sim_lattice_put(client->lattice, client->now, CONFIGS, "c", "{}", 2);
    assert_string_equal(sim_client_get(client, CONFIGS, "c"), "");
    (void)sim_lattice_start_host(client->lattice, client->now, "h", &none);
    sim_client_wait(client, 10);
    assert_string_equal(sim_client_take(client),
                        "listing " LINKS "\nlisted " LINKS "\nlisting " CONFIGS
                        "\nlisted " CONFIGS "\n");
}

static void test_lost_buckets(void **state)
{
    struct sim_client *client = *state;

    (void)sim_client_ask(client, "link.put", link_body(client, "web", 1));
    sim_client_obey(client, "lose-buckets");
    sim_client_wait(client, 1900);
    assert_string_equal(sim_client_take(client), "");
    sim_client_wait(client, 200);
    assert_string_equal(sim_client_take(client), "lost " LINKS "\nlost " CONFIGS "\n");
    assert_string_equal(sim_client_ask(client, "link.put", link_body(client, "web", 2)),
                        "{\"success\":false,\"message\":\"failed to get component "
                        "spec\"}\n");
    sim_client_obey(client, "make-buckets");
    sim_client_wait(client, 10);
    assert_non_null(strstr(sim_client_take(client), "listed " CONFIGS));
}

/* Hosts resume at the number they had reached: until the new stream comes so far they
 * hear nothing of it. */
static void test_deafness(void **state)
{
    struct sim_client *client = *state;
    unsigned int i = 0;

    for (; i < 10; i++) {
        assert_string_equal(
            sim_client_ask(client, "link.put", link_body(client, "web", i)), PUT_OK);
    }
    sim_client_obey(client, "lose-buckets");
    sim_client_obey(client, "make-buckets");
    for (; i < 20; i++) {
        assert_string_equal(
            sim_client_ask(client, "link.put", link_body(client, "web", i)), PUT_OK);
        assert_int_equal(
            sim_client_count(sim_client_ask(client, "link.get", ""), "\"n10\""), 0);
        assert_int_equal(
            sim_client_count(sim_client_ask(client, "link.get", ""), "\"n9\""), 1);
    }
    assert_int_equal(
        sim_client_count(sim_client_get(client, LINKS, "COMPONENT_web"), "source_id"),
        10);
    /* Number 11 is the one they wait for; it tells the whole entry of its source. */
    (void)sim_client_ask(client, "link.put", link_body(client, "other", 1));
    assert_int_equal(sim_client_count(sim_client_ask(client, "link.get", ""), "\"n10\""),
                     0);
    (void)sim_client_ask(client, "link.put", link_body(client, "web", 10));
    assert_int_equal(sim_client_count(sim_client_ask(client, "link.get", ""), "\"n10\""),
                     1);
    /* One that starts reads all of it. */
    sim_client_obey(client, "restart h0");
    sim_client_obey(client, "kill h1");
    sim_client_wait(client, 200);
    assert_int_equal(
        sim_client_count(sim_client_ask(client, "link.get", ""), "source_id"), 11);
}

static void test_lost_puts(void **state)
{
    struct sim_client *client = *state;

    for (unsigned int i = 0; i < 40; i++) {
        sim_client_send(client, "link.put", link_body(client, "web", i));
    }
    sim_client_wait(client, 100);
    assert_int_equal(sim_client_count(sim_client_take(client), "successfully set link"),
                     40);
    assert_int_equal(
        sim_client_count(sim_client_get(client, LINKS, "COMPONENT_web"), "source_id"), 1);
}

static void test_different_sources(void **state)
{
    struct sim_client *client = *state;

    for (unsigned int i = 0; i < 40; i++) {
        sim_client_send(client, "link.put",
                        link_body(client, arena_print(&client->arena, "s%u", i), i));
    }
    sim_client_wait(client, 100);
    assert_int_equal(
        sim_client_count(sim_client_ask(client, "link.get", ""), "source_id"), 40);
}

/* The start of the source writes its entry back as it was before the put. */
static void test_start_races_put(void **state)
{
    struct sim_client *client = *state;

    sim_client_send(client, "link.put", link_body(client, "web", 1));
    sim_client_wait(client, 1);
    sim_client_obey(client, "scale h0 web 1 a:1");
    sim_client_wait(client, 200);
    assert_int_equal(sim_client_count(sim_client_take(client), "successfully set link"),
                     1);
    assert_string_equal(sim_client_get(client, LINKS, "COMPONENT_web"),
                        "{\"url\":\"a:1\",\"links\":[]}");
}

static uint64_t run(uint64_t seed, size_t *ret_messages)
{
    const struct sim_lattice_options options = {
        .lattice = "default",
        .seed = seed,
        .fetch_ms = 30,
        .faults = {.drop_per_mille = 50,
                   .duplicate_per_mille = 50,
                   .reorder_per_mille = 50,
                   .delay_ms_max = 10},
    };
    struct sim_client client;
    uint64_t digest;

    sim_client_open_with(&client, &options, 3);
    for (unsigned int i = 0; i < 200; i++) {
        sim_client_send(&client, "link.put",
                        link_body(&client, i % 2 == 0 ? "web" : "kv", i % 7));
        sim_client_send(
            &client, "component.scale.{h1}",
            arena_print(&client.arena,
                        "{\"component_id\":\"c%u\",\"component_ref\":\"a:%u\","
                        "\"count\":%u}",
                        i % 5, i % 3, i % 4));
        sim_client_wait(&client, 7);
    }
    sim_client_obey(&client, "restart h2");
    sim_client_wait(&client, 40000);
    digest = client.digest;
    *ret_messages = client.messages_count;
    sim_client_close(&client);
    return digest;
}

static void test_determinism(void **state)
{
    size_t counts[3];
    const uint64_t first = run(42, &counts[0]);

    (void)state;
    assert_true(first == run(42, &counts[1]));
    assert_int_equal(counts[0], counts[1]);
    assert_true(counts[0] > 500);
    assert_true(first != run(43, &counts[2]));
}

int main(void)
{
#define TEST(sentence, function)                                                         \
    {                                                                                    \
        sentence, function, sim_client_setup, sim_client_teardown, NULL                  \
    }
    const struct CMUnitTest tests[] = {
        TEST("every host answers a ping", test_ping),
        TEST("one host of a queue group takes a request", test_queue_group),
        TEST("an addressed request reaches its host alone", test_addressed),
        TEST("a host that is gone is no responder", test_no_responders),
        TEST("a subject nobody listens to has no responders", test_unheard_subject),
        TEST("a deleted link leaves providers on all hosts",
             test_unlink_reaches_other_hosts),
        TEST("an external provider reaches components anywhere",
             test_serving_across_hosts),
        TEST("a young host answers before it has read the links", test_young_host),
        TEST("a restarted host is another host, and empty", test_restart),
        TEST("a restored host is there without a word", test_restored),
        TEST("a client is told the buckets, and what changes", test_follow),
        TEST("what is sent or answered while cut off is lost", test_cut_off),
        TEST("the first host makes the buckets", test_first_host_makes_buckets),
        TEST("lost buckets are noticed after two seconds", test_lost_buckets),
        TEST("hosts are deaf to buckets made again", test_deafness),
        TEST("puts of one source at once are lost", test_lost_puts),
        TEST("puts of different sources at once are kept", test_different_sources),
        TEST("the start of a source races a put", test_start_races_put),
        TEST("one seed is one history", test_determinism),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
