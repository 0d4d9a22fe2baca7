#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>
#include <nats/nats.h>

#include "support_page.h"
#include "support_stage.h"

/* Until what is missing in one lattice is put again, whatever the other does.  A busy
 * machine may take longer now and then. */
#define REPAIR_MS   5000
#define REPAIRS_MAX 4

/* What west wants: it has no hosts at first. */
static const char west_manifest[] =
    "apiVersion: core.oam.dev/v1beta1\n"
    "kind: Application\n"
    "metadata: {name: west-app, annotations: {version: v1}}\n"
    "spec:\n"
    "  components:\n"
    "    - name: one\n"
    "      type: component\n"
    "      properties: {image: 'ghcr.io/wasmcloud/components/one:0.1.0'}\n"
    "      traits:\n"
    "        - {type: spreadscaler, properties: {instances: 1}}\n";

static const char west_more[] =
    "apiVersion: core.oam.dev/v1beta1\n"
    "kind: Application\n"
    "metadata: {name: west-more, annotations: {version: v1}}\n"
    "spec:\n"
    "  components:\n"
    "    - name: two\n"
    "      type: component\n"
    "      properties: {image: 'ghcr.io/wasmcloud/components/two:0.1.0'}\n"
    "      traits:\n"
    "        - {type: spreadscaler, properties: {instances: 3}}\n";

/* A folder for each lattice, with what it wants. */
static void write_folders(struct stage *stage)
{
    static const char *const names[] = {"default", "west"};
    char path[256];

    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(mkdir(stage_path(stage, names[i], path, sizeof path), 0700), 0);
    }
    stage_copy(stage, "default/quickstart.yaml", "manifests/valid/quickstart.yaml");
    stage_write(stage, "west/app.yaml", west_manifest);
}

static void start_both(struct stage *stage)
{
    char stores[128];

    (void)snprintf(stores, sizeof stores, "%s/stores", stage->directory);
    stage_daemon_with(stage, (const char *[]){"--lattice", "default,west", "--store",
                                              stores, "--log", "logfmt", NULL});
}

/* Somebody takes a link away in the lattice that is well; after how long is it put
 * again? */
static int64_t await_repair(struct stage *stage)
{
    const int64_t since = nats_Now();
    int64_t took_ms;

    reader_forget(stage->reader);
    (void)stage_order(stage,
                      "drop-link hello_world-httpserver hello_world-http_component");
    while (reader_count(stage->reader, "link.put") == 0) {
        assert_true(nats_Now() - since < STAGE_MS);
        (void)poll(NULL, 0, 20);
    }
    took_ms = nats_Now() - since;
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    stage_expect_converged(stage);
    return took_ms;
}

static void expect_repair(struct stage *stage, const char *meanwhile)
{
    int64_t took_ms = REPAIR_MS;

    for (int i = 0; took_ms >= REPAIR_MS && i < REPAIRS_MAX; i++) {
        took_ms = await_repair(stage);
        print_message("# repaired after %lld ms, while %s\n", (long long)took_ms,
                      meanwhile);
    }
    assert_true(took_ms < REPAIR_MS);
}

/* Its hosts were there and are silent, and something is wanted of them. */
static void silence(struct stage *stage, struct process *west)
{
    for (int i = 1; i <= 3; i++) {
        char order[32];

        (void)snprintf(order, sizeof order, "pause host-%d 100000", i);
        process_tell(west, order);
    }
    stage_write(stage, "west/more.yaml", west_more);
}

