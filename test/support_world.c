#include "test/support_world.h"

#include <stdlib.h>
#include <string.h>

#include "linkstore/store_memory.h"
#include "test/support_words.h"

#define LATTICE    "default"
#define LINE_BYTES 4096
#define UNIX_MS    ((int64_t)1700000000000) /* the wall clock at instant 0 */
#define LOOK_MS    ((int64_t)10 * 1000)     /* until a lattice is known again, or not */

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

static void die(struct world *world)
{
    world->deaths_count++;
    world->dies_before = 0;
    world->dies_after = 0;
    world->is_dead = true;
    rehearsal_kill(world->rehearsal);
    world_connect(world, false);
}

/* A command is stored, and about to be sent. */
static void before_command(void *context, const struct command *command)
{
    struct world *world = context;

    if (world->dies_before > 0 && !command_is_question(command->kind) &&
        --world->dies_before == 0) {
        die(world);
    }
}

/* What somebody does to a thing while our command for it is on its way. */
static void race(struct world *world, const struct command *command)
{
    const char *name =
        command->kind == COMMAND_PUT_LINK || command->kind == COMMAND_DELETE_LINK
            ? command->u.link.source_id
        : command->kind == COMMAND_PUT_CONFIG || command->kind == COMMAND_DELETE_CONFIG
            ? command->u.config.name
            : "";
    struct names words;
    const char *line = world->race;

    if (line == NULL || name[0] == '\0') {
        return;
    }
    words = script_split(&world->arena, line, ' ');
    if (words.count > 1 && strcmp(words.items[1], name) == 0) {
        world->race = NULL;
        world->races_count++;
        (void)world_obey(world, line);
    }
}

/* A host that was deaf for a while may have missed a link, which nothing but a put can
 * give to it: the bucket has it. */
static bool is_missed(const struct world *world, const struct command *command)
{
    bool is_so = false;

    for (size_t i = 0;
         command->kind == COMMAND_PUT_LINK && i < sim_lattice_hosts_count(world->lattice);
         i++) {
        const struct sim_host *host = sim_lattice_host_at(world->lattice, i);

        is_so |= sim_host_is_running(host) && !sim_host_remembers(host, &command->u.link);
    }
    return is_so;
}

/* Is what is in place put again, so that hosts hear of what comes next? */
static bool is_move(const struct command *command)
{
    return (command->kind == COMMAND_PUT_CONFIG || command->kind == COMMAND_PUT_LINK) &&
           strstr(command->reason, " of it from entry ") != NULL;
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
    if (command_is_question(command->kind)) {
        return;
    }
    world->commands_count++;
    world->missed_count += is_missed(world, command);
    world->moved_count += is_move(command);
    race(world, command);
    if (world->dies_after > 0 && --world->dies_after == 0) {
        die(world);
    }
}

/* Status and reasons can be asked for at any time, also where a plan was cut. */
static void look(const struct world *world)
{
    struct store_applications known;
    struct arena arena = {0};
    struct err err;

    if (store_list(world->store, &arena, &known, &err) == ERR_OK) {
        for (size_t i = 0; i < known.count; i++) {
            struct application_status status;

            engine_status(world->engine, known.items[i].name, &arena, &status);
        }
    }
    arena_free(&arena);
}

static void note_update(void *context, const struct event *events, size_t count,
                        const struct engine_update *update)
{
    struct world *world = context;

    if (engine_is_planning(world->engine)) {
        look(world);
    }
    safety_update(world->safety, rehearsal_now(world->rehearsal), events, count, update);
    for (size_t i = 0; i < update->changes_count; i++) {
        heal_note_change(world, &update->changes[i]);
    }
    for (size_t i = 0; i < update->losses_count; i++) {
        text_append(world->output, "~ %s\n", update->losses[i].text);
    }
}

static void note_violation(void *context, const char *text)
{
    struct world *world = context;

    text_append(world->output, WORLD_WRONG);
    world_print(world, text);
    world->violations_count++;
}

/* An engine that knows what the store knows. */
static void start_daemon(struct world *world, struct instant now)
{
    const struct engine_options options = {.seed = world->seed,
                                           .keys_max = world->keys_max};
    struct err err;

    world->engine = engine_new(&options);
    world->rehearsal = rehearsal_new(&(struct rehearsal_options){
        .engine = world->engine,
        .store = world->store,
        .lattice = world->lattice,
        .name = LATTICE,
        .now = now,
        .unix_ms = world->unix_ms,
        .on_command = print_command,
        .on_update = note_update,
        .before_command = before_command,
        .context = world,
    });
    rehearsal_deny(world->rehearsal, world->is_denied);
    rehearsal_driver(world->rehearsal)->is_remembering = true;
    world->is_dead = false;
    if (driver_load(rehearsal_driver(world->rehearsal), now, &err) != ERR_OK) {
        text_append(world->output, "! %s\n", err.message);
    }
}

static void stop_daemon(struct world *world)
{
    rehearsal_free(world->rehearsal);
    engine_free(world->engine);
}

void world_connect(struct world *world, bool is_connected)
{
    const struct instant now = rehearsal_now(world->rehearsal);

    if (is_connected == world->is_connected || (is_connected && world->is_dead)) {
        return;
    }
    world->is_connected = is_connected;
    if (is_connected) {
        sim_lattice_connect(world->lattice, now);
    } else {
        sim_lattice_disconnect(world->lattice, now);
    }
}

