#include "reconciler/core/history.h"

#include <assert.h>
#include <string.h>

#include "reconciler/core/flight.h"
#include "reconciler/core/foreign.h"

#define TEXT_BYTES_MAX ((size_t)1024)

static const char *key_of(const struct command *command, const struct item *item,
                          struct arena *arena)
{
    return item->kind == ITEM_SOURCE ? link_key(&command->u.link, arena)
                                     : arena_copy(arena, item->name);
}

/* As it is printed, without the newline. */
static const char *text_of(const struct command *command, struct arena *scratch,
                           struct arena *arena)
{
    struct text text;

    text_init(&text, scratch, TEXT_BYTES_MAX);
    command_print(command, &text);
    assert(text.count > 0);

    return arena_text(arena, text.bytes, text.count - 1);
}

void history_sent(struct engine *engine)
{
    struct history *history = engine->history;

    for (size_t i = 0; i < engine->update_commands_count; i++) {
        const struct command *command = &engine->commands[i];
        const struct flight_owner *owner = flight_owner(engine, command->id);
        struct past_command *past;

        if (owner == NULL || command_is_question(command->kind)) {
            continue;
        }
        past = &history->commands[history->count++ % HISTORY_COUNT];
        arena_free(&past->arena);
        *past = (struct past_command){
            .command = command->id,
            .kind = owner->item->kind,
            .sent = engine->now,
            .ended = INSTANT_NEVER,
        };
        past->key = key_of(command, owner->item, &past->arena);
        past->application = arena_copy(&past->arena, command->application);
        past->host = arena_copy(&past->arena, command->host);
        past->text = text_of(command, &engine->scratch, &past->arena);
    }
}

/* Commands have rising numbers, so those that are kept are in order from the oldest. */
static struct past_command *find(const struct engine *engine, uint64_t command)
{
    struct history *history = engine->history;
    uint64_t low = history->count > HISTORY_COUNT ? history->count - HISTORY_COUNT : 0;
    uint64_t high = history->count;

    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        struct past_command *past = &history->commands[middle % HISTORY_COUNT];

        if (past->command == command) {
            return past;
        }
        if (past->command < command) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

const struct past_command *history_find(const struct engine *engine, uint64_t command)
{
    return find(engine, command);
}

void history_answered(struct engine *engine, const struct event *event)
{
    struct past_command *past = find(engine, event->u.answered.command);

    if (past == NULL) {
        return;
    }
    switch (event->u.answered.answer) {
    case ANSWER_ACCEPTED:
        past->is_accepted = true;
        return;
    case ANSWER_REFUSED:
        history_ended(engine, past->command, event->u.answered.text);
        return;
    case ANSWER_NO_RESPONDERS:
        history_ended(engine, past->command, "nobody was there");
        return;
    case ANSWER_NONE:
        history_ended(
            engine, past->command,
            arena_print(&past->arena, "no answer in %lld s",
                        (long long)(engine->now.ms - past->sent.ms + 999) / 1000));
        return;
    case ANSWER_UNSENT:
        history_ended(engine, past->command, "it was not sent");
        return;
    }
}

void history_ended(struct engine *engine, uint64_t command, const char *words)
{
    struct past_command *past = find(engine, command);

    if (past == NULL || past->ended.ms != INSTANT_NEVER.ms) {
        return;
    }
    past->ended = engine->now;
    past->words = words != NULL ? arena_copy(&past->arena, words) : NULL;
}

static bool is_asked_for(const struct past_command *past,
                         const struct history_filter *filter)
{
    return (filter->key == NULL ||
            (past->kind == filter->kind && strcmp(past->key, filter->key) == 0)) &&
           (filter->host == NULL || strcmp(past->host, filter->host) == 0) &&
           (filter->application == NULL ||
            strcmp(past->application, filter->application) == 0);
}

size_t history_of(const struct engine *engine, const struct history_filter *filter,
                  const struct past_command *ret_commands[static EXPLAINED_COMMANDS_MAX])
{
    const struct history *history = engine->history;
    const uint64_t oldest =
        history->count > HISTORY_COUNT ? history->count - HISTORY_COUNT : 0;
    size_t count = 0;

    for (uint64_t i = history->count; i > oldest && count < EXPLAINED_COMMANDS_MAX; i--) {
        const struct past_command *past = &history->commands[(i - 1) % HISTORY_COUNT];

        if (is_asked_for(past, filter)) {
            ret_commands[count++] = past;
        }
    }
    for (size_t i = 0; i < count / 2; i++) { /* the newest were found first */
        const struct past_command *other = ret_commands[i];

        ret_commands[i] = ret_commands[count - 1 - i];
        ret_commands[count - 1 - i] = other;
    }
    return count;
}

size_t history_bytes(const struct engine *engine)
{
    size_t bytes = 0;

    for (size_t i = 0; i < HISTORY_COUNT; i++) {
        bytes += arena_bytes(&engine->history->commands[i].arena);
    }
    return bytes;
}

void history_free(struct engine *engine)
{
    for (size_t i = 0; i < HISTORY_COUNT; i++) {
        arena_free(&engine->history->commands[i].arena);
    }
}
