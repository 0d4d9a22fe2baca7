#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "reconciler/wire/request.h"
#include "test/support_samples.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define NAMES(...)                                                                       \
    {                                                                                    \
        .items = (const char *const[]){__VA_ARGS__},                                     \
        .count = COUNT_OF(((const char *const[]){__VA_ARGS__})),                         \
    }

#define HOST_1 "NDIKIVKPKC2NBS2ZLZ34M4U45KZBRWVZBFORYNVGJVOY4SHMFXW3CZFT"
#define HOST_2 "NCDJCJ3EKNAPEQXTOFR7XUYQFNSG53IRBKCI2DAFUC57BJ3FXWMM4EMI"
#define CTL    "wasmbus.ctl.v1.default."

struct request_case {
    struct command command;
    const char *subject;
    const char *bytes;
    bool is_captured; /* a client of a real lattice sent the same */
};

/* In the order of enum command_kind. */
static const struct request_case request_cases[] = {
    {
        .command = {.kind = COMMAND_PUT_CONFIG,
                    .host = "",
                    .u.config = {"hello-default_http",
                                 "{\"address\":\"127.0.0.1:18080\"}"}},
        .subject = CTL "config.put.hello-default_http",
        .bytes = "{\"address\":\"127.0.0.1:18080\"}",
        .is_captured = true,
    },
    {
        .command = {.kind = COMMAND_DELETE_CONFIG,
                    .host = "",
                    .u.config = {"hello-default_http", NULL}},
        .subject = CTL "config.del.hello-default_http",
        .bytes = "",
        .is_captured = true,
    },
    {
        .command = {.kind = COMMAND_PUT_LINK,
                    .host = "",
                    .u.link = {.source_id = "hello-httpserver",
                               .target = "hello-http_component",
                               .name = "default",
                               .wit_namespace = "wasi",
                               .wit_package = "http",
                               .interfaces = NAMES("incoming-handler"),
                               .source_config = NAMES("hello-default_http")}},
        .subject = CTL "link.put",
        .bytes =
            "{\"source_id\":\"hello-httpserver\",\"target\":\"hello-http_component\","
            "\"name\":\"default\",\"wit_namespace\":\"wasi\",\"wit_package\":\"http\","
            "\"interfaces\":[\"incoming-handler\"],"
            "\"source_config\":[\"hello-default_http\"],\"target_config\":[]}",
        .is_captured = true,
    },
    {
        .command = {.kind = COMMAND_DELETE_LINK,
                    .host = "",
                    .u.link = {.source_id = "hello-httpserver",
                               .target = "hello-http_component",
                               .name = "default",
                               .wit_namespace = "wasi",
                               .wit_package = "http",
                               .interfaces = NAMES("incoming-handler")}},
        .subject = CTL "link.del",
        .bytes = "{\"source_id\":\"hello-httpserver\",\"name\":\"default\","
                 "\"wit_namespace\":\"wasi\",\"wit_package\":\"http\"}",
        .is_captured = true,
    },
    {
        .command = {.kind = COMMAND_START_PROVIDER,
                    .application = "hello",
                    .host = HOST_2,
                    .u.workload = {.id = "hello-httpserver",
                                   .image = "wasmcloud+builtin://http-server",
                                   .scaler_id =
                                       "916a25a13156fb2abb5bff1c580f2c9dbc9d92f5553057648"
                                       "f1ba8ac66a04aed",
                                   .spread_name = "default"}},
        .subject = CTL "provider.start." HOST_2,
        .bytes = "{\"provider_id\":\"hello-httpserver\","
                 "\"provider_ref\":\"wasmcloud+builtin://http-server\","
                 "\"host_id\":\"" HOST_2 "\",\"config\":[],\"annotations\":{"
                 "\"wasmcloud.dev/appspec\":\"hello\","
                 "\"wasmcloud.dev/managed-by\":\"wadm\",\"wasmcloud.dev/scaler\":"
                 "\"916a25a13156fb2abb5bff1c580f2c9dbc9d92f5553057648f1ba8ac66a04aed\","
                 "\"wasmcloud.dev/spread_name\":\"default\"}}",
        .is_captured = true,
    },
    {
        .command = {.kind = COMMAND_STOP_PROVIDER,
                    .application = "hello",
                    .host = HOST_2,
                    .u.workload = {.id = "hello-httpserver"}},
        .subject = CTL "provider.stop." HOST_2,
        .bytes = "{\"host_id\":\"" HOST_2 "\",\"provider_id\":\"hello-httpserver\"}",
        .is_captured = true,
    },
    {
        .command = {.kind = COMMAND_SCALE_COMPONENT,
                    .application = "hello",
                    .host = HOST_1,
                    .u.workload = {.id = "hello-http_component",
                                   .image = "file:///srv/components/hello.wasm",
                                   .count = 2,
                                   .scaler_id =
                                       "42045c11991b6c6b8e90c2948a68c2677b06c787b517546f0"
                                       "530c959280c5f1e",
                                   .spread_name = "default"}},
        .subject = CTL "component.scale." HOST_1,
        .bytes = "{\"component_ref\":\"file:///srv/components/hello.wasm\","
                 "\"component_id\":\"hello-http_component\",\"annotations\":{"
                 "\"wasmcloud.dev/appspec\":\"hello\","
                 "\"wasmcloud.dev/managed-by\":\"wadm\",\"wasmcloud.dev/scaler\":"
                 "\"42045c11991b6c6b8e90c2948a68c2677b06c787b517546f0530c959280c5f1e\","
                 "\"wasmcloud.dev/spread_name\":\"default\"},\"count\":2,"
                 "\"host_id\":\"" HOST_1 "\",\"config\":[]}",
        .is_captured = true,
    },
    {
        .command = {.kind = COMMAND_MAKE_BUCKET, .u.bucket = {.which = BUCKET_CONFIGS}},
        .subject = "$JS.API.STREAM.CREATE.KV_CONFIGDATA_default",
        .bytes = "{\"name\":\"KV_CONFIGDATA_default\","
                 "\"subjects\":[\"$KV.CONFIGDATA_default.>\"],\"retention\":\"limits\","
                 "\"max_consumers\":-1,\"max_msgs\":-1,\"max_bytes\":-1,"
                 "\"max_msg_size\":-1,\"max_msgs_per_subject\":1,\"max_age\":0,"
                 "\"duplicate_window\":120000000000,\"storage\":\"file\","
                 "\"discard\":\"new\",\"num_replicas\":1,\"allow_rollup_hdrs\":true,"
                 "\"deny_delete\":true,\"allow_direct\":true}",
    },
    {
        .command = {.kind = COMMAND_ASK_HOSTS, .application = "", .host = ""},
        .subject = CTL "host.ping",
        .bytes = "",
        .is_captured = true,
    },
    {
        .command = {.kind = COMMAND_ASK_HOST, .application = "", .host = HOST_1},
        .subject = CTL "host.get." HOST_1,
        .bytes = "",
        .is_captured = true,
    },
    {
        .command = {.kind = COMMAND_ASK_CONFIG,
                    .host = "",
                    .u.config = {"hello-default_http", NULL}},
        .subject = CTL "config.get.hello-default_http",
        .bytes = "",
        .is_captured = true,
    },
    {
        .command = {.kind = COMMAND_ASK_LINKS, .application = "", .host = ""},
        .subject = CTL "link.get",
        .bytes = "",
        .is_captured = true,
    },
    {
        .command = {.kind = COMMAND_SCALE_COMPONENT,
                    .application = "shop",
                    .host = "N1",
                    .u.workload = {.id = "app",
                                   .image = "img:1",
                                   .configs = NAMES("b", "a")}},
        .subject = CTL "component.scale.N1",
        .bytes = "{\"component_ref\":\"img:1\",\"component_id\":\"app\",\"annotations\":{"
                 "\"wasmcloud.dev/appspec\":\"shop\","
                 "\"wasmcloud.dev/managed-by\":\"wadm\"},\"count\":0,\"host_id\":\"N1\","
                 "\"config\":[\"b\",\"a\"]}",
    },
    {
        .command = {.kind = COMMAND_PUT_LINK,
                    .host = "",
                    .u.link = {.source_id = "a\"b",
                               .target = "c\\d",
                               .name = "n",
                               .wit_namespace = "\xc3\xa9",
                               .wit_package = "p\n",
                               .source_config = NAMES("s1", "s2"),
                               .target_config = NAMES("t")}},
        .subject = CTL "link.put",
        .bytes = "{\"source_id\":\"a\\\"b\",\"target\":\"c\\\\d\",\"name\":\"n\","
                 "\"wit_namespace\":\"\xc3\xa9\",\"wit_package\":\"p\\n\","
                 "\"interfaces\":[],\"source_config\":[\"s1\",\"s2\"],"
                 "\"target_config\":[\"t\"]}",
    },
};

