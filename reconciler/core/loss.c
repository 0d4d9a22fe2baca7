#include "reconciler/core/loss_note.h"

#include <string.h>

#include "reconciler/core/claim.h"
#include "reconciler/core/foreign.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/slot.h"
#include "reconciler/core/state.h"

#define RESTORE_BYTES_MAX ((size_t)64 * 1024)

/* What a shell takes as it is. */
#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:-"

static void append_word(struct text *text, const char *option, const char *word)
{
    text_append(text, "%s%s", option, option[0] != '\0' ? " " : "");
    if (word[0] != '\0' && word[0] != '-' && word[strspn(word, PLAIN)] == '\0') {
        text_append(text, "%s ", word);
        return;
    }
    text_append(text, "'");
    for (; *word != '\0'; word++) {
        if (*word == '\'') {
            text_append(text, "'\\''");
        } else {
            text_append_bytes(text, word, 1);
        }
    }
    text_append(text, "' ");
}

static void append_words(struct text *text, const char *option, const struct names *words)
{
    for (size_t i = 0; i < words->count; i++) {
        append_word(text, option, words->items[i]);
    }
}

const char *loss_restore(const struct link *link, struct arena *arena)
{
    struct text text;

    text_init(&text, arena, RESTORE_BYTES_MAX);
    text_append(&text, "wash link put ");
    append_words(&text, "--interface", &link->interfaces);
    append_words(&text, "--source-config", &link->source_config);
    append_words(&text, "--target-config", &link->target_config);
    if (strcmp(link->name, "default") != 0) {
        append_word(&text, "--link-name", link->name);
    }
    append_word(&text, "", link->source_id);
    append_word(&text, "", link->target);
    append_word(&text, "", link->wit_namespace);
    append_word(&text, "", link->wit_package);
    return arena_text(arena, text.bytes, text.count - 1);
}

/* A mutation of ours may write the links of source at any moment. */
static bool is_mutating(const struct engine *engine, const struct source_item *source)
{
    const struct workload_item *workload = source->workload;

    if (source->flight.command != 0 ||
        instant_is_before(engine->now, source->unsure_until)) {
        return true;
    }
    for (size_t i = 0; workload != NULL && i < workload->placements_count; i++) {
        if (placement_is_starting(workload->placements[i]) ||
            placement_may_appear(engine, workload->placements[i])) {
            return true;
        }
    }
    return false;
}

/* On whose behalf that mutation is, as far as we still know. */
static const char *application_of(const struct source_item *source)
{
    const struct workload_item *workload = source->workload;
    const struct link_item *link = source->flying;

    for (size_t i = 0; link == NULL && i < source->links_count; i++) {
        link = source->links[i]->claims != NULL || source->links[i]->ledger != NULL
                   ? source->links[i]
                   : NULL;
    }
    if (link != NULL && link->claims != NULL) {
        return claim_application(link->claims);
    }
    if (link != NULL && link->ledger != NULL) {
        return link->ledger->application;
    }
    return workload != NULL && workload->claims != NULL
               ? claim_application(workload->claims)
               : "";
}

/* The link that is observed is nobody's but others', and not what we put there now. */
static bool is_theirs(const struct link_item *link)
{
    const struct link_wish *row = claim_link(link);

    return !link_is_ours(link) &&
           (row == NULL || !link_is_equal(link->observed, row->link));
}

static void forget(struct lost_link *lost)
{
    arena_free(&lost->arena);
    *lost = (struct lost_link){.at = INSTANT_NEVER};
}

/* Keep it until it is back, or something newer takes its place. */
static void keep(struct engine *engine, const struct link *link, const struct loss *loss)
{
    struct lost_link *lost = &engine->losses.kept[engine->losses.next];

    engine->losses.next = (engine->losses.next + 1) % LOST_LINKS_MAX;
    forget(lost);
    lost->at = engine->now;
    lost->link = link_copy(link, &lost->arena);
    lost->loss = (struct loss){
        .application = arena_copy(&lost->arena, loss->application),
        .text = arena_copy(&lost->arena, loss->text),
        .restore = arena_copy(&lost->arena, loss->restore),
    };
}

static void lose(struct engine *engine, const struct link_item *link)
{
    struct losses *losses = &engine->losses;
    struct arena *arena = &engine->scratch;
    const char *restore = loss_restore(link->observed, arena);
    const struct loss loss = {
        .application = application_of(link->source),
        .text =
            arena_print(arena,
                        "link %s, which is not ours, was put while a command of ours "
                        "for the links of %s was under way, and went with it; to "
                        "restore it: %s",
                        link_name(link->observed, arena), link->key->source_id, restore),
        .restore = restore,
    };

    losses->items = arena_grow(arena, losses->items, losses->count, &losses->capacity,
                               sizeof *losses->items);
    losses->items[losses->count++] = loss;
    keep(engine, link->observed, &loss);
}

void loss_note_link(struct engine *engine, struct link_item *link,
                    const struct link *told, bool is_same)
{
    for (size_t i = 0; told != NULL && i < LOST_LINKS_MAX; i++) {
        if (engine->losses.kept[i].at.ms != INSTANT_NEVER.ms &&
            link_is_equal(&engine->losses.kept[i].link, told)) {
            forget(&engine->losses.kept[i]);
        }
    }
    if (is_same) {
        return;
    }
    if (link->observed != NULL && link->sighting.is_amid &&
        is_mutating(engine, link->source) && is_theirs(link)) {
        lose(engine, link);
    }
    link->sighting.is_amid = told != NULL && engine->buckets[BUCKET_LINKS].is_known &&
                             is_mutating(engine, link->source);
}

void loss_note_rest(struct engine *engine, struct source_item *source)
{
    const bool is_over = !is_mutating(engine, source);

    for (size_t i = 0; is_over && i < source->links_count; i++) {
        source->links[i]->sighting.is_amid = false;
    }
}

const struct loss *loss_of(const struct engine *engine, const char *application)
{
    const struct lost_link *last = NULL;

    for (size_t i = 0; i < LOST_LINKS_MAX; i++) {
        const struct lost_link *lost = &engine->losses.kept[i];

        if (lost->at.ms != INSTANT_NEVER.ms &&
            engine->now.ms - lost->at.ms < LOST_LINK_MS &&
            strcmp(lost->loss.application, application) == 0 &&
            (last == NULL || !instant_is_before(lost->at, last->at))) {
            last = lost;
        }
    }
    return last != NULL ? &last->loss : NULL;
}

void loss_free(struct engine *engine)
{
    for (size_t i = 0; i < LOST_LINKS_MAX; i++) {
        forget(&engine->losses.kept[i]);
    }
}

void loss_begin_step(struct engine *engine)
{
    engine->losses.items = NULL;
    engine->losses.count = 0;
    engine->losses.capacity = 0;
}
