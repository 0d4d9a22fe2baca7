#include "test/support_heal.h"

#include <string.h>

#include "reconciler/core/status.h"
#include "reconciler/sim/links.h"
#include "test/support_truth.h"
#include "test/support_words.h"
#include "test/support_world.h"

#define PROBLEMS_BYTES ((size_t)1024 * 1024)
#define MINUTE_MS      ((int64_t)60 * 1000)

/* Commands for one difference at the most: a link may have to be deleted and put, a
 * workload stopped and started, and each again when the first was lost amid the faults.
 */
#define COMMANDS_PER_DIFFERENCE 4
/* And for what came of the last moments before the faults ended. */
#define COMMANDS_MORE 40

static bool is_theirs(const char *name)
{
    return strncmp(name, "theirs", 6) == 0;
}

/* Is what a new process of a provider of host is given now not what it should be? */
static bool misleads(const struct world *world, const char *host)
{
    struct arena arena = {0};
    struct text problems;
    bool is_misleading = false;

    text_init(&problems, &arena, PROBLEMS_BYTES);
    truth_check(world->lattice, world->store, &problems);
    is_misleading = strstr(problems.bytes, "config") != NULL;
    for (size_t i = 0; i < sim_lattice_hosts_count(world->lattice); i++) {
        const struct sim_host *other = sim_lattice_host_at(world->lattice, i);

        is_misleading |= strcmp(sim_host_name(other), host) == 0 &&
                         sim_lattice_is_cut(world->lattice, other);
    }
    arena_free(&arena);
    return is_misleading;
}

static const char *undo(struct world *world, const struct names *words)
{
    struct arena *arena = &world->arena;
    const char *const *word = words->items;

    if (strcmp(word[0], "crash") == 0 && misleads(world, word[1])) {
        return arena_print(arena, "restart %s", word[1]);
    }

    if (strcmp(word[0], "refuse") == 0) {
        return arena_print(arena, "accept %s", word[1]);
    }
    if (strcmp(word[0], "update") == 0) {
        return arena_print(arena, "restart %s", word[1]);
    }
    if (strcmp(word[0], "scale") == 0 && !is_theirs(word[2])) {
        return arena_print(arena, "scale %s %s 0 %s", word[1], word[2], word[4]);
    }
    if (strcmp(word[0], "start-provider") == 0 && !is_theirs(word[2])) {
        return arena_print(arena, "stop-provider %s %s", word[1], word[2]);
    }
    if (strcmp(word[0], "put-config") == 0 && !is_theirs(word[1])) {
        return arena_print(arena, "drop-config %s", word[1]);
    }
    if (strcmp(word[0], "put-link") == 0 && strcmp(word[2], "theirs") != 0) {
        return arena_print(arena, "drop-link %s %s", word[1], word[2]);
    }
    return NULL;
}

void heal_note(struct world *world, const char *line)
{
    struct heal_notes *notes = &world->notes;
    const char *opposite;
    struct names words;

    if (notes->is_healed || strncmp(line, "apply-text", 10) == 0) {
        return;
    }
    notes->has_lost_buckets |= strcmp(line, "lose-buckets") == 0;
    words = script_split(&world->arena, line, ' ');
    opposite = words.count > 1 ? undo(world, &words) : NULL;
    if (opposite != NULL) {
        notes->undo = arena_grow(&world->arena, notes->undo, notes->undo_count,
                                 &notes->undo_capacity, sizeof(const char *));
        notes->undo[notes->undo_count++] = opposite;
    }
}

static bool has_deaf(const struct world *world)
{
    bool is_so = false;

    for (size_t i = 0; i < sim_lattice_hosts_count(world->lattice); i++) {
        const struct sim_host *host = sim_lattice_host_at(world->lattice, i);

        is_so |= sim_host_is_running(host) && sim_lattice_is_deaf(world->lattice, host);
    }
    return is_so;
}

