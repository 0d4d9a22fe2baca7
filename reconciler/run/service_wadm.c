#include "reconciler/run/service_wadm.h"

#include <stdlib.h>
#include <string.h>

#include "reconciler/run/deploy.h"
#include "reconciler/run/service.h"
#include "reconciler/wire/wadm.h"

static struct store *store_of(const struct service_request *request)
{
    return reconciler_store(request->reconciler);
}

/* The components of version (NULL: the newest) that others do not run, as a list. */
static enum err_code list_missing(const struct service_request *request,
                                  const char *application, const char *version,
                                  struct text *text, struct err *err)
{
    struct names missing = {0};
    const enum err_code code = store_missing(store_of(request), application, version,
                                             request->arena, &missing, err);

    for (size_t i = 0; code == ERR_OK && i < missing.count; i++) {
        text_append(text, i == 0 ? "[" : ", ");
        text_append_json(text, missing.items[i]);
    }
    text_append(text, "%s", text->count > 0 ? "]" : "");
    return code;
}

static const char *put_text(const struct service_request *request,
                            const struct deploy_kept *kept)
{
    struct text missing;
    struct err err;

    text_init(&missing, request->arena, ERR_MESSAGE_BYTES_MAX);
    if (list_missing(request, kept->application, kept->version, &missing, &err) !=
            ERR_OK ||
        missing.count == 0) {
        return arena_print(request->arena, "Successfully put manifest %s %s",
                           kept->application, kept->version);
    }
    return arena_print(request->arena,
                       "Successfully put manifest %s %s, but some shared components are "
                       "not deployed: %s",
                       kept->application, kept->version, missing.bytes);
}

static void serve_put(const struct service_request *request)
{
    const struct api_manifest manifest = {
        .source = request->subject,
        .text = request->bytes,
        .length = request->length,
        .way = "wadm",
    };
    const struct claims claims = service_claims(request);
    struct deploy_kept kept;
    struct err err;
    enum err_code code =
        wadm_check_type(request->content_type, request->bytes, request->length, &err);

    if (code == ERR_OK) {
        code = claims_keep(&claims, &manifest, request->arena, &kept, &err);
    }
    if (code != ERR_OK) {
        wadm_encode_error(WADM_PUT,
                          err.place.line > 0
                              ? arena_print(request->arena, "line %u, column %u: %s",
                                            (unsigned int)err.place.line,
                                            (unsigned int)err.place.column, err.message)
                              : err.message,
                          request->reply);
        return;
    }
    wadm_encode_put(
        &(struct wadm_put){
            .result = kept.versions_count == 1 ? WADM_CREATED : WADM_NEWVERSION,
            .versions_count = kept.versions_count,
            .version = kept.version,
            .message = put_text(request, &kept),
            .name = kept.application,
        },
        request->reply);
}

/* wadm's clients know that as a refusal; apply accepts it, and waits. */
static enum err_code check_shared(const struct service_request *request,
                                  const char *application, const char *version,
                                  struct err *err)
{
    struct text missing;
    enum err_code code;

    text_init(&missing, request->arena, ERR_MESSAGE_BYTES_MAX);
    code = list_missing(request, application, version, &missing, err);
    return code == ERR_OK && missing.count > 0
               ? err_set(err, ERR_CONFLICT,
                         "Application contains shared components that are not deployed "
                         "in other applications: %s",
                         missing.bytes)
               : code;
}

static enum err_code deploy(const struct service_request *request,
                            const struct wadm_request *wadm, const char **ret_version,
                            struct err *err)
{
    struct store *store = store_of(request);
    const char *version = wadm->version;
    enum err_code code = store_begin(store, err);

    if (code != ERR_OK) {
        return code;
    }
    if (version != NULL && strcmp(version, "latest") == 0) {
        version = NULL;
    }
    code =
        store_deploy(store, wadm->application, version, request->arena, ret_version, err);
    if (code == ERR_OK) {
        code = store_check(store, err);
    }
    if (code == ERR_OK) {
        code = check_shared(request, wadm->application, *ret_version, err);
    }
    if (code == ERR_OK) {
        code = store_commit(store, err);
    }
    if (code != ERR_OK) {
        store_rollback(store);
        return code;
    }
    return reconciler_reload(request->reconciler, &wadm->application, 1, err);
}

