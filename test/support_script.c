#include "test/support_script.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/core/explain.h"
#include "reconciler/core/status.h"
#include "test/support_script_state.h"
#include "test/support_words.h"

const char *script_word(const struct script *script, size_t i)
{
    return i < script->words_count ? script->words[i] : "";
}

const char *script_rest(struct script *script, size_t from)
{
    struct text text;

    text_init(&text, &script->arena, 4096);
    for (size_t i = from; i < script->words_count; i++) {
        text_append(&text, "%s%s", i > from ? " " : "", script->words[i]);
    }
    return text.bytes;
}

static void print_change(struct script *script, const struct ledger_change *change)
{
    static const char *const kinds[] = {"config", "link", "component", "provider"};
    const struct ledger_row *row = &change->row;

    text_append(script->output, "| %s %s ", change->kind == LEDGER_PUT ? "put" : "drop",
                kinds[row->kind]);
    if (row->kind == LEDGER_CONFIG) {
        text_append(script->output, "%s", row->u.config.name);
    } else if (row->kind == LEDGER_LINK) {
        text_append(script->output, "%s %s", row->u.link->source_id, row->u.link->target);
    } else {
        text_append(script->output, "%s %s", row->u.workload.host, row->u.workload.id);
    }
    if (change->kind == LEDGER_PUT) {
        text_append(script->output, " %s",
                    row->state == LEDGER_SENT ? "sent" : "confirmed");
        text_append(script->output, "%s", row->is_dropped ? " dropped" : "");
        for (size_t i = 0; i < row->lost.count; i++) {
            text_append(script->output, " lost %s", row->lost.items[i]);
        }
    }
    text_append(script->output, "\n");
}

static void note_command(struct script *script, const struct command *command)
{
    struct outstanding *out = &script->outstanding[script->outstanding_count++];
    struct text text;

    assert(script->outstanding_count < COMMANDS_MAX);
    text_init(&text, &script->arena, 4096);
    command_print(command, &text);
    out->id = command->id;
    out->kind = command->kind;
    out->host = arena_copy(&script->arena, command->host);
    out->text = text.bytes;
    if (!script->is_hushed && (script->is_loud || !command_is_question(command->kind))) {
        text_append(script->output, "> %s", text.bytes);
    }
}

static void print_host(struct script *script, const struct host_news *news)
{
    if (news->is_gone) {
        text_append(script->output, "@ %s is gone: %s\n", news->name, news->why);
    } else {
        text_append(script->output, "@ %s is there, %zu labels\n", news->name,
                    news->labels_count);
    }
}

static void step(struct script *script, const struct event *events, size_t count)
{
    struct engine_update update;

    engine_step(script->engine, (struct instant){script->now}, events, count, &update);
    for (size_t i = 0; script->shows_ledger && i < update.changes_count; i++) {
        print_change(script, &update.changes[i]);
    }
    for (size_t i = 0; i < update.commands_count; i++) {
        note_command(script, &update.commands[i]);
    }
    for (size_t i = 0; i < update.losses_count; i++) {
        text_append(script->output, "~ %s: %s\n", update.losses[i].application,
                    update.losses[i].text);
    }
    for (size_t i = 0; script->shows_hosts && i < update.hosts_count; i++) {
        print_host(script, &update.hosts[i]);
    }
    script->deadline = update.deadline.ms;
}

void script_step(struct script *script, struct event event)
{
    step(script, &event, 1);
}

static void answer(struct script *script, size_t index, enum answer answer,
                   const char *text)
{
    const struct event event = {
        .kind = EVENT_ANSWERED,
        .u.answered = {script->outstanding[index].id, answer, text},
    };

    script->outstanding_count--;
    memmove(&script->outstanding[index], &script->outstanding[index + 1],
            (script->outstanding_count - index) * sizeof script->outstanding[0]);
    script_step(script, event);
}

/* Answer the command in flight that begins with prefix, but for a blank at its end. */
static void answer_one(struct script *script, const char *prefix, enum answer how,
                       const char *text)
{
    size_t length = strlen(prefix);

    length -= length > 0 && prefix[length - 1] == ' ';
    for (size_t i = 0; i < script->outstanding_count; i++) {
        if (strncmp(script->outstanding[i].text, prefix, length) == 0) {
            answer(script, i, how, text);
            return;
        }
    }
    text_append(script->output, "! no such command in flight: %s\n", prefix);
}

