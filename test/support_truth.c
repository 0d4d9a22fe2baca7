#include "test/support_truth.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/core/place.h"
#include "reconciler/sim/links.h"
#include "test/support_truth_delivery.h"
#include "test/support_truth_state.h"
#include "test/support_words.h"

#define PRINT_BYTES_MAX ((size_t)4 * 1024 * 1024)
#define SPREADS_MAX     8

static void load_wish(struct store *store, struct wish *wish)
{
    struct store_applications applications;
    struct desired *items;
    struct err err;

    if (store_list(store, &wish->arena, &applications, &err) != ERR_OK) {
        abort();
    }
    items = arena_array(&wish->arena, applications.count, sizeof *items);
    for (size_t i = 0; i < applications.count; i++) {
        if (applications.items[i].deployed != NULL &&
            store_desired(store, applications.items[i].name, &wish->arena,
                          &items[wish->count++], &err) != ERR_OK) {
            abort();
        }
    }
    wish->items = items;
}

static void load_truth(const struct sim_lattice *lattice, struct truth *truth)
{
    struct text text;
    const char *line;

    text_init(&text, &truth->arena, PRINT_BYTES_MAX);
    sim_lattice_print(lattice, &text);
    for (line = text.bytes; *line != '\0' && truth->count < LINES_MAX;) {
        const size_t length = strcspn(line, "\n");

        truth->lines[truth->count++] =
            script_split(&truth->arena, arena_text(&truth->arena, line, length), ' ');
        line += length + (line[length] == '\n');
    }
}

static bool is_theirs(const char *name)
{
    return strncmp(name, "theirs", 6) == 0;
}

static bool is_line(const struct names *line, const char *first, size_t at,
                    const char *second)
{
    return line->count > at && strcmp(line->items[0], first) == 0 &&
           strcmp(line->items[at], second) == 0;
}

static const struct config_row *find_config(const struct wish *wish, const char *name)
{
    for (size_t i = 0; i < wish->count; i++) {
        for (size_t j = 0; j < wish->items[i].configs_count; j++) {
            if (strcmp(wish->items[i].configs[j].name, name) == 0) {
                return &wish->items[i].configs[j];
            }
        }
    }
    return NULL;
}

const struct workload_row *truth_find_workload(const struct wish *wish, const char *id)
{
    for (size_t i = 0; i < wish->count; i++) {
        for (size_t j = 0; j < wish->items[i].workloads_count; j++) {
            if (strcmp(wish->items[i].workloads[j].id, id) == 0) {
                return &wish->items[i].workloads[j];
            }
        }
    }
    return NULL;
}

/* NULL when nobody wants it. */
static const struct link_row *find_link(const struct wish *wish, const struct link *link)
{
    for (size_t i = 0; i < wish->count; i++) {
        for (size_t j = 0; j < wish->items[i].links_count; j++) {
            if (link_is_equal(&wish->items[i].links[j].link, link)) {
                return &wish->items[i].links[j];
            }
        }
    }
    return NULL;
}

static void check_configs(const struct wish *wish, const struct truth *truth,
                          struct text *problems)
{
    size_t wanted_count = 0;
    size_t found_count = 0;

    for (size_t i = 0; i < wish->count; i++) {
        wanted_count += wish->items[i].configs_count;
    }
    for (size_t i = 0; i < truth->count; i++) {
        const struct names *line = &truth->lines[i];
        const struct config_row *row;

        if (line->count < 3 || strcmp(line->items[0], "CONFIGDATA_default") != 0 ||
            is_theirs(line->items[1])) {
            continue;
        }
        row = find_config(wish, line->items[1]);
        found_count++;
        if (row == NULL) {
            text_append(problems, "config %s is left over\n", line->items[1]);
        } else if (strcmp(row->content, line->items[2]) != 0) {
            text_append(problems, "config %s has other content\n", line->items[1]);
        }
    }
    if (found_count != wanted_count) {
        text_append(problems, "%zu configs instead of %zu\n", found_count, wanted_count);
    }
}

static size_t check_entry(const struct wish *wish, const char *bytes,
                          struct text *problems)
{
    struct arena arena = {0};
    struct sim_spec spec;
    size_t found_count = 0;

