#include "test/support_world.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/core/status.h"
#include "reconciler/run/deploy.h"
#include "reconciler/run/files.h"
#include "reconciler/run/options.h"
#include "test/support_words.h"

#define LATTICE    "default"
#define FOLDER     "fixtures/scenarios"
#define LINE_BYTES 4096

void world_print(const struct world *world, const char *text)
{
    const size_t count = sim_lattice_hosts_count(world->lattice);

    while (*text != '\0') {
        size_t i = 0;

        while (i < count &&
               (*text != 'N' ||
                strncmp(text, sim_host_id(sim_lattice_host_at(world->lattice, i)), 56) !=
                    0)) {
            i++;
        }
        if (i < count) {
            text_append(world->output, "%s",
                        sim_host_name(sim_lattice_host_at(world->lattice, i)));
            text += 56;
        } else {
            text_append_bytes(world->output, text++, 1);
        }
    }
}

static void print_command(void *context, const struct command *command)
{
    struct world *world = context;
    struct arena arena = {0};
    struct text text;

    if (world->is_loud || !command_is_question(command->kind)) {
        text_init(&text, &arena, LINE_BYTES);
        command_print(command, &text);
        text_append(world->output, "[%7lld] ",
                    (long long)rehearsal_now(world->rehearsal).ms);
        world_print(world, text.bytes);
        arena_free(&arena);
    }
    if (world->on_command != NULL) {
        world->on_command(world->context, command);
    }
}

/* An engine that knows what the store knows. */
static void start_daemon(struct world *world, struct instant now)
{
    const struct engine_options options = {.seed = world->seed};
    struct err err;

    world->engine = engine_new(&options);
    world->rehearsal = rehearsal_new(&(struct rehearsal_options){
        .engine = world->engine,
        .store = world->store,
        .lattice = world->lattice,
        .name = LATTICE,
        .now = now,
        .on_command = print_command,
        .context = world,
    });
    rehearsal_deny(world->rehearsal, world->is_denied);
    if (driver_load(rehearsal_driver(world->rehearsal), now, &err) != ERR_OK) {
        text_append(world->output, "! %s\n", err.message);
    }
}

static void stop_daemon(struct world *world)
{
    rehearsal_free(world->rehearsal);
    engine_free(world->engine);
}

static void set_connected(struct world *world, bool is_connected)
{
    const struct instant now = rehearsal_now(world->rehearsal);

    if (is_connected == world->is_connected) {
        return;
    }
    world->is_connected = is_connected;
    if (is_connected) {
        sim_lattice_connect(world->lattice, now);
    } else {
        sim_lattice_disconnect(world->lattice, now);
    }
}

void world_init(struct world *world, uint64_t seed, struct text *output)
{
    const struct sim_lattice_options options = {.lattice = LATTICE, .seed = seed};
    struct err err;

    *world = (struct world){.output = output, .seed = seed};
    world->lattice = sim_lattice_new(&options);
    if (store_open(":memory:", LATTICE, &world->store, &err) != ERR_OK) {
        abort();
    }
    start_daemon(world, (struct instant){0});
    set_connected(world, true);
}

void world_clear(struct world *world)
{
    stop_daemon(world);
    store_close(world->store);
    sim_lattice_free(world->lattice);
    arena_free(&world->arena);
}

static bool deploy(struct world *world, const struct api_manifests *manifests)
{
    struct arena arena = {0};
    struct deployment deployment;
    struct err err;
    enum err_code code =
        deploy_manifests(world->store, manifests, &arena, &deployment, &err);

    if (code == ERR_OK) {
        code = driver_reload(rehearsal_driver(world->rehearsal),
                             rehearsal_now(world->rehearsal), deployment.applications,
                             deployment.count, &err);
    }
    if (code != ERR_OK) {
        text_append(world->output, "! %s: %s\n%s", err_code_name(code), err.message,
                    deployment.report.findings);
    }
    arena_free(&arena);
    return code == ERR_OK;
}

bool world_apply(struct world *world, const char *source, const char *manifest)
{
    const struct api_manifest one = {source, manifest, strlen(manifest)};
    const struct api_manifests manifests = {&one, 1};

    return deploy(world, &manifests);
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

    if (code == ERR_OK) {
        code = driver_reload(rehearsal_driver(world->rehearsal),
                             rehearsal_now(world->rehearsal), &application, 1, &err);
    }
    if (code != ERR_OK) {
        text_append(world->output, "! %s: %s\n", err_code_name(code), err.message);
    }
    return code == ERR_OK;
}

