#include "reconciler/run/driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "reconciler/core/status.h"
#include "reconciler/run/rehearsal.h"
#include "test/support_linkstore.h"
#include "test/support_vfs.h"

#define CONVERGE_MS ((int64_t)5 * 60 * 1000)
#define QUIET_MS    ((int64_t)60 * 1000)
#define NEVER       0

static const char shop[] = "config shop-port {\"port\":\"80\"}\n"
                           "link web api default wasi http incoming-handler shop-port -\n"
                           "component api reg/api:1 2 -\n"
                           "provider web reg/web:1 1 -";
static const char *const shop_name = "shop";

/* A driver between a store on disk and a simulated lattice, looked over its shoulder. */
struct bench {
    struct linkstore_state *s;
    struct sim_lattice *lattice;
    struct engine *engine;
    struct rehearsal *rehearsal;
    struct driver *driver;
    struct lattice port;    /* the rehearsal's own */
    size_t refusals_left;   /* commands that the port does not take */
    size_t commands_count;  /* that have left, without questions */
    size_t questions_count; /* that have left */
    size_t told_count;      /* of both, by on_command */
    size_t errors_count;
    struct err error; /* the last */
};

/* Is a row for what command changes in the store, where a crash cannot reach it? */
static bool is_in_ledger(struct bench *bench, const struct command *command)
{
    struct arena arena = {0};
    struct ledger_rows rows = {0};
    bool is_there = false;

    assert_int_equal(store_read_ledger(bench->s->store, 0, &arena, &rows, &bench->s->err),
                     ERR_OK);
    for (size_t i = 0; i < rows.count; i++) {
        const struct ledger_row *row = &rows.items[i];
        struct text text;
        struct text line;

        text_init(&text, &arena, 4096);
        text_init(&line, &arena, 4096);
        switch (row->kind) {
        case LEDGER_CONFIG:
            text_append(&text, "put-config %s ", row->u.config.name);
            break;
        case LEDGER_LINK:
            text_append(&text, "put-link %s ", row->u.link->source_id);
            break;
        case LEDGER_COMPONENT:
            text_append(&text, "scale-component %s on %s ", row->u.workload.id,
                        row->u.workload.host);
            break;
        case LEDGER_PROVIDER:
            text_append(&text, "start-provider %s on %s ", row->u.workload.id,
                        row->u.workload.host);
            break;
        }
        command_print(command, &line);
        is_there = is_there || strncmp(line.bytes, text.bytes, text.count) == 0;
    }
    arena_free(&arena);
    return is_there;
}

static bool makes_something(enum command_kind kind)
{
    return kind == COMMAND_PUT_CONFIG || kind == COMMAND_PUT_LINK ||
           kind == COMMAND_START_PROVIDER || kind == COMMAND_SCALE_COMPONENT;
}

static enum err_code send(void *context, const struct command *command,
                          struct instant now, struct err *err)
{
    struct bench *bench = context;

    if (bench->refusals_left > 0) {
        bench->refusals_left--;
        return err_set(err, ERR_UNREACHABLE, "not connected");
    }
    if (bench->driver->store != NULL && makes_something(command->kind)) {
        assert_true(is_in_ledger(bench, command));
    }
    if (command_is_question(command->kind)) {
        bench->questions_count++;
    } else {
        bench->commands_count++;
    }
    return bench->port.send(bench->port.context, command, now, err);
}

static void count_command(void *context, const struct command *command)
{
    struct bench *bench = context;

    (void)command;
    bench->told_count++;
}

static void take_error(void *context, const struct err *err)
{
    struct bench *bench = context;

    bench->errors_count++;
    bench->error = *err;
}