void script_answer(struct script *script, const char *prefix)
{
    answer_one(script, prefix, ANSWER_ACCEPTED, "");
}

static void run_answer(struct script *script, enum answer how)
{
    const struct names parts = script_split(&script->arena, script_rest(script, 1), ';');

    answer_one(script, parts.items[0], how,
               parts.count > 1 ? parts.items[1] + (parts.items[1][0] == ' ') : "");
}

static void accept_all(struct script *script)
{
    for (size_t left = script->outstanding_count; left > 0; left--) {
        size_t i = 0;

        while (i < script->outstanding_count &&
               command_is_question(script->outstanding[i].kind)) {
            i++;
        }
        if (i < script->outstanding_count) {
            answer(script, i, ANSWER_ACCEPTED, "");
        }
    }
}

/* Answer all questions from the hosts told so far. */
static void answer_questions(struct script *script)
{
    for (size_t i = 0; i < script->outstanding_count;) {
        const struct outstanding out = script->outstanding[i];

        if (!command_is_question(out.kind) || out.kind == COMMAND_ASK_LINKS ||
            out.kind == COMMAND_ASK_CONFIG) {
            i++;
            continue;
        }
        for (size_t h = 0; h < script->hosts_count; h++) {
            if (out.kind == COMMAND_ASK_HOSTS) {
                script_step(script, (struct event){.kind = EVENT_HOST_PINGED,
                                                   .u.host.id = script->hosts[h]->host});
            } else if (strcmp(out.host, script->hosts[h]->host) == 0) {
                script_step(script, (struct event){.kind = EVENT_INVENTORY,
                                                   .u.inventory = script->hosts[h]});
            }
        }
        answer(script, i, ANSWER_ACCEPTED, "");
        i = 0;
    }
}

static void run_line(struct script *script, const char *line, size_t length);

// NOLINTNEXTLINE(misc-no-recursion): the lines it runs are no see
static void run_see(struct script *script)
{
    const size_t count = script->entries_count;

    script_step(script, (struct event){.kind = EVENT_CONNECTED,
                                       .u.connected = {script->payload_max}});
    run_line(script, "listing links", strlen("listing links"));
    run_line(script, "listing configs", strlen("listing configs"));
    for (size_t i = 0; i < count; i++) {
        run_line(script, script->entries[i], strlen(script->entries[i]));
    }
    script->entries_count = count;
    run_line(script, "listed links", strlen("listed links"));
    run_line(script, "listed configs", strlen("listed configs"));
    answer_questions(script);
}

static void run_wait(struct script *script)
{
    const int64_t until = script->now + (int64_t)strtol(script_word(script, 1), NULL, 10);

    while (script->deadline <= until && script->deadline != INT64_MAX) {
        script->now = script->deadline > script->now ? script->deadline : script->now + 1;
        step(script, NULL, 0);
    }
    script->now = until;
    step(script, NULL, 0);
}

static void run_status(struct script *script)
{
    struct application_status status;

    engine_status(script->engine, script_word(script, 1), &script->arena, &status);
    text_append(script->output, "= %s: %s%s%s\n", status.application,
                status_word_name(status.word), status.reason[0] != '\0' ? ": " : "",
                status.reason);
    for (size_t i = 0; i < status.resources_count; i++) {
        const struct resource_status *resource = &status.resources[i];

        text_append(script->output, "=   %s [%s] on [%s]: %s%s%s\n", resource->name,
                    resource->wanted, resource->where, status_word_name(resource->word),
                    resource->reason[0] != '\0' ? ": " : "", resource->reason);
    }
}

static const char *wait_words(struct script *script, const struct status_wait *wait)
{
    return wait->kind == NULL
               ? ""
               : arena_print(&script->arena, " [waits for %s%s%s]", wait->kind,
                             wait->name[0] != '\0' ? " " : "", wait->name);
}

