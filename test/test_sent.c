/*
 * What commands carry beside what is printed of them, and that an engine which only looks
 * on sends none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "reconciler/core/status.h"

struct stage {
    struct arena arena;
    struct engine *engine;
    struct engine_update update;
    struct instant now;
    struct command last; /* that was not a question; its texts are in arena */
    size_t sent_count;
};

static void note(struct stage *stage, const struct command *command)
{
    if (command_is_question(command->kind)) {
        return;
    }
    stage->sent_count++;
    stage->last = *command;
    if (command->kind == COMMAND_SCALE_COMPONENT) {
        stage->last.u.workload.image =
            arena_copy(&stage->arena, command->u.workload.image);
        stage->last.host = arena_copy(&stage->arena, command->host);
    }
}

static void tell(struct stage *stage, struct event event)
{
    stage->now = instant_after(stage->now, 1);
    engine_step(stage->engine, stage->now, &event, 1, &stage->update);
    for (size_t i = 0; i < stage->update.commands_count; i++) {
        note(stage, &stage->update.commands[i]);
    }
}

/* The one host runs so many instances of the component with image; NULL: none. */
static void tell_host(struct stage *stage, const char *image)
{
    const struct host_workload workload = {
        .kind = WORKLOAD_COMPONENT,
        .id = "shop-web",
        .image = image,
        .count = 1,
        .application = "shop",
        .manager = "wadm",
    };
    const struct inventory inventory = {
        .host = "NHOST",
        .name = "",
        .version = "1.9.2",
        .uptime_seconds = 1000,
        .workloads = &workload,
        .workloads_count = image != NULL ? 1 : 0,
    };

    tell(stage, (struct event){.kind = EVENT_INVENTORY, .u.inventory = &inventory});
}

/* One component with image 2, and one config, are wanted; image 1 runs. */
static void open_stage(struct stage *stage, bool is_observer)
{
    const struct engine_options options = {.seed = 1, .is_observer = is_observer};
    const struct origin origin = {.source = "shop.yaml"};
    const struct config_row config = {"shop-config", "{\"a\":\"b\"}", origin};
    const struct workload_row workload = {
        .kind = WORKLOAD_COMPONENT,
        .id = "shop-web",
        .component = "web",
        .image = "registry/web:2",
        .instances = 1,
        .scaler_id = "",
        .spreads = &spread_default,
        .spreads_count = 1,
        .origin = origin,
    };
    const struct desired desired = {
        .application = "shop",
        .version = "v1",
        .configs = &config,
        .configs_count = 1,
        .workloads = &workload,
        .workloads_count = 1,
    };

    *stage = (struct stage){.now = {1}, .engine = engine_new(&options)};
    tell(stage, (struct event){.kind = EVENT_DECLARED, .u.declared = &desired});
    tell(stage, (struct event){.kind = EVENT_CONNECTED});
    tell(stage, (struct event){
                    .kind = EVENT_ANSWERED,
                    .u.answered = {stage->update.commands[0].id, ANSWER_ACCEPTED, ""}});
    tell_host(stage, "registry/web:1");
    for (int bucket = BUCKET_LINKS; bucket <= BUCKET_CONFIGS; bucket++) {
        tell(stage, (struct event){.kind = EVENT_BUCKET_LISTING,
                                   .u.bucket.bucket = (enum bucket)bucket});
        tell(stage, (struct event){.kind = EVENT_BUCKET_LISTED,
                                   .u.bucket.bucket = (enum bucket)bucket});
    }
}

static void close_stage(struct stage *stage)
{
    engine_free(stage->engine);
    arena_free(&stage->arena);
}

/* A scale that named another image would falsify what the host says that it runs. */
static void test_a_scale_to_0_names_what_runs(void **state)
{
    struct stage stage;

    (void)state;
    open_stage(&stage, false);
    assert_int_equal(stage.last.kind, COMMAND_SCALE_COMPONENT);
    assert_int_equal(stage.last.u.workload.count, 0);
    assert_string_equal(stage.last.u.workload.image, "registry/web:1");
    tell_host(&stage, NULL);
    assert_int_equal(stage.last.u.workload.count, 1);
    assert_string_equal(stage.last.u.workload.image, "registry/web:2");
    assert_string_equal(stage.last.host, "NHOST");
    close_stage(&stage);
}

static void test_an_observer_sends_nothing(void **state)
{
    struct stage stage;

    (void)state;
    open_stage(&stage, true);
    assert_int_equal(stage.sent_count, 0);
    assert_false(engine_is_converged(stage.engine));
    close_stage(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_scale_to_0_names_what_runs),
        cmocka_unit_test(test_an_observer_sends_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
