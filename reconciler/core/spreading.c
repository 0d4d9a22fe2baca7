#include "reconciler/core/spreading.h"

#include <assert.h>
#include <string.h>

#include "reconciler/core/claim.h"
#include "reconciler/core/hosts.h"

#define EXPLANATION_BYTES_MAX ((size_t)1024)

/* Of several reasons, the one that says most of what is to come. */
static enum reason foremost(enum reason a, enum reason b)
{
    static const enum reason order[] = {REASON_FOREIGN, REASON_YOUNG,  REASON_OFF,
                                        REASON_CORDON,  REASON_LABELS, REASON_HOSTS,
                                        REASON_APART,   REASON_DRAIN};

    size_t i = 0;

    while (a != order[i] && b != order[i]) {
        i++;
        assert(i < sizeof order / sizeof *order);
    }
    return order[i];
}

static void say(const struct spreading *spreading, const char *text)
{
    struct pool *pool = &spreading->engine->pool;
    const char *kept = pool_keep(pool, text);

    pool_drop(pool, spreading->workload->missing_text);
    spreading->workload->missing_text = kept;
}

/* Note reason, with text where it has one, unless a better one is noted. */
static void blame(struct spreading *spreading, enum reason reason, const char *text)
{
    struct workload_item *workload = spreading->workload;
    const enum reason before = workload->verdict.reason;

    workload->verdict.reason = foremost(before, reason);
    if (text == NULL || workload->verdict.reason != reason) {
        return;
    }
    if (before == reason) {
        text = arena_print(&spreading->engine->scratch, "%s; %s", workload->missing_text,
                           text);
    }
    say(spreading, text);
}

/* No host fits spread: how many each of its requirements leaves out. */
static const char *explain(const struct spreading *spreading,
                           const struct spread_row *spread)
{
    struct text text;

    text_init(&text, &spreading->engine->scratch, EXPLANATION_BYTES_MAX);
    text_append(&text, "none of %zu host%s fits spread %s:", spreading->count,
                spreading->count == 1 ? "" : "s", spread->name);
    for (size_t i = 0; i < spread->requirements.count; i++) {
        const struct property *label = &spread->requirements.items[i];
        const struct spread_row alone = {.requirements = {label, 1}};
        size_t removed = 0;

        for (size_t j = 0; j < spreading->count; j++) {
            removed += !candidate_fits(&alone, spreading->candidates.items[j].host);
        }
        text_append(&text, "%s %s=%s leaves out %zu", i > 0 ? "," : "", label->key,
                    label->value, removed);
    }
    return text.bytes;
}

/* The built-in that row is starts nowhere here. */
static const char *explain_off(const struct spreading *spreading)
{
    const char *name = strstr(spreading->row->image, "://");
    size_t count = 0;
    struct text text;

    text_init(&text, &spreading->engine->scratch, EXPLANATION_BYTES_MAX);
    text_append(&text, "built-in %s seems to be disabled on",
                name != NULL ? name + 3 : spreading->row->image);
    for (size_t i = 0; i < spreading->count; i++) {
        if (spreading->candidates.items[i].reason == REASON_OFF) {
            text_append(&text, "%s host %s", count++ > 0 ? "," : "",
                        host_name(spreading->candidates.items[i].host));
        }
    }
    return text.bytes;
}

void spreading_miss(struct spreading *spreading, size_t spread, uint32_t count)
{
    const bool *of_spread = &spreading->fits[spread * spreading->count];
    enum reason reason = REASON_HOSTS;
    bool fits_any = false;

    spreading->workload->missing += count;
    for (size_t i = 0; i < spreading->count; i++) {
        fits_any |= of_spread[i];
        if (of_spread[i]) {
            reason = foremost(reason, spreading->candidates.items[i].reason);
        }
    }
    if (fits_any || spreading->count == 0) {
        blame(spreading, reason, reason == REASON_OFF ? explain_off(spreading) : NULL);
    } else {
        blame(spreading, REASON_LABELS,
              explain(spreading, &spreading->row->spreads[spread]));
    }
}

static const char *of_them(struct arena *scratch, size_t count, const char *what)
{
    return count > 0 ? arena_print(scratch, ", %zu %s", count, what) : "";
}

/* How many hosts there are for what is missing, where it is hosts that it lacks. */
static void count_hosts(const struct spreading *spreading)
{
    struct workload_item *workload = spreading->workload;
    const struct workload_row *row = spreading->row;
    struct arena *scratch = &spreading->engine->scratch;
    size_t fitting = 0;
    size_t closed = 0;
    size_t silent = 0;
    uint64_t wanted;

    if (workload->verdict.reason != REASON_HOSTS &&
        workload->verdict.reason != REASON_CORDON) {
        return;
    }
    for (size_t i = 0; i < spreading->count; i++) {
        const struct candidate *candidate = &spreading->candidates.items[i];
        const bool fits = candidate_fits_any(row, candidate->host) &&
                          !(row->is_daemon && candidate->is_draining);

        fitting += fits;
        closed += fits && candidate->reason == REASON_CORDON;
        silent += fits && candidate->reason == REASON_HOSTS;
    }
    wanted = (uint64_t)row->instances * (row->is_daemon ? fitting : 1);
    say(spreading,
        arena_print(scratch, "%u of %llu ha%s no host: of %zu host%s %zu fit%s%s%s",
                    (unsigned int)workload->missing, (unsigned long long)wanted,
                    workload->missing == 1 ? "s" : "ve", spreading->count,
                    spreading->count == 1 ? "" : "s", fitting, fitting == 1 ? "s" : "",
                    of_them(scratch, closed, "cordoned or drained"),
                    of_them(scratch, silent, "not answering")));
}

void spreading_judge(struct spreading *spreading)
{
    const struct candidates *candidates = &spreading->candidates;
    struct arena *scratch = &spreading->engine->scratch;
    enum reason others = REASON_DRAIN;
    enum reason apart = REASON_APART;
    uint64_t count = 0;
    size_t hosts = 0;
    const char *text;

    count_hosts(spreading);
    for (size_t i = 0; i < candidates->count; i++) {
        const struct candidate *candidate = &candidates->items[i];

        if (!candidate->is_draining) {
            others = foremost(others, candidate->reason);
        } else if (candidate->spot.wanted > 0) {
            count += candidate->spot.wanted;
            hosts++;
        }
    }
    if (count > 0) {
        text = arena_print(scratch,
                           "%llu cannot leave %zu host%s to be emptied: no other of %zu "
                           "host%s may have more",
                           (unsigned long long)count, hosts, hosts == 1 ? "" : "s",
                           spreading->count, spreading->count == 1 ? "" : "s");
        blame(spreading, others == REASON_YOUNG ? REASON_YOUNG : REASON_DRAIN,
              others == REASON_YOUNG ? NULL : text);
    }
    text = beside_judge(spreading->engine, spreading->workload, &spreading->partners,
                        candidates, &apart);
    if (text != NULL) {
        blame(spreading, apart, apart == REASON_APART ? text : NULL);
    }
}
