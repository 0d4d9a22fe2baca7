#include "reconciler/run/translate.h"

#include <assert.h>
#include <stdlib.h>

#include "reconciler/wire/event_decode.h"
#include "reconciler/wire/jetstream.h"
#include "reconciler/wire/reply.h"

/* A tag holds the kind in its upper bits and the low bits of the id below. */
#define TAG_KIND_SHIFT 28
#define TAG_ID_MASK    ((UINT32_C(1) << TAG_KIND_SHIFT) - 1)

/* Every host answers a ping at once; one that does not is found by its heartbeat. */
#define PATIENCE_PING_MS ((int64_t)1000)
/* Hosts answer host.get late while they compile; stopping a provider takes a while. */
#define PATIENCE_MS ((int64_t)5000)

uint32_t translate_tag(struct translator *translator, const struct command *command)
{
    assert(command->id > translator->newest);

    translator->newest = command->id;
    return (uint32_t)command->kind << TAG_KIND_SHIFT |
           ((uint32_t)command->id & TAG_ID_MASK);
}

static enum command_kind tag_kind(uint32_t tag)
{
    return (enum command_kind)(tag >> TAG_KIND_SHIFT);
}

/* The id of the command that tag names: the newest with these low bits. */
static uint64_t tag_id(const struct translator *translator, uint32_t tag)
{
    const uint32_t behind = ((uint32_t)translator->newest - tag) & TAG_ID_MASK;

    return translator->newest - behind;
}

bool translate_is_gather(uint32_t tag)
{
    return tag_kind(tag) == COMMAND_ASK_HOSTS;
}

int64_t translate_patience_ms(enum command_kind kind)
{
    return kind == COMMAND_ASK_HOSTS ? PATIENCE_PING_MS : PATIENCE_MS;
}

static void add_answer(struct translator *translator, uint32_t tag, enum answer answer,
                       const char *text)
{
    event_list_add(&translator->events,
                   &(struct event){
                       .kind = EVENT_ANSWERED,
                       .u.answered = {tag_id(translator, tag), answer, text},
                   });
}

static enum err_code add_inventory(struct translator *translator, uint32_t tag,
                                   const char *bytes, size_t length, struct err *err)
{
    struct inventory *inventory =
        arena_alloc(&translator->events.arena, sizeof *inventory);
    const enum err_code code =
        wire_decode_inventory(bytes, length, &translator->events.arena, inventory, err);

    if (code == ERR_OK) {
        event_list_add(&translator->events, &(struct event){.kind = EVENT_INVENTORY,
                                                            .u.inventory = inventory});
    }
    add_answer(translator, tag, code == ERR_OK ? ANSWER_ACCEPTED : ANSWER_REFUSED,
               code == ERR_OK ? "" : "its inventory cannot be read");
    return code;
}

static enum err_code add_ping(struct translator *translator, const char *bytes,
                              size_t length, struct err *err)
{
    const char *host;
    const enum err_code code =
        wire_decode_ping(bytes, length, &translator->events.arena, &host, err);

    if (code == ERR_OK) {
        event_list_add(&translator->events,
                       &(struct event){.kind = EVENT_HOST_PINGED, .u.host.id = host});
    }
    return code;
}

static enum err_code add_heard(struct translator *translator, uint32_t tag,
                               const char *bytes, size_t length, struct err *err)
{
    struct event event;
    const enum err_code code =
        wire_decode_heard(bytes, length, &translator->events.arena, &event, err);

    if (code == ERR_OK) {
        event_list_add(&translator->events, &event);
    }
    add_answer(translator, tag, code == ERR_OK ? ANSWER_ACCEPTED : ANSWER_REFUSED,
               code == ERR_OK ? "" : "its links cannot be read");
    return code;
}

static enum err_code add_content(struct translator *translator, uint32_t tag,
                                 const char *bytes, size_t length, struct err *err)
{
    struct wire_content found;
    const enum err_code code =
        wire_decode_content(bytes, length, &translator->events.arena, &found, err);

    if (code != ERR_OK) {
        add_answer(translator, tag, ANSWER_REFUSED, "it cannot be read");
    } else if (!found.reply.is_success) {
        add_answer(translator, tag, ANSWER_REFUSED, found.reply.message);
    } else {
        add_answer(translator, tag, ANSWER_ACCEPTED,
                   found.content != NULL ? found.content : "");
    }
    return code;
}

