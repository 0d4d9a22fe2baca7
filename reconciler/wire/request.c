#include "reconciler/wire/request.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/limits.h"
#include "manifest/text.h"
#include "reconciler/wire/jetstream.h"
#include "reconciler/wire/json.h"
#include "reconciler/wire/subject.h"

/* Never reached: a whole manifest in one body, every byte of it escaped. */
#define BODY_BYTES_MAX (8 * MANIFEST_BYTES_MAX)

static void append_names(struct text *text, const char *key, const struct names *names)
{
    json_print_key(text, key);
    names_print(names, text);
}

static void append_annotation(struct text *text, const char *key, const char *value)
{
    if (value != NULL && value[0] != '\0') {
        json_print_text(text, key, value);
    }
}

/* The four that wadm writes; hosts, wash and wadm know their own by them. */
static void append_annotations(struct text *text, const struct command *command)
{
    json_print_key(text, "annotations");
    text_append(text, "{");
    append_annotation(text, "wasmcloud.dev/appspec", command->application);
    append_annotation(text, "wasmcloud.dev/managed-by", "wadm");
    append_annotation(text, "wasmcloud.dev/scaler", command->u.workload.scaler_id);
    append_annotation(text, "wasmcloud.dev/spread_name", command->u.workload.spread_name);
    text_append(text, "}");
}

/* Without allow_update: a host that is told to replace the image of a component that
 * runs names the new one and keeps serving the old. */
static void append_scale(struct text *text, const struct command *command)
{
    text_append(text, "{");
    json_print_text(text, "component_ref", command->u.workload.image);
    json_print_text(text, "component_id", command->u.workload.id);
    append_annotations(text, command);
    json_print_integer(text, "count", command->u.workload.count);
    json_print_text(text, "host_id", command->host);
    append_names(text, "config", &command->u.workload.configs);
    text_append(text, "}");
}

static void append_start(struct text *text, const struct command *command)
{
    text_append(text, "{");
    json_print_text(text, "provider_id", command->u.workload.id);
    json_print_text(text, "provider_ref", command->u.workload.image);
    json_print_text(text, "host_id", command->host);
    append_names(text, "config", &command->u.workload.configs);
    append_annotations(text, command);
    text_append(text, "}");
}

static void append_stop(struct text *text, const struct command *command)
{
    text_append(text, "{");
    json_print_text(text, "host_id", command->host);
    json_print_text(text, "provider_id", command->u.workload.id);
    text_append(text, "}");
}

static void append_put_link(struct text *text, const struct link *link)
{
    text_append(text, "{");
    json_print_text(text, "source_id", link->source_id);
    json_print_text(text, "target", link->target);
    json_print_text(text, "name", link->name);
    json_print_text(text, "wit_namespace", link->wit_namespace);
    json_print_text(text, "wit_package", link->wit_package);
    append_names(text, "interfaces", &link->interfaces);
    append_names(text, "source_config", &link->source_config);
    append_names(text, "target_config", &link->target_config);
    text_append(text, "}");
}

static void append_delete_link(struct text *text, const struct link *link)
{
    text_append(text, "{");
    json_print_text(text, "source_id", link->source_id);
    json_print_text(text, "name", link->name);
    json_print_text(text, "wit_namespace", link->wit_namespace);
    json_print_text(text, "wit_package", link->wit_package);
    text_append(text, "}");
}

/* Kind and verb of the subject. */
static const char *const verbs[] = {
    [COMMAND_PUT_CONFIG] = "config.put",
    [COMMAND_DELETE_CONFIG] = "config.del",
    [COMMAND_PUT_LINK] = "link.put",
    [COMMAND_DELETE_LINK] = "link.del",
    [COMMAND_START_PROVIDER] = "provider.start",
    [COMMAND_STOP_PROVIDER] = "provider.stop",
    [COMMAND_SCALE_COMPONENT] = "component.scale",
    [COMMAND_MAKE_BUCKET] = NULL, /* no host is asked */
    [COMMAND_ASK_HOSTS] = "host.ping",
    [COMMAND_ASK_HOST] = "host.get",
    [COMMAND_ASK_CONFIG] = "config.get",
    [COMMAND_ASK_LINKS] = "link.get",
};

/* What comes after the verb: who is asked, or what it is about; NULL nothing. */
static const char *subject_token(const struct command *command)
{
    switch (command->kind) {
    case COMMAND_PUT_CONFIG:
    case COMMAND_DELETE_CONFIG:
    case COMMAND_ASK_CONFIG:
        return command->u.config.name;
    case COMMAND_START_PROVIDER:
    case COMMAND_STOP_PROVIDER:
    case COMMAND_SCALE_COMPONENT:
    case COMMAND_ASK_HOST:
        return command->host;
    case COMMAND_PUT_LINK:
    case COMMAND_DELETE_LINK:
    case COMMAND_ASK_HOSTS:
    case COMMAND_ASK_LINKS:
    case COMMAND_MAKE_BUCKET:
        return NULL;
    }
    abort();
}

static void append_body(struct text *text, const struct command *command)
{
    switch (command->kind) {
    case COMMAND_PUT_CONFIG:
        text_append(text, "%s", command->u.config.content);
        return;
    case COMMAND_PUT_LINK:
        append_put_link(text, &command->u.link);
        return;
    case COMMAND_DELETE_LINK:
        append_delete_link(text, &command->u.link);
        return;
    case COMMAND_START_PROVIDER:
        append_start(text, command);
        return;
    case COMMAND_STOP_PROVIDER:
        append_stop(text, command);
        return;
    case COMMAND_SCALE_COMPONENT:
        append_scale(text, command);
        return;
    case COMMAND_DELETE_CONFIG:
    case COMMAND_MAKE_BUCKET:
    case COMMAND_ASK_HOSTS:
    case COMMAND_ASK_HOST:
    case COMMAND_ASK_CONFIG:
    case COMMAND_ASK_LINKS:
        return;
    }
    abort();
}

static void encode_make_bucket(const struct command *command, const char *lattice,
                               struct arena *arena, struct wire_request *ret_request)
{
    const char *bucket =
        arena_print(arena, "%s_%s", bucket_name(command->u.bucket.which), lattice);
    const char *body = wire_encode_bucket(bucket, 0, command->u.bucket.first, arena);

    *ret_request = (struct wire_request){
        .subject = arena_print(arena, "$JS.API.STREAM.CREATE.KV_%s", bucket),
        .bytes = body,
        .length = strlen(body),
    };
}

void wire_encode_command(const struct command *command, const char *lattice,
                         struct arena *arena, struct wire_request *ret_request)
{
    struct text body;

    assert((size_t)command->kind < sizeof verbs / sizeof *verbs);

    if (command->kind == COMMAND_MAKE_BUCKET) {
        encode_make_bucket(command, lattice, arena, ret_request);
        return;
    }
    text_init(&body, arena, BODY_BYTES_MAX);
    append_body(&body, command);
    assert(!body.is_cut);
    *ret_request = (struct wire_request){
        .subject = subject_build(arena, SUBJECT_CONTROL, lattice, verbs[command->kind],
                                 subject_token(command)),
        .bytes = body.bytes,
        .length = body.count,
    };
}
