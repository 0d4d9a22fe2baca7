#include <stdlib.h>
#include <string.h>

#include "linkstore/store_memory.h"
#include "reconciler/core/status.h"
#include "reconciler/run/deploy.h"
#include "reconciler/run/files.h"
#include "reconciler/run/options.h"
#include "test/support_heal.h"
#include "test/support_words.h"
#include "test/support_world.h"

#define LATTICE        "default"
#define FOLDER         "fixtures/scenarios"
#define INDENT         4                    /* of the lines of a manifest */
#define LOOK_MS        ((int64_t)30 * 1000) /* until the lattice is looked at again */
#define MANIFEST_BYTES ((size_t)65536)

static bool deploy(struct world *world, const struct api_manifests *manifests)
{
    struct arena arena = {0};
    struct deployment deployment;
    struct err err;
    enum err_code code =
        deploy_manifests(world->store, manifests, &arena, &deployment, &err);

    if (code == ERR_OK && !world->is_dead) {
        code = driver_reload(rehearsal_driver(world->rehearsal),
                             rehearsal_now(world->rehearsal), deployment.applications,
                             deployment.count, &err);
    }
    if (code != ERR_OK) {
        text_append(world->output, "! %s: %s\n", err_code_name(code), err.message);
    }
    text_append(world->output, "%s", deployment.report.findings);
    arena_free(&arena);
    return code == ERR_OK;
}

/* apply-text NAME, and a manifest in indented lines. */
static bool apply_text(struct world *world, const char *line)
{
    const size_t first = strcspn(line, "\n");
    const char *source = arena_text(&world->arena, line, first) + strlen("apply-text ");
    const char *at = line + first;
    struct api_manifest one = {.source = source};
    struct text text;

    text_init(&text, &world->arena, MANIFEST_BYTES);
    while (*at == '\n') {
        const size_t indent = 1 + strspn(at + 1, " ");
        const size_t skipped = indent < 1 + INDENT ? indent : 1 + INDENT;
        const size_t length = strcspn(at + skipped, "\n");

        text_append_bytes(&text, at + skipped, length);
        text_append(&text, "\n");
        at += skipped + length;
    }
    one.text = text.bytes;
    one.length = text.count;
    return deploy(world, &(const struct api_manifests){&one, 1});
}

/* The manifests that words name after the first; false, which is printed, if one is not
 * there. */
static bool read_files(struct world *world, const struct names *words,
                       struct api_manifests *ret_manifests)
{
    struct api_manifest *items = arena_array(&world->arena, words->count, sizeof *items);
    struct err err;

    for (size_t i = 1; i < words->count; i++) {
        const char *path = arena_print(&world->arena, "%s/%s", FOLDER, words->items[i]);

        if (files_read_one(path, &world->arena, &items[i - 1], &err) != ERR_OK) {
            text_append(world->output, "! %s\n", err.message);
            return false;
        }
        items[i - 1].source = words->items[i]; /* the same on every machine */
    }
    *ret_manifests = (struct api_manifests){items, words->count - 1};
    return true;
}

static bool delete (struct world *world, const char *application)
{
    struct err err;
    enum err_code code = store_delete(world->store, application, NULL, &err);

    if (code == ERR_OK && !world->is_dead) {
        code = driver_reload(rehearsal_driver(world->rehearsal),
                             rehearsal_now(world->rehearsal), &application, 1, &err);
    }
    if (code != ERR_OK) {
        text_append(world->output, "! %s: %s\n", err_code_name(code), err.message);
    }
    return code == ERR_OK;
}

static void converge(struct world *world, int64_t ms)
{
    const int64_t start = rehearsal_now(world->rehearsal).ms;
    bool is_converged = rehearsal_converge(world->rehearsal, ms, 0);

    while (is_converged && heal_is_waiting(world) &&
           rehearsal_now(world->rehearsal).ms < start + ms) {
        rehearsal_run(world->rehearsal, LOOK_MS);
        is_converged = rehearsal_converge(
            world->rehearsal, start + ms - rehearsal_now(world->rehearsal).ms, 0);
    }

    text_append(world->output, "= %s after %lld ms\n",
                is_converged ? "converged" : "not converged",
                (long long)(rehearsal_now(world->rehearsal).ms - start));
}

static void print_status(struct world *world, const char *application)
{
    struct arena arena = {0};
    struct application_status status;

    engine_status(world->engine, application, &arena, &status);
    text_append(world->output, "= %s: %s%s%s\n", application,
                status_word_name(status.word), status.reason[0] != '\0' ? ": " : "",
                status.reason);
    for (size_t i = 0; i < status.resources_count; i++) {
        const struct resource_status *resource = &status.resources[i];

        text_append(world->output, "=   %s on [%s]: %s%s%s\n", resource->name,
                    resource->where, status_word_name(resource->word),
                    resource->reason[0] != '\0' ? ": " : "", resource->reason);
    }
    arena_free(&arena);
}