    if (!sim_spec_read(bytes, strlen(bytes), &arena, &spec)) {
        text_append(problems, "an entry cannot be read: %s\n", bytes);
        spec.links_count = 0;
    }
    for (size_t i = 0; i < spec.links_count; i++) {
        const struct link *link = &spec.links[i];
        const struct link_row *row;

        if (is_theirs(link->target)) {
            continue;
        }
        row = find_link(wish, link);
        found_count += row == NULL || shared_missing(row) == NULL;
        if (row == NULL) {
            text_append(problems, "link %s %s -> %s is left over, or differs\n",
                        link->source_id, link->name, link->target);
        }
    }
    arena_free(&arena);
    return found_count;
}

static void check_links(const struct wish *wish, const struct truth *truth,
                        struct text *problems)
{
    size_t wanted_count = 0;
    size_t found_count = 0;

    /* What waits for another application may be there, or not. */
    for (size_t i = 0; i < wish->count; i++) {
        for (size_t j = 0; j < wish->items[i].links_count; j++) {
            wanted_count += shared_missing(&wish->items[i].links[j]) == NULL;
        }
    }
    for (size_t i = 0; i < truth->count; i++) {
        const struct names *line = &truth->lines[i];

        if (line->count == 3 && strcmp(line->items[0], "LATTICEDATA_default") == 0) {
            found_count += check_entry(wish, line->items[2], problems);
        }
    }
    if (found_count != wanted_count) {
        text_append(problems, "%zu links instead of %zu\n", found_count, wanted_count);
    }
}

static const char *stripped(const char *image)
{
    const char *scheme = strstr(image, "://");

    return scheme != NULL ? scheme + 3 : image;
}

/* One line "HOST component ID count N image IMAGE serving IMAGES". */
static void check_component(const struct wish *wish, const struct names *line,
                            struct text *problems)
{
    const struct workload_row *row = truth_find_workload(wish, line->items[2]);

    if (row == NULL || row->kind != WORKLOAD_COMPONENT) {
        text_append(problems, "component %s is left over on %s\n", line->items[2],
                    line->items[0]);
    } else if (strcmp(line->items[6], row->image) != 0 ||
               strcmp(line->items[8], row->image) != 0) {
        text_append(problems, "component %s on %s: image %s serves %s\n", line->items[2],
                    line->items[0], line->items[6], line->items[8]);
    }
}

static void check_provider(const struct wish *wish, const struct names *line,
                           struct text *problems)
{
    const struct workload_row *row = truth_find_workload(wish, line->items[2]);

    if (row == NULL || row->kind != WORKLOAD_PROVIDER) {
        text_append(problems, "provider %s is left over on %s\n", line->items[2],
                    line->items[0]);
    } else if (strcmp(line->items[4], stripped(row->image)) != 0 &&
               strcmp(line->items[4], row->image) != 0) {
        text_append(problems, "provider %s on %s has image %s\n", line->items[2],
                    line->items[0], line->items[4]);
    }
}

static bool has_labels(const struct sim_host *host, const struct properties *required)
{
    const struct properties *labels = sim_host_labels(host);
    size_t found = 0;

    for (size_t i = 0; i < required->count; i++) {
        for (size_t j = 0; j < labels->count; j++) {
            found += strcmp(labels->items[j].key, required->items[i].key) == 0 &&
                     strcmp(labels->items[j].value, required->items[i].value) == 0;
        }
    }
    return found == required->count;
}

unsigned int truth_fits(const struct workload_row *row, const struct sim_host *host)
{
    unsigned int bits = 0;

    for (size_t i = 0; i < row->spreads_count; i++) {
        bits |= has_labels(host, &row->spreads[i].requirements) ? 1U << i : 0;
    }
    return bits;
}

unsigned long long truth_count_on(const struct workload_row *row,
                                  const struct truth *truth, const char *host)
{
    const bool is_provider = row->kind == WORKLOAD_PROVIDER;
    unsigned long long count = 0;

    for (size_t i = 0; i < truth->count; i++) {
        const struct names *line = &truth->lines[i];

        if (line->count > 4 && strcmp(line->items[0], host) == 0 &&
            strcmp(line->items[2], row->id) == 0 &&
            strcmp(line->items[1], is_provider ? "provider" : "component") == 0) {
            count += is_provider ? 1 : strtoull(line->items[4], NULL, 10);
        }
    }
    return count;
}

