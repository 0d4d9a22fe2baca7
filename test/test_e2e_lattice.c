/*
 * Which lattice a store is of: another one behind the same name is sent nothing; one that
 * lost its JetStream is known by its hosts; and a store that was lost is made anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "support_schema.h"
#include "support_stage.h"

#define QUICKSTART "fixtures/manifests/valid/quickstart.yaml"

#define FOREIGN_LINK                                                                     \
    "link zz-web -[default wasi:http/incoming-handler]-> zz-others source [] target "    \
    "[]\n"

static void end_simulator(struct stage *stage)
{
    assert_int_equal(process_end(stage->simulator, STAGE_MS), 0);
    process_free(stage->simulator);
    stage->simulator = NULL;
}

/* Other hosts, and JetStream without what was in it: somebody else's, for all that can be
 * told. */
static void replace_lattice(struct stage *stage)
{
    end_simulator(stage);
    server_end(stage->server);
    server_wipe(stage->server);
    server_restart(stage->server);
    stage_simulate(stage, (const char *[]){"--seed", "7", NULL});
}

/* The reader hears what is asked of hosts, so that nobody is told that they are gone, and
 * trellis waits for their answers. */
static void look_away(struct stage *stage)
{
    reader_stop(stage->reader);
    stage->reader = NULL;
}

static void look_again(struct stage *stage)
{
    stage->reader = reader_start(server_url(stage->server), "default");
}

static void to_another_lattice_nothing_is_sent_until_the_store_is_bound(void **state)
{
    struct stage *stage = *state;

    stage_converge_quickstart(stage);
    stage_end_daemon(stage);
    replace_lattice(stage);
    look_away(stage);

    assert_int_equal(stage_run(stage, "apply", "--wait", QUICKSTART, NULL), 6);
    stage_expect_errors(stage, "this is another lattice than the store's");
    stage_expect_errors(stage, "none of its hosts, of which there are 3, was seen");
    assert_int_equal(stage_run(stage, "plan", QUICKSTART, NULL), 6);
    assert_int_equal(stage_run(stage, "status", NULL), 0);
    stage_expect_output(stage, "this is another lattice than the store's");

    stage_daemon(stage);
    process_expect_errors(stage->daemon, "nothing is sent to this lattice", STAGE_MS);
    stage_expect_status(stage, "this is another lattice than the store's");
    assert_int_equal(stage_run(stage, "store", "rebind", NULL), 6);
    stage_end_daemon(stage);
    look_again(stage);
    assert_string_equal(reader_world(stage->reader), "");

    assert_int_equal(stage_run(stage, "store", "rebind", NULL), 0);
    stage_expect_output(stage, "3 hosts and 7 rows of the ledger are forgotten");
    stage_daemon(stage);
    stage_expect_converged(stage);
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
}

/* The daemon is away meanwhile, and learns of it when it comes back. */
static void hosts_that_lost_their_buckets_are_known(void **state)
{
    struct stage *stage = *state;

    stage_converge_quickstart(stage);
    stage_end_daemon(stage);
    (void)stage_order(stage, "lose-buckets");
    reader_forget(stage->reader);
    stage_daemon(stage);
    process_expect_errors(stage->daemon, "missing for 5 s, while 3 hosts run", STAGE_MS);
    process_expect_errors(stage->daemon, "numbered from", STAGE_MS);
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    stage_expect_converged(stage);
    /* Links may be given anew, which is a delete and a put; nothing else is deleted. */
    assert_int_equal(reader_count(stage->reader, "config.del"), 0);
}

static void remove_store(struct stage *stage)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char path[128];

    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        (void)snprintf(path, sizeof path, "%s%s", stage->store, suffixes[i]);
        (void)unlink(path);
    }
}

/* What the last one wrote is as the schema says. */
static void expect_schema(struct stage *stage, const char *schema)
{
    struct arena arena = {0};
    const char *problem = schema_check(schema, stage_output(stage), &arena);

    if (problem != NULL) {
        fail_msg("%s: %s", problem, stage_output(stage));
    }
    arena_free(&arena);
}

static void a_lost_store_is_made_anew_and_claims_what_is_asked_for(void **state)
{
    struct stage *stage = *state;

    stage_converge_quickstart(stage);
    (void)stage_order(stage, "put-link zz-web zz-others wasi http incoming-handler");
    reader_expect_line(stage->reader, FOREIGN_LINK, STAGE_MS);
    assert_int_equal(stage_run(stage, "store", "rebuild", QUICKSTART, NULL), 6);
    stage_expect_errors(stage, "is there: trellis apply uses it");
    stage_end_daemon(stage);
    remove_store(stage);
    reader_forget(stage->reader);

    assert_int_equal(stage_run(stage, "store", "rebuild", QUICKSTART, NULL), 0);
    stage_expect_output(stage, "applications wanted: 1, claimed: 7\n");
    stage_expect_output(stage, "not claimed: link zz-web -[default wasi:http]-> "
                               "zz-others\n");
    assert_string_equal(reader_commands(stage->reader), "");

    remove_store(stage);
    assert_int_equal(
        stage_run(stage, "store", "--output", "json", "rebuild", QUICKSTART, NULL), 0);
    expect_schema(stage, "schemas/store-rebuild.schema.json");
    stage_expect_output(stage, "\"rest\":[{\"kind\":\"link\",");

    assert_int_equal(stage_run(stage, "delete", "hello-world", "--wait", NULL), 0);
    reader_expect(stage->reader, FOREIGN_LINK, STAGE_MS);
}

static void nothing_is_left_of_a_store_that_could_not_be_made(void **state)
{
    struct stage *stage = *state;

    assert_int_equal(
        stage_run(stage, "store", "rebuild", "--timeout", "500ms", QUICKSTART, NULL), 5);
    assert_int_equal(access(stage->store, F_OK), -1);
    assert_int_equal(stage_run(stage, "store", "rebuild",
                               "fixtures/manifests/invalid/unknown-target.yaml", NULL),
                     3);
    assert_int_equal(access(stage->store, F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(to_another_lattice_nothing_is_sent_until_the_store_is_bound),
        STAGE_TEST(hosts_that_lost_their_buckets_are_known),
        STAGE_TEST(a_lost_store_is_made_anew_and_claims_what_is_asked_for),
        STAGE_TEST(nothing_is_left_of_a_store_that_could_not_be_made),
    };

    return cmocka_run_group_tests_name("e2e_lattice", tests, NULL, NULL);
}
