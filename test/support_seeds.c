#include "test/support_seeds.h"

#include <stdlib.h>
#include <string.h>

#include "manifest/hash.h"
#include "test/support_chaos.h"
#include "test/support_words.h"
#include "test/support_world.h"

static void count(struct seeds_total *total, const char *verb, uint64_t more)
{
    size_t i = 0;

    while (i < total->tallies_count && strcmp(total->tallies[i].verb, verb) != 0) {
        i++;
    }
    if (i == TALLY_MAX) {
        abort();
    }
    if (i == total->tallies_count) {
        total->tallies_count++;
        (void)memcpy(total->tallies[i].verb, verb, strlen(verb) + 1);
    }
    total->tallies[i].count += more;
}

static void note(struct seeds_total *total, const char *line)
{
    char verb[TALLY_VERB_MAX];
    const size_t length = strcspn(line, " \n");

    if (length >= sizeof verb) {
        abort();
    }
    (void)memcpy(verb, line, length);
    verb[length] = '\0';
    count(total, verb, 1);
    total->steps += strcmp(verb, "run") == 0;
}

/* The first line of output that tells of something wrong. */
static void find_problem(const char *output, char *problem)
{
    const char *at = strncmp(output, WORLD_WRONG, strlen(WORLD_WRONG)) == 0
                         ? output
                         : strstr(output, "\n" WORLD_WRONG);
    size_t length;

    problem[0] = '\0';
    if (at == NULL) {
        return;
    }
    at += (*at == '\n') + strlen(WORLD_WRONG);
    length = strcspn(at, "\n");
    length = length < PROBLEM_BYTES - 1 ? length : PROBLEM_BYTES - 1;
    (void)memcpy(problem, at, length);
    problem[length] = '\0';
}

static uint64_t count_applications(const struct world *world)
{
    struct store_applications applications;
    struct arena arena = {0};
    struct err err;
    uint64_t found = 0;

    if (store_list(world->store, &arena, &applications, &err) == ERR_OK) {
        found = applications.count;
    }
    arena_free(&arena);
    return found;
}

void seeds_run(const char *script, bool is_brief, struct text *output,
               struct seeds_outcome *ret_outcome)
{
    struct seeds_total *total = &ret_outcome->total;
    const char *end = chaos_end(script);
    const char *at = script;
    struct world world;

    *ret_outcome = (struct seeds_outcome){.total.scripts = 1};
    world_init(&world, world_seed(script), output);
    while (*at != '\0' && !(is_brief && world.violations_count > 0)) {
        const bool is_before_end = at < end;
        const char *line = world_next_line(&world.arena, &at);
        uint64_t applications;

        if (line[0] == '\0' || strncmp(line, "seed ", 5) == 0) {
            continue;
        }
        if (world_obey(&world, line) && is_before_end) {
            note(total, line);
        }
        applications = count_applications(&world);
        if (applications > total->applications) {
            total->applications = applications;
        }
    }
    if (rehearsal_errors_count(world.rehearsal) > 0) {
        text_append(output, WORLD_WRONG "decoding: messages could not be decoded\n");
    }
    total->commands = world.commands_count;
    total->hosts = sim_lattice_hosts_count(world.lattice);
    total->deaths = world.deaths_count;
    total->races = world.races_count;
    total->hits = *sim_lattice_hits(world.lattice);
    find_problem(output->bytes, ret_outcome->problem);
    digest_bytes(output->bytes, output->count, ret_outcome->digest);
    total->digest = hash_bytes(output->bytes, output->count, 0);
    world_clear(&world);
}

void seeds_add(struct seeds_total *sum, const struct seeds_total *more)
{
    sum->scripts += more->scripts;
    sum->steps += more->steps;
    sum->commands += more->commands;
    sum->hosts += more->hosts;
    sum->applications += more->applications;
    sum->deaths += more->deaths;
    sum->races += more->races;
    sum->digest += more->digest;
    sum->hits.dropped += more->hits.dropped;
    sum->hits.duplicated += more->hits.duplicated;
    sum->hits.reordered += more->hits.reordered;
    sum->hits.late += more->hits.late;
    sum->hits.lied += more->hits.lied;
    sum->hits.cut += more->hits.cut;
    sum->hits.deaf += more->hits.deaf;
    for (size_t i = 0; i < more->tallies_count; i++) {
        count(sum, more->tallies[i].verb, more->tallies[i].count);
    }
}