static void restart_daemon(struct world *world)
{
    const struct instant now = rehearsal_now(world->rehearsal);

    set_connected(world, false);
    stop_daemon(world);
    start_daemon(world, now);
    set_connected(world, true);
}

static void converge(struct world *world, int64_t ms)
{
    const int64_t start = rehearsal_now(world->rehearsal).ms;
    const bool is_converged = rehearsal_converge(world->rehearsal, ms, 0);

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

static bool obey_time(struct world *world, const struct names *words)
{
    int64_t ms;

    if (words->count != 2 || !options_read_duration(words->items[1], &ms)) {
        return false;
    }
    if (strcmp(words->items[0], "run") == 0) {
        rehearsal_run(world->rehearsal, ms);
    } else {
        converge(world, ms);
    }
    return true;
}

/* The lines of ours that are one word. */
/* A change of rights closes the connection. */
static void deny(struct world *world, bool is_denied)
{
    world->is_denied = is_denied;
    rehearsal_deny(world->rehearsal, is_denied);
    if (world->is_connected) {
        set_connected(world, false);
        set_connected(world, true);
    }
}

static bool obey_word(struct world *world, const char *word)
{
    if (strcmp(word, "connect") == 0) {
        set_connected(world, true);
    } else if (strcmp(word, "disconnect") == 0) {
        set_connected(world, false);
    } else if (strcmp(word, "deny-buckets") == 0 || strcmp(word, "allow-buckets") == 0) {
        deny(world, strcmp(word, "deny-buckets") == 0);
    } else if (strcmp(word, "restart-daemon") == 0) {
        restart_daemon(world);
    } else if (strcmp(word, "show") == 0 || strcmp(word, "serving") == 0) {
        print_truth(world, strcmp(word, "serving") == 0);
    } else if (strcmp(word, "loud") == 0) {
        world->is_loud = true;
    } else {
        return false;
    }
    return true;
}

/* The lines of ours with arguments. */
static bool obey_ours(struct world *world, const struct names *words, bool *ret_is_ours)
{
    const char *verb = words->items[0];
    struct api_manifests manifests;

    *ret_is_ours = true;
    if (strcmp(verb, "apply") == 0) {
        return read_files(world, words, &manifests) && deploy(world, &manifests);
    }
    if (strcmp(verb, "plan") == 0) {
        return read_files(world, words, &manifests) && world_plan(world, &manifests);
    }
    if (strcmp(verb, "table") == 0 || strcmp(verb, "json") == 0) {
        return world_report(world, words->count > 1 ? words->items[1] : NULL,
                            strcmp(verb, "json") == 0);
    }
    if (strcmp(verb, "run") == 0 || strcmp(verb, "converge") == 0) {
        return obey_time(world, words);
    }
    if (words->count == 2 && strcmp(verb, "delete") == 0) {
        return delete (world, words->items[1]);
    }
    if (words->count == 2 && strcmp(verb, "status") == 0) {
        print_status(world, words->items[1]);
        return true;
    }
    if (words->count == 3 && strcmp(verb, "put-config") == 0) {
        sim_lattice_put(world->lattice, rehearsal_now(world->rehearsal),
                        "CONFIGDATA_" LATTICE, words->items[1], words->items[2],
                        strlen(words->items[2]));
        return true;
    }
    *ret_is_ours = words->count == 1 && obey_word(world, verb);
    return true;
}

bool world_obey(struct world *world, const char *line)
{
    const struct names words = script_split(&world->arena, line, ' ');
    const char *reason = "no such line";
    bool is_ours;
    bool is_done = obey_ours(world, &words, &is_ours);

    if (!is_ours) {
        is_done = sim_lattice_obey(world->lattice, rehearsal_now(world->rehearsal), line,
                                   &reason);
        if (!is_done) {
            text_append(world->output, "! %s: %s\n", line, reason);
        }
    }
    return is_done;
}

void world_run(const char *script, struct text *output)
{
    struct world world;

    world_init(&world, 1, output);
    while (*script != '\0') {
        const size_t length = strcspn(script, "\n");

        if (length > 0) {
            (void)world_obey(&world, arena_text(&world.arena, script, length));
        }
        script += length + (script[length] == '\n');
    }
    if (rehearsal_errors_count(world.rehearsal) > 0) {
        text_append(output, "! messages could not be decoded\n");
    }
    world_clear(&world);
}