/* An engine and its driver, at now; what happened before is in store and lattice. */
static void start(struct bench *bench, struct instant now)
{
    const struct engine_options options = {.seed = 1};

    bench->engine = engine_new(&options);
    bench->rehearsal = rehearsal_new(&(struct rehearsal_options){
        .engine = bench->engine,
        .store = bench->s->store,
        .lattice = bench->lattice,
        .name = "default",
        .now = now,
    });
    bench->driver = rehearsal_driver(bench->rehearsal);
    bench->port = bench->driver->lattice;
    bench->driver->lattice = (struct lattice){bench, send};
    bench->driver->context = bench;
    bench->driver->on_command = count_command;
    bench->driver->on_error = take_error;
    assert_int_equal(driver_load(bench->driver, now, &bench->s->err), ERR_OK);
    sim_lattice_connect(bench->lattice, now);
}

static void stop(struct bench *bench)
{
    sim_lattice_disconnect(bench->lattice, rehearsal_now(bench->rehearsal));
    rehearsal_free(bench->rehearsal);
    engine_free(bench->engine);
}

/* Two hosts that have been up for a while, and a store; nothing is wanted yet. */
static void set_up(struct bench *bench, struct linkstore_state *s)
{
    const struct sim_lattice_options options = {.lattice = "default", .seed = 1};
    const char *reason;

    *bench = (struct bench){.s = s, .lattice = sim_lattice_new(&options)};
    linkstore_open_file(s);
    assert_true(
        sim_lattice_obey(bench->lattice, (struct instant){0}, "start h1", &reason));
    assert_true(
        sim_lattice_obey(bench->lattice, (struct instant){0}, "start h2", &reason));
    start(bench, (struct instant){0});
    rehearsal_run(bench->rehearsal, 10000);
}

static void tear_down(struct bench *bench)
{
    stop(bench);
    sim_lattice_free(bench->lattice);
    store_close(bench->s->store);
    bench->s->store = NULL;
    linkstore_remove_store(bench->s->path);
}

static enum err_code reload(struct bench *bench)
{
    return driver_reload(bench->driver, rehearsal_now(bench->rehearsal), &shop_name, 1,
                         &bench->s->err);
}

static void want(struct bench *bench)
{
    linkstore_put_and_deploy(bench->s, shop_name, "v1", shop);
}

static void assert_converges(struct bench *bench)
{
    assert_true(rehearsal_converge(bench->rehearsal, CONVERGE_MS, QUIET_MS));
}

/* What is in the lattice, config and links and what runs where. */
static const char *truth(struct bench *bench)
{
    struct text text;

    text_init(&text, &bench->s->arena, 65536);
    sim_lattice_print(bench->lattice, &text);
    return text.bytes;
}

static void test_row_first(void **state)
{
    struct bench bench;

    set_up(&bench, *state);
    want(&bench);
    assert_int_equal(reload(&bench), ERR_OK);
    assert_converges(&bench);
    assert_int_equal(bench.commands_count, 5); /* 1 config, 1 link, 1 start, 2 scales */
    assert_int_equal(bench.errors_count, 0);
    tear_down(&bench);
}

static void test_counts(void **state)
{
    struct bench bench;

    set_up(&bench, *state);
    want(&bench);
    assert_int_equal(reload(&bench), ERR_OK);
    assert_converges(&bench);
    assert_true(bench.questions_count > 0);
    assert_int_equal(bench.driver->commands_count, bench.commands_count);
    assert_int_equal(bench.told_count, bench.commands_count + bench.questions_count);
    tear_down(&bench);
}

static void test_unsaved(void **state)
{
    struct bench bench;
    struct instant now;
    size_t told;

    vfs_install();
    set_up(&bench, *state);
    want(&bench);
    told = bench.told_count;
    now = rehearsal_now(bench.rehearsal);
    vfs_fail_at(1, true);
    assert_int_equal(reload(&bench), ERR_OK);
    assert_int_equal(bench.told_count, told);
    assert_int_equal(bench.commands_count, 0);
    assert_int_equal(bench.errors_count, 1);
    assert_int_equal(bench.error.code, ERR_IO);
    assert_int_equal(bench.driver->deadline.ms, now.ms + 1000);

    rehearsal_run(bench.rehearsal, QUIET_MS); /* it is tried again, and told of once */
    assert_int_equal(bench.commands_count, 0);
    assert_int_equal(bench.errors_count, 1);
    assert_true(vfs_heal());
    assert_converges(&bench);
    assert_int_equal(bench.commands_count, 5);
    tear_down(&bench);
    vfs_remove();
}

