/*
 * From trellis back to wadm: what the store keeps is in wadm's bucket, all or nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "reconciler/run/handover.h"
#include "support_contract.h"
#include "support_peer.h"
#include "support_samples.h"
#include "support_stage.h"
#include "support_wash.h"

#define BUCKET     "wadm_manifests"
#define TEXT_BYTES 65536

static char text[TEXT_BYTES];

static const char *read_key(struct peer *peer, const char *key)
{
    return peer_get(peer, BUCKET, key, text, sizeof text) ? text : NULL;
}

/* What a daemon is given in place of wadm, a version of name with an annotation note. */
static void put(struct stage *stage, const char *name, const char *version,
                const char *note)
{
    static char body[4096];

    (void)snprintf(body, sizeof body,
                   "{\"apiVersion\":\"x\",\"kind\":\"y\",\"metadata\":{\"name\":\"%s\","
                   "\"annotations\":{\"version\":\"%s\",\"note\":\"%s\"}},\"spec\":{"
                   "\"components\":[]}}",
                   name, version, note);
    json_decref(wash_ask(stage, "put", body, "put"));
}

/* A store with "a", of two versions of which the older one is deployed, and "z". */
static void keep(struct stage *stage)
{
    static char note[1001];

    memset(note, 'n', sizeof note - 1);
    stage_daemon(stage);
    wash_expect(stage);
    put(stage, "a", "v2", "");
    put(stage, "a", "v1", "");
    put(stage, "z", "v1", note);
    json_decref(wash_ask(stage, "deploy.a", "{\"version\":\"v2\"}", "dep"));
    stage_end_daemon(stage);
}

/* Of all samples the payload of this kind and subject that holds words. */
static const char *sample_of(const struct samples *samples, const char *kind,
                             const char *subject, const char *words)
{
    for (size_t i = 0; i < samples->count; i++) {
        const struct sample *sample = &samples->items[i];

        if (strcmp(sample->kind, kind) == 0 && strcmp(sample->subject, subject) == 0 &&
            strstr(sample->payload, words) != NULL) {
            return sample->payload;
        }
    }
    fail_msg("no sample of %s with %s", subject, words);
    return NULL;
}

/* A wadm takes all manifests of a value, which must have these fields and no others. */
static void expect_manifests(const char *value)
{
    json_t *kept = json_loads(value, 0, NULL);
    json_t *manifests = json_object_get(kept, "manifests");
    const char *version;
    json_t *manifest;

    assert_int_equal(json_object_size(kept), 2);
    assert_non_null(json_object_get(kept, "deployed_version"));
    json_object_foreach(manifests, version, manifest)
    {
        const json_t *metadata = json_object_get(manifest, "metadata");
        json_t *reply = json_pack("{s:s, s:s, s:O}", "result", "success", "message", "",
                                  "manifest", manifest);
        char *got = json_dumps(reply, JSON_COMPACT);

        assert_true(contract_accepts("get", got));
        assert_string_equal(json_string_value(json_object_get(
                                json_object_get(metadata, "annotations"), "version")),
                            version);
        free(got);
        json_decref(reply);
    }
    json_decref(kept);
}

static void what_was_exported_and_imported_goes_on_untouched(void **state)
{
    struct stage *stage = *state;
    struct peer *peer;
    static char first[TEXT_BYTES];
    char store[128];
    json_t *kept;

    stage_converge_quickstart(stage);
    assert_int_equal(stage_run(stage, "export", "--to-wadm", NULL), 6);
    stage_expect_errors(stage, "a trellis daemon keeps lattice default: stop it first");
    assert_int_equal(stage_run(stage, "export", "--to-wadm", "--dry-run", NULL), 0);
    stage_expect_output(stage, "1 application would be exported: this was a dry run");
    stage_end_daemon(stage);
    peer = peer_start(server_url(stage->server));
    assert_null(read_key(peer, "default"));

    assert_int_equal(stage_run(stage, "export", "--to-wadm", NULL), 0);
    stage_expect_output(stage, "1 application exported: now start wadm");
    assert_string_equal(read_key(peer, "default"), "[\"hello-world\"]");
    assert_non_null(read_key(peer, "default-hello-world"));
    expect_manifests(text);
    (void)snprintf(first, sizeof first, "%s", text);
    kept = json_loads(first, 0, NULL);
    assert_int_equal(json_object_size(json_object_get(kept, "manifests")), 1);
    assert_non_null(
        json_object_get(json_object_get(kept, "manifests"),
                        json_string_value(json_object_get(kept, "deployed_version"))));
    json_decref(kept);

    /* a store of what is in the bucket is the same store */
    (void)snprintf(store, sizeof store, "%s.old", stage->store);
    assert_int_equal(rename(stage->store, store), 0);
    assert_int_equal(stage_run(stage, "import", "--from-wadm", NULL), 0);
    stage_expect_output(stage, "hello-world: 1 version, ");
    assert_int_equal(stage_run(stage, "export", "--to-wadm", NULL), 0);
    stage_expect_output(stage, "deployed, as it is in the bucket already");
    assert_string_equal(read_key(peer, "default-hello-world"), first);
    peer_stop(peer);

    reader_forget(stage->reader);
    assert_int_equal(unlink(stage_path(stage, "quickstart.yaml", store, sizeof store)),
                     0);
    stage_daemon(stage);
    stage_expect_converged(stage);
    assert_string_equal(reader_commands(stage->reader), "");
    assert_string_equal(reader_world(stage->reader), stage_quickstart);
}

