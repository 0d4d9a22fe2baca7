/*
 * The daemon killed at a step, one after the other: before and after each statement that
 * writes, each commit, and each message that leaves.  Started again it brings about what
 * is wanted; its ledger has just what is there; what others have put is not touched.
 *
 * TORTURE=N in the environment dies at every N-th step there is, from TORTURE_FIRST on,
 * or from the N-th; else at a few.
 */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <nats/nats.h>

#include "linkstore/store.h"
#include "support_linkstore.h"
#include "support_stage.h"

/* Between two looks. */
#define LOOK_MS 20

#define APPLICATION "hello-world"

/* For a life, of which some parts wait for seconds. */
#define PATIENCE_MS ((int64_t)2 * STAGE_MS)

/* Of a life of some hundred steps. */
#define SAMPLE_STRIDE 131

/* What somebody else has put, before, and after everything. */
#define FOREIGN_LINK                                                                     \
    "link zz-web -[default wasi:http/incoming-handler]-> zz-others source [] target "    \
    "[]\n"
#define FOREIGN_PROVIDER "provider zz-theirs on 1 hosts of ghcr.io/acme/theirs:1\n"

static const char nothing[] = FOREIGN_LINK FOREIGN_PROVIDER;

#define QUICKSTART(tag)                                                                  \
    "component hello_world-http_component on 1 hosts, 1 instances of "                   \
    "ghcr.io/wasmcloud/components/http-hello-world-rust:" tag "\n"                       \
    "config hello_world-default_http {\"address\":\"127.0.0.1:8080\"}\n"                 \
    "config hello_world-redis_url {\"url\":\"redis://127.0.0.1:6379\"}\n"                \
    "link hello_world-http_component -[default wasi:keyvalue/atomics,store]-> "          \
    "hello_world-kvredis source [] target [hello_world-redis_url]\n"                     \
    "link hello_world-httpserver -[default wasi:http/incoming-handler]-> "               \
    "hello_world-http_component source [hello_world-default_http] target "               \
    "[]\n" FOREIGN_LINK "provider hello_world-httpserver on 1 hosts of "                 \
    "ghcr.io/wasmcloud/http-server:0.22.0\n"                                             \
    "provider hello_world-kvredis on 1 hosts of "                                        \
    "ghcr.io/wasmcloud/keyvalue-redis:0.27.0\n" FOREIGN_PROVIDER

static const char first[] = QUICKSTART("0.1.0");
static const char upgraded[] = QUICKSTART("0.2.0");

/* Has the daemon died of its step?  Then it is started again, without one. */
static void revive(struct stage *stage, bool *has_died)
{
    if (process_is_running(stage->daemon)) {
        return;
    }
    assert_false(*has_died); /* once, and of nothing else */
    *has_died = true;
    assert_int_equal(process_wait(stage->daemon, STAGE_MS), 128 + SIGKILL);
    stage_daemon(stage);
}

/* How many rows a ledger has of world: a line each, on one host, but what is theirs. */
static size_t rows_of(const char *world)
{
    size_t rows = 0;

    for (; *world != '\0'; world = strchr(world, '\n') + 1) {
        rows +=
            strncmp(world, "link zz-", 8) != 0 && strncmp(world, "provider zz-", 12) != 0;
    }
    return rows;
}

/* Does the ledger hold count rows, all of them seen in the lattice? */
static bool is_exact(struct stage *stage, size_t count)
{
    struct store *store = NULL;
    struct arena arena = {0};
    struct ledger_rows rows = {0};
    struct err err;
    bool is_good = store_open_copy(stage->store, NULL, &store, &err) == ERR_OK &&
                   store_read_ledger(store, 0, &arena, &rows, &err) == ERR_OK &&
                   rows.count == count;

    for (size_t i = 0; is_good && i < rows.count; i++) {
        is_good = rows.items[i].state == LEDGER_CONFIRMED;
    }
    store_close(store);
    arena_free(&arena);
    return is_good;
}

/* Wait until the lattice is world and the ledger tells of it. */
static void await(struct stage *stage, const char *world, bool *has_died)
{
    const int64_t until = nats_Now() + PATIENCE_MS;

    while (strcmp(reader_world(stage->reader), world) != 0 ||
           !is_exact(stage, rows_of(world))) {
        if (nats_Now() > until) {
            print_message("%s", process_errors(stage->daemon));
            fail_msg("expected:\n%s\nthere is:\n%s", world, reader_world(stage->reader));
        }
        revive(stage, has_died);
        (void)poll(NULL, 0, LOOK_MS);
    }
}

