/*
 * The engine in a simulated lattice that fails in every way the simulator knows: what it
 * does is safe at every step, ends in what is wanted, and is the same for the same seed.
 *
 * Without arguments: the scripts that failed once (fixtures/seeds), the seeds that did
 * (fixtures/long-seeds.txt), then SEEDS_COUNT seeds of STEPS_COUNT steps.  A script that
 * fails is printed whole.
 *
 * usage: test_simulation FIRST-LAST [STEPS [PROCESSES]]   seeds, and which of them fail;
 *                        the first of each kind is shrunk
 *        test_simulation SEED [STEPS]     one seed; if it fails it is shrunk, and printed
 *                        as a scenario that test_scenario can run
 *        test_simulation FILE...          scripts
 */
#include <assert.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "test/support_chaos.h"
#include "test/support_manifest.h"
#include "test/support_seeds.h"
#include "test/support_shrink.h"
#include "test/support_sweep.h"

#define OPEN   "fixtures/open-seeds.txt"
#define FOLDER "fixtures/seeds"
#define LONG   "fixtures/long-seeds.txt"
/* Sanitizers make a seed ten times as slow, and the seeds are the same: they run the
 * first few, and all the scripts, and each of them once. */
#define SEEDS_COUNT_ALL 500
#define LONG_COUNT_ALL  100
#ifdef __SANITIZE_ADDRESS__
#define SEEDS_COUNT 30
#define LONG_COUNT  1
#define MAY_REPEAT  false
#else
#define SEEDS_COUNT SEEDS_COUNT_ALL
#define LONG_COUNT  LONG_COUNT_ALL
#define MAY_REPEAT  true
#endif
#define STEPS_COUNT     40
#define SEEDS_STEPS     200 /* where seeds are asked for */
#define CPU_SECONDS_MAX 300 /* of a seed that takes a second: it would never end */
#define SHRINK_SECONDS  120 /* then what is left is printed, as small as it is */
#define FILES_MAX       500
#define TEXT_BYTES_MAX  ((size_t)64 * 1024 * 1024)
#define TITLE_BYTES_MAX 200

/* The script in a file, which begins with comments. */
static const char *read_script(const char *path, struct arena *arena)
{
    size_t length;
    const char *script = support_file_read(path, arena, &length);

    while (*script == '#') {
        script += strcspn(script, "\n");
        script += *script == '\n';
    }
    return script;
}

/* What depends on chance does so in one of ten, too, and there is time for more seeds. */
static bool is_twice(uint64_t seed)
{
    return seed % 10 == 0;
}

/* Run script, and again, is_twice; what is wrong with it, "" when nothing. */
static void judge(const char *script, bool is_twice, struct text *output,
                  struct seeds_outcome *outcome)
{
    struct arena arena = {0};
    struct seeds_outcome second;
    struct text again;

    seeds_run(script, false, output, outcome);
    if (!MAY_REPEAT || !is_twice || outcome->problem[0] != '\0') {
        return;
    }
    text_init(&again, &arena, TEXT_BYTES_MAX);
    seeds_run(script, false, &again, &second);
    if (strcmp(outcome->digest, second.digest) != 0) {
        (void)snprintf(outcome->problem, sizeof outcome->problem,
                       "chance: the same seed went another way");
    }
    arena_free(&arena);
}

/* --- as a test -----------------------------------------------------------------------
 */

static struct seeds_total all; /* of the tests so far */

struct seed {
    uint64_t number;
    uint32_t steps;
};

/* Is name, a seed's number or the name of a script, among those that are known to fail?
 * Each stands there with the reason, until somebody has found it. */
static bool is_listed(const char *name, struct arena *arena)
{
    size_t length;
    const char *line = support_file_read(OPEN, arena, &length);

    for (; *line != '\0'; line += strcspn(line, "\n") + 1) {
        const size_t word = strcspn(line, " \n");

        if (word == strlen(name) && strncmp(line, name, word) == 0) {
            return true;
        }
    }
    return false;
}

static void check(const char *name, const char *script, bool is_twice)
{
    struct arena arena = {0};
    struct seeds_outcome outcome;
    struct text output;
    const bool is_known = is_listed(name, &arena);

    text_init(&output, &arena, TEXT_BYTES_MAX);
    judge(script, is_twice, &output, &outcome);
    seeds_add(&all, &outcome.total);
    if (is_known && outcome.problem[0] != '\0') {
        arena_free(&arena);
        return;
    }
    if (is_known) {
        (void)fprintf(stderr, "%s is well now: take it out of " OPEN "\n", name);
    } else if (outcome.problem[0] != '\0') {
        (void)fprintf(stderr, "%s\n%s----\n%s", outcome.problem, script, output.bytes);
    }
    arena_free(&arena);
    assert_false(is_known);
    assert_int_equal(outcome.problem[0], '\0');
}