/* text, and who waits now for components of application. */
static const char *with_users(const struct service_request *request,
                              const char *application, const char *text)
{
    struct names users = {0};
    struct text whole;
    struct err err;
    const enum err_code code =
        store_waiting(store_of(request), application, request->arena, &users, &err);

    text_init(&whole, request->arena, ERR_MESSAGE_BYTES_MAX);
    text_append(&whole, "%s", text);
    for (size_t i = 0; code == ERR_OK && i < users.count; i++) {
        text_append(&whole, "%s%s", i == 0 ? "; it is waited for by " : ", ",
                    users.items[i]);
    }
    return whole.bytes;
}

static void serve_deploy(const struct service_request *request,
                         const struct wadm_request *wadm)
{
    struct wadm_deploy reply = {.result = WADM_ACKNOWLEDGED, .name = wadm->application};
    struct err err;
    bool has_any = false;
    enum err_code code =
        store_has(store_of(request), wadm->application, NULL, &has_any, &err);

    reply.version = wadm->version;
    if (code == ERR_OK && !has_any) {
        reply.result = WADM_NOTFOUND;
        reply.message = service_wadm_unknown(request, wadm);
        wadm_encode_deploy(&reply, request->reply);
        return;
    }
    if (code == ERR_OK) {
        code = deploy(request, wadm, &reply.version, &err);
    }
    if (code == ERR_OK) {
        reply.message = with_users(request, wadm->application,
                                   arena_print(request->arena,
                                               "Successfully deployed application %s %s",
                                               wadm->application, reply.version));
    } else {
        reply.result = WADM_ERROR;
        reply.message = err.message;
    }
    wadm_encode_deploy(&reply, request->reply);
}

static const char *undeployed_text(const struct service_request *request,
                                   const struct wadm_request *wadm,
                                   const struct store_application *before)
{
    return before->deployed != NULL
               ? arena_print(request->arena, "Successfully undeployed application %s",
                             wadm->application)
               : arena_print(request->arena, "Application %s was already undeployed",
                             wadm->application);
}

static void serve_undeploy(const struct service_request *request,
                           const struct wadm_request *wadm)
{
    struct wadm_deploy reply = {.result = WADM_ACKNOWLEDGED, .name = wadm->application};
    struct store_application before;
    struct err err;
    enum err_code code =
        store_find(store_of(request), wadm->application, request->arena, &before, &err);

    if (code == ERR_OK) {
        code = store_undeploy(store_of(request), wadm->application, &err);
    }
    if (code == ERR_OK) {
        code = reconciler_reload(request->reconciler, &wadm->application, 1, &err);
    }
    if (code == ERR_OK) {
        reply.message = with_users(request, wadm->application,
                                   undeployed_text(request, wadm, &before));
    } else if (code == ERR_NOTFOUND) {
        reply.result = WADM_NOTFOUND;
        reply.message = service_wadm_unknown(request, wadm);
    } else {
        reply.result = WADM_ERROR;
        reply.message = err.message;
    }
    wadm_encode_deploy(&reply, request->reply);
}

static const char *deleted_text(const struct service_request *request,
                                const struct wadm_request *wadm, bool is_last)
{
    if (wadm->version == NULL) {
        return arena_print(request->arena, "Successfully deleted application %s",
                           wadm->application);
    }
    return is_last ? arena_print(request->arena,
                                 "Successfully deleted last version of application %s",
                                 wadm->application)
                   : arena_print(request->arena,
                                 "Successfully deleted version %s of application %s",
                                 wadm->version, wadm->application);
}

static const char *noop_text(const struct service_request *request,
                             const struct wadm_request *wadm, bool has_any)
{
    return has_any ? arena_print(request->arena, "Application version %s doesn't exist",
                                 wadm->version)
                   : arena_print(request->arena,
                                 "Application %s doesn't exist or was already deleted",
                                 wadm->application);
}

/* Is nothing of before wanted any more when that was deleted? */
static bool removes_all(const struct wadm_request *wadm,
                        const struct store_application *before)
{
    return wadm->version == NULL || before->versions_count == 1 ||
           (before->deployed != NULL && strcmp(before->deployed, wadm->version) == 0);
}

