#include <string.h>

#include "test/support_safety_state.h"

/* So many answers over so long are believed. */
#define ANSWERS ((uint32_t)3)
#define SPAN_MS ((int64_t)10 * 1000)

/* A mutation of ours that was sent so long ago, and is over, does nothing any more. */
#define REST_MS ((int64_t)1000)

/* One answer more; are they enough? */
static bool agree(const struct safety *safety, struct agreement *agreement)
{
    if (agreement->count++ == 0) {
        agreement->since = safety->now;
    }
    agreement->is_enough =
        agreement->count >= ANSWERS && safety->now.ms - agreement->since.ms >= SPAN_MS;
    return agreement->is_enough;
}

static void end_flights_of(struct safety *safety, const struct told_source *source)
{
    for (size_t i = 0; i < safety->flights_count; i++) {
        struct own_flight *flight = &safety->flights[i];
        const struct link *sent = &flight->command.u.link;
        const bool is_put = flight->command.kind == COMMAND_PUT_LINK;
        bool is_there = false;

        if ((!is_put && flight->command.kind != COMMAND_DELETE_LINK) ||
            strcmp(sent->source_id, source->id) != 0) {
            continue;
        }
        for (size_t j = 0; j < source->count; j++) {
            is_there |= is_put ? link_is_equal(&source->links[j], sent)
                               : link_compare(&source->links[j], sent) == 0;
        }
        flight->is_over |= is_there == is_put;
    }
}

void safety_confirm_links(struct safety *safety, const struct told_source *source)
{
    for (size_t i = 0; i < source->count; i++) {
        const struct link *link = &source->links[i];
        const struct link_row *row = safety_wanted_link(safety, link);
        struct own_link *own = safety_link(safety, link);

        if (row != NULL && link_is_equal(&row->link, link)) {
            own = safety_keep_link(safety, link);
            own->is_confirmed = true;
        } else if (own != NULL && !own->is_given_up && link_is_equal(&own->sent, link)) {
            own->is_confirmed = true;
        }
    }
}

/* Where link is among count of links, as it is; count: nowhere. */
static size_t find_link(const struct link *links, size_t count, const struct link *link)
{
    size_t i = 0;

    while (i < count && !link_is_equal(&links[i], link)) {
        i++;
    }
    return i;
}

/* What was told while a mutation of ours was in flight, and is not ours, has gone. */
static void find_lost(struct safety *safety, const struct told_source *source,
                      const struct link *links, size_t count)
{
    for (size_t i = 0; i < source->count; i++) {
        const struct link *link = &source->links[i];
        const struct link_row *row = safety_wanted_link(safety, link);

        if (source->are_amid[i] && find_link(links, count, link) == count &&
            !safety_is_our_link(safety, link) &&
            (row == NULL || !link_is_equal(&row->link, link))) {
            safety->lost = arena_grow(&safety->arena, safety->lost, safety->lost_count,
                                      &safety->lost_capacity, sizeof *safety->lost);
            safety->lost[safety->lost_count++] = *link;
        }
    }
}

/* What was told while a mutation of ours was under way, and stayed since that has ended,
 * is safe from it. */
void safety_rest_links(const struct safety *safety, const char *source)
{
    struct told_source *told = safety_source(safety, source);

    for (size_t i = 0; i < safety->flights_count; i++) {
        const struct own_flight *flight = &safety->flights[i];

        if ((flight->command.kind == COMMAND_PUT_LINK ||
             flight->command.kind == COMMAND_DELETE_LINK) &&
            strcmp(flight->command.u.link.source_id, source) == 0 &&
            (!flight->is_over || safety->now.ms - flight->sent.ms < REST_MS)) {
            return;
        }
    }
    for (size_t i = 0; told != NULL && i < told->count; i++) {
        told->are_amid[i] = false;
    }
}

static struct told_source *keep_source(struct safety *safety, const char *id)
{
    struct told_source *source = safety_source(safety, id);