static void test_failing_again(void **state)
{
    struct bench bench;

    vfs_install();
    set_up(&bench, *state);
    want(&bench);
    vfs_fail_at(1, true);
    assert_int_equal(reload(&bench), ERR_OK);
    assert_true(vfs_heal());
    assert_converges(&bench);
    linkstore_put_and_deploy(bench.s, shop_name, "v2", "component api reg/api:1 3 -");
    vfs_fail_at(1, true);
    assert_int_equal(reload(&bench), ERR_OK);
    rehearsal_run(bench.rehearsal, 1000);
    assert_true(vfs_heal());
    assert_int_equal(bench.errors_count, 2);
    assert_converges(&bench);
    tear_down(&bench);
    vfs_remove();
}

/* The disk fails at call n. */
struct fault {
    long n;          /* NEVER */
    bool is_dead;    /* and at all that follow, for a second */
    bool is_removal; /* of what is there; else while it comes about */
};

/* What is in lattice and ledger in the end; *ret_has_failed says whether it did. */
static const char *run_with_fault(struct linkstore_state *s, const struct fault *fault,
                                  bool *ret_has_failed)
{
    struct bench bench;
    const char *result;

    set_up(&bench, s);
    want(&bench);
    if (fault->is_removal) {
        assert_int_equal(reload(&bench), ERR_OK);
        assert_converges(&bench);
        assert_int_equal(store_undeploy(s->store, shop_name, &s->err), ERR_OK);
    }
    if (fault->n != NEVER) {
        vfs_fail_at(fault->n, fault->is_dead);
    }
    assert_int_equal(reload(&bench), ERR_OK);
    rehearsal_run(bench.rehearsal, 1000);
    *ret_has_failed = vfs_heal();
    assert_converges(&bench);
    result = arena_print(&s->arena, "%s%s", truth(&bench), linkstore_dump_ledger(s, 0));
    tear_down(&bench);
    return result;
}

static void run_with_faults(struct linkstore_state *s, struct fault fault)
{
    bool has_failed = true;
    const char *unharmed;

    vfs_install();
    fault.n = NEVER;
    unharmed = run_with_fault(s, &fault, &has_failed);
    assert_true(fault.is_removal == (strstr(unharmed, "confirmed shop") == NULL));
    do {
        fault.n++;
        linkstore_assert_text(run_with_fault(s, &fault, &has_failed), unharmed);
    } while (has_failed);
    assert_true(fault.n > 10);
    vfs_remove();
}

static void test_hiccup(void **state)
{
    run_with_faults(*state, (struct fault){.is_dead = false});
}

static void test_dead_disk(void **state)
{
    run_with_faults(*state, (struct fault){.is_dead = true});
}

static void test_hiccup_in_removal(void **state)
{
    run_with_faults(*state, (struct fault){.is_removal = true});
}

static void test_dead_disk_in_removal(void **state)
{
    run_with_faults(*state, (struct fault){.is_dead = true, .is_removal = true});
}

static void test_not_taken(void **state)
{
    struct bench bench;
    size_t told;

    set_up(&bench, *state);
    want(&bench);
    told = bench.told_count;
    bench.refusals_left = 10;
    assert_int_equal(reload(&bench), ERR_OK);
    assert_int_equal(bench.told_count, told);
    assert_int_equal(bench.driver->deadline.ms, rehearsal_now(bench.rehearsal).ms);
    assert_converges(&bench);
    assert_int_equal(bench.refusals_left, 0);
    assert_int_equal(bench.commands_count, 5);
    tear_down(&bench);
}

static void test_restart(void **state)
{
    struct bench bench;
    struct instant now;

    set_up(&bench, *state);
    want(&bench);
    assert_int_equal(reload(&bench), ERR_OK);
    assert_converges(&bench);
    now = rehearsal_now(bench.rehearsal);
    stop(&bench);
    store_close(bench.s->store);
    bench.s->store = NULL;
    linkstore_open_file(bench.s);
    bench.commands_count = 0;
    start(&bench, now);
    assert_converges(&bench);
    assert_int_equal(bench.commands_count, 0);
    tear_down(&bench);
}