static void print_truth(struct world *world, bool is_serving)
{
    struct arena arena = {0};
    struct text text;

    text_init(&text, &arena, (size_t)1024 * 1024);
    if (is_serving) {
        sim_lattice_print_serving(world->lattice, &text);
    } else {
        sim_lattice_print(world->lattice, &text);
    }
    world_print(world, text.bytes);
    arena_free(&arena);
}

/* Let time pass in which nothing is to be sent. */
static void be_quiet(struct world *world, int64_t ms)
{
    const uint64_t before = world->commands_count - world->missed_count;
    uint64_t needless;

    rehearsal_run(world->rehearsal, ms);
    needless = world->commands_count - world->missed_count - before;
    if (needless > 0) {
        text_append(world->output,
                    WORLD_WRONG "quiet: %llu commands though nothing differs\n",
                    (unsigned long long)needless);
    }
}

static bool obey_time(struct world *world, const struct names *words)
{
    int64_t ms;

    if (words->count != 2 || !options_read_duration(words->items[1], &ms)) {
        return false;
    }
    if (strcmp(words->items[0], "run") == 0) {
        rehearsal_run(world->rehearsal, ms);
        world_rebind(world);
    } else if (strcmp(words->items[0], "quiet") == 0) {
        be_quiet(world, ms);
    } else {
        converge(world, ms);
    }
    return true;
}

static uint32_t number(const struct names *words, size_t i)
{
    return i < words->count ? (uint32_t)strtoul(words->items[i], NULL, 10) : 0;
}

static bool set_faults(struct world *world, const struct names *words)
{
    const struct sim_faults faults = {
        .drop_per_mille = number(words, 1),
        .duplicate_per_mille = number(words, 2),
        .reorder_per_mille = number(words, 3),
        .delay_ms_max = number(words, 4),
        .late_per_mille = number(words, 5),
        .lie_per_mille = number(words, 6),
    };

    sim_lattice_set_faults(world->lattice, &faults);
    return words->count >= 5;
}

/* cut HOST [in | out] | mend HOST */
static bool cut(struct world *world, const struct names *words)
{
    struct sim_host *host = sim_lattice_find_host(world->lattice, words->items[1]);
    const bool is_cut = strcmp(words->items[0], "cut") == 0;
    const char *side = words->count > 2 ? words->items[2] : "";

    if (host == NULL) {
        return false;
    }
    sim_lattice_cut(world->lattice, rehearsal_now(world->rehearsal), host,
                    is_cut && strcmp(side, "out") != 0,
                    is_cut && strcmp(side, "in") != 0);
    return true;
}

static bool put_config(struct world *world, const struct names *words)
{
    sim_lattice_put(world->lattice, rehearsal_now(world->rehearsal),
                    "CONFIGDATA_" LATTICE, words->items[1], words->items[2],
                    strlen(words->items[2]));
    return true;
}

static bool die_before(struct world *world, const struct names *words)
{
    world->dies_before = number(words, 1);
    return !world->is_dead;
}

static bool die_after(struct world *world, const struct names *words)
{
    world->dies_after = number(words, 1);
    return !world->is_dead;
}

static bool move_clock(struct world *world, const struct names *words)
{
    world->unix_ms += strtoll(words->items[1], NULL, 10);
    return true;
}

static bool apply_files(struct world *world, const struct names *words)
{
    struct api_manifests manifests;

    return read_files(world, words, &manifests) && deploy(world, &manifests);
}

static bool plan_files(struct world *world, const struct names *words)
{
    struct api_manifests manifests;

    return read_files(world, words, &manifests) && world_plan(world, &manifests);
}

static bool report(struct world *world, const struct names *words)
{
    return world_report(world, words->count > 1 ? words->items[1] : NULL,
                        strcmp(words->items[0], "json") == 0);
}

static bool delete_application(struct world *world, const struct names *words)
{
    return delete (world, words->items[1]);
}

static bool show_status(struct world *world, const struct names *words)
{
    print_status(world, words->items[1]);
    return true;
}

static bool connect(struct world *world, const struct names *words)
{
    world_connect(world, strcmp(words->items[0], "connect") == 0);
    return true;
}

static bool deny(struct world *world, const struct names *words)
{
    world_deny(world, strcmp(words->items[0], "deny-buckets") == 0);
    return true;
}

