#include <stdio.h>
#include <string.h>

#include "manifest/limits.h"
#include "reconciler/run/claims.h"
#include "reconciler/run/cli.h"
#include "reconciler/run/client.h"
#include "reconciler/run/deploy.h"
#include "reconciler/run/files.h"
#include "reconciler/run/outcome.h"
#include "reconciler/run/reconciler.h"
#include "reconciler/run/show.h"

/* An apply under way. */
struct apply {
    const struct options *options;
    struct arena *arena;
    struct api_manifests manifests;
    struct api_apply_report report;
    const char *findings; /* ours: a daemon knows nothing of --allow */
};

/* Say what has been stored, before any waiting. */
static void show(struct apply *apply)
{
    struct text text;

    apply->report.findings = apply->findings;
    text_init(&text, apply->arena, MESSAGE_BYTES_MAX);
    if (apply->options->is_json) {
        api_encode_apply(&apply->report, &text);
        text_append(&text, "\n");
    } else {
        show_apply(&apply->report, &text);
    }
    (void)printf("%s", text.bytes);
}

static struct outcome wanted(const struct apply *apply)
{
    const size_t count = apply->report.count;
    const char **names = arena_array(apply->arena, count, sizeof *names);

    for (size_t i = 0; i < count; i++) {
        names[i] = apply->report.items[i].application;
    }
    return (struct outcome){names, count, false};
}

static enum err_code apply_by_daemon(struct apply *apply, struct client *client,
                                     struct err *err)
{
    struct client_request request = {.verb = "apply"};
    struct text body;
    struct outcome outcome;
    struct client_reply reply;
    enum err_code code;

    text_init(&body, apply->arena, MESSAGE_BYTES_MAX);
    api_encode_manifests(&apply->manifests, &body);
    request.bytes = body.bytes;
    request.length = body.count;
    code = client_ask(client, &request, apply->arena, &reply, err);
    if (code == ERR_OK) {
        code = api_decode_apply(reply.bytes, reply.length, apply->arena, &apply->report,
                                err);
    }
    if (code != ERR_OK) {
        return code;
    }
    show(apply);
    outcome = wanted(apply);
    return apply->options->is_waiting && !apply->options->is_dry_run
               ? outcome_await_daemon(client, &outcome, apply->options->timeout_ms, err)
               : ERR_OK;
}

/* Store what is wanted, and bring it about. */
static enum err_code apply_with(struct apply *apply, struct reconciler *reconciler,
                                struct err *err)
{
    const int64_t timeout_ms = apply->options->timeout_ms;
    const struct claims claims = {.store = reconciler_store(reconciler)};
    struct claims_outcome claimed = {.deployment = {.report = {.findings = ""}}};
    const struct deployment *deployment = &claimed.deployment;
    struct outcome outcome;
    enum err_code code = ERR_OK;

    if (!apply->options->is_dry_run) {
        code = reconciler_admit(reconciler, timeout_ms, err);
    }
    if (code == ERR_OK) {
        code = claims_deploy(&claims, &apply->manifests, apply->arena, &claimed, err);
        apply->report = deployment->report;
    }
    if (code != ERR_OK) {
        return code;
    }
    apply->report.by = "direct";
    if (apply->options->is_dry_run) {
        show(apply);
        return ERR_OK;
    }
    outcome = wanted(apply);
    code =
        reconciler_reload(reconciler, deployment->applications, deployment->count, err);
    if (code == ERR_OK) {
        code = outcome_await(reconciler, &outcome, apply->options->is_waiting, timeout_ms,
                             err);
    }
    apply->report.commands_count = reconciler_driver(reconciler)->commands_count;
    show(apply);
    return code;
}

static enum err_code apply_directly(struct apply *apply, struct err *err)
{
    const enum reconciler_role role =
        apply->options->is_dry_run ? RECONCILER_OBSERVER : RECONCILER_ONE_SHOT;
    struct reconciler *reconciler;
    enum err_code code = reconciler_open(apply->options, role, &reconciler, err);

    if (code == ERR_OK) {
        code = apply_with(apply, reconciler, err);
        reconciler_close(reconciler);
    }
    return code;
}

/* What must be so, by --if-version and --if-digest: NAME=WHAT. */
static void add_conditions(struct apply *apply)
{
    const struct names *versions = &apply->options->versions;
    const struct names *digests = &apply->options->digests;
    const size_t count = versions->count + digests->count;
    struct api_expected *expected = arena_array(apply->arena, count, sizeof *expected);

    for (size_t i = 0; i < count; i++) {
        const bool is_version = i < versions->count;
        const char *text =
            is_version ? versions->items[i] : digests->items[i - versions->count];
        const char *equals = strchr(text, '=');

        expected[i] = (struct api_expected){
            .application = arena_text(apply->arena, text, (size_t)(equals - text)),
            .version = is_version ? equals + 1 : NULL,
            .digest = is_version ? NULL : equals + 1,
        };
    }
    apply->manifests.expected = expected;
    apply->manifests.expected_count = count;
    apply->manifests.is_dry_run = apply->options->is_dry_run;
}

static enum err_code run_apply(struct apply *apply, struct err *err)
{
    struct client *client;
    bool has_daemon;
    struct diags diags;
    enum err_code code = files_read(apply->options, apply->arena, &apply->manifests, err);

    diags_init(&diags, apply->arena, "");
    diags.allowed = apply->options->allowed.items;
    diags.allowed_count = apply->options->allowed.count;
    if (code == ERR_OK) {
        code = deploy_check(&apply->manifests, apply->arena, &diags, err);
        apply->findings = deploy_print(&diags, apply->arena);
        apply->report.findings = apply->findings;
    }
    if (code == ERR_OK) {
        add_conditions(apply);
        code = client_open(apply->options, &client, err);
    }
    if (code != ERR_OK) {
        return code;
    }
    code = client_find_daemon(client, &has_daemon, err);
    if (code == ERR_OK && has_daemon) {
        code = apply_by_daemon(apply, client, err);
    }
    client_close(client);
    return has_daemon || code != ERR_OK ? code : apply_directly(apply, err);
}

static int run(const struct options *options)
{
    struct arena arena = {0};
    struct apply apply = {
        .options = options, .arena = &arena, .report = {.findings = ""}};
    struct err err;
    int status = EXIT_DONE;

    if (run_apply(&apply, &err) != ERR_OK) {
        status = cli_refuse(options, &err, apply.report.findings);
    }
    arena_free(&arena);
    return status;
}

const struct cli_command cmd_apply = {
    .name = "apply",
    .verb = VERB_APPLY,
    .run = run,
    .usage = "FILE...",
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .summary = "want what manifests declare, by the daemon or directly",
};
