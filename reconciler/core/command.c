#include "reconciler/core/command.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {
    [COMMAND_PUT_CONFIG] = "put-config",
    [COMMAND_DELETE_CONFIG] = "delete-config",
    [COMMAND_PUT_LINK] = "put-link",
    [COMMAND_DELETE_LINK] = "delete-link",
    [COMMAND_START_PROVIDER] = "start-provider",
    [COMMAND_STOP_PROVIDER] = "stop-provider",
    [COMMAND_SCALE_COMPONENT] = "scale-component",
    [COMMAND_MAKE_BUCKET] = "make-bucket",
    [COMMAND_ASK_HOSTS] = "ask-hosts",
    [COMMAND_ASK_HOST] = "ask-host",
    [COMMAND_ASK_CONFIG] = "ask-config",
    [COMMAND_ASK_LINKS] = "ask-links",
};

const char *bucket_name(enum bucket bucket)
{
    switch (bucket) {
    case BUCKET_LINKS:
        return "LATTICEDATA";
    case BUCKET_CONFIGS:
        return "CONFIGDATA";
    }
    abort();
}

const char *command_kind_name(enum command_kind kind)
{
    assert((size_t)kind < sizeof kind_names / sizeof *kind_names);

    return kind_names[kind];
}

bool command_is_question(enum command_kind kind)
{
    switch (kind) {
    case COMMAND_PUT_CONFIG:
    case COMMAND_DELETE_CONFIG:
    case COMMAND_PUT_LINK:
    case COMMAND_DELETE_LINK:
    case COMMAND_START_PROVIDER:
    case COMMAND_STOP_PROVIDER:
    case COMMAND_SCALE_COMPONENT:
    case COMMAND_MAKE_BUCKET:
        return false;
    case COMMAND_ASK_HOSTS:
    case COMMAND_ASK_HOST:
    case COMMAND_ASK_CONFIG:
    case COMMAND_ASK_LINKS:
        return true;
    }
    abort();
}

/* before as it is, string so that it cannot end the line. */
static void append(struct text *text, const char *before, const char *string)
{
    assert(string != NULL);

    text_append_bytes(text, before, strlen(before));
    text_append_escaped(text, string, strlen(string));
}

/* first before the first name, a comma before the others; nothing without names. */
static void append_names(struct text *text, const char *first, const struct names *names)
{
    assert(names->count == 0 || names->items != NULL);

    for (size_t i = 0; i < names->count; i++) {
        append(text, i == 0 ? first : ",", names->items[i]);
    }
}

static void append_link(struct text *text, const struct link *link)
{
    append(text, " ", link->source_id);
    append(text, " -[", link->name);
    append(text, " ", link->wit_namespace);
    append(text, ":", link->wit_package);
    append_names(text, "/", &link->interfaces);
    append(text, "]-> ", link->target);
}

static void append_link_configs(struct text *text, const struct link *link)
{
    append_names(text, " source config ", &link->source_config);
    append_names(text, " target config ", &link->target_config);
}

/* What is asked for, without its reason. */
static void append_wish(struct text *text, const struct command *command)
{
    switch (command->kind) {
    case COMMAND_PUT_CONFIG:
    case COMMAND_DELETE_CONFIG:
    case COMMAND_ASK_CONFIG:
        append(text, " ", command->u.config.name);
        return;
    case COMMAND_PUT_LINK:
        append_link(text, &command->u.link);
        append_link_configs(text, &command->u.link);
        return;
    case COMMAND_DELETE_LINK:
        append_link(text, &command->u.link);
        return;
    case COMMAND_STOP_PROVIDER:
        append(text, " ", command->u.workload.id);
        append(text, " on ", command->host);
        return;
    case COMMAND_SCALE_COMPONENT:
    case COMMAND_START_PROVIDER:
        append(text, " ", command->u.workload.id);
        append(text, " on ", command->host);
        if (command->kind == COMMAND_SCALE_COMPONENT) {
            text_append(text, " to %u", (unsigned int)command->u.workload.count);
        }
        if (command->kind == COMMAND_START_PROVIDER || command->u.workload.count > 0) {
            append(text, " image ", command->u.workload.image);
            append_names(text, " config ", &command->u.workload.configs);
        }
        return;
    case COMMAND_MAKE_BUCKET:
        append(text, " ", bucket_name(command->u.bucket.which));
        return;
    case COMMAND_ASK_HOSTS:
    case COMMAND_ASK_LINKS:
        return;
    case COMMAND_ASK_HOST:
        append(text, " ", command->host);
        return;
    }
    abort();
}

void command_print(const struct command *command, struct text *text)
{
    assert(command->reason != NULL);

    append(text, "", command_kind_name(command->kind));
    append_wish(text, command);
    if (command->reason[0] != '\0') {
        append(text, "  # ", command->reason);
    }
    text_append(text, "\n");
}