/* As if the store had never been told which buckets there are. */
static void forget_buckets(struct world *world)
{
    const int64_t now_ms = world->unix_ms + rehearsal_now(world->rehearsal).ms;
    struct err err;

    rehearsal_driver(world->rehearsal)->is_remembering = false;
    if (store_write_memory(world->store, &(const struct memory){.hosts_count = 0}, now_ms,
                           &err) != ERR_OK) {
        text_append(world->output, "! %s\n", err.message);
    }
}

/* restart-daemon [forgetful] */
static bool restart(struct world *world, const struct names *words)
{
    if (words->count > 1 && strcmp(words->items[1], "forgetful") == 0) {
        forget_buckets(world);
    }
    world_restart_daemon(world);
    return true;
}

static bool set_keys(struct world *world, const struct names *words)
{
    world->keys_max = number(words, 1);
    world_restart_daemon(world);
    return true;
}

static bool show(struct world *world, const struct names *words)
{
    print_truth(world, strcmp(words->items[0], "serving") == 0);
    return true;
}

static bool be_loud(struct world *world, const struct names *words)
{
    (void)words;
    world->is_loud = true;
    return true;
}

static bool end_faults(struct world *world, const struct names *words)
{
    (void)words;
    heal_world(world);
    return true;
}

static bool check(struct world *world, const struct names *words)
{
    (void)words;
    heal_check(world);
    return true;
}

/* The lines of ours: the verb, the fewest words with it, and what they do. */
static const struct {
    const char *verb;
    size_t words_min;
    bool (*obey)(struct world *world, const struct names *words);
} verbs[] = {
    {"allow-buckets", 1, deny},
    {"apply", 1, apply_files},
    {"clock", 2, move_clock},
    {"connect", 1, connect},
    {"converge", 2, obey_time},
    {"cut", 2, cut},
    {"delete", 2, delete_application},
    {"deny-buckets", 1, deny},
    {"die-after", 2, die_after},
    {"die-before", 2, die_before},
    {"disconnect", 1, connect},
    {"end-faults", 1, end_faults},
    {"faults", 5, set_faults},
    {"json", 1, report},
    {"keys", 2, set_keys},
    {"loud", 1, be_loud},
    {"mend", 2, cut},
    {"plan", 1, plan_files},
    {"put-config", 3, put_config},
    {"quiet", 2, obey_time},
    {"restart-daemon", 1, restart},
    {"run", 2, obey_time},
    {"serving", 1, show},
    {"show", 1, show},
    {"status", 2, show_status},
    {"table", 1, report},
    {"truth", 1, check},
};

/* Obey line if its verb is one of ours. */
static bool obey_ours(struct world *world, const char *line, bool *ret_is_done)
{
    const struct names words = script_split(&world->arena, line, ' ');

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (words.count >= verbs[i].words_min &&
            strcmp(words.items[0], verbs[i].verb) == 0) {
            *ret_is_done = verbs[i].obey(world, &words);
            return true;
        }
    }
    return false;
}

bool world_obey(struct world *world, const char *line)
{
    const char *reason = "no such line";
    bool is_done = true;

    if (world->is_loud) {
        text_append(world->output, "$ %.*s\n", (int)strcspn(line, "\n"), line);
    }
    if (strncmp(line, "apply-text ", 11) == 0) {
        is_done = apply_text(world, line);
    } else if (strncmp(line, "race ", 5) == 0) {
        world->race = arena_copy(&world->arena, line + 5);
    } else if (!obey_ours(world, line, &is_done)) {
        is_done = sim_lattice_obey(world->lattice, rehearsal_now(world->rehearsal), line,
                                   &reason);
        if (!is_done) {
            text_append(world->output, "! %s: %s\n", line, reason);
        }
    }
    if (is_done) {
        heal_note(world, line);
    }
    return is_done;
}

const char *world_next_line(struct arena *arena, const char **script)
{
    const char *start = *script;
    size_t length = strcspn(start, "\n");
    const char *line;

    while (start[length] == '\n' && start[length + 1] == ' ') {
        length += 1 + strcspn(start + length + 1, "\n");
    }
    line = arena_text(arena, start, length);
    *script = start + length + (start[length] == '\n');
    return line;
}

/* seed NUMBER, in the first line of a script, or 1. */
uint64_t world_seed(const char *script)
{
    return strncmp(script, "seed ", 5) == 0 ? strtoull(script + 5, NULL, 10) : 1;
}

void world_run(const char *script, struct text *output)
{
    struct world world;

    world_init(&world, world_seed(script), output);
    while (*script != '\0') {
        const char *line = world_next_line(&world.arena, &script);

        if (line[0] != '\0' && strncmp(line, "seed ", 5) != 0) {
            (void)world_obey(&world, line);
        }
    }
    if (rehearsal_errors_count(world.rehearsal) > 0) {
        text_append(output, WORLD_WRONG "decoding: messages could not be decoded\n");
    }
    world_clear(&world);
}
