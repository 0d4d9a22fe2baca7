#include <string.h>

#include "test/support_safety_state.h"

/* Hosts that must agree that something is not there, where no bucket can be followed. */
#define ABSENCES 3

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

void safety_tell_links(struct safety *safety, const char *id, const struct link *links,
                       size_t count)
{
    struct told_source *source = safety_source(safety, id);
    struct link *copy = arena_array(&safety->arena, count, sizeof *copy);
    bool *are_amid = arena_array(&safety->arena, count, sizeof *are_amid);
    const bool is_amid = safety->is_listed[BUCKET_LINKS] && safety_is_mutated(safety, id);

    if (source != NULL && is_amid) {
        find_lost(safety, source, links, count);
    }
    for (size_t i = 0; i < count; i++) {
        const size_t before =
            source != NULL ? find_link(source->links, source->count, &links[i]) : 0;

        copy[i] = link_copy(&links[i], &safety->arena);
        are_amid[i] = is_amid && (source == NULL || before == source->count ||
                                  source->are_amid[before]);
    }
    if (source == NULL) {
        safety->sources =
            arena_grow(&safety->arena, safety->sources, safety->sources_count,
                       &safety->sources_capacity, sizeof *safety->sources);
        source = &safety->sources[safety->sources_count++];
        source->id = arena_copy(&safety->arena, id);
    }
    source->links = copy;
    source->are_amid = are_amid;
    source->count = count;
    source->is_listed = true;
    end_flights_of(safety, source);
    safety_confirm_links(safety, source);
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

/* Three hosts in a row without any link of source: it has none. */
static void note_absences(struct safety *safety, const struct event *heard)
{
    for (size_t i = 0; i < safety->sources_count; i++) {
        struct told_source *source = &safety->sources[i];
        bool is_there = false;

        for (size_t j = 0; j < heard->u.heard.count; j++) {
            is_there |= strcmp(heard->u.heard.links[j].source_id, source->id) == 0;
        }
        source->absences = is_there ? 0 : source->absences + 1;
        if (source->absences == ABSENCES && source->count > 0) {
            safety_tell_links(safety, source->id, NULL, 0);
        }
    }
}

/* All that one host has in memory; of what it lacks another may know. */
void safety_hear_links(struct safety *safety, const struct event *event)
{
    const struct link *links = event->u.heard.links;
    const size_t count = event->u.heard.count;
    size_t first = 0;

    safety->has_heard = true;
    for (size_t i = 0; i < safety->links_count; i++) {
        if (!has_link(event, &safety->links[i].sent)) {
            safety->links[i].lacked = safety->now;
        }
    }
    if (!safety->is_denied[BUCKET_LINKS]) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (i + 1 == count || strcmp(links[i + 1].source_id, links[i].source_id) != 0) {
            safety_tell_links(safety, links[i].source_id, &links[first], i + 1 - first);
            first = i + 1;
        }
    }
    note_absences(safety, event);
}
