/*
 * Beside the one that writes: readers, a second writer, strangers with locks; and files
 * that cannot be used, in which not a byte changes.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "linkstore/store_internal.h"
#include "linkstore/store_lock.h"
#include "test/support_linkstore.h"
#include "test/support_manifest.h"

static const char *read_file(struct linkstore_state *s, const char *path, size_t *length)
{
    return support_file_read(path, &s->arena, length);
}

/* Opening fails with code and words, and leaves every byte as it is. */
static void assert_refused(struct linkstore_state *s, enum err_code code,
                           const char *words)
{
    const char *log = arena_print(&s->arena, "%s-wal", s->path);
    const bool has_log = access(log, F_OK) == 0;
    struct store *store = NULL;
    size_t lengths[4];
    const char *before = read_file(s, s->path, &lengths[0]);
    const char *log_before = has_log ? read_file(s, log, &lengths[1]) : "";
    const char *after;

    assert_int_equal(store_open(s->path, "default", &store, &s->err), code);
    assert_null(store);
    if (strstr(s->err.message, words) == NULL) {
        fail_msg("'%s' is not in: %s", words, s->err.message);
    }
    after = read_file(s, s->path, &lengths[2]);
    assert_int_equal(lengths[0], lengths[2]);
    assert_memory_equal(before, after, lengths[0]);
    if (has_log) {
        after = read_file(s, log, &lengths[3]);
        assert_int_equal(lengths[1], lengths[3]);
        assert_memory_equal(log_before, after, lengths[1]);
    }
}

static void fill(struct linkstore_state *s)
{
    linkstore_open_file(s);
    for (int i = 0; i < 40; i++) {
        linkstore_put_and_deploy(s, arena_print(&s->arena, "app%02d", i), "v1",
                                 arena_print(&s->arena, "component web%02d i 1 -", i));
    }
}

static void close_store(struct linkstore_state *s)
{
    store_close(s->store);
    s->store = NULL;
}

