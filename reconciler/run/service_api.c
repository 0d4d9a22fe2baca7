#include <stdlib.h>
#include <string.h>

#include "reconciler/run/deploy.h"
#include "reconciler/run/plan_rehearsed.h"
#include "reconciler/run/removal.h"
#include "reconciler/run/report.h"
#include "reconciler/run/service.h"
#include "reconciler/wire/api.h"

static void serve_apply(const struct service_request *request)
{
    struct api_manifests manifests;
    struct deployment deployment = {.report = {.findings = ""}};
    struct err err;
    enum err_code code = api_decode_manifests(request->bytes, request->length,
                                              request->arena, &manifests, &err);

    if (code == ERR_OK) {
        code = deploy_manifests(reconciler_store(request->reconciler), &manifests,
                                request->arena, &deployment, &err);
    }
    if (code == ERR_OK) {
        code = reconciler_reload(request->reconciler, deployment.applications,
                                 deployment.count, &err);
    }
    if (code == ERR_OK) {
        api_encode_apply(&deployment.report, request->reply);
    } else {
        api_encode_error(&err, deployment.report.findings, request->reply);
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

/* Who only waits has no use for the resources, which may be many. */
static bool is_brief(const struct service_request *request)
{
    static const char brief[] = "brief";

    return request->length == sizeof brief - 1 &&
           memcmp(request->bytes, brief, sizeof brief - 1) == 0;
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
    } else if (err_set(&err, ERR_USAGE, "there is no request %s", request->subject) !=
               ERR_OK) {
        api_encode_error(&err, "", request->reply);
    }
}
