#include <string.h>

#include "reconciler/run/kept_text.h"
#include "reconciler/run/service_wadm.h"

static struct store *store_of(const struct service_request *request)
{
    return reconciler_store(request->reconciler);
}

const char *service_wadm_unknown(const struct service_request *request,
                                 const struct wadm_request *wadm)
{
    return arena_print(request->arena, "Application with the name %s not found",
                       wadm->application);
}

static const char *missing_text(const struct service_request *request,
                                const struct wadm_request *wadm, bool has_any)
{
    return has_any ? arena_print(request->arena,
                                 "Application %s with version %s doesn't exist",
                                 wadm->application, wadm->version)
                   : service_wadm_unknown(request, wadm);
}

static const char *fetched_text(const struct service_request *request,
                                const struct wadm_request *wadm)
{
    return arena_print(request->arena, "Successfully fetched application %s%s%s",
                       wadm->application, wadm->version != NULL ? " " : "",
                       wadm->version != NULL ? wadm->version : "");
}

void service_wadm_get(const struct service_request *request,
                      const struct wadm_request *wadm)
{
    struct wadm_get reply = {.result = WADM_SUCCESS};
    struct store_text text;
    bool has_any = false;
    struct err err;
    enum err_code code = store_find_text(store_of(request), wadm->application,
                                         wadm->version, request->arena, &text, &err);

    if (code == ERR_NOTFOUND) {
        reply.result = WADM_NOTFOUND;
        code = store_has(store_of(request), wadm->application, NULL, &has_any, &err);
        reply.message = missing_text(request, wadm, has_any);
    } else if (code == ERR_OK) {
        reply.version = text.version;
        reply.message = fetched_text(request, wadm);
        code = kept_text_read(&text, request->arena, &reply.application, &err);
    }
    if (code == ERR_OK) {
        wadm_encode_get(&reply, request->reply);
    } else {
        wadm_encode_error(WADM_GET, err.message, request->reply);
    }
}

void service_wadm_versions(const struct service_request *request,
                           const struct wadm_request *wadm)
{
    struct wadm_versions reply = {.result = WADM_SUCCESS};
    struct store_known_versions known = {.count = 0};
    struct wadm_version *items;
    struct err err;
    const enum err_code code = store_versions(store_of(request), wadm->application,
                                              request->arena, &known, &err);

    if (code != ERR_OK && code != ERR_NOTFOUND) {
        wadm_encode_error(WADM_VERSIONS, err.message, request->reply);
        return;
    }
    if (code == ERR_NOTFOUND) {
        reply.result = WADM_NOTFOUND;
        reply.message = service_wadm_unknown(request, wadm);
    } else {
        reply.message = arena_print(request->arena,
                                    "Successfully fetched versions for application %s",
                                    wadm->application);
    }
    items = arena_array(request->arena, known.count, sizeof *items);
    for (size_t i = 0; i < known.count; i++) {
        items[i] =
            (struct wadm_version){known.items[i].version, known.items[i].is_deployed};
    }
    reply.items = items;
    reply.count = known.count;
    wadm_encode_versions(&reply, request->reply);
}

void service_wadm_status(const struct service_request *request,
                         const struct wadm_request *wadm)
{
    struct store_application known = {.version = ""};
    struct application_status status;
    struct wadm_model model;
    struct err err;
    const enum err_code code =
        store_find(store_of(request), wadm->application, request->arena, &known, &err);

    if (code != ERR_OK && code != ERR_NOTFOUND) {
        wadm_encode_error(WADM_STATUS, err.message, request->reply);
        return;
    }
    engine_status(reconciler_engine(request->reconciler), wadm->application,
                  request->arena, &status);
    model = (struct wadm_model){
        .name = wadm->application,
        .version = known.version,
        .deployed_version = known.deployed,
        .status = &status,
    };
    wadm_encode_status_reply(&model,
                             arena_print(request->arena,
                                         "Successfully fetched status for application %s",
                                         wadm->application),
                             request->reply);
}

static enum err_code find_models(const struct service_request *request,
                                 struct wadm_model **ret_models, size_t *ret_count,
                                 struct err *err)
{
    struct store_applications known;
    struct application_status *statuses;
    struct wadm_model *models;
    const enum err_code code = store_list(store_of(request), request->arena, &known, err);

    if (code != ERR_OK) {
        return code;
    }
    models = arena_array(request->arena, known.count, sizeof *models);
    statuses = arena_array(request->arena, known.count, sizeof *statuses);
    for (size_t i = 0; i < known.count; i++) {
        engine_status(reconciler_engine(request->reconciler), known.items[i].name,
                      request->arena, &statuses[i]);
        models[i] = (struct wadm_model){
            .name = known.items[i].name,
            .version = known.items[i].version,
            .deployed_version = known.items[i].deployed,
            .description = known.items[i].description,
            .status = &statuses[i],
        };
    }
    *ret_models = models;
    *ret_count = known.count;
    return ERR_OK;
}

void service_wadm_list(const struct service_request *request, enum wadm_op op)
{
    struct wadm_model *models;
    struct err err;
    size_t count;

    if (op == WADM_LIST && request->length == strlen(WADM_TRELLIS_ASKS) &&
        memcmp(request->bytes, WADM_TRELLIS_ASKS, request->length) == 0) {
        text_append(request->reply, "%s", WADM_TRELLIS_ANSWERS);
    } else if (find_models(request, &models, &count, &err) != ERR_OK) {
        wadm_encode_error(op, err.message, request->reply);
    } else if (op == WADM_LIST) {
        wadm_encode_list(models, count, request->reply);
    } else {
        wadm_encode_models(models, count, "Successfully fetched list of applications",
                           request->reply);
    }
}
