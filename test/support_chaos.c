#include "test/support_chaos.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "test/support_chaos_state.h"

#define HOSTS_MAX   5
#define ACTIONS_MAX 64 /* one bit each */
#define END         "end-faults\n"

/* Of so many seeds one ends without the right to follow the buckets. */
#define DENIED_ONE_IN 8

/* Beside what else a seed does: what there is to do faults to. */
#define ALWAYS 1 /* the first of our own actions */

unsigned int chaos_below(struct chaos *chaos, unsigned int bound)
{
    return (unsigned int)sim_prng_below(&chaos->prng, bound);
}

unsigned int chaos_host(struct chaos *chaos)
{
    return chaos_below(chaos, HOSTS_MAX) + 1;
}

unsigned int chaos_application(struct chaos *chaos)
{
    return chaos_below(chaos, CHAOS_APPLICATIONS);
}

unsigned int chaos_part(struct chaos *chaos)
{
    return chaos_below(chaos, CHAOS_COMPONENTS);
}

static void apply(struct chaos *chaos)
{
    chaos_manifest(&chaos->manifests, &chaos->prng, chaos_application(chaos),
                   chaos->script);
}

static void delete_application(struct chaos *chaos)
{
    CHAOS_SAY("delete app%u\n", chaos_application(chaos));
}

static void disturb_network(struct chaos *chaos)
{
    if (chaos_below(chaos, 3) == 0) {
        CHAOS_SAY("faults 0 0 0 1\n");
    } else {
        CHAOS_SAY("faults %u %u %u %u\n", chaos_below(chaos, 100),
                  chaos_below(chaos, 100), chaos_below(chaos, 200),
                  chaos_below(chaos, 50) + 1);
    }
}

static void lie(struct chaos *chaos)
{
    CHAOS_SAY("faults %u %u %u %u %u %u\n", chaos_below(chaos, 50),
              chaos_below(chaos, 50), chaos_below(chaos, 100), chaos_below(chaos, 50) + 1,
              chaos_below(chaos, 100), chaos_below(chaos, 60));
}

static void connect(struct chaos *chaos)
{
    CHAOS_SAY("%s\n", chaos_below(chaos, 3) == 0 ? "disconnect" : "connect");
}

static void restart_daemon(struct chaos *chaos)
{
    CHAOS_SAY("restart-daemon\n");
}

static void die(struct chaos *chaos)
{
    if (chaos_below(chaos, 3) == 0) {
        CHAOS_SAY("restart-daemon\n");
    } else {
        CHAOS_SAY("die-%s %u\n", chaos_below(chaos, 2) == 0 ? "before" : "after",
                  chaos_below(chaos, 6) + 1);
    }
}

static void move_clock(struct chaos *chaos)
{
    static const long long jumps[] = {-86400000, -3600000, -1000,
                                      1000,      3600000,  86400000};

    CHAOS_SAY("clock %lld\n", jumps[chaos_below(chaos, sizeof jumps / sizeof *jumps)]);
}

static void deny(struct chaos *chaos)
{
    CHAOS_SAY("%s-buckets\n", chaos_below(chaos, 2) == 0 ? "deny" : "allow");
}

static const struct chaos_action actions[] = {
    {apply, 4},
    {delete_application, 1},
    {disturb_network, 1},
    {lie, 1},
    {connect, 1},
    {restart_daemon, 1},
    {die, 1},
    {deny, 1},
    {move_clock, 1},
};

/* What a seed does, each as often as its weight says. */
struct choice {
    const struct chaos_action *items[ACTIONS_MAX];
    size_t count;
    unsigned int weight;
};

static void choose_from(struct choice *choice, const struct chaos_action *items,
                        size_t count, uint64_t *mask)
{
    for (size_t i = 0; i < count; i++, *mask >>= 1) {
        if ((*mask & 1) != 0) {
            choice->items[choice->count++] = &items[i];
            choice->weight += items[i].weight;
        }
    }
}

static void act(struct chaos *chaos, const struct choice *choice)
{
    unsigned int number = chaos_below(chaos, choice->weight);
    size_t i = 0;

    while (number >= choice->items[i]->weight) {
        number -= choice->items[i++]->weight;
    }
    choice->items[i]->act(chaos);
}

static void pass_time(struct chaos *chaos)
{
    static const unsigned int spans[] = {5, 20, 500, 20000};

    CHAOS_SAY("run %ums\n", chaos_below(chaos, spans[chaos_below(chaos, 4)]) + 1);
}

void chaos_write(uint64_t seed, uint32_t steps, struct text *script)
{
    struct chaos chaos_of_seed = {.prng = {.state = seed}, .script = script};
    struct chaos *chaos = &chaos_of_seed;
    uint64_t mask = sim_prng_next(&chaos->prng) | ALWAYS;
    const bool is_denied =
        sim_prng_below(&chaos->prng, DENIED_ONE_IN) == 0; /* for good */
    struct choice choice = {.count = 0};
    unsigned int hosts;

    choose_from(&choice, actions, sizeof actions / sizeof *actions, &mask);
    choose_from(&choice, chaos_host_actions.items, chaos_host_actions.count, &mask);
    choose_from(&choice, chaos_other_actions.items, chaos_other_actions.count, &mask);
    chaos_manifests_init(&chaos->manifests, &chaos->prng);
    CHAOS_SAY("seed %llu\n", (unsigned long long)seed);
    if (is_denied) {
        CHAOS_SAY("deny-buckets\n");
    }
    hosts = 2 + chaos_below(chaos, HOSTS_MAX - 1);
    for (unsigned int i = 1; i <= hosts; i++) {
        chaos_start(chaos, i);
    }
    for (unsigned int i = 0; i < CHAOS_APPLICATIONS - 1; i++) {
        chaos_manifest(&chaos->manifests, &chaos->prng, i, chaos->script);
        pass_time(chaos);
    }
    for (uint32_t i = 0; i < steps; i++) {
        act(chaos, &choice);
        pass_time(chaos);
    }
    CHAOS_SAY("%s-buckets\n" END
              "converge 15m\ntruth\nquiet 2m\nrestart-daemon\nquiet 2m\ntruth\n",
              is_denied ? "deny" : "allow");
}

const char *chaos_end(const char *script)
{
    const char *end = strstr(script, "\n" END);

    return end != NULL ? end + 1 : script + strlen(script);
}
