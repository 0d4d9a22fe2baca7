#include <string.h>

#include "test/support_truth_state.h"

/* A link between a built-in provider and a component. */
struct pair {
    const struct sim_lattice *lattice;
    const struct wish *wish;
    const struct truth *truth;
    const struct workload_row *builtin;
    const struct workload_row *component;
};

static bool is_builtin(const struct workload_row *row)
{
    return row != NULL && row->kind == WORKLOAD_PROVIDER && row->instances > 0 &&
           strstr(row->image, "builtin://") != NULL;
}

static bool is_component(const struct workload_row *row)
{
    return row != NULL && row->kind == WORKLOAD_COMPONENT && row->instances > 0;
}

static unsigned long long count(const struct pair *pair, const struct workload_row *row,
                                const struct sim_host *host)
{
    return truth_count_on(row, pair->truth, sim_host_name(host));
}

/* Does some other built-in, on host, reach component there? */
static bool is_needed(const struct pair *pair, const struct sim_host *host)
{
    for (size_t i = 0; i < pair->wish->count; i++) {
        const struct desired *desired = &pair->wish->items[i];

        for (size_t j = 0; j < desired->links_count; j++) {
            const struct link *link = &desired->links[j].link;
            const struct workload_row *source =
                truth_find_workload(pair->wish, link->source_id);

            if (is_builtin(source) && strcmp(link->target, pair->component->id) == 0 &&
                count(pair, source, host) > 0) {
                return true;
            }
        }
    }
    return false;
}

/* A host that could give any instance of component to host; NULL when none can. */
static const struct sim_host *find_giver(const struct pair *pair,
                                         const struct sim_host *host)
{
    const unsigned int fits = truth_fits(pair->component, host);

    for (size_t i = 0; i < sim_lattice_hosts_count(pair->lattice); i++) {
        const struct sim_host *other = sim_lattice_host_at(pair->lattice, i);

        if (other != host && sim_host_is_running(other) &&
            (truth_fits(pair->component, other) & ~fits) == 0 &&
            count(pair, pair->component, other) > (is_needed(pair, other) ? 1U : 0U)) {
            return other;
        }
    }
    return NULL;
}

/* A host where the component could run beside the built-in; NULL when there is none. */
static const struct sim_host *find_taker(const struct pair *pair,
                                         const struct sim_host *host)
{
    const unsigned int fits = truth_fits(pair->component, host);

    for (size_t i = 0; i < sim_lattice_hosts_count(pair->lattice); i++) {
        const struct sim_host *other = sim_lattice_host_at(pair->lattice, i);

        if (sim_host_is_running(other) && count(pair, pair->builtin, other) > 0 &&
            (fits & ~truth_fits(pair->component, other)) == 0) {
            return other;
        }
    }
    return NULL;
}

/* The built-in runs there, and calls the component. */
static void check_source(const struct pair *pair, const struct sim_host *host,
                         struct text *problems)
{
    const struct sim_host *giver;

    if (count(pair, pair->builtin, host) == 0 || count(pair, pair->component, host) > 0) {
        return;
    }
    giver = find_giver(pair, host);
    if (giver != NULL && !pair->component->is_daemon) {
        text_append(problems, "%s is not beside %s on %s, and could leave %s\n",
                    pair->component->id, pair->builtin->id, sim_host_name(host),
                    sim_host_name(giver));
    }
}

/* The component runs there, and calls the built-in. */
static void check_target(const struct pair *pair, const struct sim_host *host,
                         struct text *problems)
{
    const struct sim_host *taker;

    if (count(pair, pair->component, host) == 0 || count(pair, pair->builtin, host) > 0 ||
        is_needed(pair, host)) {
        return;
    }
    taker = find_taker(pair, host);
    if (taker != NULL && !pair->component->is_daemon) {
        text_append(problems, "%s on %s is without %s, and could be on %s\n",
                    pair->component->id, sim_host_name(host), pair->builtin->id,
                    sim_host_name(taker));
    }
}

static void check_link(struct pair *pair, const struct link *link, struct text *problems)
{
    const struct workload_row *source = truth_find_workload(pair->wish, link->source_id);
    const struct workload_row *target = truth_find_workload(pair->wish, link->target);
    const bool is_source = is_builtin(source) && is_component(target);

    if (!is_source && !(is_component(source) && is_builtin(target))) {
        return;
    }
    pair->builtin = is_source ? source : target;
    pair->component = is_source ? target : source;
    for (size_t i = 0; i < sim_lattice_hosts_count(pair->lattice); i++) {
        const struct sim_host *host = sim_lattice_host_at(pair->lattice, i);

        if (!sim_host_is_running(host)) {
            continue;
        }
        if (is_source) {
            check_source(pair, host, problems);
        } else {
            check_target(pair, host, problems);
        }
    }
}

void truth_check_beside(const struct sim_lattice *lattice, const struct wish *wish,
                        const struct truth *truth, struct text *problems)
{
    struct pair pair = {.lattice = lattice, .wish = wish, .truth = truth};

    for (size_t i = 0; i < wish->count; i++) {
        for (size_t j = 0; j < wish->items[i].links_count; j++) {
            check_link(&pair, &wish->items[i].links[j].link, problems);
        }
    }
}