static void print_explanation(struct script *script, const struct explanation *item)
{
    struct text *output = script->output;

    text_append(output, "? %s %s: %s", explained_kind_name(item->key.kind),
                item->key.name, item->word);
    if (item->since.ms != INSTANT_NEVER.ms) {
        text_append(output, ", for %lld s",
                    (long long)(script->now - item->since.ms) / 1000);
    }
    text_append(output, "%s\n", wait_words(script, &item->waits_for));
    text_append(output, "?   %s%s%s\n", item->decision,
                item->reason[0] != '\0' ? ", for: " : "", item->reason);
    text_append(output, "?   wanted: %s\n?   there: %s\n?   put: %s\n", item->desired,
                item->observed, item->ledger);
    for (size_t i = 0; i < item->parts_count; i++) {
        const struct explained_part *part = &item->parts[i];

        text_append(output, "?   %s: %u of %u%s%s%s%s\n", part->name,
                    (unsigned int)part->running, (unsigned int)part->wanted,
                    part->image[0] != '\0' ? " " : "", part->image,
                    part->reason[0] != '\0' ? ": " : "", part->reason);
    }
    for (size_t i = 0; i < item->commands_count; i++) {
        const struct explained_command *command = &item->commands[i];

        text_append(output, "?   %lld s ago %s: %s\n",
                    (long long)(script->now - command->sent.ms) / 1000, command->text,
                    command->outcome);
    }
}

static void run_explain(struct script *script)
{
    const char *typed = script_rest(script, 1);
    const struct explained_key *keys;
    const size_t count = explain_match(script->engine, typed, &script->arena, &keys);
    const struct names near = explain_near(script->engine, typed, &script->arena);

    for (size_t i = 0; i < count; i++) {
        const struct explanation item =
            engine_explain(script->engine, &keys[i], &script->arena);

        print_explanation(script, &item);
    }
    if (count == 0) {
        text_append(script->output, "? nothing known\n");
    }
    for (size_t i = 0; count == 0 && i < near.count; i++) {
        text_append(script->output, "?   near: %s\n", near.items[i]);
    }
}

static void run_settled(struct script *script)
{
    text_append(script->output, "= %s, %s, %zu in flight%s\n",
                engine_has_looked(script->engine) ? "has looked" : "has not looked",
                engine_is_idle(script->engine) ? "idle" : "busy",
                engine_flights_count(script->engine),
                engine_is_asking(script->engine) ? ", asks hosts first" : "");
}

static void print_bucket(struct script *script, const char *name,
                         const struct memory_bucket *bucket)
{
    text_append(script->output, "= %s made %s, %llu entries, deaf to %llu\n", name,
                bucket->made != NULL ? bucket->made : "-",
                (unsigned long long)bucket->sequence,
                (unsigned long long)bucket->deaf_to);
}

/* What a store would be given to keep. */
static void run_memory(struct script *script)
{
    struct memory memory;

    if (!engine_remember(script->engine, &script->arena, &memory)) {
        text_append(script->output, "= nothing to be remembered\n");
        return;
    }
    print_bucket(script, "links", &memory.links);
    print_bucket(script, "configs", &memory.configs);
    for (size_t i = 0; i < memory.hosts_count; i++) {
        const struct memory_host *host = &memory.hosts[i];

        text_append(script->output, "= host %s, heard %lld ms ago, every %lld ms\n",
                    host->id, (long long)host->age_ms, (long long)host->interval_ms);
    }
}

/* repeat COUNT LINE */
// NOLINTNEXTLINE(misc-no-recursion): see run_see
static void run_repeat(struct script *script)
{
    const long count = strtol(script_word(script, 1), NULL, 10);
    const char *line = script_rest(script, 2);
    const size_t before = strcspn(line, "#");

    for (long i = 1; i <= count; i++) {
        const char *one = line[before] == '\0'
                              ? line
                              : arena_print(&script->arena, "%.*s%ld%s", (int)before,
                                            line, i, line + before + 1);

        run_line(script, one, strlen(one));
    }
}

static bool run_answered(struct script *script, const char *verb)
{
    if (strcmp(verb, "accept") == 0) {
        run_answer(script, ANSWER_ACCEPTED);
    } else if (strcmp(verb, "refuse") == 0) {
        run_answer(script, ANSWER_REFUSED);
    } else if (strcmp(verb, "nobody") == 0) {
        run_answer(script, ANSWER_NO_RESPONDERS);
    } else if (strcmp(verb, "mute") == 0) {
        run_answer(script, ANSWER_NONE);
    } else if (strcmp(verb, "unsent") == 0) {
        run_answer(script, ANSWER_UNSENT);
    } else if (strcmp(verb, "accept-all") == 0) {
        accept_all(script);
    } else if (strcmp(verb, "answer-questions") == 0) {
        answer_questions(script);
    } else {
        return false;
    }
    return true;
}