/* Does the bucket of links have link, and no host that runs? */
static bool is_unheard(const struct world *world, const struct link *link)
{
    struct arena arena = {0};
    struct sim_spec spec;
    size_t length;
    const char *bytes = sim_lattice_get(world->lattice, "LATTICEDATA_default",
                                        sim_spec_key(link->source_id, &arena), &length);
    bool is_so = bytes != NULL && sim_spec_read(bytes, length, &arena, &spec) &&
                 sim_spec_has(&spec, link, 0);

    for (size_t i = 0; is_so && i < sim_lattice_hosts_count(world->lattice); i++) {
        const struct sim_host *host = sim_lattice_host_at(world->lattice, i);

        is_so = !sim_host_is_running(host) || !sim_host_remembers(host, link);
    }
    arena_free(&arena);
    return is_so;
}

void heal_note_change(struct world *world, const struct ledger_change *change)
{
    struct heal_notes *notes = &world->notes;

    if (change->kind == LEDGER_DROP && change->row.kind == LEDGER_LINK &&
        world->is_denied && (has_deaf(world) || is_unheard(world, change->row.u.link))) {
        notes->hidden = arena_grow(&world->arena, notes->hidden, notes->hidden_count,
                                   &notes->hidden_capacity, sizeof *notes->hidden);
        notes->hidden[notes->hidden_count++] =
            link_copy(change->row.u.link, &world->arena);
    }
}

/* Orders that cannot be obeyed are not needed. */
static void order(struct world *world, const char *line)
{
    const char *reason;

    (void)sim_lattice_obey(world->lattice, rehearsal_now(world->rehearsal), line,
                           &reason);
}

static void open_host(struct world *world, const char *name)
{
    order(world, arena_print(&world->arena, "unlabel %s trellis.dev/cordon", name));
    order(world, arena_print(&world->arena, "unlabel %s trellis.dev/drain", name));
}

static void heal_hosts(struct world *world)
{
    for (size_t i = 0; i < sim_lattice_hosts_count(world->lattice); i++) {
        struct sim_host *host = sim_lattice_host_at(world->lattice, i);
        const char *name = sim_host_name(host);

        /* First: one that is cut off is not told the rest. */
        sim_lattice_mend(world->lattice, rehearsal_now(world->rehearsal), host);
        order(world, arena_print(&world->arena, "unmute %s", name));
        order(world, arena_print(&world->arena, "delay %s 0", name));
        open_host(world, name);
    }
}

/* Nothing else heals those that are deaf at once; nor, where nobody may look into the
 * buckets, those that remember links which the buckets have lost. */
static void restart_deaf(struct world *world)
{
    const bool is_hidden = world->is_denied && world->notes.has_lost_buckets;

    for (size_t i = 0; i < sim_lattice_hosts_count(world->lattice); i++) {
        struct sim_host *host = sim_lattice_host_at(world->lattice, i);

        if (sim_host_is_running(host) &&
            (is_hidden || sim_lattice_is_deaf(world->lattice, host))) {
            order(world, arena_print(&world->arena, "restart %s", sim_host_name(host)));
        }
    }
}

/* Nobody knows of them any more; those that are wanted again are put again. */
static void drop_hidden(struct world *world)
{
    for (size_t i = 0; i < world->notes.hidden_count; i++) {
        order(world, arena_print(&world->arena, "drop-link %s %s",
                                 world->notes.hidden[i].source_id,
                                 world->notes.hidden[i].target));
    }
}

static size_t count_differences(const struct world *world)
{
    struct arena arena = {0};
    struct text problems;
    size_t count = 0;

    text_init(&problems, &arena, PROBLEMS_BYTES);
    truth_check(world->lattice, world->store, &problems);
    for (const char *at = problems.bytes; *at != '\0'; at++) {
        count += *at == '\n';
    }
    arena_free(&arena);
    return count;
}

/* Hosts that are deaf have been restarted.  One that was cut off from all for a while may
 * have heard of nothing of a bucket before, and is not deaf, which nobody can know: a
 * bucket is moved on for it, by as many puts as numbers are missing. */
static uint64_t count_commands(const struct world *world)
{
    return world->commands_count - world->moved_count;
}

bool heal_is_waiting(const struct world *world)
{
    return world->notes.is_healed && count_differences(world) > 0;
}