static void a_lattice_that_is_blind_delays_no_other(void **state)
{
    struct stage *stage = *state;
    struct process *west;

    write_folders(stage);
    stage_simulate(stage, NULL);
    start_both(stage);
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    stage_expect_converged(stage);

    page_expect(stage, "/readyz", "HTTP/1.1 503 ");
    page_expect(stage, "/readyz", "default: ready\nwest: the lattice has no hosts");
    page_expect(stage, "/readyz/default", "HTTP/1.1 200 OK");
    page_expect(stage, "/readyz/west", "HTTP/1.1 503 ");
    page_expect(stage, "/readyz/north", "HTTP/1.1 404 ");
    page_expect(stage, "/metrics", "\ntrellis_seeing{lattice=\"default\"} 1\n");
    page_expect(stage, "/metrics", "\ntrellis_seeing{lattice=\"west\"} 0\n");
    page_expect(stage, "/metrics",
                "\ntrellis_applications{lattice=\"default\",state=\"deployed\"} 1\n");
    process_expect_errors(stage->daemon, "lattice=default", 1);
    process_expect_errors(stage->daemon, "lattice=west", 1);

    /* each by itself: what one wants the other knows nothing of */
    assert_int_equal(stage_run(stage, "status", "--lattice", "west", NULL), 0);
    stage_expect_output(stage, "west-app");
    assert_null(strstr(stage_output(stage), "hello-world"));

    expect_repair(stage, "the other lattice has no hosts");

    west = process_start((const char *[]){stage->trellis, "simulate", "--server",
                                          server_url(stage->server), "--lattice", "west",
                                          "--seed", "2", NULL});
    page_expect(stage, "/readyz", "HTTP/1.1 200 OK");
    page_expect(stage, "/metrics",
                "\ntrellis_applications{lattice=\"west\",state=\"deployed\"} 1\n");
    silence(stage, west);
    expect_repair(stage, "the hosts of the other are silent");
    assert_int_equal(process_end(west, STAGE_MS), 0);
    process_free(west);
    stage_end_daemon(stage);
}

static void a_lattice_that_cannot_be_kept_is_said_and_the_others_go_on(void **state)
{
    struct stage *stage = *state;
    char path[160];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/stores", stage->directory);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/stores/west.db", stage->directory);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(west_manifest, sizeof west_manifest, 1, file), 1);
    assert_int_equal(fclose(file), 0);

    write_folders(stage);
    stage_simulate(stage, NULL);
    start_both(stage);
    process_expect_errors(stage->daemon, "this lattice is not kept", STAGE_MS);
    process_expect_errors(stage->daemon, "lattice=west", 1);
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    stage_expect_converged(stage);
    page_expect(stage, "/readyz", "default: ready\nwest: ");
    page_expect(stage, "/readyz/west", "HTTP/1.1 503 ");
    page_expect(stage, "/metrics", "\ntrellis_seeing{lattice=\"default\"} 1\n");
}

/* Wait until somebody writes to west. */
static void expect_writer(struct stage *stage)
{
    const int64_t until = nats_Now() + STAGE_MS;
    json_int_t count = 0;

    while (count == 0) {
        json_t *info =
            reader_ask(stage->reader, "$JS.API.STREAM.INFO.KV_TRELLIS_west", "");

        assert_true(nats_Now() < until);
        count = json_integer_value(
            json_object_get(json_object_get(info, "state"), "messages"));
        json_decref(info);
        (void)poll(NULL, 0, 20);
    }
}

/* Of several lattices a daemon waits for each by itself, and needs no option for it. */
static void a_lattice_that_another_keeps_is_taken_over(void **state)
{
    struct stage *stage = *state;
    struct process *other;
    char path[128];

    write_folders(stage);
    stage_simulate(stage, NULL);
    (void)snprintf(path, sizeof path, "%s/other.db", stage->directory);
    other = process_start((const char *[]){stage->trellis, "daemon", "--lattice", "west",
                                           "--server", server_url(stage->server),
                                           "--store", path, "--http", "off", NULL});
    process_expect_errors(other, "cannot be seen", STAGE_MS);
    expect_writer(stage);
    start_both(stage);
    process_expect_errors(stage->daemon, "another trellis writes to this lattice",
                          STAGE_MS);
    stage_expect_converged(stage);
    page_expect(stage, "/readyz", "default: ready\nwest: another trellis writes");
    assert_int_equal(process_end(other, STAGE_MS), 0);
    process_free(other);
    page_expect(stage, "/readyz", "default: ready\nwest: the lattice has no hosts");

    assert_int_equal(
        stage_run(stage, "daemon", "--lattice", "default,west", "--standby", NULL), 2);
    stage_expect_errors(stage, "--standby is for one lattice");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(a_lattice_that_is_blind_delays_no_other),
        STAGE_TEST(a_lattice_that_cannot_be_kept_is_said_and_the_others_go_on),
        STAGE_TEST(a_lattice_that_another_keeps_is_taken_over),
    };

    return cmocka_run_group_tests_name("e2e lattices", tests, NULL, NULL);
}