/* The verbs that print what the engine knows. */
static bool run_printed(struct script *script, const char *verb)
{
    if (strcmp(verb, "status") == 0) {
        run_status(script);
    } else if (strcmp(verb, "lattice") == 0) {
        text_append(script->output, "= %s\n",
                    engine_lattice_status(script->engine, &script->arena));
    } else if (strcmp(verb, "explain") == 0) {
        run_explain(script);
    } else if (strcmp(verb, "converged") == 0) {
        text_append(script->output, "= %sconverged\n",
                    engine_is_converged(script->engine) ? "" : "not ");
    } else if (strcmp(verb, "settled") == 0) {
        run_settled(script);
    } else if (strcmp(verb, "memory") == 0) {
        run_memory(script);
    } else {
        return false;
    }
    return true;
}

// NOLINTNEXTLINE(misc-no-recursion): see run_see
static bool run_other(struct script *script, const char *verb)
{
    if (strcmp(verb, "connect") == 0) {
        script_step(script, (struct event){.kind = EVENT_CONNECTED,
                                           .u.connected = {script->payload_max}});
    } else if (strcmp(verb, "disconnect") == 0) {
        script_step(script, (struct event){.kind = EVENT_DISCONNECTED});
    } else if (strcmp(verb, "overflow") == 0) {
        script_step(script, (struct event){.kind = EVENT_OVERFLOWED});
    } else if (strcmp(verb, "unsaved") == 0) {
        script_step(script, (struct event){.kind = EVENT_UNSAVED});
    } else if (strcmp(verb, "see") == 0) {
        run_see(script);
    } else if (strcmp(verb, "payload") == 0) {
        script->payload_max = strtoul(script_word(script, 1), NULL, 10);
    } else if (strcmp(verb, "wait") == 0) {
        run_wait(script);
    } else if (strcmp(verb, "retire") == 0) {
        engine_retire(script->engine);
    } else if (strcmp(verb, "hush") == 0) {
        script->is_hushed = true;
    } else if (strcmp(verb, "repeat") == 0) {
        run_repeat(script);
    } else if (strcmp(verb, "loud") == 0) {
        script->is_loud = true;
    } else if (strcmp(verb, "quiet") == 0) {
        script->is_loud = false;
    } else if (strcmp(verb, "ledger") == 0) {
        script->shows_ledger = true;
    } else if (strcmp(verb, "hosts") == 0) {
        script->shows_hosts = true;
    } else {
        return false;
    }
    return true;
}

// NOLINTNEXTLINE(misc-no-recursion): see run_see
static void run_line(struct script *script, const char *line, size_t length)
{
    const struct names words =
        script_split(&script->arena, arena_text(&script->arena, line, length), ' ');

    script->words_count = 0;
    for (size_t i = 0; i < words.count; i++) {
        if (words.items[i][0] != '\0') {
            script->words[script->words_count++] = words.items[i];
        }
    }
    if (script->words_count == 0) {
        return;
    }
    if (strcmp(script->words[0], "links") == 0 ||
        strcmp(script->words[0], "config") == 0) {
        assert(script->entries_count < ROWS_MAX);
        script->entries[script->entries_count++] =
            arena_text(&script->arena, line, length);
    }
    if (!script_tell_wanted(script, script->words[0]) &&
        !script_tell_observed(script, script->words[0]) &&
        !run_answered(script, script->words[0]) &&
        !run_printed(script, script->words[0]) && !run_other(script, script->words[0])) {
        text_append(script->output, "! what is %s?\n", script->words[0]);
    }
}

void script_run(const char *text, struct text *output)
{
    struct script script = {.output = output};
    static const char patience[] = "patience ";
    struct engine_options options = {.seed = 1};

    if (strncmp(text, patience, strlen(patience)) == 0) {
        char *end;

        options.missed_heartbeats = (uint32_t)strtoul(text + strlen(patience), &end, 10);
        options.heartbeat_slack_ms = strtoll(end, &end, 10);
        text = end + (*end == '\n');
    }
    script.engine = engine_new(&options);
    script.deadline = INT64_MAX;
    while (*text != '\0') {
        const size_t length = strcspn(text, "\n");

        run_line(&script, text, length);
        text += length + (text[length] == '\n');
    }
    engine_free(script.engine);
    arena_free(&script.arena);
}