void world_deny(struct world *world, bool is_denied)
{
    world->is_denied = is_denied;
    rehearsal_deny(world->rehearsal, is_denied);
    if (world->is_connected) {
        world_connect(world, false);
        world_connect(world, true);
    }
}

void world_init(struct world *world, uint64_t seed, struct text *output)
{
    const struct sim_lattice_options options = {.lattice = LATTICE, .seed = seed};
    struct err err;

    *world = (struct world){.output = output, .seed = seed, .unix_ms = UNIX_MS};
    world->lattice = sim_lattice_new(&options);
    if (store_open(":memory:", LATTICE, &world->store, &err) != ERR_OK) {
        abort();
    }
    world->safety = safety_new(world->store, note_violation, world);
    start_daemon(world, (struct instant){0});
    world_connect(world, true);
}

void world_clear(struct world *world)
{
    stop_daemon(world);
    safety_free(world->safety);
    store_close(world->store);
    sim_lattice_free(world->lattice);
    arena_free(&world->arena);
}

void world_restart_daemon(struct world *world)
{
    const struct instant now = rehearsal_now(world->rehearsal);

    if (!world->is_dead) {
        driver_remember(rehearsal_driver(world->rehearsal), now);
    }
    world_connect(world, false);
    stop_daemon(world);
    start_daemon(world, now);
    world_connect(world, true);
}

/* Does a host run that the store remembers? */
static bool has_known_host(const struct world *world, const struct memory *memory)
{
    for (size_t i = 0; i < memory->hosts_count; i++) {
        const struct sim_host *host =
            sim_lattice_find_host(world->lattice, memory->hosts[i].id);

        if (host != NULL && sim_host_is_running(host)) {
            return true;
        }
    }
    return false;
}

static int64_t now_unix_ms(const struct world *world)
{
    return world->unix_ms + rehearsal_now(world->rehearsal).ms;
}

/* What of row is there still nobody knows any more: it is taken away by hand, and what is
 * wanted is put again. */
static void clear_away(struct world *world, const struct ledger_row *row)
{
    const char *line = "";
    const char *reason;

    if (row->kind == LEDGER_CONFIG) {
        line = arena_print(&world->arena, "drop-config %s", row->u.config.name);
    } else if (row->kind == LEDGER_LINK) {
        line = arena_print(&world->arena, "drop-link %s %s", row->u.link->source_id,
                           row->u.link->target);
    }
    (void)sim_lattice_obey(world->lattice, rehearsal_now(world->rehearsal), line,
                           &reason);
}

/* The watcher is told that nothing there is is ours any more. */
static void forget_ledger(struct world *world)
{
    struct arena arena = {0};
    struct ledger_rows rows;
    struct ledger_change *changes;
    struct err err;

    if (store_read_ledger(world->store, now_unix_ms(world), &arena, &rows, &err) !=
        ERR_OK) {
        abort();
    }
    changes = arena_array(&arena, rows.count, sizeof *changes);
    for (size_t i = 0; i < rows.count; i++) {
        changes[i] = (struct ledger_change){LEDGER_DROP, rows.items[i]};
        clear_away(world, &rows.items[i]);
    }
    safety_update(
        world->safety, rehearsal_now(world->rehearsal), NULL, 0,
        &(struct engine_update){.changes = changes, .changes_count = rows.count});
    arena_free(&arena);
}

/* Why this is another lattice, in arena; NULL: it is not.  Who may not follow the bucket
 * of links cannot tell one from another: there it is asked with the right to. */
static const char *find_stranger(struct world *world, struct arena *arena)
{
    const char *text = world->is_dead ? NULL : engine_stranger(world->engine);

    if (text == NULL || !world->is_denied) {
        return text != NULL ? arena_copy(arena, text) : NULL;
    }
    world_deny(world, false);
    rehearsal_run(world->rehearsal, LOOK_MS);
    text = engine_stranger(world->engine);
    text = text != NULL ? arena_copy(arena, text) : NULL;
    world_deny(world, true);
    rehearsal_run(world->rehearsal, LOOK_MS);
    return text;
}

/* As the status says: the daemon stops, and the store belongs to the lattice that is seen
 * next. */
static void rebind(struct world *world)
{
    const struct instant now = rehearsal_now(world->rehearsal);
    struct store_forgotten forgotten;
    struct err err;

    world_connect(world, false); /* first, for what goes now went with the lattice */
    forget_ledger(world);
    stop_daemon(world);
    if (store_rebind(world->store, &forgotten, &err) != ERR_OK) {
        abort();
    }
    start_daemon(world, now);
    world_connect(world, true);
}

void world_rebind(struct world *world)
{
    struct arena arena = {0};
    const char *stranger = find_stranger(world, &arena);
    struct memory memory;
    struct err err;

    if (stranger != NULL && store_read_memory(world->store, now_unix_ms(world), &arena,
                                              &memory, &err) != ERR_OK) {
        abort();
    }
    if (stranger != NULL && !has_known_host(world, &memory)) {
        text_append(world->output, "= %s\n", stranger);
        rebind(world);
    }
    arena_free(&arena);
}
