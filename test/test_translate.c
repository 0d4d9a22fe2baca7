#include "reconciler/run/translate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

#define INVENTORY                                                                        \
    "{\"success\":true,\"message\":\"\",\"response\":{\"host_id\":\"N1\","               \
    "\"components\":[],\"providers\":[]}}"

static const enum command_kind kinds[] = {
    COMMAND_PUT_CONFIG,      COMMAND_DELETE_CONFIG,  COMMAND_PUT_LINK,
    COMMAND_DELETE_LINK,     COMMAND_START_PROVIDER, COMMAND_STOP_PROVIDER,
    COMMAND_SCALE_COMPONENT, COMMAND_MAKE_BUCKET,    COMMAND_ASK_HOSTS,
    COMMAND_ASK_HOST,        COMMAND_ASK_CONFIG,     COMMAND_ASK_LINKS,
};

static uint32_t tag(struct translator *translator, enum command_kind kind, uint64_t id)
{
    return translate_tag(translator, &(struct command){.id = id, .kind = kind});
}

static enum err_code answer(struct translator *translator, uint32_t to, const char *bytes,
                            struct err *err)
{
    return translate_answer(translator, to, bytes, strlen(bytes), err);
}

/* The events, as "answered ID ANSWER TEXT; ", "inventory HOST; " and the like. */
static const char *describe(struct translator *translator)
{
    static const char *const answers[] = {"accepted", "refused", "nobody", "none",
                                          "unsent"};
    struct text text;

    text_init(&text, &translator->events.arena, 4096);
    for (size_t i = 0; i < translator->events.count; i++) {
        const struct event *event = &translator->events.items[i];

        if (event->kind == EVENT_ANSWERED) {
            text_append(&text, "answered %llu %s %s; ",
                        (unsigned long long)event->u.answered.command,
                        answers[event->u.answered.answer], event->u.answered.text);
        } else if (event->kind == EVENT_INVENTORY) {
            text_append(&text, "inventory %s; ", event->u.inventory->host);
        } else if (event->kind == EVENT_HOST_PINGED) {
            text_append(&text, "pinged %s; ", event->u.host.id);
        } else if (event->kind == EVENT_HOST_STOPPED) {
            text_append(&text, "stopped %s; ", event->u.host.id);
        } else if (event->kind == EVENT_LINKS) {
            text_append(&text, "links %s %zu %llu %d; ", event->u.links.source_id,
                        event->u.links.count, (unsigned long long)event->u.links.sequence,
                        event->u.links.is_deleted);
        } else if (event->kind == EVENT_HEARD) {
            text_append(&text, "heard %zu", event->u.heard.count);
            for (size_t k = 0; k < event->u.heard.count; k++) {
                text_append(&text, " %s", event->u.heard.links[k].source_id);
            }
            text_append(&text, "; ");
        } else if (event->kind == EVENT_CONFIG) {
            text_append(&text, "config %s %s; ", event->u.config.name,
                        event->u.config.content != NULL ? event->u.config.content : "-");
        } else {
            text_append(&text, "%d; ", (int)event->kind);
        }
    }
    return text.bytes;
}

static void a_tag_leads_back_to_its_command(void **state)
{
    struct translator translator = {0};
    uint32_t tags[COUNT_OF(kinds)];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        tags[i] = tag(&translator, kinds[i], 100 + i);
    }
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        translate_silence(&translator, tags[i], ANSWER_NO_RESPONDERS);
    }
    assert_string_equal(describe(&translator),
                        "answered 100 nobody ; answered 101 nobody ; "
                        "answered 102 nobody ; answered 103 nobody ; "
                        "answered 104 nobody ; answered 105 nobody ; "
                        "answered 106 nobody ; answered 107 nobody ; "
                        "answered 108 nobody ; answered 109 nobody ; "
                        "answered 110 nobody ; answered 111 nobody ; ");
    event_list_clear(&translator.events);
}

