#include <stdlib.h>
#include <string.h>

#include "reconciler/run/plan_rehearsed.h"
#include "reconciler/run/removal.h"
#include "reconciler/run/report.h"
#include "reconciler/run/service.h"
#include "reconciler/wire/api.h"

static void serve_apply(const struct service_request *request)
{
    const struct claims claims = service_claims(request);
    struct claims_outcome outcome = {.deployment = {.report = {.findings = ""}}};
    const struct deployment *deployment = &outcome.deployment;
    struct api_manifests manifests;
    struct err err;
    enum err_code code = api_decode_manifests(request->bytes, request->length,
                                              request->arena, &manifests, &err);

    if (code == ERR_OK) {
        code = claims_deploy(&claims, &manifests, request->arena, &outcome, &err);
    }
    if (code == ERR_OK) {
        code = reconciler_reload(request->reconciler, deployment->applications,
                                 deployment->count, &err);
    }
    if (code == ERR_OK) {
        api_encode_apply(&deployment->report, request->reply);
    } else {
        api_encode_error(&err, deployment->report.findings, request->reply);
    }
}

static void serve_plan(const struct service_request *request)
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
    struct api_removal removal;
    struct err err;

    if (remove_application(request->reconciler, application, request->arena, &removal,
                           &err) == ERR_OK) {
        api_encode_delete(&removal, request->reply);
    } else {
        api_encode_error(&err, "", request->reply);
    }
}

static bool is_body(const struct service_request *request, const char *word)
{
    return request->length == strlen(word) &&
           memcmp(request->bytes, word, request->length) == 0;
}

/* Who only waits has no use for the resources, which may be many. */
static bool is_brief(const struct service_request *request)
{
    return is_body(request, "brief");
}

static void serve_status(const struct service_request *request, const char *application)
{
    struct api_status_report report;
    struct err err;

    if (report_status(reconciler_engine(request->reconciler),
                      reconciler_store(request->reconciler),
                      application[0] != '\0' ? application : NULL, request->arena,
                      &report, &err) != ERR_OK) {
        api_encode_error(&err, "", request->reply);
        return;
    }
    report.server = "daemon";
    report.lattice = request->lattice;
    if (request->manifests != NULL) {
        report.notes = manifests_notes(request->manifests, request->arena);
    }
    report.is_brief = is_brief(request);
    api_encode_status(&report, request->reply);
}

static void serve_explain(const struct service_request *request)
{
    struct api_explain_report report;
    const char *key;
    struct err err;
    enum err_code code =
        api_decode_key(request->bytes, request->length, request->arena, &key, &err);

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

static void serve_prune(const struct service_request *request)
{
    struct api_pruning pruning = {.reason = ""};

    if (request->manifests != NULL && manifests_held_reason(request->manifests) != NULL) {
        pruning = (struct api_pruning){
            .held = names_copy(manifests_held(request->manifests), request->arena),
            .reason =
                arena_copy(request->arena, manifests_held_reason(request->manifests)),
            .is_confirmed = is_body(request, "confirm"),
        };
    }
    if (pruning.is_confirmed) {
        manifests_confirm(request->manifests);
    }
    api_encode_prune(&pruning, request->reply);
}

void service_api(const struct service_request *request, const char *verb,
                 const char *application)
{
    struct err err;

    if (strcmp(verb, "ping") == 0) {
        api_encode_done(request->reply);
    } else if (strcmp(verb, "apply") == 0) {
        serve_apply(request);
    } else if (strcmp(verb, "plan") == 0) {
        serve_plan(request);
    } else if (strcmp(verb, "delete") == 0 && application[0] != '\0') {
        serve_delete(request, application);
    } else if (strcmp(verb, "status") == 0) {
        serve_status(request, application);
    } else if (strcmp(verb, "explain") == 0) {
        serve_explain(request);
    } else if (strcmp(verb, "prune") == 0) {
        serve_prune(request);
    } else if (err_set(&err, ERR_USAGE, "there is no request %s", request->subject) !=
               ERR_OK) {
        api_encode_error(&err, "", request->reply);
    }
}
