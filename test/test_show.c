#include "reconciler/run/show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "test/support_manifest.h"

#define TEXT_BYTES ((size_t)16 * 1024)

#define NOW_MS INT64_C(1795386000000)

static const struct resource_status resources[] = {
    {.kind = LEDGER_COMPONENT,
     .name = "caf\xc3\xa9",
     .id = "shop-cafe",
     .wanted = "2 instances",
     .where = "N1 1",
     .origin = {"/srv/manifests/shop.yaml", {9, 7}},
     .scaler_id = "",
     .word = STATUS_RECONCILING,
     .since = {NOW_MS - 119000},
     .reason = "1 of 2 running"},
    {.kind = LEDGER_CONFIG,
     .name = "shop-port",
     .id = "shop-port",
     .wanted = "",
     .where = "",
     .origin = {"", {0, 0}},
     .scaler_id = "",
     .word = STATUS_DEPLOYED,
     .since = {INT64_MAX},
     .reason = ""},
};

static const struct api_application shop = {"v2",
                                            "v1",
                                            3,
                                            {.application = "shop",
                                             .word = STATUS_RECONCILING,
                                             .reason = "caf\xc3\xa9: 1 of 2 running",
                                             .resources = resources,
                                             .resources_count = 2}};

static void assert_status(const struct api_status_report *report, bool has_details,
                          const char *expected)
{
    struct arena arena = {0};
    struct text text;

    text_init(&text, &arena, TEXT_BYTES);
    show_status(report, has_details, &text);
    support_assert_text("status", expected, text.bytes);
    arena_free(&arena);
}

static void a_status_is_a_table_under_each_application(void **state)
{
    const struct api_status_report report = {"daemon", "default", "2 hosts", &shop,
                                             1,        {NOW_MS},  0};

    (void)state;
    assert_status(&report, true,
                  "lattice default: 2 hosts\n"
                  "shop v1 (revision 3): reconciling: caf\xc3\xa9: 1 of 2 running\n"
                  "  KIND      NAME      WANTED      WHERE DECLARED AT SINCE STATUS\n"
                  "  component caf\xc3\xa9      2 instances N1 1  shop.yaml:9 119 s "
                  "reconciling: 1 of "
                  "2 running\n"
                  "  config    shop-port -           -     -           -     deployed\n");
}

static void an_age_is_told_to_the_unit_that_matters(void **state)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {
        {-5, "0 s"},     {0, "0 s"},    {119, "119 s"},   {120, "2 m"},
        {7199, "119 m"}, {7200, "2 h"}, {172799, "47 h"}, {172800, "2 d"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct resource_status resource = resources[1];
        struct api_application application = shop;
        const struct api_status_report report = {
            "daemon", "default", "2 hosts", &application, 1, {NOW_MS}, 0};
        struct arena arena = {0};

        resource.since.ms = NOW_MS - cases[i].seconds * 1000;
        application.status.resources = &resource;
        application.status.resources_count = 1;
        assert_status(
            &report, true,
            arena_print(&arena,
                        "lattice default: 2 hosts\n"
                        "shop v1 (revision 3): reconciling: caf\xc3\xa9: 1 of 2 running\n"
                        "  KIND   NAME      WANTED WHERE DECLARED AT SINCE STATUS\n"
                        "  config shop-port -      -     -           %-5s deployed\n",
                        cases[i].text));
        arena_free(&arena);
    }
}

static void without_details_there_is_a_line_an_application(void **state)
{
    const struct api_status_report report = {"daemon", "default", "2 hosts", &shop, 1};

    (void)state;
    assert_status(&report, false,
                  "lattice default: 2 hosts\n"
                  "shop v1 (revision 3): reconciling: caf\xc3\xa9: 1 of 2 running\n");
}

static void a_lattice_without_applications_says_so(void **state)
{
    const struct api_status_report report = {"store", "east", "no host", &shop, 0};

    (void)state;
    assert_status(&report, true, "lattice east: no host\nno applications\n");
}

static void what_was_never_deployed_has_no_version(void **state)
{
    const struct api_application application = {
        "v1", "", 0, {.application = "shop", .word = STATUS_UNDEPLOYED, .reason = ""}};
    const struct api_status_report report = {"daemon", "default", "2 hosts", &application,
                                             1};

    (void)state;
    assert_status(&report, true,
                  "lattice default: 2 hosts\nshop - (revision 0): undeployed\n");
}