static void a_tag_holds_when_ids_outgrow_it(void **state)
{
    static const uint64_t starts[] = {(UINT64_C(1) << 28) - 1, (UINT64_C(1) << 32) - 1,
                                      (UINT64_C(1) << 60) - 1};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(starts); i++) {
        struct translator translator = {0};
        const uint32_t first = tag(&translator, COMMAND_PUT_LINK, starts[i]);
        const uint32_t second = tag(&translator, COMMAND_ASK_HOST, starts[i] + 1);
        const uint32_t third = tag(&translator, COMMAND_PUT_LINK, starts[i] + 1000);

        translate_silence(&translator, second, ANSWER_NONE);
        translate_silence(&translator, first, ANSWER_NONE);
        translate_silence(&translator, third, ANSWER_NONE);
        assert_string_equal(describe(&translator),
                            arena_print(&translator.events.arena,
                                        "answered %llu none ; answered %llu none ; "
                                        "answered %llu none ; ",
                                        (unsigned long long)starts[i] + 1,
                                        (unsigned long long)starts[i],
                                        (unsigned long long)starts[i] + 1000));
        event_list_clear(&translator.events);
    }
}

static void only_a_survey_is_answered_by_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct translator translator = {0};

        assert_int_equal(translate_is_gather(tag(&translator, kinds[i], 1)),
                         kinds[i] == COMMAND_ASK_HOSTS);
        assert_int_equal(translate_patience_ms(kinds[i]),
                         kinds[i] == COMMAND_ASK_HOSTS ? 1000 : 5000);
    }
}

static void a_survey_whose_time_is_up_has_been_answered(void **state)
{
    static const struct {
        enum answer answer;
        const char *expected;
    } cases[] = {{ANSWER_NONE, "answered 1 accepted ; "},
                 {ANSWER_NO_RESPONDERS, "answered 1 nobody ; "}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct translator translator = {0};

        translate_silence(&translator, tag(&translator, COMMAND_ASK_HOSTS, 1),
                          cases[i].answer);
        assert_string_equal(describe(&translator), cases[i].expected);
        event_list_clear(&translator.events);
    }
}

static void what_the_server_refuses_was_not_sent(void **state)
{
    struct translator translator = {0};

    (void)state;
    translate_denial(&translator, tag(&translator, COMMAND_PUT_LINK, 1), "no right");
    translate_denial(&translator, tag(&translator, COMMAND_ASK_HOSTS, 2), "no right");
    assert_string_equal(describe(&translator),
                        "answered 1 refused the NATS server refuses it: no right; "
                        "answered 2 refused the NATS server refuses it: no right; ");
    event_list_clear(&translator.events);
}

struct answer_case {
    enum command_kind kind;
    enum err_code code;
    const char *bytes;
    const char *expected;
};

