#include "reconciler/core/beside.h"
#include "reconciler/core/claim.h"

#define EXPLANATION_BYTES_MAX ((size_t)1024)

/* Of the hosts of one side, those that lack the other, and why they do. */
struct lack {
    const struct workload_row *row; /* what is lacking */
    size_t hosts;
    size_t lacking;
    size_t unfit;   /* of them, no spread fits */
    size_t refused; /* get nothing new */
    bool is_young;
};

static void count_lack(struct lack *lack, const struct candidate *candidate,
                       bool is_there, bool has_other)
{
    lack->hosts += is_there;
    if (!is_there || has_other) {
        return;
    }
    lack->lacking++;
    if (!candidate_fits_any(lack->row, candidate->host)) {
        lack->unfit++;
    } else if (candidate->reason != REASON_NONE) {
        lack->refused++;
        lack->is_young |= candidate->reason == REASON_YOUNG;
    }
}

static void explain(const struct lack *lack, struct text *text)
{
    const unsigned int count = lack->row->instances;

    if (lack->unfit > 0) {
        text_append(text, "; %zu fit%s none of its spreads", lack->unfit,
                    lack->unfit == 1 ? "s" : "");
    }
    if (lack->refused > 0) {
        text_append(text, "; %zu get%s nothing new", lack->refused,
                    lack->refused == 1 ? "s" : "");
    }
    if (lack->lacking > lack->unfit + lack->refused) {
        text_append(text, "; of %s %u %s wanted", lack->row->component, count,
                    count == 1 ? "is" : "are");
    }
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* Which hosts of the one that calls lack the one that is called? */
static void find_lack(const struct workload_item *workload, const struct partner *partner,
                      const struct candidates *candidates, bool is_calling,
                      struct lack *lack)
{
    *lack = (struct lack){
        .row = claim_workload(is_calling ? partner->workload : workload),
    };
    for (size_t i = 0; i < candidates->count; i++) {
        const struct candidate *candidate = &candidates->items[i];
        const struct placement *there = beside_there(partner->workload, candidate);
        const bool is_here = candidate->spot.wanted > 0;
        const bool is_other = there != NULL && there->goal > 0;

        count_lack(lack, candidate, is_calling ? is_here : is_other,
                   is_calling ? is_other : is_here);
    }
}

static void judge_pair(const struct workload_item *workload,
                       const struct partner *partner, const struct candidates *candidates,
                       struct lack *lack, struct text *text)
{
    const struct workload_row *row = claim_workload(workload);
    const struct workload_row *other = claim_workload(partner->workload);
    const bool is_provider = row->kind == WORKLOAD_PROVIDER;
    const char *builtin = is_provider ? row->component : other->component;
    const char *component = is_provider ? other->component : row->component;

    if (partner->is_source) {
        find_lack(workload, partner, candidates, is_provider, lack);
        if (lack->lacking > 0) {
            text_append(text,
                        "built-in %s reaches only its own host, and %s is not on %zu of "
                        "its %zu host%s",
                        builtin, component, lack->lacking, lack->hosts,
                        plural(lack->hosts));
            explain(lack, text);
            return;
        }
    }
    if (partner->is_target) {
        find_lack(workload, partner, candidates, !is_provider, lack);
        if (lack->lacking > 0) {
            text_append(text,
                        "built-in %s serves only its own host, and is not on %zu of the "
                        "%zu host%s of %s",
                        builtin, lack->lacking, lack->hosts, plural(lack->hosts),
                        component);
            explain(lack, text);
        }
    }
}

const char *beside_judge(struct engine *engine, const struct workload_item *workload,
                         const struct partners *partners,
                         const struct candidates *candidates, enum reason *ret_reason)
{
    struct text text;

    text_init(&text, &engine->scratch, EXPLANATION_BYTES_MAX);
    for (size_t i = 0; i < partners->count && text.count == 0; i++) {
        struct lack lack = {0};

        judge_pair(workload, &partners->items[i], candidates, &lack, &text);
        *ret_reason = lack.is_young ? REASON_YOUNG : REASON_APART;
    }
    return text.count > 0 ? text.bytes : NULL;
}
