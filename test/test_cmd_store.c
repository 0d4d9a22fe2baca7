/*
 * trellis store and trellis history: what they print, how they end, and that no file that
 * is there is written over.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "linkstore/store.h"
#include "reconciler/run/cli.h"
#include "test/support_cli.h"
#include "test/support_linkstore.h"
#include "test/support_manifest.h"
#include "test/support_schema.h"

static const char good[] = "fixtures/stores/linkstore-3.db";

static void copy_store(struct folder_state *folder, const char *name)
{
    size_t length;
    const char *bytes = support_file_read(good, &folder->arena, &length);

    support_file_write(folder_path(folder, name), bytes, length);
}

struct line {
    const char *line;
    int status;
    const char *output;
    const char *errors;
};

static void run_lines(struct folder_state *folder, const struct line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct ending ending = run_line(folder, lines[i].line);

        support_assert_text(lines[i].line, lines[i].output,
                            folder_shorten(folder, ending.output));
        support_assert_text(lines[i].line, lines[i].errors,
                            folder_shorten(folder, ending.errors));
        assert_int_equal(ending.status, lines[i].status);
    }
}

static void every_action_says_what_it_did(void **state)
{
    static const struct line lines[] = {
        {"store --store a.db check", 0, "store a.db: good\n", ""},
        {"store --store a.db -o json check", 0,
         "{\"schema\":1,\"result\":\"ok\",\"store\":\"a.db\",\"findings\":[]}\n", ""},
        {"store --store a.db backup b.db", 0, "store a.db: copied to b.db\n", ""},
        {"store --store a.db backup b.db", 6, "",
         "trellis: b.db is there already: give another name\n"},
        {"store --store a.db restore b.db", 6, "",
         "trellis: a.db is there already: move it away first, or give another --store\n"},
        {"store --store c.db restore b.db", 0, "store c.db: restored from b.db\n", ""},
        {"store --store d.db --lattice prod restore b.db", 6, "",
         "trellis: b.db is a copy of a store of lattice 'default', not 'prod'\n"},
        {"store --store c.db check", 0, "store c.db: good\n", ""},
        {"store --store c.db show", 0,
         "store     c.db\n"
         "lattice   default\n"
         "identity  0123456789abcdef0123456789abcdef\n"
         "        2 applications\n"
         "        1 deployed\n"
         "        3 versions\n"
         "        1 configs put\n"
         "        1 links put\n"
         "        2 components started\n"
         "        1 providers started\n"
         "        1 to be removed\n"
         "        0 hosts known\n"
         "        0 commands in history\n"
         "        0 events in history\n",
         ""},
        {"store --store c.db export", 0, "---\nexperimental.wasmcloud.dev/shared: true\n",
         ""},
        {"history --store c.db shop", 8, "",
         "trellis: nothing is known of an application 'shop': see trellis status\n"},
        {"history --store c.db", 0, "", ""},
        {"store --store none.db check", 8, "",
         "trellis: none.db: No such file or directory\n"},
        {"store --store none.db backup b2.db", 8, "",
         "trellis: none.db: No such file or directory\n"},
        {"store --store none.db vacuum", 8, "",
         "trellis: there is no store none.db: give another --store\n"},
        {"store --store none.db export", 8, "",
         "trellis: there is no store none.db: give another --store\n"},
        {"store --store a.db backup", 2, "",
         "trellis: trellis store backup takes a FILE\n"},
        {"store --store a.db check now", 2, "",
         "trellis: trellis store check takes no argument\n"},
        {"store --store a.db chekc", 2, "",
         "trellis: there is no trellis store chekc: did you mean 'check'?\n"},
        {"store --store a.db fly", 2, "",
         "trellis: there is no trellis store fly: see trellis(1)\n"},
    };
    struct folder_state *folder = *state;

    copy_store(folder, "a.db");
    run_lines(folder, lines, COUNT_OF(lines));
    assert_int_equal(access(folder_path(folder, "none.db"), F_OK), -1);
    assert_int_equal(access(folder_path(folder, "d.db"), F_OK), -1);
}

static void a_store_is_bound_anew_and_made_anew(void **state)
{
    static const struct line lines[] = {
        {"store --store a.db rebind", 0,
         "store a.db: belongs to the lattice that is seen next; 0 hosts and 5 rows of "
         "the ledger are forgotten, what is wanted stays\n",
         ""},
        {"store --store a.db -o json rebind", 0,
         "{\"schema\":1,\"result\":\"ok\",\"store\":\"a.db\",\"hosts_forgotten\":0,"
         "\"rows_forgotten\":0}\n",
         ""},
        {"store --store none.db rebind", 8, "",
         "trellis: there is no store none.db: give another --store\n"},
        {"store --store a.db rebind a.db", 2, "",
         "trellis: trellis store rebind takes no argument\n"},
        {"store --store e.db rebuild", 2, "",
         "trellis: trellis store rebuild takes FILEs\n"},
        {"store --store e.db rebuild none.yaml", 8, "",
         "trellis: none.yaml: No such file or directory\n"},
    };
    struct folder_state *folder = *state;

    copy_store(folder, "a.db");
    run_lines(folder, lines, COUNT_OF(lines));
    assert_int_equal(access(folder_path(folder, "e.db"), F_OK), -1);
}

static void a_copy_is_one_file_that_only_we_may_read(void **state)
{
    struct folder_state *folder = *state;
    struct stat status;

    copy_store(folder, "a.db");
    assert_int_equal(run_line(folder, "store --store a.db backup b.db").status, 0);
    assert_int_equal(stat(folder_path(folder, "b.db"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(access(folder_path(folder, "b.db-wal"), F_OK), -1);
}

static void vacuum_gives_room_back(void **state)
{
    struct folder_state *folder = *state;
    const char *path = folder_path(folder, "a.db");
    sqlite3 *database = NULL;
    struct stat before;
    struct stat after;

    copy_store(folder, "a.db");
    assert_int_equal(run_line(folder, "store --store a.db vacuum").status, 0);
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(database,
                     "CREATE TABLE big AS SELECT zeroblob(1000000); DROP TABLE big;"
                     " PRAGMA wal_checkpoint(TRUNCATE)",
                     NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
    assert_int_equal(stat(path, &before), 0);
    assert_int_equal(run_line(folder, "store --store a.db vacuum").status, 0);
    assert_int_equal(stat(path, &after), 0);
    assert_true(after.st_size + 900000 < before.st_size);
    assert_int_equal(run_line(folder, "store --store a.db check").status, 0);
}

static void spoil(const char *path, off_t at)
{
    const int file = open(path, O_WRONLY | O_CLOEXEC);

    assert_true(file >= 0);
    assert_int_equal(pwrite(file, "\x0d\x01spoilt", 9, at), 9);
    assert_int_equal(close(file), 0);
}

static void what_is_damaged_is_told_and_not_restored(void **state)
{
    struct folder_state *folder = *state;
    struct ending ending;

    copy_store(folder, "a.db");
    spoil(folder_path(folder, "a.db"), (off_t)512 * 18);
    ending = run_line(folder, "store --store a.db check");
    assert_int_equal(ending.status, EXIT_FAILED);
    assert_non_null(strstr(ending.output, "a.db: damaged: move it away"));
    ending = run_line(folder, "store --store a.db backup b.db");
    assert_int_equal(ending.status, EXIT_FAILED);
    assert_int_equal(access(folder_path(folder, "b.db"), F_OK), -1);
    ending = run_line(folder, "store --store c.db restore a.db");
    assert_int_equal(ending.status, EXIT_FAILED);
    assert_int_equal(access(folder_path(folder, "c.db"), F_OK), -1);
    assert_int_equal(access(folder_path(folder, "c.db.restoring"), F_OK), -1);
}

/* A log that was left would be taken for that of what is restored. */
static void nothing_is_restored_beside_a_log(void **state)
{
    struct folder_state *folder = *state;

    copy_store(folder, "a.db");
    folder_write(folder, "c.db-wal", "somebody's");
    assert_int_equal(run_line(folder, "store --store c.db restore a.db").status,
                     EXIT_CONFLICT);
    assert_int_equal(access(folder_path(folder, "c.db"), F_OK), -1);
}

