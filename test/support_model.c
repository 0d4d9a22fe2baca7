#include "test/support_model.h"

#include <stdio.h>
#include <string.h>

#include "reconciler/core/status.h"
#include "test/support_model_lattice.h"
#include "test/support_safety.h"

#define MINUTE_MS ((int64_t)60 * 1000)
#define LIMIT_MS  (60 * MINUTE_MS)
#define STEPS_MAX 2000
#define LATE_MS   3000

struct trial {
    const struct model_world *world;
    struct model_lattice lattice;
    struct engine *engine;
    struct safety *safety;
    struct model_counts *counts;
    struct instant now;
    struct instant deadline;
    struct arena arena; /* of what is outstanding */
    struct arena wish_arena;
    struct command commands[MODEL_COMMANDS_MAX];
    size_t commands_count;
    bool is_first; /* the fate is still to come */
    char *problem;
};

static void note_violation(void *context, const char *text)
{
    struct trial *trial = context;

    if (trial->problem[0] == '\0') {
        (void)snprintf(trial->problem, MODEL_PROBLEM_BYTES, "%s", text);
    }
}

static void step(struct trial *trial, const struct event *events, size_t count)
{
    struct engine_update update;

    engine_step(trial->engine, trial->now, events, count, &update);
    safety_update(trial->safety, trial->now, events, count, &update);
    trial->counts->steps++;
    trial->deadline = update.deadline;
    for (size_t i = 0; i < update.commands_count; i++) {
        if (trial->commands_count == MODEL_COMMANDS_MAX) {
            note_violation(trial, "too many commands are outstanding");
            return;
        }
        trial->counts->commands += !command_is_question(update.commands[i].kind);
        trial->commands[trial->commands_count++] =
            model_copy_command(&update.commands[i], &trial->arena);
    }
}

static void step_one(struct trial *trial, struct event event)
{
    step(trial, &event, 1);
}

static void answer(struct trial *trial, uint64_t id, enum answer how, const char *text)
{
    step_one(trial,
             (struct event){.kind = EVENT_ANSWERED, .u.answered = {id, how, text}});
}

/* All that the lattice would tell who asks. */
static void tell(struct trial *trial)
{
    struct arena arena = {0};
    struct event events[MODEL_EVENTS_MAX];
    const size_t count = model_tell(&trial->lattice, &arena, events);

    step(trial, events, count);
    arena_free(&arena);
}

static void obey(struct trial *trial, const struct command *command)
{
    const char *refusal = model_obey(&trial->lattice, command);

    tell(trial);
    answer(trial, command->id, refusal == NULL ? ANSWER_ACCEPTED : ANSWER_REFUSED,
           refusal == NULL ? "" : refusal);
}

static void pass(struct trial *trial, int64_t ms)
{
    const struct instant until = {trial->now.ms + ms};

    while (trial->deadline.ms <= until.ms && trial->problem[0] == '\0') {
        trial->now = instant_max(trial->now, trial->deadline);
        step(trial, NULL, 0);
        if (trial->deadline.ms <= trial->now.ms) {
            trial->now.ms++;
        }
    }
    trial->now = instant_max(trial->now, until);
}

/* What becomes of a command of the first ones. */
static void meet_fate(struct trial *trial, const struct command *command)
{
    switch (trial->world->fate) {
    case FATE_UNANSWERED:
        pass(trial, 5000);
        answer(trial, command->id, ANSWER_NONE, "");
        return;
    case FATE_LATE:
        answer(trial, command->id, ANSWER_ACCEPTED, "");
        pass(trial, LATE_MS);
        (void)model_obey(&trial->lattice, command);
        tell(trial);
        return;
    case FATE_EXPIRED:
        answer(trial, command->id, ANSWER_ACCEPTED, "");
        return;
    case FATE_REFUSED:
        answer(trial, command->id, ANSWER_REFUSED, "not now");
        return;
    case FATE_DONE:
    case FATES_COUNT:
        break;
    }
    obey(trial, command);
}