/* Ask for it until it is heard: who died may have forgotten. */
static void delete_application(struct stage *stage, bool *has_died)
{
    const int64_t until = nats_Now() + STAGE_MS;
    json_t *answer;

    do {
        assert_true(nats_Now() < until);
        revive(stage, has_died);
        answer = reader_ask(stage->reader, "trellis.api.default.delete." APPLICATION, "");
        json_decref(answer);
    } while (answer == NULL);
}

/* Wait for the end of it, or for the death. */
static void await_removal(struct stage *stage, bool *has_died)
{
    const int64_t until = nats_Now() + PATIENCE_MS;

    while (!*has_died &&
           (strcmp(reader_world(stage->reader), nothing) != 0 || !is_exact(stage, 0))) {
        assert_true(nats_Now() < until);
        revive(stage, has_died);
        (void)poll(NULL, 0, LOOK_MS);
    }
    reader_expect_line(stage->reader, FOREIGN_LINK, STAGE_MS);
    reader_expect_line(stage->reader, FOREIGN_PROVIDER, STAGE_MS);
}

/* A simulated lattice in which something is somebody else's. */
static void set_scene(struct stage *stage)
{
    char id[STAGE_ID_BYTES];
    char order[160];

    stage_simulate(stage,
                   (const char *[]){"--hosts", "1", "--health-delay", "1ms", NULL});
    stage_host_id(stage, "host-1", id);
    (void)stage_order(stage, "put-link zz-web zz-others wasi http incoming-handler");
    (void)snprintf(order, sizeof order,
                   "start-provider %s zz-theirs ghcr.io/acme/theirs:1", id);
    (void)stage_order(stage, order);
    reader_expect(stage->reader, nothing, STAGE_MS);
}

/* It may die of its step here, too. */
static void end_daemon(struct stage *stage, bool *has_died)
{
    int status;

    if (process_is_running(stage->daemon)) {
        process_signal(stage->daemon, SIGTERM);
    }
    status = process_wait(stage->daemon, STAGE_MS);
    if (status != 0) {
        assert_int_equal(status, 128 + SIGKILL);
        assert_false(*has_died);
        *has_died = true;
    }
}

/*
 * A life of an application, and a death at step n; false: it has fewer steps.  What was
 * under way at the death is waited for by the minute before it is removed: who died is
 * asked to remove it, and that is all.
 */
static bool live(struct stage *stage, long n)
{
    char number[32];
    char path[160];
    bool has_died = false;

    set_scene(stage);
    (void)snprintf(number, sizeof number, "%ld", n);
    // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread reads it
    assert_int_equal(setenv("TRELLIS_DIE_AT", number, 1), 0);
    stage_daemon(stage);
    // NOLINTNEXTLINE(concurrency-mt-unsafe): the same; this process is not to die of it
    assert_int_equal(unsetenv("TRELLIS_DIE_AT"), 0);
    stage_copy(stage, "quickstart.yaml", "manifests/valid/quickstart.yaml");
    await(stage, first, &has_died);
    stage_copy(stage, "quickstart.yaml", "e2e/quickstart-other.yaml");
    await(stage, upgraded, &has_died);
    (void)snprintf(path, sizeof path, "%s/quickstart.yaml", stage->manifests);
    assert_int_equal(unlink(path), 0);
    delete_application(stage, &has_died);
    await_removal(stage, &has_died);
    end_daemon(stage, &has_died);
    return has_died;
}

/* What the environment says of name, or usual. */
static long from_environment(const char *name, long usual)
{
    // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread writes it
    const char *digits = getenv(name);
    long number = 0;

    if (digits == NULL) {
        return usual;
    }
    while (*digits >= '0' && *digits <= '9') {
        number = 10 * number + (*digits++ - '0');
    }
    return number;
}

static void a_daemon_may_die_at_any_step(void **state)
{
    const long stride = from_environment("TORTURE", SAMPLE_STRIDE);
    long n = from_environment("TORTURE_FIRST", stride);
    long points = 0;

    assert_true(stride > 0);
    while (live(*state, n)) {
        points++;
        n += stride;
        assert_int_equal(stage_teardown(state), 0);
        assert_int_equal(stage_setup(state), 0);
    }
    print_message("# died at %ld of %ld steps, and came back\n", points, n);
    assert_true(points >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(a_daemon_may_die_at_any_step),
    };

    return cmocka_run_group_tests_name("e2e_torture", tests, NULL, NULL);
}
