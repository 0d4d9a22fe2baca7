#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "reconciler/core/command.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define NAMES(...)                                                                       \
    {                                                                                    \
        .items = (const char *const[]){__VA_ARGS__},                                     \
        .count = COUNT_OF(((const char *const[]){__VA_ARGS__})),                         \
    }

static void assert_prints(const struct command *command, const char *expected)
{
    struct arena arena = {0};
    struct text text;

    text_init(&text, &arena, 4096);
    command_print(command, &text);
    assert_string_equal(text.bytes, expected);
    assert_false(text.is_cut);
    arena_free(&arena);
}

static void config_values_are_never_printed(void **state)
{
    (void)state;
    assert_prints(
        &(struct command){.kind = COMMAND_PUT_CONFIG,
                          .reason = "missing",
                          .host = "",
                          .u.config = {"shop-http", "{\"password\":\"secret\"}"}},
        "put-config shop-http  # missing\n");
}

static void a_deleted_config_has_no_content(void **state)
{
    (void)state;
    assert_prints(&(struct command){.kind = COMMAND_DELETE_CONFIG,
                                    .reason = "not desired",
                                    .host = "",
                                    .u.config = {"shop-http", NULL}},
                  "delete-config shop-http  # not desired\n");
}

static void a_link_shows_its_slot_and_its_target(void **state)
{
    (void)state;
    assert_prints(
        &(struct command){.kind = COMMAND_PUT_LINK,
                          .reason = "missing",
                          .host = "",
                          .u.link = {.source_id = "web",
                                     .target = "app",
                                     .name = "default",
                                     .wit_namespace = "wasi",
                                     .wit_package = "http",
                                     .interfaces = NAMES("incoming-handler")}},
        "put-link web -[default wasi:http/incoming-handler]-> app  # missing\n");
}

static const struct link link_with_configs = {
    .source_id = "app",
    .target = "kv",
    .name = "cache",
    .wit_namespace = "wasi",
    .wit_package = "keyvalue",
    .interfaces = NAMES("atomics", "store"),
    .source_config = NAMES("a"),
    .target_config = NAMES("b", "c"),
};

static void a_link_that_is_put_shows_its_configs(void **state)
{
    (void)state;
    assert_prints(&(struct command){.kind = COMMAND_PUT_LINK,
                                    .reason = "its config differs",
                                    .host = "",
                                    .u.link = link_with_configs},
                  "put-link app -[cache wasi:keyvalue/atomics,store]-> kv"
                  " source config a target config b,c  # its config differs\n");
}

static void a_link_that_is_deleted_does_not(void **state)
{
    (void)state;
    assert_prints(&(struct command){.kind = COMMAND_DELETE_LINK,
                                    .reason = "not desired",
                                    .host = "",
                                    .u.link = link_with_configs},
                  "delete-link app -[cache wasi:keyvalue/atomics,store]-> kv"
                  "  # not desired\n");
}

static void a_link_without_interfaces_has_no_slash(void **state)
{
    (void)state;
    assert_prints(&(struct command){.kind = COMMAND_DELETE_LINK,
                                    .reason = "",
                                    .host = "",
                                    .u.link = {.source_id = "a",
                                               .target = "b",
                                               .name = "default",
                                               .wit_namespace = "x",
                                               .wit_package = "y"}},
                  "delete-link a -[default x:y]-> b\n");
}

static void a_provider_is_started_from_an_image(void **state)
{
    (void)state;
    assert_prints(
        &(struct command){.kind = COMMAND_START_PROVIDER,
                          .reason = "0 of 1 running",
                          .host = "N1",
                          .u.workload = {.id = "web",
                                         .image = "wasmcloud+builtin://http-server",
                                         .configs = NAMES("p", "q")}},
        "start-provider web on N1 image wasmcloud+builtin://http-server"
        " config p,q  # 0 of 1 running\n");
}

static void a_provider_is_stopped_by_id(void **state)
{
    (void)state;
    assert_prints(&(struct command){.kind = COMMAND_STOP_PROVIDER,
                                    .reason = "not desired",
                                    .host = "N1",
                                    .u.workload = {.id = "web", .image = "img"}},
                  "stop-provider web on N1  # not desired\n");
}