    if (source == NULL) {
        safety->sources =
            arena_grow(&safety->arena, safety->sources, safety->sources_count,
                       &safety->sources_capacity, sizeof *safety->sources);
        source = &safety->sources[safety->sources_count++];
        *source = (struct told_source){.id = arena_copy(&safety->arena, id)};
    }
    return source;
}

static void tell(struct safety *safety, struct told_source *source,
                 const struct link *links, size_t count)
{
    struct link *copy = arena_array(&safety->arena, count, sizeof *copy);
    bool *are_amid = arena_array(&safety->arena, count, sizeof *are_amid);
    const bool is_amid =
        safety->is_listed[BUCKET_LINKS] && safety_is_mutated(safety, source->id);

    if (is_amid) {
        find_lost(safety, source, links, count);
    }
    for (size_t i = 0; i < count; i++) {
        const size_t before = find_link(source->links, source->count, &links[i]);

        copy[i] = link_copy(&links[i], &safety->arena);
        are_amid[i] = is_amid && (before == source->count || source->are_amid[before]);
    }
    source->links = copy;
    source->are_amid = are_amid;
    source->absences = arena_array(&safety->arena, count, sizeof *source->absences);
    source->count = count;
    source->is_listed = true;
    end_flights_of(safety, source);
    safety_confirm_links(safety, source);
}

void safety_tell_links(struct safety *safety, const char *id, const struct link *links,
                       size_t count)
{
    tell(safety, keep_source(safety, id), links, count);
}

static bool has_link(const struct event *heard, const struct link *link)
{
    for (size_t i = 0; i < heard->u.heard.count; i++) {
        if (link_is_equal(&heard->u.heard.links[i], link)) {
            return true;
        }
    }
    return false;
}

/* What source has by the answer heard, and by those before that it does not outweigh. */
static void hear_source(struct safety *safety, struct told_source *source,
                        const struct event *heard)
{
    const size_t most = source->count + heard->u.heard.count;
    struct arena arena = {0};
    struct link *links = arena_array(&arena, most, sizeof *links);
    struct agreement *absences = arena_array(&arena, most, sizeof *absences);
    size_t count = 0;

    for (size_t i = 0; i < source->count; i++) {
        if (has_link(heard, &source->links[i])) {
            links[count++] = source->links[i];
        } else if (!agree(safety, &source->absences[i])) {
            absences[count] = source->absences[i];
            links[count++] = source->links[i];
        }
    }
    for (size_t i = 0; i < heard->u.heard.count; i++) {
        const struct link *link = &heard->u.heard.links[i];
        bool is_there = strcmp(link->source_id, source->id) != 0;

        for (size_t j = 0; j < count; j++) {
            is_there |= link_compare(&links[j], link) == 0;
        }
        if (!is_there) {
            links[count++] = *link;
        }
    }
    tell(safety, source, links, count);
    for (size_t i = 0; i < count; i++) {
        source->absences[i] = absences[i];
    }
    arena_free(&arena);
}

void safety_doubt_links(struct safety *safety)
{
    for (size_t i = 0; i < safety->sources_count; i++) {
        for (size_t j = 0; j < safety->sources[i].count; j++) {
            safety->sources[i].absences[j] = (struct agreement){0};
        }
    }
    safety->heard = (struct agreement){0};
}

void safety_hear_links(struct safety *safety, const struct event *event)
{
    (void)agree(safety, &safety->heard);
    for (size_t i = 0; i < safety->links_count; i++) {
        if (!has_link(event, &safety->links[i].sent)) {
            safety->links[i].lacked = safety->now;
        }
    }
    if (!safety->is_denied[BUCKET_LINKS]) {
        return;
    }
    for (size_t i = 0; i < event->u.heard.count; i++) {
        (void)keep_source(safety, event->u.heard.links[i].source_id);
    }
    for (size_t i = 0; i < safety->sources_count; i++) {
        hear_source(safety, &safety->sources[i], event);
    }
}