/* What a line prints is to be as its schema says. */
static void expect_json(struct folder_state *folder, const char *line, int status,
                        const char *schema)
{
    const struct ending ending = run_line(folder, line);
    const char *problem =
        schema_check(arena_print(&folder->arena, "schemas/%s.schema.json", schema),
                     ending.output, &folder->arena);

    if (problem != NULL) {
        fail_msg("%s: %s: %s", line, problem, ending.output);
    }
    assert_int_equal(ending.status, status);
}

static void who_reads_waits_for_no_writer(void **state)
{
    struct folder_state *folder = *state;
    struct store *store = NULL;
    struct ending ending;
    struct err err;

    copy_store(folder, "a.db");
    assert_int_equal(store_open(folder_path(folder, "a.db"), "default", &store, &err),
                     ERR_OK);
    assert_int_equal(store_undeploy(store, "shop", &err), ERR_OK);
    ending = run_line(folder, "history --store a.db shop");
    assert_int_equal(ending.status, 0);
    assert_non_null(strstr(ending.output, "Z shop undeployed\n"));
    assert_int_equal(run_line(folder, "store --store a.db backup b.db").status, 0);
    assert_int_equal(run_line(folder, "store --store a.db check").status, 0);
    ending = run_line(folder, "history --store b.db shop -o json");
    assert_non_null(strstr(ending.output, "\"application\":\"shop\",\"kind\":\"undeployed"
                                          "\",\"version\":\"\",\"text\":\"\"}]}"));
    expect_json(folder, "history --store b.db shop -o json", 0, "api-history");
    ending = run_line(folder, "store --store a.db vacuum");
    assert_int_equal(ending.status, EXIT_CONFLICT);
    assert_non_null(
        strstr(ending.errors, arena_print(&folder->arena, "process %d:", (int)getpid())));
    store_close(store);
}