/* Field by field: what trellis exports of a manifest that wash put is what a wadm 0.21
 * kept of it. */
static void a_manifest_is_kept_as_a_wadm_keeps_it(void **state)
{
    struct stage *stage = *state;
    struct peer *peer = peer_start(server_url(stage->server));
    struct arena arena = {0};
    const struct samples samples = samples_read(&arena);
    const char *manifest =
        sample_of(&samples, "request", "wadm.api.default.model.put", "name: hello\n");
    json_t *wanted = json_loads(
        sample_of(&samples, "kv", "$KV.wadm_manifests.default-hello", "\"v1\""), 0, NULL);
    json_t *kept;

    stage_daemon(stage);
    wash_expect(stage);
    json_decref(wash_ask(stage, "put", manifest, "put"));
    stage_end_daemon(stage);
    assert_int_equal(stage_run(stage, "export", "--to-wadm", NULL), 0);
    assert_string_equal(
        read_key(peer, "default"),
        sample_of(&samples, "kv", "$KV.wadm_manifests.default", "[\"hello\"]"));
    assert_non_null(read_key(peer, "default-hello"));
    expect_manifests(text);
    kept = json_loads(text, 0, NULL);
    if (!json_equal(kept, wanted)) {
        fail_msg("%s\nnot\n%s", text, json_dumps(wanted, JSON_COMPACT));
    }
    json_decref(kept);
    json_decref(wanted);
    peer_stop(peer);
    arena_free(&arena);
}

static void versions_stay_in_order_and_the_deployed_one_is_named(void **state)
{
    struct stage *stage = *state;
    struct peer *peer = peer_start(server_url(stage->server));
    const char *second;

    keep(stage);
    assert_int_equal(stage_run(stage, "export", "--to-wadm", NULL), 0);
    stage_expect_output(stage, "a: 2 versions, v2 deployed\nz: 1 version, none deployed\n"
                               "2 applications exported");
    assert_string_equal(read_key(peer, "default"), "[\"a\",\"z\"]");
    assert_non_null(read_key(peer, "default-a"));
    second = strstr(text, "\"v1\":{");
    assert_non_null(second);
    assert_true(strstr(text, "{\"manifests\":{\"v2\":{") == text);
    assert_non_null(strstr(text, ",\"deployed_version\":\"v2\"}"));
    assert_non_null(read_key(peer, "default-z"));
    assert_non_null(strstr(text, ",\"deployed_version\":null}"));

    (void)peer_put(peer, BUCKET, "default-a", "{\"manifests\":{}}");
    assert_int_equal(stage_run(stage, "export", "--to-wadm", "-o", "json", NULL), 0);
    stage_expect_output(stage, "{\"name\":\"a\",\"versions\":2,\"deployed\":\"v2\","
                               "\"replaced\":true},{\"name\":\"z\",\"versions\":1,"
                               "\"deployed\":null,\"replaced\":false}");
    assert_non_null(read_key(peer, "default-a"));
    assert_non_null(strstr(text, "\"v1\":{"));
    peer_stop(peer);
}