void heal_world(struct world *world)
{
    const struct sim_faults none = {.delay_ms_max = 1};
    struct heal_notes *notes = &world->notes;

    sim_lattice_set_faults(world->lattice, &none);
    world->race = NULL;
    world->dies_before = 0;
    world->dies_after = 0;
    if (world->is_dead) {
        world_restart_daemon(world);
    }
    world_connect(world, true);
    heal_hosts(world);
    order(world, "make-buckets");
    drop_hidden(world);
    restart_deaf(world);
    rehearsal_run(world->rehearsal, MINUTE_MS); /* pauses end */
    world_rebind(world);
    for (size_t i = 0; i < sim_lattice_hosts_count(world->lattice); i++) {
        /* Again: one that was slow or paused may have been told to close after that. */
        open_host(world, sim_host_name(sim_lattice_host_at(world->lattice, i)));
    }
    for (size_t i = 0; i < notes->undo_count; i++) {
        order(world, notes->undo[i]);
    }
    order(world, "start h1 zone=a");
    order(world, "start h2 zone=b");
    order(world, "start h3 zone=a");
    order(world, "label h1 zone=a");
    order(world, "label h2 zone=b");
    order(world, "label h3 zone=a");
    notes->is_healed = true;
    notes->commands_count = count_commands(world);
    notes->differences = count_differences(world);
    rehearsal_run(world->rehearsal, MINUTE_MS);
    world_rebind(world);
}

/* Print problems, a line each. */
static void print_problems(const struct world *world, const char *problems)
{
    while (*problems != '\0') {
        const size_t length = strcspn(problems, "\n");

        text_append(world->output, WORLD_WRONG "truth: %.*s\n", (int)length, problems);
        problems += length + (problems[length] == '\n');
    }
}

/* Does application wait for one that is not there, or shares nothing? */
static bool is_waiting(const struct world *world, const char *application)
{
    struct arena arena = {0};
    struct desired desired;
    struct err err;
    bool is_so = false;

    if (store_desired(world->store, application, &arena, &desired, &err) == ERR_OK) {
        for (size_t i = 0; i < desired.shared_count; i++) {
            is_so |= desired.shared[i].state != SHARED_THERE;
        }
    }
    arena_free(&arena);
    return is_so;
}

/* All is at rest, and where something is missing nothing better can be done: what that is
 * truth_check knows. */
static bool is_at_rest(const struct world *world)
{
    struct store_applications applications;
    struct arena arena = {0};
    struct err err;
    bool is_good = engine_is_idle(world->engine) &&
                   store_list(world->store, &arena, &applications, &err) == ERR_OK;

    for (size_t i = 0; is_good && i < applications.count; i++) {
        struct application_status status;

        engine_status(world->engine, applications.items[i].name, &arena, &status);
        is_good = status.word == STATUS_DEPLOYED || status.word == STATUS_DEGRADED ||
                  status.word == STATUS_UNDEPLOYED ||
                  (status.word == STATUS_WAITING &&
                   is_waiting(world, applications.items[i].name));
    }
    arena_free(&arena);
    return is_good;
}

void heal_check(struct world *world)
{
    struct heal_notes *notes = &world->notes;
    const uint64_t sent = count_commands(world) - notes->commands_count;
    const uint64_t most = COMMANDS_PER_DIFFERENCE * notes->differences + COMMANDS_MORE;
    struct arena arena = {0};
    struct text problems;

    text_init(&problems, &arena, PROBLEMS_BYTES);
    truth_check(world->lattice, world->store, &problems);
    print_problems(world, problems.bytes);
    if (notes->is_healed && sent > most) {
        text_append(world->output,
                    WORLD_WRONG "bound: %llu commands for %zu differences\n",
                    (unsigned long long)sent, notes->differences);
    }
    /* A daemon that has just started again waits for what may still come about. */
    if (notes->is_healed && !notes->is_checked && !engine_is_converged(world->engine) &&
        !is_at_rest(world)) {
        text_append(world->output, WORLD_WRONG "late: the engine is not at rest\n");
    }
    notes->is_checked = true;
    if (problems.count == 0) {
        text_append(world->output, "= as wanted\n");
    }
    arena_free(&arena);
}