/* What a process that is killed leaves: a log that is not in the file yet. */
static void leave_log(struct linkstore_state *s, const char *sql)
{
    const pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        sqlite3 *database = NULL;

        if (sqlite3_open(s->path, &database) == SQLITE_OK &&
            sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK) {
            (void)kill(getpid(), SIGKILL);
        }
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

static void test_newer_untouched(void **state)
{
    struct linkstore_state *s = *state;
    struct store *copy = NULL;

    fill(s);
    close_store(s);
    leave_log(s, "PRAGMA user_version = 1000");
    assert_refused(s, ERR_CONFLICT, "was written by a newer trellis (schema 1000");
    assert_int_equal(store_open_copy(s->path, NULL, &copy, &s->err), ERR_CONFLICT);
    assert_null(copy);
}

static void test_foreign_untouched(void **state)
{
    struct linkstore_state *s = *state;

    leave_log(s, "PRAGMA journal_mode = WAL; CREATE TABLE precious (x)");
    assert_refused(s, ERR_CONFLICT, "is no trellis store");
}

/* Spoil each page in turn: what is found to be spoiled is left alone; the rest can at
 * least be read to the end. */
static void test_spoilt_pages(void **state)
{
    static const char junk[4096] = "\x0d\x01junk";
    struct linkstore_state *s = *state;
    size_t refused = 0;
    size_t length;
    const char *good;

    fill(s);
    close_store(s);
    good = read_file(s, s->path, &length);
    for (size_t at = 4096; at < length; at += 4096) {
        struct store *store = NULL;
        int file;

        support_file_write(s->path, good, length);
        file = open(s->path, O_WRONLY | O_CLOEXEC);
        assert_true(file >= 0);
        assert_int_equal(pwrite(file, junk, sizeof junk, (off_t)at), sizeof junk);
        assert_int_equal(close(file), 0);
        if (store_open(s->path, "default", &store, &s->err) == ERR_OK) {
            store_close(store); /* an index, or a page that nothing is in */
        } else {
            support_file_write(s->path, good, length);
            file = open(s->path, O_WRONLY | O_CLOEXEC);
            assert_true(file >= 0);
            assert_int_equal(pwrite(file, junk, sizeof junk, (off_t)at), sizeof junk);
            assert_int_equal(close(file), 0);
            assert_refused(s, ERR_IO, "is damaged");
            refused++;
        }
    }
    print_message("# %zu of %zu pages\n", refused, length / 4096 - 1);
    assert_true(refused * 2 > length / 4096);
}

static void test_reader(void **state)
{
    struct linkstore_state *s = *state;
    struct store *copy = NULL;
    struct store *other = NULL;
    struct store *writer;
    struct stat log;
    bool has = true;

    fill(s);
    assert_int_equal(store_begin(s->store, &s->err), ERR_OK);
    (void)linkstore_put(s, "late", "v1", "config c {}");
    assert_int_equal(store_open_copy(s->path, "default", &copy, &s->err), ERR_OK);
    assert_int_equal(store_has(copy, "app07", "v1", &has, &s->err), ERR_OK);
    assert_true(has);
    assert_int_equal(store_has(copy, "late", NULL, &has, &s->err), ERR_OK);
    assert_false(has); /* not committed yet */
    assert_string_equal(store_identity(copy), store_identity(s->store));
    assert_string_equal(store_lattice(copy), "default");
    assert_int_equal(store_commit(s->store, &s->err), ERR_OK);
    /* What is written to a copy is nowhere else, and needs no lock. */
    writer = s->store;
    s->store = copy;
    linkstore_put_and_deploy(s, "copied", "v1", "config c {}");
    s->store = writer;
    assert_int_equal(store_has(s->store, "copied", NULL, &has, &s->err), ERR_OK);
    assert_false(has);
    store_close(copy);
    /* A reader that goes takes nothing along: the log is the writer's. */
    assert_int_equal(stat(arena_print(&s->arena, "%s-wal", s->path), &log), 0);
    assert_true(log.st_size > 0);
    assert_int_equal(store_open_copy(s->path, "prod", &other, &s->err), ERR_CONFLICT);
    assert_non_null(strstr(s->err.message, "belongs to lattice 'default', not 'prod'"));
    close_store(s);
    linkstore_remove_store(s->path);
    assert_int_equal(store_open_copy(s->path, NULL, &other, &s->err), ERR_NOTFOUND);
    assert_int_equal(access(s->path, F_OK), -1);
}

/* What was written and not moved into the file is read, when its writer was killed. */
static void test_reader_of_log(void **state)
{
    struct linkstore_state *s = *state;
    struct store *copy = NULL;
    bool has = false;

    fill(s);
    close_store(s);
    leave_log(s, "INSERT INTO application (name, revision) VALUES ('log', 0);"
                 "INSERT INTO version (application, version, revision, digest, source,"
                 " created_unix_ms, text) VALUES ('log', 'v1', 1, '', '', 0, '')");
    assert_int_equal(store_open_copy(s->path, NULL, &copy, &s->err), ERR_OK);
    assert_int_equal(store_has(copy, "log", "v1", &has, &s->err), ERR_OK);
    assert_true(has);
    store_close(copy);
}

/* A child that runs what, tells, and waits to be killed. */
static pid_t start_child(struct linkstore_state *s, bool (*what)(const char *path))
{
    int ends[2];
    char told = 0;
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (what(s->path) && write(ends[1], "x", 1) == 1) {
            (void)pause();
        }
        _exit(1);
    }
    assert_int_equal(close(ends[1]), 0);
    assert_int_equal(read(ends[0], &told, 1), 1);
    assert_int_equal(close(ends[0]), 0);
    return child;
}

