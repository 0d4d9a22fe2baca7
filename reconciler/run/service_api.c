#include <stdlib.h>
#include <string.h>

#include "reconciler/run/doctor.h"
#include "reconciler/run/news.h"
#include "reconciler/run/operate.h"
#include "reconciler/run/plan_rehearsed.h"
#include "reconciler/run/removal.h"
#include "reconciler/run/report.h"
#include "reconciler/run/service.h"
#include "reconciler/wire/api.h"
#include "reconciler/wire/api_pong.h"
#include "reconciler/wire/api_sheet.h"

static void serve_ping(const struct service_request *request, const char *application)
{
    (void)application;
    api_encode_pong(engine_is_converged(reconciler_engine(request->reconciler)),
                    request->reply);
}

static void serve_apply(const struct service_request *request, const char *application)
{
    const struct claims claims = service_claims(request);
    struct claims_outcome outcome = {.deployment = {.report = {.findings = ""}}};
    const struct deployment *deployment = &outcome.deployment;
    struct api_manifests manifests = {0};
    struct err err;
    enum err_code code = api_decode_manifests(request->bytes, request->length,
                                              request->arena, &manifests, &err);

    (void)application;
    if (code == ERR_OK) {
        code = claims_deploy(&claims, &manifests, request->arena, &outcome, &err);
    }
    if (code == ERR_OK && !manifests.is_dry_run) {
        code = reconciler_reload(request->reconciler, deployment->applications,
                                 deployment->count, &err);
    }
    if (code == ERR_OK) {
        api_encode_apply(&deployment->report, request->reply);
    } else {
        api_encode_error(&err, deployment->report.findings, request->reply);
    }
}

static void serve_plan(const struct service_request *request, const char *application)
{
    const struct plan_input input = {
        .engine = reconciler_engine(request->reconciler),
        .store = reconciler_store(request->reconciler),
        .lattice = request->lattice,
    };
    struct api_manifests manifests;
    struct api_plan_report report = {.findings = ""};
    struct err err;
    enum err_code code = api_decode_manifests(request->bytes, request->length,
                                              request->arena, &manifests, &err);

    (void)application;
    if (code == ERR_OK) {
        code = plan_rehearsed(&input, &manifests, request->arena, &report, &err);
    }
    if (code == ERR_OK) {
        api_encode_plan(&report, request->reply);
    } else {
        api_encode_error(&err, report.findings, request->reply);
    }
}

static void serve_delete(const struct service_request *request, const char *application)
{
    const struct claims claims = service_claims(request);
    struct api_removal removal;
    struct err err;
    enum err_code code = claims_check_removal(&claims, application, request->arena, &err);

    if (code == ERR_OK) {
        code = remove_application(request->reconciler, application, request->arena,
                                  &removal, &err);
    }
    if (code == ERR_OK) {
        api_encode_delete(&removal, request->reply);
    } else {
        api_encode_error(&err, "", request->reply);
    }
}

static void serve_status(const struct service_request *request, const char *application)
{
    struct api_status_report report = {0};
    struct api_params params = {0};
    struct err err;
    enum err_code code =
        api_decode_params(request->bytes, request->length, request->arena, &params, &err);

    if (code == ERR_OK) {
        code = report_status(reconciler_engine(request->reconciler),
                             reconciler_store(request->reconciler), application,
                             request->arena, &report, &err);
    }
    if (code != ERR_OK) {
        api_encode_error(&err, "", request->reply);
        return;
    }
    report_filter(&report, &params.states, request->arena);
    report.server = "daemon";
    report.lattice = request->lattice;
    if (request->manifests != NULL) {
        report.notes = manifests_notes(request->manifests, request->arena);
    }
    report.is_brief = params.is_brief;
    api_encode_status(&report, request->reply);
}

static void serve_explain(const struct service_request *request, const char *application)
{
    struct api_explain_report report;
    const char *key;
    struct err err;
    enum err_code code =
        api_decode_key(request->bytes, request->length, request->arena, &key, &err);

    (void)application;
    if (code == ERR_OK) {
        code = report_explain(reconciler_engine(request->reconciler), key, request->arena,
                              &report, &err);
    }
    if (code != ERR_OK) {
        api_encode_error(&err, "", request->reply);
        return;
    }
    report.server = "daemon";
    report.lattice = request->lattice;
    api_encode_explain(&report, request->reply);
}

static void serve_events(const struct service_request *request, const char *application)
{
    struct api_params params = {0};
    struct api_events events;
    struct err err;

    (void)application;
    if (api_decode_params(request->bytes, request->length, request->arena, &params,
                          &err) == ERR_OK) {
        events = news_kept(reconciler_news(request->reconciler), &params, request->arena);
        api_encode_events(&events, request->reply);
    } else {
        api_encode_error(&err, "", request->reply);
    }
}

