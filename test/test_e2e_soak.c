/*
 * A daemon, a nats-server and a simulated lattice, to which all kinds of things happen,
 * at random and for a while: hosts die and come, others undo and change what is ours,
 * files and requests come and go, the server and the daemon are killed.  When it is over
 * all is to be as it is wanted, what is others' as it was, and the daemon no larger.
 *
 * SOAK_SECONDS in the environment says how long, SOAK_SEED what it all follows from.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nats/nats.h>

#include "support_soak.h"

#define SECONDS_USUAL 30
#define SEED_USUAL    1

/* Between two things that happen, mostly; now and then the daemon gets its rest. */
#define PACE_MS   600
#define REST_MS   2500
#define REST_ONCE 10

/* What the daemon may have more of in the end: what its caches and its arenas grow to at
 * first, and no more over hours.  Under a sanitizer what was freed counts, too. */
#define MEMORY_MORE ((size_t)8 * 1024 * 1024)
#define FILES_MORE  2

/* Between two looks; and how long a start that nobody answered may come about. */
#define LOOK_MS       50
#define UNSURE_MS_MAX ((int64_t)11 * 60 * 1000)

static const char theirs[] =
    "component zz-component on 1 hosts, 2 instances of ghcr.io/acme/theirs:1\n"
    "config zz-config {\"a\":\"b\"}\n"
    "link zz-web -[default wasi:http/incoming-handler]-> zz-others source [] target []\n"
    "provider zz-provider on 1 hosts of ghcr.io/acme/theirs:1\n";

struct usage {
    size_t memory; /* resident, in bytes */
    size_t files;  /* open */
};

static void live(struct soak *soak)
{
    while (nats_Now() - soak->begun_ms < soak->span_ms) {
        soak_act(soak);
        assert_true(process_is_running(soak->stage->daemon));
        assert_true(process_is_running(soak->stage->simulator));
        (void)poll(NULL, 0,
                   soak_below(soak, REST_ONCE) == 0 ? REST_MS
                                                    : (int)soak_below(soak, PACE_MS));
    }
}

/* --- and afterwards --- */

static void heal_hosts(struct soak *soak)
{
    for (unsigned int i = 0; i < SOAK_HOSTS; i++) {
        SOAK_ORDER("delay host-%u 0", i + 1);
        SOAK_ORDER("unmute host-%u", i + 1);
        SOAK_ORDER("%s host-%u%s", soak->is_doubtful[i] ? "restart" : "start", i + 1,
                   soak->is_doubtful[i] ? "" : " whose=ours");
    }
}

/* Requests that were not answered may have been heard or not. */
static void heal_wish(struct soak *soak)
{
    struct soak_slot *api = &soak->slots[SOAK_API];
    struct soak_slot before = {.is_wanted = false};

    soak->slots[0].is_wanted = true; /* an empty folder removes nothing */
    for (unsigned int number = 0; number < SOAK_SLOTS; number++) {
        if (soak->slots[number].variant == SOAK_BROKEN) {
            soak->slots[number].variant = 0;
            soak->slots[number].version++;
        }
    }
    for (unsigned int number = 0; number < SOAK_API; number++) {
        soak_declare(soak, number, true);
    }
    for (; before.generation < api->generation; before.generation++) {
        soak_ask(soak,
                 arena_print(&soak->arena, "delete.%s",
                             soak_name(&before, SOAK_API, &soak->arena)),
                 "", true);
    }
    soak_declare(soak, SOAK_API, true);
}

/* Append the lines of text. */
static void add_lines(struct lines *lines, const char *text)
{
    for (; *text != '\0'; text += strcspn(text, "\n") + 1) {
        lines_add(lines, "%.*s", (int)strcspn(text, "\n"), text);
    }
}

static void collect(const struct soak *soak, struct lines *lines)
{
    add_lines(lines, theirs);
    for (unsigned int number = 0; number < SOAK_SLOTS; number++) {
        if (soak->slots[number].is_wanted) {
            soak_add_world(&soak->slots[number], number, SOAK_HOSTS, lines);
        }
    }
    lines_sort(lines);
}