static void a_component_is_scaled_to_a_count(void **state)
{
    (void)state;
    assert_prints(
        &(struct command){.kind = COMMAND_SCALE_COMPONENT,
                          .reason = "0 of 2 running",
                          .host = "N1",
                          .u.workload = {.id = "app", .image = "img:1", .count = 2}},
        "scale-component app on N1 to 2 image img:1  # 0 of 2 running\n");
}

static void a_component_scaled_to_nothing_needs_no_image(void **state)
{
    (void)state;
    assert_prints(
        &(struct command){.kind = COMMAND_SCALE_COMPONENT,
                          .reason = "not desired",
                          .host = "N1",
                          .u.workload = {.id = "app", .image = "img:1", .count = 0}},
        "scale-component app on N1 to 0  # not desired\n");
}

static void a_bucket_is_made_by_its_name(void **state)
{
    (void)state;
    assert_prints(&(struct command){.kind = COMMAND_MAKE_BUCKET,
                                    .reason = "gone",
                                    .u.bucket = {.which = BUCKET_LINKS}},
                  "make-bucket LATTICEDATA  # gone\n");
    assert_prints(&(struct command){.kind = COMMAND_MAKE_BUCKET,
                                    .reason = "gone",
                                    .u.bucket = {.which = BUCKET_CONFIGS}},
                  "make-bucket CONFIGDATA  # gone\n");
}

static void questions_name_whom_they_ask(void **state)
{
    (void)state;
    assert_prints(
        &(struct command){.kind = COMMAND_ASK_HOSTS, .reason = "survey", .host = ""},
        "ask-hosts  # survey\n");
    assert_prints(
        &(struct command){.kind = COMMAND_ASK_HOST, .reason = "it is late", .host = "N1"},
        "ask-host N1  # it is late\n");
    assert_prints(
        &(struct command){.kind = COMMAND_ASK_LINKS, .reason = "survey", .host = ""},
        "ask-links  # survey\n");
    assert_prints(&(struct command){.kind = COMMAND_ASK_CONFIG,
                                    .reason = "what it is",
                                    .host = "",
                                    .u.config = {"c", NULL}},
                  "ask-config c  # what it is\n");
}

static void a_command_is_one_line_whatever_is_in_it(void **state)
{
    (void)state;
    assert_prints(
        &(struct command){
            .kind = COMMAND_SCALE_COMPONENT,
            .reason = "the host said: no\nway\x7f",
            .host = "N1",
            .u.workload = {.id = "app",
                           .image = "img\x1b[2J\nput-link \xc3\xa9\xc2\x9b\xff",
                           .count = 1}},
        "scale-component app on N1 to 1 image img\\x1b[2J\\x0aput-link "
        "\xc3\xa9\\xc2\\x9b\\xff"
        "  # the host said: no\\x0away\\x7f\n");
}

static void only_what_changes_nothing_is_a_question(void **state)
{
    (void)state;
    for (int i = COMMAND_PUT_CONFIG; i <= COMMAND_ASK_LINKS; i++) {
        const enum command_kind kind = (enum command_kind)i;
        const bool asks = strncmp(command_kind_name(kind), "ask-", 4) == 0;

        assert_int_equal(command_is_question(kind), asks);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(config_values_are_never_printed),
        cmocka_unit_test(a_deleted_config_has_no_content),
        cmocka_unit_test(a_link_shows_its_slot_and_its_target),
        cmocka_unit_test(a_link_that_is_put_shows_its_configs),
        cmocka_unit_test(a_link_that_is_deleted_does_not),
        cmocka_unit_test(a_link_without_interfaces_has_no_slash),
        cmocka_unit_test(a_provider_is_started_from_an_image),
        cmocka_unit_test(a_provider_is_stopped_by_id),
        cmocka_unit_test(a_component_is_scaled_to_a_count),
        cmocka_unit_test(a_component_scaled_to_nothing_needs_no_image),
        cmocka_unit_test(a_bucket_is_made_by_its_name),
        cmocka_unit_test(questions_name_whom_they_ask),
        cmocka_unit_test(a_command_is_one_line_whatever_is_in_it),
        cmocka_unit_test(only_what_changes_nothing_is_a_question),
    };

    return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