static const struct answer_case answer_cases[] = {
    {COMMAND_PUT_LINK, ERR_OK, "{\"success\":true,\"message\":\"\"}",
     "answered 1 accepted ; "},
    {COMMAND_SCALE_COMPONENT, ERR_OK, "{\"success\":false,\"message\":\"no such image\"}",
     "answered 1 refused no such image; "},
    {COMMAND_PUT_CONFIG, ERR_INVALID, "{\"message\":\"\"}",
     "answered 1 refused its answer cannot be read; "},
    {COMMAND_STOP_PROVIDER, ERR_SYNTAX, "",
     "answered 1 refused its answer cannot be read; "},
    {COMMAND_MAKE_BUCKET, ERR_OK, "{\"type\":\"created\",\"config\":{}}",
     "answered 1 accepted ; "},
    {COMMAND_MAKE_BUCKET, ERR_OK,
     "{\"error\":{\"code\":400,\"err_code\":10058,\"description\":\"in use\"}}",
     "answered 1 accepted ; "},
    {COMMAND_MAKE_BUCKET, ERR_OK,
     "{\"error\":{\"code\":400,\"err_code\":10047,\"description\":\"no room\"}}",
     "answered 1 refused no room; "},
    {COMMAND_MAKE_BUCKET, ERR_SYNTAX, "what",
     "answered 1 refused its answer cannot be read; "},
    {COMMAND_ASK_HOST, ERR_OK, INVENTORY, "inventory N1; answered 1 accepted ; "},
    {COMMAND_ASK_HOST, ERR_INVALID, "{\"success\":true,\"response\":{}}",
     "answered 1 refused its inventory cannot be read; "},
    {COMMAND_ASK_HOST, ERR_INVALID, "{\"success\":false,\"message\":\"busy\"}",
     "answered 1 refused its inventory cannot be read; "},
    {COMMAND_ASK_LINKS, ERR_OK,
     "{\"success\":true,\"response\":[{\"source_id\":\"s\",\"target\":\"t\","
     "\"wit_namespace\":\"n\",\"wit_package\":\"p\",\"interfaces\":[]}]}",
     "heard 1 s; answered 1 accepted ; "},
    {COMMAND_ASK_CONFIG, ERR_OK,
     "{\"success\":true,\"response\":{\"b\":\"2\",\"a\":\"1\"}}",
     "answered 1 accepted {\"a\":\"1\",\"b\":\"2\"}; "},
    {COMMAND_ASK_CONFIG, ERR_OK,
     "{\"success\":true,\"message\":\"Configuration not found\"}",
     "answered 1 accepted ; "},
    {COMMAND_ASK_CONFIG, ERR_OK,
     "{\"success\":false,\"message\":\"failed getting entry\"}",
     "answered 1 refused failed getting entry; "},
    {COMMAND_ASK_CONFIG, ERR_INVALID, "{\"success\":true,\"response\":{\"a\":1}}",
     "answered 1 refused it cannot be read; "},
    {COMMAND_ASK_LINKS, ERR_OK, "{\"success\":true,\"response\":[]}",
     "heard 0; answered 1 accepted ; "},
    {COMMAND_ASK_LINKS, ERR_INVALID, "{\"success\":true,\"response\":{}}",
     "answered 1 refused its links cannot be read; "},
    {COMMAND_ASK_LINKS, ERR_INVALID, "{\"success\":true,\"message\":\"\"}",
     "answered 1 refused its links cannot be read; "},
    {COMMAND_ASK_LINKS, ERR_INVALID,
     "{\"success\":true,\"response\":[{\"source_id\":\"s\"}]}",
     "answered 1 refused its links cannot be read; "},
    {COMMAND_ASK_HOSTS, ERR_OK, "{\"success\":true,\"response\":{\"id\":\"N1\"}}",
     "pinged N1; "},
    {COMMAND_ASK_HOSTS, ERR_INVALID, "{\"success\":true,\"response\":{\"id\":\"N.1\"}}",
     ""},
    {COMMAND_ASK_HOSTS, ERR_SYNTAX, "\xff", ""},
};

static void every_answer_becomes_its_events(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(answer_cases); i++) {
        const struct answer_case *t = &answer_cases[i];
        struct translator translator = {0};
        const uint32_t to = tag(&translator, t->kind, 1);
        struct err err = {0};

        assert_int_equal(answer(&translator, to, t->bytes, &err), t->code);
        assert_int_equal(err.code, t->code);
        assert_string_equal(describe(&translator), t->expected);
        event_list_clear(&translator.events);
    }
}