/* Delete; what was deployed is not wanted any more. */
static enum err_code delete_model(const struct service_request *request,
                                  const struct wadm_request *wadm,
                                  struct wadm_delete *reply, struct err *err)
{
    struct store_application before;
    bool has_any = false;
    enum err_code code =
        store_find(store_of(request), wadm->application, request->arena, &before, err);

    if (code == ERR_OK && removes_all(wadm, &before)) {
        const struct claims claims = service_claims(request);

        code = claims_check_removal(&claims, wadm->application, request->arena, err);
    }
    if (code == ERR_OK) {
        has_any = true;
        code = store_delete(store_of(request), wadm->application, wadm->version, err);
    }
    if (code == ERR_NOTFOUND) {
        reply->result = WADM_NOOP;
        reply->message = noop_text(request, wadm, has_any);
        return ERR_OK;
    }
    if (code != ERR_OK) {
        return code;
    }
    reply->result = WADM_DELETED;
    reply->is_undeployed = removes_all(wadm, &before);
    reply->message = with_users(request, wadm->application,
                                deleted_text(request, wadm, before.versions_count == 1));
    return reconciler_reload(request->reconciler, &wadm->application, 1, err);
}

static void serve_delete(const struct service_request *request,
                         const struct wadm_request *wadm)
{
    struct wadm_delete reply = {.result = WADM_ERROR};
    struct err err;

    if (delete_model(request, wadm, &reply, &err) != ERR_OK) {
        reply.result = WADM_ERROR;
        reply.message = err.message;
    }
    wadm_encode_delete(&reply, request->reply);
}

static void serve(const struct service_request *request, const struct wadm_request *wadm)
{
    switch (wadm->op) {
    case WADM_PUT:
        serve_put(request);
        return;
    case WADM_DEPLOY:
        serve_deploy(request, wadm);
        return;
    case WADM_UNDEPLOY:
        serve_undeploy(request, wadm);
        return;
    case WADM_DELETE:
        serve_delete(request, wadm);
        return;
    case WADM_GET:
        service_wadm_get(request, wadm);
        return;
    case WADM_VERSIONS:
        service_wadm_versions(request, wadm);
        return;
    case WADM_STATUS:
        service_wadm_status(request, wadm);
        return;
    case WADM_LIST:
    case WADM_MODELS:
        service_wadm_list(request, wadm->op);
        return;
    case WADM_HISTORY:
        wadm_encode_error(wadm->op, WADM_NO_HISTORY, request->reply);
        return;
    case WADM_UNSUPPORTED:
        wadm_encode_error(
            wadm->op,
            arena_print(request->arena, "Unsupported subject: %s", request->subject),
            request->reply);
        return;
    }
    abort();
}

/* wadm's clients know of no pieces. */
static void refuse_large(const struct service_request *request, enum wadm_op op,
                         size_t bytes_max)
{
    const size_t count = request->reply->count;

    text_init(request->reply, request->arena, (size_t)2 * ERR_MESSAGE_BYTES_MAX);
    wadm_encode_error(op,
                      arena_print(request->arena,
                                  "the answer is of %zu bytes, and the NATS server takes "
                                  "%zu: ask with trellis, or raise max_payload",
                                  count, bytes_max),
                      request->reply);
}

void service_wadm(const struct service_request *request, size_t bytes_max)
{
    struct wadm_request wadm = {.op = WADM_UNSUPPORTED};
    struct err err;
    enum err_code code =
        wadm_read_subject(request->prefix, request->subject, request->arena, &wadm, &err);

    if (code == ERR_OK) {
        code = wadm_decode_body(request->bytes, request->length, request->arena, &wadm,
                                &err);
    }
    if (code == ERR_OK) {
        serve(request, &wadm);
    } else {
        wadm_encode_error(wadm.op, err.message, request->reply);
    }
    if (request->reply->count > bytes_max) {
        refuse_large(request, wadm.op, bytes_max);
    }
}

void service_wadm_refuse(const char *prefix, const char *subject, const struct err *why,
                         struct text *reply)
{
    struct wadm_request wadm = {.op = WADM_UNSUPPORTED};
    struct arena arena = {0};
    struct err err;

    if (wadm_read_subject(prefix, subject, &arena, &wadm, &err) != ERR_OK) {
        wadm.op = WADM_UNSUPPORTED;
    }
    wadm_encode_error(wadm.op, why->message, reply);
    arena_free(&arena);
}
