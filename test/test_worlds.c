/*
 * Every small world: one application on two hosts, at every state in which its parts can
 * be found, and with every fate of the commands that follow.
 *
 * A part is a component x or y, wanted 0 to 2 times, or a provider p that both may be
 * linked with.  A component is found on each host 0 to 2 times; what is found may be
 * confirmed in the ledger, sent only, of the image before, or foreign.  A link is found
 * or not, with our content, with other content that was ours, or as a rival that holds
 * its slot.  The first commands are answered and done; or never answered; or accepted and
 * done seconds later; or accepted and never done; or refused.
 *
 * Two sets are gone through, each of them whole:
 *   deep   x, its link and p, each at all of its states; y is not there
 *   wide   x and y, their links and p, all that is found being ours and confirmed, and
 *          the first commands done, or done seconds later
 * Left out are worlds that are the same but for a name: those with the hosts exchanged
 * (of two different placements of x one is taken), and in the wide set those with x and
 * y exchanged.  Ids of hosts decide ties, and nothing else, so nothing is lost by that.
 *
 * In each, after every step: the rules of support_safety.h.  And in the end: the lattice
 * is as wanted as it can be with what is foreign in it, which is as it was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "test/support_model.h"

/* Sanitizers make a world many times as slow: they see every so many-th. */
#ifdef __SANITIZE_ADDRESS__
#define STRIDE 29
#else
#define STRIDE 1
#endif

static struct model_counts counts;
static uint64_t worlds_count;

static void try_world(const struct model_world *world)
{
    char problem[MODEL_PROBLEM_BYTES];

    if (!model_try(world, &counts, problem)) {
        char text[MODEL_PROBLEM_BYTES];

        model_describe(world, text);
        fail_msg("%s\n%s", text, problem);
    }
}

/* All fates of the first commands; in the wide set, that they are done or come late. */
static void try_fates(struct model_world *world)
{
    for (int fate = 0; fate < FATES_COUNT; fate++) {
        world->fate = (enum model_fate)fate;
        if (world->has_y && fate != FATE_DONE && fate != FATE_LATE) {
            continue;
        }
        /* cppcheck-suppress moduloofone ; it is 1 without a sanitizer */
        if (worlds_count++ % STRIDE == 0) {
            try_world(world);
        }
    }
}

static void try_provider(struct model_world *world, bool is_deep)
{
    for (uint32_t wanted = 0; wanted <= 1; wanted++) {
        for (uint32_t found = 0; found < 4; found++) {
            world->provider.wanted = wanted;
            world->provider.found[0] = found & 1;
            world->provider.found[1] = found >> 1;
            for (int owner = 0; owner < (is_deep && found != 0 ? OWNERS_COUNT : 1);
                 owner++) {
                world->provider.owner = (enum model_owner)owner;
                try_fates(world);
            }
        }
    }
}

static void try_link(struct model_world *world)
{
    for (int wanted = 0; wanted <= 1; wanted++) {
        for (int found = 0; found < FOUND_COUNT; found++) {
            world->links[0].is_wanted = wanted != 0;
            world->links[0].found = (enum model_found)found;
            try_provider(world, true);
        }
    }
}

/* x found so often on each host, by all owners. */
static void try_found(struct model_world *world, uint32_t first, uint32_t second)
{
    struct model_part *x = &world->components[0];

    x->found[0] = first;
    x->found[1] = second;
    for (int owner = 0; owner < (first > 0 ? OWNERS_COUNT : 1); owner++) {
        x->owner = (enum model_owner)owner;
        try_link(world);
    }
}

static void test_deep(void **state)
{
    struct model_world world = {0};

    (void)state;
    for (uint32_t wanted = 0; wanted <= MODEL_COUNT_MAX; wanted++) {
        world.components[0].wanted = wanted;
        for (uint32_t first = 0; first <= MODEL_COUNT_MAX; first++) {
            for (uint32_t second = 0; second <= first; second++) {
                try_found(&world, first, second);
            }
        }
    }
}

/* A component with its link, all confirmed, by number. */
static void set_part(struct model_world *world, int which, uint32_t number)
{
    struct model_part *part = &world->components[which];
    struct model_link *link = &world->links[which];

    part->wanted = number % 3;
    part->found[0] = number / 3 % 3;
    part->found[1] = number / 9 % 3;
    link->is_wanted = number / 27 % 2 != 0;
    link->found = number / 54 % 2 != 0 ? FOUND_OURS : FOUND_NOTHING;
}

static void test_wide(void **state)
{
    struct model_world world = {.has_y = true};

    (void)state;
    for (uint32_t x = 0; x < 108; x++) {
        set_part(&world, 0, x);
        if (world.components[0].found[0] < world.components[0].found[1]) {
            continue;
        }
        for (uint32_t y = 0; y <= x; y++) {
            set_part(&world, 1, y);
            try_provider(&world, false);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"one component, its link and a provider, at all states", test_deep, NULL, NULL,
         NULL},
        {"two components, their links and a provider", test_wide, NULL, NULL, NULL},
    };
    const int failed_count = cmocka_run_group_tests(tests, NULL, NULL);

    (void)fprintf(stderr, "%llu worlds, %llu steps of the engine, %llu commands\n",
                  (unsigned long long)counts.worlds, (unsigned long long)counts.steps,
                  (unsigned long long)counts.commands);
    return failed_count;
}