static void test_file(void **state)
{
    struct arena arena = {0};

    check(strrchr(*state, '/') + 1, read_script(*state, &arena), true);
    arena_free(&arena);
}

/* By its number alone if it has the steps that all have. */
static const char *name_seed(const struct seed *seed, struct arena *arena)
{
    const unsigned long long number = seed->number;

    return seed->steps == STEPS_COUNT
               ? arena_print(arena, "%llu", number)
               : arena_print(arena, "%llu-%u", number, (unsigned int)seed->steps);
}

static void test_seed(void **state)
{
    const struct seed *seed = *state;
    struct arena arena = {0};
    struct text script;

    text_init(&script, &arena, TEXT_BYTES_MAX);
    chaos_write(seed->number, seed->steps, &script);
    check(name_seed(seed, &arena), script.bytes, is_twice(seed->number));
    arena_free(&arena);
}

/* Of all seeds before. */
static void test_faults(void **state)
{
    const char *missing = seeds_missing(&all);

    (void)state;
    if (missing != NULL && SEEDS_COUNT >= SEEDS_COUNT_ALL) {
        fail_msg("no seed had the fault '%s'", missing);
    }
}

/* The scripts that failed once, by name; returns how many there are. */
static size_t find_files(struct arena *arena, char **paths)
{
    struct dirent **entries;
    const int count = scandir(FOLDER, &entries, NULL, alphasort);
    size_t found = 0;

    assert(count >= 0);
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.') {
            assert(found < FILES_MAX);
            paths[found++] = arena_print(arena, FOLDER "/%s", entries[i]->d_name);
        }
        free(entries[i]);
    }
    free(entries);
    return found;
}

/* The seeds that failed once, and then as many as make test runs. */
static size_t find_seeds(struct arena *arena, struct seed *seeds)
{
    size_t length;
    const char *line = support_file_read(LONG, arena, &length);
    size_t count = 0;

    for (; *line != '\0' && count < LONG_COUNT; line += strcspn(line, "\n") + 1) {
        char *end;

        if (*line != '#') {
            seeds[count].number = strtoull(line, &end, 10);
            seeds[count].steps = (uint32_t)strtoul(end, NULL, 10);
            assert(seeds[count].steps > 0);
            count++;
        }
    }
    assert(count < LONG_COUNT_ALL);
    for (uint64_t number = 1; number <= SEEDS_COUNT; number++) {
        seeds[count++] = (struct seed){number, STEPS_COUNT};
    }
    return count;
}

/* What the test of name is called: one that is known to fail has to. */
static const char *name_test(const char *name, const char *title, struct arena *arena)
{
    return is_listed(name, arena) ? arena_print(arena, "%s fails still, see " OPEN, name)
                                  : title;
}

static int run_as_tests(void)
{
    static struct seed seeds[LONG_COUNT + SEEDS_COUNT];
    static char *paths[FILES_MAX];
    struct arena arena = {0};
    const size_t files_count = find_files(&arena, paths);
    const size_t seeds_count = find_seeds(&arena, seeds);
    const size_t count = files_count + seeds_count + 1;
    struct CMUnitTest *tests = arena_array(&arena, count, sizeof *tests);
    struct text text;
    int failed_count;

    for (size_t i = 0; i < files_count; i++) {
        tests[i] = (struct CMUnitTest){
            .name = name_test(strrchr(paths[i], '/') + 1, paths[i], &arena),
            .test_func = test_file,
            .initial_state = paths[i]};
    }
    for (size_t i = 0; i < seeds_count; i++) {
        const char *name = name_seed(&seeds[i], &arena);

        tests[files_count + i] = (struct CMUnitTest){
            .name = name_test(
                name,
                arena_print(&arena, "seed %s is safe, and ends as it is wanted", name),
                &arena),
            .test_func = test_seed,
            .initial_state = &seeds[i],
        };
    }
    tests[count - 1] =
        (struct CMUnitTest){.name = "each kind of fault hit", .test_func = test_faults};
    failed_count = _cmocka_run_group_tests("simulation", tests, count, NULL, NULL);
    text_init(&text, &arena, TEXT_BYTES_MAX);
    seeds_print(&all, &text);
    (void)fprintf(stderr, "%s", text.bytes);
    arena_free(&arena);
    return failed_count;
}

/* --- many seeds ----------------------------------------------------------------------
 */

/* How a seed fails, and until when a smaller script is looked for that fails alike. */
struct likeness {
    const char *problem;
    clock_t end;
};