/* Print text, of which cmocka takes but so much at a time. */
static void tell(const char *text)
{
    while (*text != '\0') {
        const size_t length = strcspn(text, "\n");

        print_error("# %.*s\n", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

/* Does the lattice have all lines, and nothing else where it is to be exact? */
static bool has_lines(struct soak *soak, const struct lines *lines, bool is_exact)
{
    const char *world = reader_world(soak->stage->reader);
    char *expected = lines_join(lines, NULL);
    bool is_so = !is_exact || strcmp(world, expected) == 0;

    for (size_t i = 0; is_so && i < lines->count; i++) {
        is_so = lines_have(world, lines->items[i]);
    }
    free(expected);
    return is_so;
}

/*
 * What a host or a daemon that died was asked for, and did not answer, may come about for
 * two minutes, and a start for ten: until then what it names stays in the buckets, though
 * its application is gone, and the status says so.
 */
static bool is_waiting(struct soak *soak)
{
    (void)stage_run(soak->stage, "status", NULL);
    return nats_Now() - soak->begun_ms < soak->span_ms + UNSURE_MS_MAX &&
           strstr(stage_output(soak->stage), "may still come about") != NULL;
}

static void expect_lines(struct soak *soak, const struct lines *lines, bool is_exact)
{
    int64_t until = nats_Now() + STAGE_MS;

    while (!has_lines(soak, lines, is_exact)) {
        (void)poll(NULL, 0, LOOK_MS);
        if (nats_Now() > until && !is_waiting(soak)) {
            tell(reader_world(soak->stage->reader));
            tell("and is to be\n");
            for (size_t i = 0; i < lines->count; i++) {
                tell(lines->items[i]);
            }
            tell(stage_output(soak->stage));
            (void)stage_run(soak->stage, "history", NULL);
            tell(stage_output(soak->stage));
            tell(process_errors(soak->stage->daemon));
            fail_msg("the lattice is not as it is wanted");
        } else if (nats_Now() > until) {
            until = nats_Now() + STAGE_MS;
        }
    }
}

static void expect_as_wanted(struct soak *soak)
{
    struct lines lines = {.count = 0};

    collect(soak, &lines);
    expect_lines(soak, &lines, false);
    for (unsigned int number = 0; number < SOAK_SLOTS; number++) {
        if (soak->slots[number].is_wanted) {
            stage_expect_serving(
                soak->stage, soak_serving(&soak->slots[number], number, &soak->arena));
        }
    }
    soak_say(soak, "what is wanted is there, and serves");
    expect_lines(soak, &lines, true);
    stage_expect_converged(soak->stage);
    soak_say(soak, "and nothing else is");
    lines_clear(&lines);
}

static size_t read_number(const char *digits)
{
    size_t number = 0;

    while (*digits >= '0' && *digits <= '9') {
        number = 10 * number + (size_t)(*digits++ - '0');
    }
    return number;
}

static struct usage look_at_daemon(const struct soak *soak)
{
    struct usage usage = {0};
    char path[64];
    char text[128] = "";
    DIR *directory;
    FILE *file;

    (void)snprintf(path, sizeof path, "/proc/%d/fd", process_id(soak->stage->daemon));
    directory = opendir(path);
    assert_non_null(directory);
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody else reads it
    while (readdir(directory) != NULL) {
        usage.files++;
    }
    (void)closedir(directory);
    (void)snprintf(path, sizeof path, "/proc/%d/statm", process_id(soak->stage->daemon));
    file = fopen(path, "re");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    (void)fclose(file);
    assert_non_null(strchr(text, ' '));
    usage.memory = read_number(strchr(text, ' ') + 1) * (size_t)sysconf(_SC_PAGESIZE);
    return usage;
}

/* So many more bytes that the sanitizer keeps of what was freed. */
static size_t memory_more(void)
{
#ifdef __SANITIZE_ADDRESS__
    return (size_t)256 * 1024 * 1024 + MEMORY_MORE;
#else
    return MEMORY_MORE;
#endif
}

static void expect_no_more(struct soak *soak, const struct usage *before)
{
    const struct usage after = look_at_daemon(soak);

    print_message("# %u things happened; the daemon: %zu to %zu KiB, %zu to %zu files\n",
                  soak->count, before->memory / 1024, after.memory / 1024, before->files,
                  after.files);
    assert_in_range(after.files, 1, before->files + FILES_MORE);
    assert_in_range(after.memory, 1, before->memory + memory_more());
}

static size_t from_environment(const char *name, size_t usual)
{
    // NOLINTNEXTLINE(concurrency-mt-unsafe): no thread writes it
    const char *text = getenv(name);

    return text != NULL && text[0] != '\0' ? read_number(text) : usual;
}

static void set_scene(struct soak *soak)
{
    struct stage *stage = soak->stage;

    reader_turn_deaf(stage->reader);
    stage_simulate(stage, (const char *[]){"--hosts", "0", NULL});
    SOAK_ORDER("refuse ghcr.io/acme/web:1.0.%u", SOAK_BROKEN);
    soak_order(soak, "start host-4");
    for (unsigned int i = 0; i < SOAK_HOSTS; i++) {
        SOAK_ORDER("start host-%u whose=ours", i + 1);
    }
    reader_expect_buckets(stage->reader, STAGE_MS);
    soak_order(soak, "put-link zz-web zz-others wasi http incoming-handler");
    soak_order(soak, "scale host-4 zz-component 2 ghcr.io/acme/theirs:1");
    soak_order(soak, "start-provider host-4 zz-provider ghcr.io/acme/theirs:1");
    json_decref(reader_ask(stage->reader, "wasmbus.ctl.v1.default.config.put.zz-config",
                           "{\"a\":\"b\"}"));
    reader_expect(stage->reader, theirs, STAGE_MS);
    soak_start_daemon(stage);
    stage_expect_daemon(stage);
    for (unsigned int number = 0; number < SOAK_SLOTS; number++) {
        soak->slots[number] = (struct soak_slot){.version = 1, .is_wanted = true};
        soak_declare(soak, number, true);
    }
    expect_as_wanted(soak);
    arena_free(&soak->arena);
}

static void whatever_happens_all_is_as_wanted_in_the_end(void **state)
{
    struct soak soak = {.stage = *state, .begun_ms = nats_Now()};
    const size_t seed = from_environment("SOAK_SEED", SEED_USUAL);
    struct usage before;

    soak.prng.state = seed;
    soak.span_ms = (int64_t)from_environment("SOAK_SECONDS", SECONDS_USUAL) * 1000;
    print_message("# seed %zu\n", seed);
    set_scene(&soak);
    before = look_at_daemon(&soak);
    soak.begun_ms = nats_Now();
    live(&soak);
    soak_say(&soak, "nothing happens any more");
    heal_hosts(&soak);
    heal_wish(&soak);
    expect_as_wanted(&soak);
    expect_no_more(&soak, &before);
    arena_free(&soak.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(whatever_happens_all_is_as_wanted_in_the_end),
    };

    return cmocka_run_group_tests_name("e2e_soak", tests, NULL, NULL);
}