static void an_event_adds_one_or_none(void **state)
{
    static const struct {
        const char *bytes;
        enum err_code code;
        const char *expected;
    } cases[] = {
        {"{\"type\":\"com.wasmcloud.lattice.host_stopped\",\"source\":\"N1\","
         "\"data\":{}}",
         ERR_OK, "stopped N1; "},
        {"{\"type\":\"com.wasmcloud.lattice.never_heard\",\"source\":\"N1\","
         "\"data\":{}}",
         ERR_OK, ""},
        {"{}", ERR_INVALID, ""},
        {"", ERR_SYNTAX, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct translator translator = {0};
        struct err err = {0};

        assert_int_equal(
            translate_event(&translator, cases[i].bytes, strlen(cases[i].bytes), &err),
            cases[i].code);
        assert_string_equal(describe(&translator), cases[i].expected);
        event_list_clear(&translator.events);
    }
}

static void an_entry_is_read_as_its_bucket_says(void **state)
{
    static const struct {
        enum bucket bucket;
        enum err_code code;
        const char *key;
        const char *bytes; /* NULL: deleted */
        const char *expected;
    } cases[] = {
        {BUCKET_LINKS, ERR_OK, "COMPONENT_a", "{\"url\":\"\",\"links\":[]}",
         "links a 0 9 0; "},
        {BUCKET_LINKS, ERR_OK, "COMPONENT_a", NULL, "links a 0 9 1; "},
        {BUCKET_LINKS, ERR_OK, "CLAIMS_a", "{}", ""},
        {BUCKET_LINKS, ERR_INVALID, "COMPONENT_a", "{\"links\":7}", ""},
        {BUCKET_CONFIGS, ERR_OK, "port", "{\"b\":\"2\",\"a\":\"1\"}",
         "config port {\"a\":\"1\",\"b\":\"2\"}; "},
        {BUCKET_CONFIGS, ERR_OK, "COMPONENT_a", "{}", "config COMPONENT_a {}; "},
        {BUCKET_CONFIGS, ERR_OK, "port", NULL, "config port -; "},
        {BUCKET_CONFIGS, ERR_INVALID, "port", "[]", "config port ; "},
        {BUCKET_CONFIGS, ERR_SYNTAX, "SECRET_a-b", "{", "config SECRET_a-b ; "},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct translate_entry entry = {
            .bucket = cases[i].bucket,
            .key = cases[i].key,
            .bytes = cases[i].bytes,
            .length = cases[i].bytes != NULL ? strlen(cases[i].bytes) : 0,
            .sequence = 9,
        };
        struct translator translator = {0};
        struct err err = {0};

        assert_int_equal(translate_entry(&translator, &entry, &err), cases[i].code);
        assert_string_equal(describe(&translator), cases[i].expected);
        event_list_clear(&translator.events);
    }
}

static void what_comes_together_is_told_in_its_order(void **state)
{
    struct translator translator = {0};
    const uint32_t survey = tag(&translator, COMMAND_ASK_HOSTS, 1);
    const uint32_t host = tag(&translator, COMMAND_ASK_HOST, 2);
    struct err err;

    (void)state;
    assert_int_equal(answer(&translator, survey,
                            "{\"success\":true,\"response\":{\"id\":\"N1\"}}", &err),
                     ERR_OK);
    assert_int_equal(answer(&translator, host, INVENTORY, &err), ERR_OK);
    assert_int_equal(answer(&translator, survey,
                            "{\"success\":true,\"response\":{\"id\":\"N2\"}}", &err),
                     ERR_OK);
    translate_silence(&translator, survey, ANSWER_NONE);
    assert_string_equal(describe(&translator),
                        "pinged N1; inventory N1; answered 2 accepted ; pinged N2; "
                        "answered 1 accepted ; ");
    event_list_clear(&translator.events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tag_leads_back_to_its_command),
        cmocka_unit_test(a_tag_holds_when_ids_outgrow_it),
        cmocka_unit_test(only_a_survey_is_answered_by_all),
        cmocka_unit_test(a_survey_whose_time_is_up_has_been_answered),
        cmocka_unit_test(what_the_server_refuses_was_not_sent),
        cmocka_unit_test(every_answer_becomes_its_events),
        cmocka_unit_test(an_event_adds_one_or_none),
        cmocka_unit_test(an_entry_is_read_as_its_bucket_says),
        cmocka_unit_test(what_comes_together_is_told_in_its_order),
    };

    return cmocka_run_group_tests_name("translate", tests, NULL, NULL);
}