/* What runs on the hosts that fit one of spreads, and how many such hosts there are. */
static unsigned long long count_fitting(const struct sim_lattice *lattice,
                                        const struct workload_row *row,
                                        const struct truth *truth, unsigned int spreads,
                                        size_t *ret_hosts)
{
    unsigned long long count = 0;

    *ret_hosts = 0;
    for (size_t i = 0; i < sim_lattice_hosts_count(lattice); i++) {
        const struct sim_host *host = sim_lattice_host_at(lattice, i);

        if (sim_host_is_running(host) && (truth_fits(row, host) & spreads) != 0) {
            count += truth_count_on(row, truth, sim_host_name(host));
            (*ret_hosts)++;
        }
    }
    return count;
}

/* How many instances some spreads want on hosts of their own. */
static unsigned long long wanted_by(const struct workload_row *row, unsigned int spreads)
{
    uint32_t weights[SPREADS_MAX];
    uint32_t shares[SPREADS_MAX];
    struct arena arena = {0};
    unsigned long long wanted = 0;

    for (size_t i = 0; i < row->spreads_count; i++) {
        weights[i] = row->spreads[i].weight;
    }
    place_divide(weights, row->spreads_count, row->instances, shares, &arena);
    for (size_t i = 0; i < row->spreads_count; i++) {
        wanted += (spreads >> i & 1) != 0 ? shares[i] : 0;
    }
    arena_free(&arena);
    return wanted;
}

/*
 * Is row where it should be, as often as it should be?  By Hall's theorem its instances
 * can be divided among the spreads when every set of them finds enough where it may be.
 */
static void check_counts(const struct sim_lattice *lattice,
                         const struct workload_row *row, const struct truth *truth,
                         struct text *problems)
{
    const unsigned int all = (1U << row->spreads_count) - 1;
    unsigned long long total = 0;

    assert(row->spreads_count <= SPREADS_MAX);
    for (size_t i = 0; i < sim_lattice_hosts_count(lattice); i++) {
        const struct sim_host *host = sim_lattice_host_at(lattice, i);
        const unsigned long long count =
            sim_host_is_running(host) ? truth_count_on(row, truth, sim_host_name(host))
                                      : 0;
        const unsigned long long each =
            sim_host_is_running(host) && truth_fits(row, host) != 0 ? row->instances : 0;

        total += count;
        if (row->is_daemon && count != each) {
            text_append(problems, "%s runs %llu times instead of %llu on %s\n", row->id,
                        count, each, sim_host_name(host));
        }
    }
    for (unsigned int spreads = 1; !row->is_daemon && spreads <= all; spreads++) {
        size_t hosts;
        const unsigned long long found =
            count_fitting(lattice, row, truth, spreads, &hosts);
        unsigned long long wanted = wanted_by(row, spreads);

        if (row->kind == WORKLOAD_PROVIDER && wanted > hosts) {
            wanted = hosts;
        }
        if (found < wanted || (spreads == all && total != wanted)) {
            text_append(problems, "%s runs %llu times, %llu where spreads %x want %llu\n",
                        row->id, total, found, spreads, wanted);
        }
    }
}

static void check_workloads(const struct sim_lattice *lattice, const struct wish *wish,
                            const struct truth *truth, struct text *problems)
{
    for (size_t i = 0; i < truth->count; i++) {
        const struct names *line = &truth->lines[i];

        if (line->count < 3 || is_theirs(line->items[2])) {
            continue;
        }
        if (is_line(line, line->items[0], 1, "component") && line->count > 8) {
            check_component(wish, line, problems);
        } else if (is_line(line, line->items[0], 1, "provider") && line->count > 4) {
            check_provider(wish, line, problems);
        }
    }
    for (size_t i = 0; i < wish->count; i++) {
        for (size_t j = 0; j < wish->items[i].workloads_count; j++) {
            check_counts(lattice, &wish->items[i].workloads[j], truth, problems);
        }
    }
}

void truth_check(const struct sim_lattice *lattice, struct store *store,
                 struct text *problems)
{
    struct truth *truth = calloc(1, sizeof *truth);
    struct wish wish = {0};

    if (truth == NULL) {
        abort();
    }
    load_wish(store, &wish);
    load_truth(lattice, truth);
    check_configs(&wish, truth, problems);
    check_links(&wish, truth, problems);
    check_workloads(lattice, &wish, truth, problems);
    truth_check_beside(lattice, &wish, truth, problems);
    for (size_t i = 0; i < wish.count; i++) {
        truth_check_delivery(lattice, &wish.items[i], problems);
    }
    arena_free(&wish.arena);
    arena_free(&truth->arena);
    free(truth);
}
