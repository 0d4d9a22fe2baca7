/*
 * The process ends at every step of a life of an application: before and after each
 * statement that writes, each commit and each message that leaves; in virtual time, with
 * the store on disk and the simulated lattice.  Begun again it ends as if nothing had
 * been: the lattice and the ledger are the same, and what others put is still there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "linkstore/step.h"
#include "reconciler/run/driver.h"
#include "reconciler/run/rehearsal.h"
#include "test/support_linkstore.h"
#include "test/support_vfs.h"

/* What nobody answered may come about for two minutes, and is waited for. */
#define CONVERGE_MS ((int64_t)30 * 60 * 1000)
#define QUIET_MS    ((int64_t)60 * 1000)
/* Of the steps, where not all are to be tried. */
#define SAMPLE_STRIDE 17

static const char shop_1[] = "config shop-port {\"port\":\"80\"}\n"
                             "link web api default wasi http incoming-handler shop-port "
                             "-\n"
                             "component api reg/api:1 2 -\n"
                             "provider web reg/web:1 1 -";
static const char shop_2[] = "config shop-port {\"port\":\"81\"}\n"
                             "link web api default wasi http incoming-handler shop-port "
                             "-\n"
                             "component api reg/api:2 3 -\n"
                             "provider web reg/web:1 1 -";
static const char *const shop_name = "shop";

struct life {
    struct linkstore_state *s;
    struct sim_lattice *lattice;
    struct engine *engine;
    struct rehearsal *rehearsal;
    jmp_buf death;
    long steps_left; /* until it dies; below 0: it does not */
};

static void pass(void *context)
{
    struct life *life = context;

    if (life->steps_left > 0 && --life->steps_left == 0) {
        longjmp(life->death, 1);
    }
}

/* A process, at now: what was before is in the store and in the lattice. */
static void start(struct life *life, struct instant now)
{
    const struct engine_options options = {.seed = 1};

    linkstore_open_file(life->s);
    life->engine = engine_new(&options);
    life->rehearsal = rehearsal_new(&(struct rehearsal_options){
        .engine = life->engine,
        .store = life->s->store,
        .lattice = life->lattice,
        .name = "default",
        .now = now,
    });
    assert_int_equal(driver_load(rehearsal_driver(life->rehearsal), now, &life->s->err),
                     ERR_OK);
    sim_lattice_connect(life->lattice, now);
}

/* All that it had in memory is gone, and what was not committed. */
static void crash(struct life *life)
{
    const struct instant now = rehearsal_now(life->rehearsal);

    sim_lattice_disconnect(life->lattice, now);
    store_close(life->s->store);
    life->s->store = NULL;
    start(life, now);
}

static void put(struct life *life, const char *version, const char *lines)
{
    linkstore_put_and_deploy(life->s, shop_name, version, lines);
    assert_int_equal(store_check(life->s->store, &life->s->err), ERR_OK);
}

/* The parts of a life; each may be begun again. */
static void deploy(struct life *life)
{
    put(life, "v1", shop_1);
}

static void upgrade(struct life *life)
{
    put(life, "v2", shop_2);
}

static void delete_all(struct life *life)
{
    const enum err_code code =
        store_delete(life->s->store, shop_name, NULL, &life->s->err);

    assert_true(code == ERR_OK || code == ERR_NOTFOUND);
}

static void (*const parts[])(struct life *life) = {deploy, upgrade, delete_all};

#define PARTS_COUNT COUNT_OF(parts)

static void run_part(struct life *life, size_t part)
{
    parts[part](life);
    assert_int_equal(driver_reload(rehearsal_driver(life->rehearsal),
                                   rehearsal_now(life->rehearsal), &shop_name, 1,
                                   &life->s->err),
                     ERR_OK);
    assert_true(rehearsal_converge(life->rehearsal, CONVERGE_MS, QUIET_MS));
}