static int compare_tallies(const void *a, const void *b)
{
    return strcmp(((const struct tally *)a)->verb, ((const struct tally *)b)->verb);
}

void seeds_print(const struct seeds_total *total, struct text *text)
{
    const uint64_t scripts = total->scripts > 0 ? total->scripts : 1;
    struct seeds_total sorted = *total;

    text_append(
        text,
        "%llu seeds, %llu steps, %llu commands\n"
        "a seed: %llu steps, %llu commands, %.1f hosts, %.1f applications\n"
        "digest of all they did: %016llx\n",
        (unsigned long long)total->scripts, (unsigned long long)total->steps,
        (unsigned long long)total->commands, (unsigned long long)(total->steps / scripts),
        (unsigned long long)(total->commands / scripts),
        (double)total->hosts / (double)scripts,
        (double)total->applications / (double)scripts, (unsigned long long)total->digest);
    text_append(
        text,
        "messages: %llu dropped, %llu doubled, %llu reordered, %llu late, "
        "%llu lied about, %llu of hosts cut off, %llu not heard by deaf hosts\n"
        "daemons that died amid their commands: %llu; races with commands: %llu\n",
        (unsigned long long)total->hits.dropped,
        (unsigned long long)total->hits.duplicated,
        (unsigned long long)total->hits.reordered, (unsigned long long)total->hits.late,
        (unsigned long long)total->hits.lied, (unsigned long long)total->hits.cut,
        (unsigned long long)total->hits.deaf, (unsigned long long)total->deaths,
        (unsigned long long)total->races);
    qsort(sorted.tallies, sorted.tallies_count, sizeof *sorted.tallies, compare_tallies);
    for (size_t i = 0; i < sorted.tallies_count; i++) {
        text_append(text, "%s%s %llu", i > 0 ? ", " : "", sorted.tallies[i].verb,
                    (unsigned long long)sorted.tallies[i].count);
    }
    text_append(text, "\n");
}

static bool has_verb(const struct seeds_total *total, const char *verb)
{
    size_t i = 0;

    while (i < total->tallies_count && strcmp(total->tallies[i].verb, verb) != 0) {
        i++;
    }
    return i < total->tallies_count;
}

const char *seeds_missing(const struct seeds_total *total)
{
    static const char *const verbs[] = {
        "clock",        "crash",          "cut",        "del-link",
        "delay",        "deny-buckets",   "disconnect", "drop-config",
        "drop-link",    "faults",         "kill",       "label",
        "lose-buckets", "mute",           "pause",      "put-config",
        "put-link",     "refuse",         "restart",    "restart-daemon",
        "scale",        "start-provider", "stop",       "stop-provider",
        "unlabel",      "update",
    };
    const struct {
        const char *name;
        uint64_t count;
    } hits[] = {
        {"dropped", total->hits.dropped},
        {"doubled", total->hits.duplicated},
        {"reordered", total->hits.reordered},
        {"late", total->hits.late},
        {"lied about", total->hits.lied},
        {"cut off", total->hits.cut},
        {"deaf", total->hits.deaf},
        {"deaths", total->deaths},
        {"races", total->races},
    };

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (!has_verb(total, verbs[i])) {
            return verbs[i];
        }
    }
    for (size_t i = 0; i < sizeof hits / sizeof *hits; i++) {
        if (hits[i].count == 0) {
            return hits[i].name;
        }
    }
    return NULL;
}

bool seeds_is_alike(const char *a, const char *b)
{
    const size_t length = strcspn(a, ":");

    return length > 0 && strncmp(a, b, length + 1) == 0;
}
