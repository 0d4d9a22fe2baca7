/*
 * A lattice is known again by hosts that came and went, the last 2000 of them: more than
 * a case of fixtures/engine can have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reconciler/core/engine.h"

#define HOSTS_MAX 2000 /* that are remembered, as by the store */

struct stage {
    struct arena arena;
    struct engine *engine;
    struct engine_update update;
    struct instant now;
};

static void tell(struct stage *stage, struct event event)
{
    stage->now = instant_after(stage->now, 1);
    engine_step(stage->engine, stage->now, &event, 1, &stage->update);
}

static void tell_host(struct stage *stage, const char *id)
{
    const struct inventory inventory = {
        .host = id, .name = "", .version = "1.9.2", .uptime_seconds = 1000};

    tell(stage, (struct event){.kind = EVENT_INVENTORY, .u.inventory = &inventory});
}

/* A connection to a lattice whose bucket of links was made at made. */
static void connect_to(struct stage *stage, const char *made)
{
    tell(stage, (struct event){.kind = EVENT_CONNECTED});
    tell(stage, (struct event){
                    .kind = EVENT_ANSWERED,
                    .u.answered = {stage->update.commands[0].id, ANSWER_ACCEPTED, ""}});
    tell(stage,
         (struct event){.kind = EVENT_BUCKET_LISTING, .u.bucket.bucket = BUCKET_LINKS});
    tell(stage, (struct event){.kind = EVENT_BUCKET_LISTED,
                               .u.bucket = {.bucket = BUCKET_LINKS, .made = made}});
}

/* Host after host comes and goes, so many of them; then another bucket is there. */
static int open_stage(void **state)
{
    static struct stage stage;
    const struct engine_options options = {.seed = 1};
    const struct memory memory = {.links = {.made = "T1"}};

    stage = (struct stage){.now = {1}, .engine = engine_new(&options)};
    tell(&stage, (struct event){.kind = EVENT_RECALLED, .u.recalled = &memory});
    connect_to(&stage, "T1");
    for (int i = 0; i <= HOSTS_MAX; i++) {
        const char *id = arena_print(&stage.arena, "N%d", i);

        tell_host(&stage, id);
        tell(&stage, (struct event){.kind = EVENT_HOST_STOPPED, .u.host.id = id});
    }
    tell(&stage, (struct event){
                     .kind = EVENT_BUCKET_LOST,
                     .u.bucket = {BUCKET_LINKS, LOSS_MISSING, "no bucket", NULL, 0, 0}});
    tell(&stage, (struct event){.kind = EVENT_DISCONNECTED});
    connect_to(&stage, "T2");
    *state = &stage;
    return 0;
}

static int close_stage(void **state)
{
    struct stage *stage = *state;

    engine_free(stage->engine);
    arena_free(&stage->arena);
    return 0;
}

static void test_the_first_to_go_is_forgotten(void **state)
{
    struct stage *stage = *state;

    tell_host(stage, "N0");
    assert_non_null(engine_stranger(stage->engine));
}

static void test_the_one_after_it_is_known(void **state)
{
    struct stage *stage = *state;

    tell_host(stage, "N1");
    assert_null(engine_stranger(stage->engine));
    tell_host(stage, "N0");
    assert_null(engine_stranger(stage->engine));
}

static void test_the_last_to_go_is_known(void **state)
{
    struct stage *stage = *state;

    tell_host(stage, "N0");
    tell_host(stage, "N2000");
    assert_null(engine_stranger(stage->engine));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_first_to_go_is_forgotten, open_stage,
                                        close_stage),
        cmocka_unit_test_setup_teardown(test_the_one_after_it_is_known, open_stage,
                                        close_stage),
        cmocka_unit_test_setup_teardown(test_the_last_to_go_is_known, open_stage,
                                        close_stage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
