#include "test/support_api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test/support_schema.h"

json_t *api_ask(struct stage *stage, const char *tail, const char *body)
{
    char subject[256];
    json_t *reply;

    (void)snprintf(subject, sizeof subject, "trellis.api.default.%s", tail);
    reply = reader_ask(stage->reader, subject, body);
    if (reply == NULL) {
        fail_msg("no answer on %s\n--- the daemon\n%s", subject,
                 process_errors(stage->daemon));
    }
    return reply;
}

json_t *api_expect(struct stage *stage, const char *tail, const char *body,
                   const char *schema)
{
    json_t *reply = api_ask(stage, tail, body);
    char *text = json_dumps(reply, JSON_COMPACT);
    struct arena arena = {0};
    const char *problem = schema_check(
        arena_print(&arena, "schemas/api-%s.schema.json", schema), text, &arena);

    if (problem != NULL) {
        fail_msg("%s: %s: %s", tail, problem, text);
    }
    arena_free(&arena);
    free(text);
    return reply;
}

void api_expect_error(struct stage *stage, const char *tail, const char *body,
                      const char *code, const char *words)
{
    json_t *reply = api_expect(stage, tail, body, "error");

    if (strcmp(api_text(reply, "code"), code) != 0 ||
        strstr(api_text(reply, "message"), words) == NULL) {
        fail_msg("%s: %s: %s", tail, api_text(reply, "code"), api_text(reply, "message"));
    }
    json_decref(reply);
}

const char *api_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "(none)";
}

const char *api_first(const json_t *reply, const char *list, const char *key)
{
    return api_text(json_array_get(json_object_get(reply, list), 0), key);
}

char *api_manifest_body(const char *text, json_t *conditions)
{
    json_t *manifest = json_pack("{s:s, s:s}", "source", "/srv/test.yaml", "text", text);
    json_t *body = json_pack("{s:i, s:[o]}", "schema", 1, "manifests", manifest);
    char *bytes;

    if (conditions != NULL) {
        assert_int_equal(json_object_update(body, conditions), 0);
    }
    bytes = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    return bytes;
}