static void serve_prune(const struct service_request *request, const char *application)
{
    static const char confirm[] = "confirm";
    struct api_pruning pruning = {.reason = ""};

    (void)application;
    if (request->manifests != NULL && manifests_held_reason(request->manifests) != NULL) {
        pruning = (struct api_pruning){
            .held = names_copy(manifests_held(request->manifests), request->arena),
            .reason =
                arena_copy(request->arena, manifests_held_reason(request->manifests)),
            .is_confirmed = request->length == strlen(confirm) &&
                            memcmp(request->bytes, confirm, request->length) == 0,
        };
    }
    if (pruning.is_confirmed) {
        manifests_confirm(request->manifests);
    }
    api_encode_prune(&pruning, request->reply);
}

static void serve_resync(const struct service_request *request, const char *application)
{
    (void)application;
    reconciler_survey(request->reconciler);
    api_encode_done(request->reply);
}

typedef enum err_code operate_function(const struct operation *operation,
                                       struct api_sheet *sheet, struct err *err);

/* What there is to ask for. */
static const struct {
    const char *verb;
    enum { OF_NONE, OF_ANY, OF_ONE } applications; /* may, or must one be named? */
    /* It appends the whole reply; NULL: that is a sheet of form, which operate fills. */
    void (*serve)(const struct service_request *request, const char *application);
    const struct api_form *form;
    operate_function *operate;
} verbs[] = {
    {"apply", OF_NONE, serve_apply, NULL, NULL},
    {"delete", OF_ONE, serve_delete, NULL, NULL},
    {"doctor", OF_NONE, NULL, &api_doctor, operate_doctor},
    {"drift", OF_ANY, NULL, &api_drift, operate_drift},
    {"events", OF_NONE, serve_events, NULL, NULL},
    {"explain", OF_NONE, serve_explain, NULL, NULL},
    {"history", OF_ANY, NULL, &api_history, operate_history},
    {"pause", OF_ONE, NULL, &api_pauses, operate_pause},
    {"ping", OF_NONE, serve_ping, NULL, NULL},
    {"plan", OF_NONE, serve_plan, NULL, NULL},
    {"prune", OF_NONE, serve_prune, NULL, NULL},
    {"resume", OF_ONE, NULL, &api_pauses, operate_resume},
    {"resync", OF_NONE, serve_resync, NULL, NULL},
    {"rollback", OF_ONE, NULL, &api_rollback, operate_rollback},
    {"status", OF_ANY, serve_status, NULL, NULL},
};

#define VERBS_COUNT (sizeof verbs / sizeof *verbs)

static void serve_sheet(const struct service_request *request, const char *application,
                        size_t verb)
{
    struct api_sheet sheet = api_sheet_new(verbs[verb].form, request->arena);
    struct api_params params = {0};
    const struct operation operation = {
        .reconciler = request->reconciler,
        .claims = service_claims(request),
        .application = application,
        .params = &params,
        .server = "daemon",
        .notes = request->manifests != NULL
                     ? manifests_notes(request->manifests, request->arena)
                     : (struct names){NULL, 0},
        .arena = request->arena,
    };
    struct err err;
    enum err_code code =
        api_decode_params(request->bytes, request->length, request->arena, &params, &err);

    if (code == ERR_OK) {
        code = verbs[verb].operate(&operation, &sheet, &err);
    }
    if (code == ERR_OK) {
        api_encode_sheet(&sheet, request->reply);
    } else {
        api_encode_error(&err, "", request->reply);
    }
}

/* The verb of that name, for that application; VERBS_COUNT after an error. */
static size_t find_verb(const struct service_request *request, const char *name,
                        const char *application, struct err *err)
{
    size_t verb = 0;
    enum err_code code = ERR_OK;

    while (verb < VERBS_COUNT && strcmp(verbs[verb].verb, name) != 0) {
        verb++;
    }
    if (verb == VERBS_COUNT ||
        (application != NULL && verbs[verb].applications == OF_NONE)) {
        code = err_set(err, ERR_USAGE, "there is no request %s: see trellis-api(7)",
                       request->subject);
    } else if (application == NULL && verbs[verb].applications == OF_ONE) {
        code = err_set(err, ERR_USAGE,
                       "%s is of one application: its name is the last token of the "
                       "subject",
                       request->subject);
    }
    return code == ERR_OK ? verb : VERBS_COUNT;
}

void service_api(const struct service_request *request, const char *name,
                 const char *application)
{
    struct err err;
    size_t verb;

    application = application[0] != '\0' ? application : NULL;
    verb = find_verb(request, name, application, &err);
    if (verb == VERBS_COUNT) {
        api_encode_error(&err, "", request->reply);
    } else if (verbs[verb].serve != NULL) {
        verbs[verb].serve(request, application);
    } else {
        serve_sheet(request, application, verb);
    }
}