static void every_command_has_its_subject_and_its_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(request_cases); i++) {
        const struct request_case *t = &request_cases[i];
        struct arena arena = {0};
        struct wire_request request;

        wire_encode_command(&t->command, "default", &arena, &request);
        assert_string_equal(request.subject, t->subject);
        assert_string_equal(request.bytes, t->bytes);
        assert_int_equal(request.length, strlen(t->bytes));
        arena_free(&arena);
    }
}

static void every_kind_of_command_is_among_the_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i <= COMMAND_ASK_LINKS; i++) {
        assert_int_equal(request_cases[i].command.kind, i);
    }
}

/* What a real client sent, without the one field that we never send. */
static bool is_same_request(const char *captured, const char *ours)
{
    json_auto_t *root = json_loads(captured, 0, NULL);
    json_auto_t *other = json_loads(ours, 0, NULL);

    if (root == NULL || other == NULL) {
        return strcmp(captured, ours) == 0;
    }
    if (json_is_false(json_object_get(root, "allow_update"))) {
        (void)json_object_del(root, "allow_update");
    }
    return json_equal(root, other) != 0;
}

static void a_real_client_sent_the_same(void **state)
{
    struct arena arena = {0};
    const struct samples samples = samples_read(&arena);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(request_cases); i++) {
        const struct request_case *t = &request_cases[i];
        size_t found = 0;

        for (size_t k = 0; k < samples.count; k++) {
            const struct sample *sample = &samples.items[k];

            found += sample_is(sample, "request", t->subject) &&
                     is_same_request(sample->payload, t->bytes);
        }
        assert_int_equal(found > 0, t->is_captured);
    }
    arena_free(&arena);
}

static void the_lattice_is_part_of_the_subject(void **state)
{
    const struct command command = {
        .kind = COMMAND_ASK_HOSTS, .application = "", .host = ""};
    struct arena arena = {0};
    struct wire_request request;

    (void)state;
    wire_encode_command(&command, "east-1", &arena, &request);
    assert_string_equal(request.subject, "wasmbus.ctl.v1.east-1.host.ping");
    arena_free(&arena);
}

static void an_update_in_place_is_never_asked_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(request_cases); i++) {
        struct arena arena = {0};
        struct wire_request request;

        wire_encode_command(&request_cases[i].command, "default", &arena, &request);
        assert_null(strstr(request.bytes, "allow_update"));
        assert_null(strstr(request.bytes, "max_instances"));
        assert_null(strstr(request.bytes, "null"));
        assert_null(strstr(request.subject, "update"));
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_has_its_subject_and_its_bytes),
        cmocka_unit_test(every_kind_of_command_is_among_the_cases),
        cmocka_unit_test(a_real_client_sent_the_same),
        cmocka_unit_test(the_lattice_is_part_of_the_subject),
        cmocka_unit_test(an_update_in_place_is_never_asked_for),
    };

    return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
