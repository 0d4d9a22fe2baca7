#include "reconciler/run/past.h"

#include <stdlib.h>
#include <string.h>

struct past_resource {
    const char *kind;
    const char *key;
    const char *name;
    const char *word;
    size_t index; /* in the order of the status */
};

static const char *kind_name(enum ledger_kind kind)
{
    switch (kind) {
    case LEDGER_CONFIG:
        return "config";
    case LEDGER_LINK:
        return "link";
    case LEDGER_COMPONENT:
        return "component";
    case LEDGER_PROVIDER:
        return "provider";
    }
    abort();
}

/* Points into resource. */
static struct past_resource make(const struct resource_status *resource, size_t index)
{
    return (struct past_resource){
        .kind = kind_name(resource->kind),
        .key = resource->kind == LEDGER_LINK ? resource->name : resource->id,
        .name = resource->name,
        .word = status_word_name(resource->word),
        .index = index,
    };
}

static bool is_changed(const char *before, const char *now)
{
    return now != NULL && (before == NULL || strcmp(before, now) != 0);
}

/* What is in the store is put, then deployed; the other way round when it goes. */
static void tell_manifest(const struct past *past, const struct store_application *known,
                          const char *application, struct news *news)
{
    const bool is_deployed = known != NULL && known->deployed != NULL;
    struct api_event event = {
        .kind = "manifest", .application = application, .resource = "version"};
    struct arena arena = {0};

    if (known != NULL && is_changed(past->version, known->version)) {
        event.event = "put";
        event.key = known->version;
        event.text = arena_print(&arena, "version %s is put", known->version);
        news_tell(news, &event);
    }
    if (is_deployed && is_changed(past->deployed, known->deployed)) {
        event.event = "deployed";
        event.key = known->deployed;
        event.text = arena_print(&arena, "version %s is wanted", known->deployed);
        news_tell(news, &event);
    }
    if (past->deployed != NULL && !is_deployed) {
        event.event = "undeployed";
        event.key = past->deployed;
        event.text = arena_print(&arena, "version %s is wanted no more", past->deployed);
        news_tell(news, &event);
    }
    if (past->is_kept && known == NULL) {
        event.event = "deleted";
        event.key = past->version;
        event.text = "all its versions are deleted";
        news_tell(news, &event);
    }
    arena_free(&arena);
}

static int compare_keys(const struct past_resource *a, const struct past_resource *b)
{
    const int kinds = strcmp(a->kind, b->kind);

    return kinds != 0 ? kinds : strcmp(a->key, b->key);
}

static int compare(const void *a, const void *b)
{
    return compare_keys(a, b);
}

static void tell_word(struct news *news, const char *application,
                      const struct past_resource *resource, const char *before,
                      const char *reason)
{
    const bool is_application = strcmp(resource->kind, "application") == 0;
    struct arena arena = {0};
    const struct api_event event = {
        .kind = "status",
        .application = application,
        .resource = resource->kind,
        .key = resource->key,
        .event = resource->word,
        .before = before,
        .text =
            arena_print(&arena, "%s%s%s is %s%s%s", resource->kind,
                        is_application ? "" : " ", is_application ? "" : resource->name,
                        resource->word, reason[0] != '\0' ? ": " : "", reason),
    };

    news_tell(news, &event);
    arena_free(&arena);
}

static void tell_gone(struct news *news, const char *application,
                      const struct past_resource *was)
{
    struct past_resource gone = *was;

    gone.word = status_word_name(STATUS_UNDEPLOYED);
    tell_word(news, application, &gone, was->word, "");
}

/* Both are sorted. */
static void tell_resources(const struct past *past, const struct past_resource *now,
                           const struct application_status *status, struct news *news)
{
    size_t old = 0;

    for (size_t i = 0; i < status->resources_count; i++) {
        const char *before = NULL;

        while (old < past->resources_count &&
               compare_keys(&past->resources[old], &now[i]) < 0) {
            tell_gone(news, status->application, &past->resources[old++]);
        }
        if (old < past->resources_count &&
            compare_keys(&past->resources[old], &now[i]) == 0) {
            before = past->resources[old++].word;
        }
        if (is_changed(before, now[i].word)) {
            tell_word(news, status->application, &now[i], before,
                      status->resources[now[i].index].reason);
        }
    }
    for (; old < past->resources_count; old++) {
        tell_gone(news, status->application, &past->resources[old]);
    }
}

static void tell_status(const struct past *past, const struct past_resource *now,
                        const struct application_status *status, struct news *news)
{
    const struct past_resource application = {
        .kind = "application",
        .key = status->application,
        .name = status->application,
        .word = status_word_name(status->word),
    };

    tell_resources(past, now, status, news);
    if (is_changed(past->word, application.word)) {
        tell_word(news, status->application, &application, past->word, status->reason);
    }
}

static const char *copy(struct arena *arena, const char *text)
{
    return text != NULL ? arena_copy(arena, text) : NULL;
}

/* past is as it is now, in an arena of its own. */
static void keep(struct past *past, const struct store_application *known,
                 const struct past_resource *now, const struct application_status *status)
{
    struct past kept = {.word = status_word_name(status->word)};

    kept.is_kept = known != NULL;
    kept.version = known != NULL ? copy(&kept.arena, known->version) : NULL;
    kept.deployed = known != NULL ? copy(&kept.arena, known->deployed) : NULL;
    kept.resources_count = status->resources_count;
    kept.resources =
        arena_array(&kept.arena, status->resources_count, sizeof *kept.resources);
    for (size_t i = 0; i < status->resources_count; i++) {
        kept.resources[i] = now[i];
        kept.resources[i].key = arena_copy(&kept.arena, now[i].key);
        kept.resources[i].name = arena_copy(&kept.arena, now[i].name);
    }
    past_free(past);
    *past = kept;
}

void past_look(struct past *past, const struct store_application *known,
               const struct application_status *status, struct news *news)
{
    struct arena arena = {0};
    struct past_resource *now;

    now = arena_array(&arena, status->resources_count, sizeof *now);
    for (size_t i = 0; i < status->resources_count; i++) {
        now[i] = make(&status->resources[i], i);
    }
    if (status->resources_count > 0) {
        qsort(now, status->resources_count, sizeof *now, compare);
    }
    if (news != NULL) {
        tell_manifest(past, known, status->application, news);
        tell_status(past, now, status, news);
    }
    keep(past, known, now, status);
    arena_free(&arena);
}

void past_free(struct past *past)
{
    arena_free(&past->arena);
    *past = (struct past){0};
}