static void end_child(pid_t child)
{
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static bool be_writer(const char *path)
{
    struct store *store;
    struct err err;

    return store_open(path, "default", &store, &err) == ERR_OK;
}

static bool lock_with_shell(const char *path)
{
    sqlite3 *database = NULL;

    return sqlite3_open(path, &database) == SQLITE_OK &&
           sqlite3_exec(database, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK;
}

static void test_locked(void **state)
{
    struct linkstore_state *s = *state;
    const struct ledger_change change = {
        .row = {.kind = LEDGER_CONFIG, .application = "a", .u.config = {"c", "{}"}}};
    pid_t child;

    fill(s);
    close_store(s);
    child = start_child(s, be_writer);
    assert_refused(
        s, ERR_CONFLICT,
        arena_print(&s->arena, "is in use by another trellis, process %d:", (int)child));
    end_child(child);
    linkstore_open_file(s); /* the lock goes with its process, and a stranger comes */
    child = start_child(s, lock_with_shell);
    assert_int_equal(store_write_ledger(s->store, &change, 1, 0, &s->err), ERR_CONFLICT);
    assert_non_null(strstr(
        s->err.message, arena_print(&s->arena, "is locked by process %d:", (int)child)));
    end_child(child);
    assert_int_equal(store_write_ledger(s->store, &change, 1, 0, &s->err), ERR_OK);
}

/* As who makes a store has it, for a second, which is the child's last. */
static bool lock_a_while(const char *path)
{
    sqlite3 *database = NULL;

    (void)alarm(1);
    return sqlite3_open(path, &database) == SQLITE_OK &&
           sqlite3_exec(database, "BEGIN EXCLUSIVE", NULL, NULL, NULL) == SQLITE_OK;
}

static void test_reader_waits(void **state)
{
    struct linkstore_state *s = *state;
    struct store *copy = NULL;
    const pid_t child = start_child(s, lock_a_while);

    assert_int_equal(store_open_copy(s->path, "default", &copy, &s->err), ERR_OK);
    store_close(copy);
    end_child(child);
}

/* As somebody who may read and not write; what it was told is the exit status. */
static int open_as_nobody(struct linkstore_state *s)
{
    const pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        struct store *store = NULL;
        const bool is_nobody = setgid(65534) == 0 && setuid(65534) == 0;
        const enum err_code code =
            is_nobody ? store_open(s->path, "default", &store, &s->err) : ERR_OK;

        _exit(is_nobody ? (int)code : 99);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_read_only(void **state)
{
    struct linkstore_state *s = *state;

    if (geteuid() != 0) {
        skip(); /* nobody else can be become */
    }
    fill(s);
    close_store(s);
    assert_int_equal(chmod(s->folder, 0777), 0);
    assert_int_equal(chmod(s->path, 0444), 0);
    assert_int_equal(unlink(arena_print(&s->arena, "%s-lock", s->path)), 0);
    assert_int_equal(open_as_nobody(s), ERR_IO); /* may lock, cannot write */
    linkstore_remove_store(arena_print(&s->arena, "%s", s->path));
    assert_int_equal(chmod(s->folder, 0755), 0);
    assert_int_equal(open_as_nobody(s), ERR_IO);
    assert_int_equal(access(s->path, F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINKSTORE_TEST("a newer store keeps every byte", test_newer_untouched),
        LINKSTORE_TEST("somebody else's database does, too", test_foreign_untouched),
        LINKSTORE_TEST("a damaged store does, and is found to be", test_spoilt_pages),
        LINKSTORE_TEST("a reader has what is committed, beside the writer", test_reader),
        LINKSTORE_TEST("and what a killed writer left", test_reader_of_log),
        LINKSTORE_TEST("a second writer is told who the first is", test_locked),
        LINKSTORE_TEST("a reader waits while a store is made", test_reader_waits),
        LINKSTORE_TEST("what cannot be written is said to be so", test_read_only),
    };

    return cmocka_run_group_tests_name("store_beside", tests, NULL, NULL);
}
