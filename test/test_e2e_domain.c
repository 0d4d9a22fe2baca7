#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "support_stage.h"

#define QUICKSTART "fixtures/manifests/valid/quickstart.yaml"
#define RENAMED    "--js-domain", "hub", "--ctl-prefix", "acme.ctl"

/* A server with JetStream in the domain hub, to which leaves may connect. */
static struct server *start_hub(unsigned int port)
{
    char config[128];

    (void)snprintf(config, sizeof config, "leafnodes { listen: \"127.0.0.1:%u\" }", port);
    return server_start(&(struct server_options){
        .has_jetstream = true, .domain = "hub", .config = config});
}

static void hosts_with_another_prefix_and_a_domain_are_reached(void **state)
{
    struct stage *stage = stage_start_with(
        &(struct server_options){.has_jetstream = true, .domain = "hub"});

    *state = stage;
    stage_simulate(stage, (const char *[]){RENAMED, NULL});
    assert_int_equal(stage_run(stage, "apply", "--wait", RENAMED, QUICKSTART, NULL), 0);
    stage_expect_serving(stage, STAGE_SERVES);

    /* who asks hosts by their usual names gets no answer */
    assert_int_equal(stage_run(stage, "status", "--timeout", "1s", NULL), 0);
    stage_expect_output(stage, "blind");
    assert_int_equal(stage_run(stage, "status", "--check", RENAMED, NULL), 0);
    stage_expect_output(stage, "deployed");
    assert_int_equal(stage_run(stage, "status", "--js-domain", "a.b", NULL), 2);
    stage_expect_errors(stage, "--js-domain 'a.b' cannot be");
    assert_int_equal(stage_run(stage, "status", "--ctl-prefix", "a.>", NULL), 2);
    stage_expect_errors(stage, "--ctl-prefix 'a.>' cannot be");
}

/* Hosts and trellis are at a leaf without JetStream; the buckets are in the hub's. */
static void a_lattice_at_a_leaf_has_its_buckets_in_the_domain_of_the_hub(void **state)
{
    const unsigned int port = server_free_port();
    struct server *hub = start_hub(port);
    char config[128];
    struct stage *stage;

    (void)snprintf(config, sizeof config,
                   "leafnodes { remotes: [ {url: \"nats-leaf://127.0.0.1:%u\"} ] }",
                   port);
    stage = stage_start_with(&(struct server_options){.config = config});
    *state = stage;
    stage_simulate(stage, (const char *[]){"--js-domain", "hub", NULL});
    assert_int_equal(
        stage_run(stage, "apply", "--wait", "--js-domain", "hub", QUICKSTART, NULL), 0);
    stage_expect_serving(stage, STAGE_SERVES);
    assert_int_equal(stage_run(stage, "status", "--check", "--js-domain", "hub", NULL),
                     0);
    assert_null(strstr(stage_errors(stage), "is seen slowly"));
    assert_int_equal(
        stage_run(stage, "status", "--timeout", "5s", "--js-domain", "elsewhere", NULL),
        0);
    stage_expect_errors(stage, "is seen slowly");
    server_stop(hub);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(hosts_with_another_prefix_and_a_domain_are_reached,
                                  stage_teardown),
        cmocka_unit_test_teardown(
            a_lattice_at_a_leaf_has_its_buckets_in_the_domain_of_the_hub, stage_teardown),
    };

    return cmocka_run_group_tests_name("e2e domain", tests, NULL, NULL);
}