/* rebuild needs a lattice: see test_e2e_lattice.c. */
static void json_is_as_the_schemas_say(void **state)
{
    struct folder_state *folder = *state;

    copy_store(folder, "a.db");
    expect_json(folder, "store --store a.db -o json vacuum", 0, "store-vacuum");
    expect_json(folder, "store --store a.db -o json check", 0, "store-check");
    expect_json(folder, "store --store a.db -o json backup b.db", 0, "store-backup");
    expect_json(folder, "store --store c.db -o json restore b.db", 0, "store-restore");
    expect_json(folder, "store --store c.db -o json show", 0, "store-show");
    expect_json(folder, "store --store c.db -o json export", 0, "store-export");
    expect_json(folder, "history --store c.db -o json", 0, "api-history");
    expect_json(folder, "store --store c.db -o json rebind", 0, "store-rebind");
    expect_json(folder, "store --store c.db -o json backup b.db", 6, "api-error");
    expect_json(folder, "history --store c.db -o json nothing", 8, "api-error");
    copy_store(folder, "d.db");
    spoil(folder_path(folder, "d.db"), (off_t)512 * 18);
    expect_json(folder, "store --store d.db -o json check", 1, "store-check");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(every_action_says_what_it_did),
        FOLDER_TEST(a_store_is_bound_anew_and_made_anew),
        FOLDER_TEST(a_copy_is_one_file_that_only_we_may_read),
        FOLDER_TEST(vacuum_gives_room_back),
        FOLDER_TEST(what_is_damaged_is_told_and_not_restored),
        FOLDER_TEST(nothing_is_restored_beside_a_log),
        FOLDER_TEST(who_reads_waits_for_no_writer),
        FOLDER_TEST(json_is_as_the_schemas_say),
    };

    return cmocka_run_group_tests_name("cmd_store", tests, NULL, NULL);
}