static enum err_code add_reply(struct translator *translator, uint32_t tag,
                               const char *bytes, size_t length, struct err *err)
{
    struct wire_reply reply;
    const enum err_code code =
        wire_decode_reply(bytes, length, &translator->events.arena, &reply, err);

    if (code != ERR_OK) {
        add_answer(translator, tag, ANSWER_REFUSED, "its answer cannot be read");
    } else {
        add_answer(translator, tag, reply.is_success ? ANSWER_ACCEPTED : ANSWER_REFUSED,
                   reply.message);
    }
    return code;
}

/* A bucket that somebody else has made meanwhile is there, too. */
static enum err_code add_made(struct translator *translator, uint32_t tag,
                              const char *bytes, size_t length, struct err *err)
{
    struct wire_jetstream made;
    const enum err_code code =
        wire_decode_jetstream(bytes, length, &translator->events.arena, &made, err);

    if (code != ERR_OK) {
        add_answer(translator, tag, ANSWER_REFUSED, "its answer cannot be read");
    } else if (made.error_code != 0 && made.error_code != WIRE_JETSTREAM_NAME_IN_USE) {
        add_answer(translator, tag, ANSWER_REFUSED, made.error_text);
    } else {
        add_answer(translator, tag, ANSWER_ACCEPTED, "");
    }
    return code;
}

enum err_code translate_answer(struct translator *translator, uint32_t tag,
                               const char *bytes, size_t length, struct err *err)
{
    switch (tag_kind(tag)) {
    case COMMAND_ASK_HOSTS:
        return add_ping(translator, bytes, length, err);
    case COMMAND_ASK_HOST:
        return add_inventory(translator, tag, bytes, length, err);
    case COMMAND_ASK_CONFIG:
        return add_content(translator, tag, bytes, length, err);
    case COMMAND_ASK_LINKS:
        return add_heard(translator, tag, bytes, length, err);
    case COMMAND_MAKE_BUCKET:
        return add_made(translator, tag, bytes, length, err);
    case COMMAND_PUT_CONFIG:
    case COMMAND_DELETE_CONFIG:
    case COMMAND_PUT_LINK:
    case COMMAND_DELETE_LINK:
    case COMMAND_START_PROVIDER:
    case COMMAND_STOP_PROVIDER:
    case COMMAND_SCALE_COMPONENT:
        return add_reply(translator, tag, bytes, length, err);
    }
    abort();
}

void translate_silence(struct translator *translator, uint32_t tag, enum answer answer)
{
    /* A survey has no answer of its own: it ends when its time is up. */
    if (tag_kind(tag) == COMMAND_ASK_HOSTS && answer == ANSWER_NONE) {
        answer = ANSWER_ACCEPTED;
    }
    add_answer(translator, tag, answer, "");
}

void translate_denial(struct translator *translator, uint32_t tag, const char *text)
{
    add_answer(
        translator, tag, ANSWER_REFUSED,
        arena_print(&translator->events.arena, "the NATS server refuses it: %s", text));
}

enum err_code translate_event(struct translator *translator, const char *bytes,
                              size_t length, struct err *err)
{
    struct event event;
    const enum err_code code =
        wire_decode_event(bytes, length, &translator->events.arena, &event, err);

    if (code == ERR_OK && event.kind != EVENT_IGNORED) {
        event_list_add(&translator->events, &event);
    }
    return code;
}

enum err_code translate_entry(struct translator *translator,
                              const struct translate_entry *entry, struct err *err)
{
    struct arena *arena = &translator->events.arena;
    struct event event;
    const enum err_code code =
        entry->bucket == BUCKET_LINKS
            ? wire_decode_links(entry->key, entry->bytes, entry->length, entry->sequence,
                                arena, &event, err)
            : wire_decode_config(entry->key, entry->bytes, entry->length, arena, &event,
                                 err);

    if (code != ERR_OK && entry->bucket == BUCKET_CONFIGS) {
        /* It is there, and different from whatever is wanted. */
        event = (struct event){
            .kind = EVENT_CONFIG,
            .u.config = {.name = arena_copy(arena, entry->key),
                         .content = "",
                         .sequence = entry->sequence},
        };
        event_list_add(&translator->events, &event);
    } else if (code == ERR_OK && event.kind != EVENT_IGNORED) {
        if (event.kind == EVENT_CONFIG) {
            event.u.config.sequence = entry->sequence;
        }
        event_list_add(&translator->events, &event);
    }
    return code;
}