/* Lattice and ledger, without what tells of time. */
static const char *result(struct life *life)
{
    struct text text;
    const char *ledger = linkstore_dump_ledger(life->s, INT64_MIN / 2);

    text_init(&text, &life->s->arena, 65536);
    sim_lattice_print(life->lattice, &text);
    while (*ledger != '\0') {
        const size_t length = strcspn(ledger, "\n");
        const char *line = arena_text(&life->s->arena, ledger, length);
        const char *age = strstr(line, ", 0 ms");

        assert_non_null(age);
        text_append(&text, "%.*s\n", (int)(age - line), line);
        ledger += length + (ledger[length] == '\n');
    }
    return text.bytes;
}

static void obey(struct life *life, const char *order)
{
    const char *reason = "";

    if (!sim_lattice_obey(life->lattice, rehearsal_now(life->rehearsal), order,
                          &reason)) {
        fail_msg("%s: %s", order, reason);
    }
}

/* A host, and something of somebody else's. */
static void begin(struct life *life)
{
    const struct sim_lattice_options options = {.lattice = "default", .seed = 1};
    const struct instant origin = {0};
    const char *reason;

    life->lattice = sim_lattice_new(&options);
    assert_true(sim_lattice_obey(life->lattice, origin, "start h1", &reason));
    start(life, origin);
    rehearsal_run(life->rehearsal, 10000);
    obey(life, "put-link their-web their-api wasi http incoming-handler");
    obey(life, "start-provider h1 their-kv reg/kv:1");
    rehearsal_run(life->rehearsal, 20000);
}

/*
 * Live, and die once at step n; 0: never.  The result after each part is results[part],
 * or is put there where n is 0.  False: it came to its end before.
 */
static bool live(struct linkstore_state *s, long n, const char **results)
{
    static struct life life; /* longjmp leaves it as it is */
    static size_t part;
    static bool has_died;

    life = (struct life){.s = s};
    has_died = false;
    begin(&life);
    life.steps_left = n;
    step_watch(pass, &life);
    for (part = 0; part < PARTS_COUNT; part++) {
        if (setjmp(life.death) == 0) {
            run_part(&life, part);
        } else {
            has_died = true;
            crash(&life);
            run_part(&life, part);
        }
        if (n == 0) {
            results[part] = result(&life);
        } else {
            linkstore_assert_text(result(&life), results[part]);
        }
    }
    step_watch(NULL, NULL);
    rehearsal_free(life.rehearsal);
    engine_free(life.engine);
    sim_lattice_free(life.lattice);
    store_close(s->store);
    s->store = NULL;
    linkstore_remove_store(s->path);
    return has_died;
}

/* How a child ends that no check of cmocka's ended. */
#define CHILD_LIVED 40
#define CHILD_DIED  41

/* In a process of its own, for who dies frees nothing; false: it did not come to it. */
static bool live_apart(struct linkstore_state *s, long n, const char **results)
{
    const pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        _exit(live(s, n, results) ? CHILD_DIED : CHILD_LIVED);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status) ||
        (WEXITSTATUS(status) != CHILD_DIED && WEXITSTATUS(status) != CHILD_LIVED)) {
        fail_msg("dead at step %ld, it does not end as it should", n);
    }
    return WEXITSTATUS(status) == CHILD_DIED;
}

static void test_every_step(void **state)
{
    struct linkstore_state *s = *state;
    const char *results[PARTS_COUNT];
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
    const bool is_whole = getenv("TORTURE") != NULL;
    const long stride = is_whole ? 1 : SAMPLE_STRIDE;
    long points = 0;
    long n = 1;

    vfs_install(); /* and no sync takes its time */
    (void)live(s, 0, results);
    assert_string_not_equal(results[0], results[1]);
    while (live_apart(s, n, results)) {
        points++;
        n += stride;
    }
    vfs_remove();
    print_message("# died at %ld of %ld steps, and came back\n", points, n - 1);
    assert_true(n > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINKSTORE_TEST("who dies at any step ends as if nothing had been",
                       test_every_step),
    };

    return cmocka_run_group_tests_name("driver_torture", tests, NULL, NULL);
}