static bool fails_alike(void *context, const char *script)
{
    const struct likeness *likeness = context;
    struct arena arena = {0};
    struct seeds_outcome outcome;
    struct text output;

    if (clock() > likeness->end) {
        return false;
    }
    text_init(&output, &arena, TEXT_BYTES_MAX);
    seeds_run(script, true, &output, &outcome);
    arena_free(&arena);
    return seeds_is_alike(likeness->problem, outcome.problem);
}

static void judge_seed(uint64_t seed, uint32_t steps, struct seeds_outcome *ret_outcome)
{
    struct arena arena = {0};
    struct text script;
    struct text output;

    text_init(&script, &arena, TEXT_BYTES_MAX);
    text_init(&output, &arena, TEXT_BYTES_MAX);
    chaos_write(seed, steps, &script);
    judge(script.bytes, is_twice(seed), &output, ret_outcome);
    if (ret_outcome->problem[0] != '\0') {
        (void)printf("# seed %llu: %s\n", (unsigned long long)seed, ret_outcome->problem);
        (void)fflush(stdout);
    }
    arena_free(&arena);
}

static int run_seeds(const struct sweep *sweep)
{
    struct arena arena = {0};
    struct text text;
    uint64_t failed_count;

    text_init(&text, &arena, TEXT_BYTES_MAX);
    failed_count = sweep_run(sweep, &text);
    (void)printf("%s", text.bytes);
    arena_free(&arena);
    return failed_count > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* One seed: when it fails, print the least of it that fails alike, as a scenario. */
static bool shrink_seed(uint64_t seed, uint32_t steps)
{
    struct arena arena = {0};
    struct seeds_outcome outcome;
    struct text script;
    struct text output;
    struct likeness likeness;
    const char *least;

    text_init(&script, &arena, TEXT_BYTES_MAX);
    text_init(&output, &arena, TEXT_BYTES_MAX);
    chaos_write(seed, steps, &script);
    judge(script.bytes, true, &output, &outcome);
    if (outcome.problem[0] == '\0') {
        arena_free(&arena);
        return false;
    }
    likeness = (struct likeness){outcome.problem,
                                 clock() + (clock_t)SHRINK_SECONDS * CLOCKS_PER_SEC};
    least = script.bytes;
    if (fails_alike(&likeness, least)) { /* chance shows in two runs, not in one */
        least = shrink_script(least, chaos_end(least), fails_alike, &likeness, &arena);
    }
    text_init(&output, &arena, TEXT_BYTES_MAX);
    (void)printf("# seed %llu: %s\n", (unsigned long long)seed, outcome.problem);
    seeds_run(least, false, &output, &outcome);
    (void)printf("%s----\n%s", least, output.bytes);
    arena_free(&arena);
    return true;
}

static void shrink_failed(uint64_t seed, uint32_t steps)
{
    (void)shrink_seed(seed, steps);
}

static int run_seed(uint64_t seed, uint32_t steps)
{
    if (shrink_seed(seed, steps)) {
        return EXIT_FAILURE;
    }
    (void)printf("seed %llu: well\n", (unsigned long long)seed);
    return EXIT_SUCCESS;
}

static int run_files(char **paths, int count)
{
    int failed_count = 0;

    for (int i = 0; i < count; i++) {
        struct arena arena = {0};
        struct seeds_outcome outcome;
        struct text output;

        text_init(&output, &arena, TEXT_BYTES_MAX);
        judge(read_script(paths[i], &arena), true, &output, &outcome);
        (void)printf("%s%s: %s\n", output.bytes, paths[i],
                     outcome.problem[0] != '\0' ? outcome.problem : "well");
        failed_count += outcome.problem[0] != '\0';
        arena_free(&arena);
    }
    return failed_count > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static uint32_t argument(int argc, char **argv, int i, uint32_t otherwise)
{
    return argc > i ? (uint32_t)strtoul(argv[i], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
    struct sweep sweep = {.cpu_seconds = CPU_SECONDS_MAX,
                          .program = argv[0],
                          .judge = judge_seed,
                          .shrink = shrink_failed};
    char *dash;

    if (argc == 1) {
        return run_as_tests();
    }
    sweep.first = strtoull(argv[1], &dash, 10);
    if (dash == argv[1]) {
        return run_files(argv + 1, argc - 1);
    }
    sweep.steps = argument(argc, argv, 2, SEEDS_STEPS);
    if (*dash != '-') {
        return run_seed(sweep.first, sweep.steps);
    }
    sweep.last = strtoull(dash + 1, NULL, 10);
    sweep.processes = argument(argc, argv, 3, 1);
    if (sweep.processes == 0 || sweep.processes > SWEEP_PROCESSES_MAX) {
        sweep.processes = 1;
    }
    return run_seeds(&sweep);
}