/* What a host says is anybody's. */
static void the_words_of_a_host_stay_in_their_line(void **state)
{
    struct resource_status resource = resources[1];
    struct api_application application = shop;
    const struct api_status_report report = {"daemon", "default", "2 hosts", &application,
                                             1};

    (void)state;
    resource.word = STATUS_FAILED;
    resource.reason = "one\ntwo \x1b[2J";
    application.status.word = STATUS_FAILED;
    application.status.reason = "shop-port: one\ntwo \x1b[2J";
    application.status.resources = &resource;
    application.status.resources_count = 1;
    assert_status(&report, true,
                  "lattice default: 2 hosts\n"
                  "shop v1 (revision 3): failed: shop-port: one\\x0atwo \\x1b[2J\n"
                  "  KIND   NAME      WANTED WHERE DECLARED AT SINCE STATUS\n"
                  "  config shop-port -      -     -           -     failed: one\\x0atwo "
                  "\\x1b[2J\n");
}

static void assert_explain(const struct api_explain_report *report, const char *expected)
{
    struct arena arena = {0};
    struct text text;

    text_init(&text, &arena, TEXT_BYTES);
    show_explain(report, &text);
    support_assert_text("explanation", expected, text.bytes);
    arena_free(&arena);
}

static void an_explanation_has_a_line_for_each_side(void **state)
{
    static const struct explained_key key = {EXPLAINED_COMPONENT, "shop-cafe"};
    static const struct explained_part parts[] = {
        {"host-1", 2, 1, "registry/cafe:1", "sent 3 s ago, its effect is not seen yet"},
        {"host-10", 1, 0, "", ""},
    };
    static const struct explained_command commands[] = {
        {"scale-component shop-cafe on N1 to 1  # 0 of 3 running",
         {NOW_MS - 200000},
         {NOW_MS - 199000},
         "done"},
        {"scale-component shop-cafe on N1 to 2  # 1 of 3 running",
         {NOW_MS - 3000},
         {INT64_MAX},
         "under way"},
    };
    const struct api_explain_report report = {
        .server = "daemon",
        .lattice = "default",
        .sight = "2 hosts",
        .matches = &key,
        .count = 1,
        .explanation = {.key = key,
                        .desired = "3 of registry/cafe:1, for shop (shop.yaml:9)",
                        .observed = "1 running",
                        .ledger = "",
                        .word = "reconciling",
                        .since = {NOW_MS - 3000},
                        .decision = "wait",
                        .reason = "one\ntwo",
                        .waits_for = {"hosts", ""},
                        .parts = parts,
                        .parts_count = 2,
                        .commands = commands,
                        .commands_count = 2},
        .now = {NOW_MS},
    };

    (void)state;
    assert_explain(
        &report,
        "lattice default: 2 hosts\n"
        "component shop-cafe: reconciling for 3 s\n"
        "  wanted    3 of registry/cafe:1, for shop (shop.yaml:9)\n"
        "  there     1 running\n"
        "  decision  wait\n"
        "  reason    one\\x0atwo\n"
        "  waits for hosts\n"
        "  HOST    COUNT  IMAGE           REASON\n"
        "  host-1  1 of 2 registry/cafe:1 sent 3 s ago, its effect is not seen yet\n"
        "  host-10 0 of 1 -               -\n"
        "  SENT    OUTCOME   COMMAND\n"
        "  3 m ago done      scale-component shop-cafe on N1 to 1  # 0 of 3 running\n"
        "  3 s ago under way scale-component shop-cafe on N1 to 2  # 1 of 3 running\n");
}

static void sides_that_say_nothing_are_left_out(void **state)
{
    static const struct explained_key key = {EXPLAINED_HOST, "N1"};
    static const struct explained_part part = {"shop-cafe", 2, 1, "registry/cafe:1",
                                               "1 of 2 running"};
    const struct api_explain_report report = {
        .lattice = "default",
        .sight = "2 hosts",
        .matches = &key,
        .count = 1,
        .explanation = {.key = key,
                        .desired = "",
                        .observed = "host-1",
                        .ledger = "",
                        .word = "up",
                        .since = {INT64_MAX},
                        .decision = "",
                        .reason = "",
                        .waits_for = {"config", "shop-port"},
                        .parts = &part,
                        .parts_count = 1},
        .now = {NOW_MS},
    };

    (void)state;
    assert_explain(&report, "lattice default: 2 hosts\n"
                            "host N1: up\n"
                            "  there     host-1\n"
                            "  waits for config shop-port\n"
                            "  RUNS      COUNT  IMAGE           REASON\n"
                            "  shop-cafe 1 of 2 registry/cafe:1 1 of 2 running\n");
}