/* A daemon that was killed after the store was written, and before it had sent. */
static void test_killed(void **state)
{
    struct bench bench;
    struct instant now;

    set_up(&bench, *state);
    want(&bench);
    bench.refusals_left = 1000;
    assert_int_equal(reload(&bench), ERR_OK);
    now = rehearsal_now(bench.rehearsal);
    stop(&bench);
    bench.refusals_left = 0;
    start(&bench, now);
    assert_converges(&bench);
    assert_int_equal(bench.commands_count, 5);
    tear_down(&bench);
}

static void test_retracted(void **state)
{
    struct bench bench;

    set_up(&bench, *state);
    want(&bench);
    assert_int_equal(reload(&bench), ERR_OK);
    assert_converges(&bench);
    assert_int_equal(store_undeploy(bench.s->store, shop_name, &bench.s->err), ERR_OK);
    assert_int_equal(reload(&bench), ERR_OK);
    assert_converges(&bench);
    assert_null(strstr(truth(&bench), "api count"));
    assert_null(strstr(truth(&bench), "CONFIGDATA_default shop-port"));
    linkstore_assert_text(linkstore_dump_ledger(bench.s, 0), "");
    tear_down(&bench);
}

/* Nothing is sent for a paused application, by the next process neither. */
static void test_paused(void **state)
{
    struct bench bench;
    struct instant now;

    set_up(&bench, *state);
    want(&bench);
    assert_int_equal(store_pause(bench.s->store, shop_name, 7000, &bench.s->err), ERR_OK);
    assert_int_equal(reload(&bench), ERR_OK);
    rehearsal_run(bench.rehearsal, 10000);
    assert_int_equal(bench.commands_count, 0);
    now = rehearsal_now(bench.rehearsal);
    stop(&bench);
    start(&bench, now);
    rehearsal_run(bench.rehearsal, 10000);
    assert_int_equal(bench.commands_count, 0);
    assert_int_equal(store_pause(bench.s->store, shop_name, 0, &bench.s->err), ERR_OK);
    assert_int_equal(reload(&bench), ERR_OK);
    assert_converges(&bench);
    assert_int_equal(bench.commands_count, 5);
    tear_down(&bench);
}

static void test_no_store(void **state)
{
    struct bench bench;

    set_up(&bench, *state);
    want(&bench);
    assert_int_equal(reload(&bench), ERR_OK);
    bench.driver->store = NULL;
    assert_converges(&bench);
    assert_int_equal(bench.commands_count, 5);
    tear_down(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINKSTORE_TEST("what makes something has its row in the store first",
                       test_row_first),
        LINKSTORE_TEST("commands are counted, questions are told of", test_counts),
        LINKSTORE_TEST("nothing is sent while the store fails", test_unsaved),
        LINKSTORE_TEST("a store that fails again is told of again", test_failing_again),
        LINKSTORE_TEST("a disk that fails once costs time alone", test_hiccup),
        LINKSTORE_TEST("a disk that fails for a second does, too", test_dead_disk),
        LINKSTORE_TEST("one that fails once leaves nothing behind of a removal",
                       test_hiccup_in_removal),
        LINKSTORE_TEST("one that fails for a second does neither",
                       test_dead_disk_in_removal),
        LINKSTORE_TEST("what the lattice does not take is sent later", test_not_taken),
        LINKSTORE_TEST("a restart sends nothing when nothing differs", test_restart),
        LINKSTORE_TEST("what was stored and never sent is sent by the next", test_killed),
        LINKSTORE_TEST("what is not deployed any more is removed", test_retracted),
        LINKSTORE_TEST("nothing is sent for what is paused, after a restart either",
                       test_paused),
        LINKSTORE_TEST("without a store there is no ledger, and all is sent",
                       test_no_store),
    };

    return cmocka_run_group_tests_name("driver", tests, NULL, NULL);
}