/* Deal with all that is outstanding. */
static void serve(struct trial *trial)
{
    struct arena arena = trial->arena;
    struct command commands[MODEL_COMMANDS_MAX];
    const size_t count = trial->commands_count;
    bool has_met = false;

    (void)memcpy(commands, trial->commands, count * sizeof *commands);
    trial->commands_count = 0;
    trial->arena = (struct arena){0};
    for (size_t i = 0; i < count && trial->problem[0] == '\0'; i++) {
        if (command_is_question(commands[i].kind)) {
            tell(trial);
            answer(trial, commands[i].id, ANSWER_ACCEPTED, "");
        } else if (trial->is_first) {
            has_met = true;
            meet_fate(trial, &commands[i]);
        } else {
            obey(trial, &commands[i]);
        }
    }
    trial->is_first &= !has_met;
    arena_free(&arena);
}

static bool is_at_rest(const struct trial *trial)
{
    return trial->commands_count == 0 && engine_is_idle(trial->engine) &&
           model_problem(&trial->lattice, trial->world) == NULL;
}

static void run(struct trial *trial)
{
    int steps = 0;

    while (!is_at_rest(trial) && trial->problem[0] == '\0') {
        if (trial->commands_count > 0) {
            serve(trial);
        } else if (trial->now.ms > LIMIT_MS || ++steps > STEPS_MAX) {
            const char *what = model_problem(&trial->lattice, trial->world);

            note_violation(trial, what != NULL ? what : "the engine is not at rest");
        } else {
            pass(trial, instant_left(trial->now, trial->deadline));
        }
    }
}

static void begin(struct trial *trial)
{
    struct event events[MODEL_EVENTS_MAX];
    const size_t count = model_begin(trial->world, &trial->wish_arena, events);

    step(trial, events, count);
    tell(trial);
}

bool model_try(const struct model_world *world, struct model_counts *counts,
               char *problem)
{
    const struct engine_options options = {.seed = 1};
    struct trial trial = {
        .world = world,
        .counts = counts,
        .deadline = INSTANT_NEVER,
        .is_first = true,
        .problem = problem,
    };

    problem[0] = '\0';
    counts->worlds++;
    model_make(&trial.lattice, world);
    trial.engine = engine_new(&options);
    trial.safety = safety_new(NULL, note_violation, &trial);
    begin(&trial);
    run(&trial);
    safety_free(trial.safety);
    engine_free(trial.engine);
    arena_free(&trial.arena);
    arena_free(&trial.wish_arena);
    return problem[0] == '\0';
}

static const char *owner_word(enum model_owner owner)
{
    static const char *const words[] = {"confirmed", "sent", "before", "foreign"};

    return words[owner];
}

void model_describe(const struct model_world *world, char *text)
{
    static const char *const found[] = {"nothing", "ours", "changed", "rival"};
    static const char *const fates[] = {"done", "unanswered", "late", "expired",
                                        "refused"};
    size_t length = 0;

    for (size_t i = 0; i < (world->has_y ? 2 : 1); i++) {
        const struct model_part *part = &world->components[i];

        length += (size_t)snprintf(text + length, MODEL_PROBLEM_BYTES - length,
                                   "%c wanted %u found %u+%u %s, link %s found %s; ",
                                   i == 0 ? 'x' : 'y', (unsigned int)part->wanted,
                                   (unsigned int)part->found[0],
                                   (unsigned int)part->found[1], owner_word(part->owner),
                                   world->links[i].is_wanted ? "wanted" : "not wanted",
                                   found[world->links[i].found]);
    }
    (void)snprintf(text + length, MODEL_PROBLEM_BYTES - length,
                   "p wanted %u found %u+%u %s; first commands: %s",
                   (unsigned int)world->provider.wanted,
                   (unsigned int)world->provider.found[0],
                   (unsigned int)world->provider.found[1],
                   owner_word(world->provider.owner), fates[world->fate]);
}