static void what_may_be_meant_is_listed(void **state)
{
    static const struct explained_key keys[] = {
        {EXPLAINED_APPLICATION, "shop"},
        {EXPLAINED_LINK, "a -[default wasi:http]-> b"},
    };
    const struct api_explain_report report = {.matches = keys, .count = 2};

    (void)state;
    assert_explain(&report, "more than one thing is called that; say which:\n"
                            "  application shop\n"
                            "  link a -[default wasi:http]-> b\n");
}

static void assert_plan(const struct api_plan_report *report, const char *expected)
{
    struct arena arena = {0};
    struct text text;

    text_init(&text, &arena, TEXT_BYTES);
    show_plan(report, &text);
    support_assert_text("plan", expected, text.bytes);
    arena_free(&arena);
}

static void a_plan_lists_commands_then_obstacles_then_how_many(void **state)
{
    static const struct api_planned commands[] = {{"put-link", "shop", "put-link a -> b"},
                                                  {"put-config", "shop", "put-config c"}};
    static const struct api_obstacle obstacles[] = {{"shop", "web", "no\nhost"}};
    const struct api_plan_report both = {commands, 2, obstacles, 1, "w: warning\n"};
    const struct api_plan_report one = {commands, 1, obstacles, 0, ""};

    (void)state;
    assert_plan(&both, "w: warning\n"
                       "  put-link a -> b\n"
                       "  put-config c\n"
                       "  ! shop web: no\\x0ahost\n"
                       "2 commands, 1 obstacle\n");
    assert_plan(&one, "  put-link a -> b\n1 command, 0 obstacles\n");
}

static void a_plan_without_anything_says_so(void **state)
{
    const struct api_plan_report nothing = {NULL, 0, NULL, 0, ""};
    const struct api_plan_report warned = {NULL, 0, NULL, 0, "w: warning\n"};

    (void)state;
    assert_plan(&nothing, "nothing to do\n");
    assert_plan(&warned, "w: warning\nnothing to do\n");
}

static void assert_apply(const struct api_apply_report *report, const char *expected)
{
    struct arena arena = {0};
    struct text text;

    text_init(&text, &arena, TEXT_BYTES);
    show_apply(report, &text);
    support_assert_text("apply", expected, text.bytes);
    arena_free(&arena);
}

static void an_apply_says_who_did_it(void **state)
{
    static const char *const users[] = {"c", "d"};
    static const struct api_applied applied[] = {
        {"a", "v1", "created", 1, {NULL, 0}}, {"b", "v2", "new version", 12, {users, 2}}};
    const struct api_apply_report by_daemon = {applied, 2, "w: warning\n", "daemon", 0};
    const struct api_apply_report direct = {applied, 1, "", "direct", 1};
    const struct api_apply_report silent = {applied, 0, "", "direct", 0};

    (void)state;
    assert_apply(&by_daemon, "w: warning\n"
                             "a v1: created (revision 1)\n"
                             "b v2: new version (revision 12)\n"
                             "b: application c waits for what it does not run\n"
                             "b: application d waits for what it does not run\n"
                             "applied by the daemon of this lattice\n");
    assert_apply(&direct, "a v1: created (revision 1)\n"
                          "no daemon answers: applied directly, 1 command sent\n");
    assert_apply(&silent, "no daemon answers: applied directly, 0 commands sent\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_status_is_a_table_under_each_application),
        cmocka_unit_test(an_age_is_told_to_the_unit_that_matters),
        cmocka_unit_test(without_details_there_is_a_line_an_application),
        cmocka_unit_test(a_lattice_without_applications_says_so),
        cmocka_unit_test(what_was_never_deployed_has_no_version),
        cmocka_unit_test(the_words_of_a_host_stay_in_their_line),
        cmocka_unit_test(an_explanation_has_a_line_for_each_side),
        cmocka_unit_test(sides_that_say_nothing_are_left_out),
        cmocka_unit_test(what_may_be_meant_is_listed),
        cmocka_unit_test(a_plan_lists_commands_then_obstacles_then_how_many),
        cmocka_unit_test(a_plan_without_anything_says_so),
        cmocka_unit_test(an_apply_says_who_did_it),
    };

    return cmocka_run_group_tests_name("show", tests, NULL, NULL);
}
