#include <stdio.h>
#include <time.h>

#include "manifest/limits.h"
#include "reconciler/run/cli.h"
#include "reconciler/run/client.h"
#include "reconciler/run/clock.h"
#include "reconciler/run/deploy.h"
#include "reconciler/run/files.h"
#include "reconciler/run/plan_rehearsed.h"
#include "reconciler/run/reconciler.h"
#include "reconciler/run/show.h"

/* Between two times of asking. */
#define PAUSE_NS (200L * 1000 * 1000)

/* A plan under way. */
struct planning {
    const struct options *options;
    struct arena *arena;
    struct api_manifests manifests;
    struct api_plan_report report;
    const char *findings; /* ours: a daemon knows nothing of --allow */
};

static enum err_code ask_once(struct planning *planning, struct client *client,
                              const struct text *body, struct err *err)
{
    const struct client_request request = {
        .verb = "plan", .bytes = body->bytes, .length = body->count};
    struct client_reply reply;
    enum err_code code = client_ask(client, &request, planning->arena, &reply, err);

    if (code == ERR_OK) {
        code = api_decode_plan(reply.bytes, reply.length, planning->arena,
                               &planning->report, err);
    }
    return code;
}

/* A daemon that has just started does not see the lattice yet. */
static enum err_code ask(struct planning *planning, struct client *client,
                         struct err *err)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    const struct instant deadline =
        instant_after(clock_now(), planning->options->timeout_ms);
    struct text body;
    enum err_code code;

    text_init(&body, planning->arena, MESSAGE_BYTES_MAX);
    api_encode_manifests(&planning->manifests, &body);
    code = ask_once(planning, client, &body, err);
    while (code == ERR_UNREACHABLE && !instant_is_due(deadline, clock_now())) {
        (void)nanosleep(&pause, NULL);
        code = ask_once(planning, client, &body, err);
    }
    return code;
}

/* Without a daemon: observe the lattice, and rehearse on the store's content. */
static enum err_code plan_directly(struct planning *planning, struct err *err)
{
    const struct options *options = planning->options;
    struct plan_input input = {.lattice = options->lattice};
    struct reconciler *reconciler;
    enum err_code code = reconciler_open(options, RECONCILER_OBSERVER, &reconciler, err);

    if (code != ERR_OK) {
        return code;
    }
    code = reconciler_see(reconciler, options->timeout_ms, err);
    if (code == ERR_OK) {
        input.engine = reconciler_engine(reconciler);
        input.store = reconciler_store(reconciler);
        code = plan_rehearsed(&input, &planning->manifests, planning->arena,
                              &planning->report, err);
    }
    reconciler_close(reconciler);
    return code;
}

static enum err_code run_plan(struct planning *planning, struct err *err)
{
    struct client *client;
    bool has_daemon;
    struct diags diags;
    enum err_code code =
        files_read(planning->options, planning->arena, &planning->manifests, err);

    diags_init(&diags, planning->arena, "");
    diags.allowed = planning->options->allowed.items;
    diags.allowed_count = planning->options->allowed.count;
    if (code == ERR_OK) {
        code = deploy_check(&planning->manifests, planning->arena, &diags, err);
        planning->findings = deploy_print(&diags, planning->arena);
        planning->report.findings = planning->findings;
    }
    if (code == ERR_OK) {
        code = client_open(planning->options, &client, err);
    }
    if (code != ERR_OK) {
        return code;
    }
    code = client_find_daemon(client, &has_daemon, err);
    if (code == ERR_OK && has_daemon) {
        code = ask(planning, client, err);
    }
    client_close(client);
    return has_daemon || code != ERR_OK ? code : plan_directly(planning, err);
}

static int show(struct planning *planning)
{
    const struct options *options = planning->options;
    struct text text;

    planning->report.findings = planning->findings;
    text_init(&text, planning->arena, MESSAGE_BYTES_MAX);
    if (options->is_json) {
        api_encode_plan(&planning->report, &text);
        text_append(&text, "\n");
    } else {
        show_plan(&planning->report, &text);
    }
    (void)printf("%s", text.bytes);
    return options->is_check &&
                   planning->report.count + planning->report.obstacles_count > 0
               ? EXIT_PENDING
               : EXIT_DONE;
}

static int run(const struct options *options)
{
    struct arena arena = {0};
    struct planning planning = {
        .options = options, .arena = &arena, .report = {.findings = ""}};
    struct err err;
    int status;

    status = run_plan(&planning, &err) == ERR_OK
                 ? show(&planning)
                 : cli_refuse(options, &err, planning.report.findings);
    arena_free(&arena);
    return status;
}

const struct cli_command cmd_plan = {
    .name = "plan",
    .verb = VERB_PLAN,
    .run = run,
    .usage = "FILE...",
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .summary = "show the commands that apply would send, and send none",
};