static void what_would_be_lost_is_not_written_over(void **state)
{
    static const char other[] =
        "{\"manifests\":{\"1\":{\"metadata\":{\"name\":\"x-a\"}}},\"deployed_version\":"
        "null}";
    struct stage *stage = *state;
    struct peer *peer = peer_start(server_url(stage->server));

    assert_int_equal(stage_run(stage, "export", NULL), 2);
    assert_int_equal(stage_run(stage, "export", "--to-wadm", NULL), 8);
    keep(stage);
    peer_make_bucket(peer, BUCKET, 1);
    (void)peer_put(peer, BUCKET, "default", "[\"a\",\"q\",\"r\"]");
    assert_int_equal(stage_run(stage, "export", "--to-wadm", NULL), 6);
    stage_expect_errors(stage, "import them, or delete them with wadm: q, r");
    assert_string_equal(read_key(peer, "default"), "[\"a\",\"q\",\"r\"]");
    assert_null(read_key(peer, "default-a"));

    peer_delete(peer, BUCKET, "default");
    (void)peer_put(peer, BUCKET, "default-z", other);
    assert_int_equal(stage_run(stage, "export", "--to-wadm", NULL), 6);
    stage_expect_errors(stage, "key default-z of the bucket wadm_manifests is not of "
                               "application z");
    assert_string_equal(read_key(peer, "default-z"), other);
    assert_null(read_key(peer, "default-a"));

    /* and what was deleted is in nobody's way */
    peer_purge(peer, BUCKET, "default-z");
    peer_echo(peer, "wadm.api.default.model.list", 0);
    assert_int_equal(stage_run(stage, "export", "--to-wadm", "--dry-run", NULL), 6);
    stage_expect_errors(stage, "a wadm answers for lattice default: stop it first");
    peer_stop(peer);
    assert_int_equal(stage_run(stage, "export", "--to-wadm", NULL), 0);
}

/* A bucket with room for "a" and not for "z". */
static void what_cannot_all_be_written_is_put_back(void **state)
{
    static const char was[] = "{\"manifests\":{\"v0\":{\"metadata\":{\"name\":\"a\"}}}}";
    struct stage *stage = *state;
    struct peer *peer = peer_start(server_url(stage->server));

    keep(stage);
    assert_true(peer_request(
        peer, "$JS.API.STREAM.CREATE.KV_" BUCKET,
        "{\"name\":\"KV_" BUCKET "\",\"subjects\":[\"$KV." BUCKET ".>\"],"
        "\"max_msgs_per_subject\":1,\"max_msg_size\":800,\"discard\":\"new\","
        "\"allow_rollup_hdrs\":true,\"deny_delete\":true,\"allow_direct\":true}",
        text, sizeof text));
    assert_int_equal(stage_run(stage, "export", "--to-wadm", NULL), 7);
    stage_expect_errors(stage, "message size exceeds maximum allowed");
    assert_null(read_key(peer, "default-a"));
    assert_null(read_key(peer, "default"));

    (void)peer_put(peer, BUCKET, "default-a", was);
    (void)peer_put(peer, BUCKET, "default", "[\"a\"]");
    assert_int_equal(stage_run(stage, "export", "--to-wadm", NULL), 7);
    assert_string_equal(read_key(peer, "default-a"), was);
    assert_string_equal(read_key(peer, "default"), "[\"a\"]");
    peer_stop(peer);
}

/* Between the look and the writing somebody adds an application. */
static void what_somebody_writes_meanwhile_stays(void **state)
{
    struct stage *stage = *state;
    struct peer *peer = peer_start(server_url(stage->server));
    struct arena arena = {0};
    char *words[] = {arena_copy(&arena, "export"), arena_copy(&arena, "-s"),
                     arena_copy(&arena, server_url(stage->server)), NULL};
    struct client *client = NULL;
    struct store *store = NULL;
    struct handover handover;
    struct options options;
    struct err err;

    keep(stage);
    peer_make_bucket(peer, BUCKET, 1);
    (void)peer_put(peer, BUCKET, "default", "[]");
    assert_int_equal(options_read(VERB_EXPORT, 3, words, &arena, &options, &err), ERR_OK);
    assert_int_equal(client_open(&options, &client, &err), ERR_OK);
    assert_int_equal(store_open_copy(stage->store, "default", &store, &err), ERR_OK);
    assert_int_equal(handover_plan(client, store, &arena, &handover, &err), ERR_OK);
    assert_int_equal(handover.count, 3);
    (void)peer_put(peer, BUCKET, "default", "[\"q\"]");
    assert_int_equal(handover_write(client, &handover, &arena, &err), ERR_CONFLICT);
    assert_non_null(strstr(err.message, "somebody else has written to key default of"));
    assert_string_equal(read_key(peer, "default"), "[\"q\"]");
    assert_null(read_key(peer, "default-a"));
    assert_null(read_key(peer, "default-z"));
    store_close(store);
    client_close(client);
    arena_free(&arena);
    peer_stop(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(what_was_exported_and_imported_goes_on_untouched),
        STAGE_TEST(a_manifest_is_kept_as_a_wadm_keeps_it),
        STAGE_TEST(versions_stay_in_order_and_the_deployed_one_is_named),
        STAGE_TEST(what_would_be_lost_is_not_written_over),
        STAGE_TEST(what_somebody_writes_meanwhile_stays),
        STAGE_TEST(what_cannot_all_be_written_is_put_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
