#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "linkstore/store.h"
#include "test/support_image.h"
#include "test/support_linkstore.h"
#include "test/support_vfs.h"

static const char shop_1[] = "config shop-port {\"port\":\"80\"}\n"
                             "link web kv default wasi keyvalue store - -\n"
                             "component web reg/web:1 3 shop-port";
static const char shop_2[] = "config shop-port {\"port\":\"81\"}\n"
                             "component web reg/web:2 4 shop-port";

static enum err_code put_text(struct linkstore_state *s, const char *version,
                              const char *lines, const char *text)
{
    const struct desired desired = linkstore_desired("shop", version, lines, &s->arena);
    const struct store_version made = {
        .application = "shop",
        .version = version,
        .source = "shop.yaml",
        .text = text,
        .length = strlen(text),
        .desired = &desired,
    };
    enum store_put_result result;

    return store_put(s->store, &made, &result, &s->err);
}

static enum err_code put(struct linkstore_state *s, const char *version,
                         const char *lines)
{
    return put_text(s, version, lines, lines);
}

static enum err_code apply(struct linkstore_state *s, const char *version,
                           const char *lines)
{
    const char *deployed;
    enum err_code code = store_begin(s->store, &s->err);

    if (code == ERR_OK) {
        code = put(s, version, lines);
    }
    if (code == ERR_OK) {
        code = store_deploy(s->store, "shop", version, &s->arena, &deployed, &s->err);
    }
    if (code == ERR_OK) {
        code = store_check(s->store, &s->err);
    }
    if (code == ERR_OK) {
        code = store_commit(s->store, &s->err);
    }
    store_rollback(s->store);
    return code;
}

static enum err_code apply_first(struct linkstore_state *s)
{
    return apply(s, "v1", shop_1);
}

static enum err_code write_ledger(struct linkstore_state *s)
{
    size_t count = 0;
    const struct ledger_change *changes =
        linkstore_changes("put sent shop config shop-port {}\n"
                          "put sent shop link web kv default wasi keyvalue store - -\n"
                          "put sent shop component web h1 reg/web:1",
                          &s->arena, &count);

    return store_write_ledger(s->store, changes, count, 0, &s->err);
}

static enum err_code apply_second(struct linkstore_state *s)
{
    return apply(s, "v1", shop_2);
}

static enum err_code put_other(struct linkstore_state *s)
{
    return put(s, "v2", shop_1);
}

static enum err_code delete_first(struct linkstore_state *s)
{
    return store_delete(s->store, "shop", "v1", &s->err);
}

/* One transaction each; every one of them changes the state. */
static enum err_code (*const steps[])(struct linkstore_state *s) = {
    apply_first, write_ledger, apply_second, put_other, delete_first,
};

static const char *dump(struct linkstore_state *s)
{
    return arena_print(&s->arena, "%s%s%s", linkstore_dump_applications(s),
                       linkstore_dump_desired(s, "shop"), linkstore_dump_ledger(s, 0));
}

/* What the store holds before the first step, and after each. */
struct states {
    const char *after[COUNT_OF(steps) + 1];
};

static struct states run_unharmed(struct linkstore_state *s)
{
    struct states states;

    linkstore_open_memory(s);
    states.after[0] = dump(s);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        assert_int_equal(steps[i](s), ERR_OK);
        states.after[i + 1] = dump(s);
        assert_string_not_equal(states.after[i + 1], states.after[i]);
    }
    store_close(s->store);
    s->store = NULL;
    return states;
}

static void check_integrity(const char *path)
{
    sqlite3 *database = NULL;
    sqlite3_stmt *statement = NULL;

    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(database, "PRAGMA integrity_check", -1, &statement, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(statement, 0), "ok");
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

/* Steps until one fails, which must say ERR_IO; how many were done. */
static size_t run_steps(struct linkstore_state *s)
{
    size_t done = 0;

    while (done < COUNT_OF(steps)) {
        const enum err_code code = steps[done](s);

        if (code != ERR_OK) {
            assert_int_equal(code, ERR_IO);
            assert_non_null(strstr(s->err.message, s->path));
            break;
        }
        done++;
    }
    return done;
}

/* What is there, opened anew and gone through. */
static const char *look(struct linkstore_state *s)
{
    const char *found;

    linkstore_open_file(s);
    found = dump(s);
    store_close(s->store);
    s->store = NULL;
    check_integrity(s->path);
    return found;
}

/* It is what done steps made, or those and the one that failed. */
static void assert_state(const char *found, const struct states *states, size_t done)
{
    if (done == COUNT_OF(steps) || strcmp(found, states->after[done + 1]) != 0) {
        linkstore_assert_text(found, states->after[done]);
    }
}

/* What was found after a power cut, to be looked at once as long as it stays the same. */
struct found {
    char digest[DIGEST_HEX_BYTES];
    const char *text;
};

/* The disk dies at call n, for good; then the power goes.  Did it come to that? */
static bool run_dying(struct linkstore_state *s, const struct states *states, long n,
                      struct found *last)
{
    struct arena arena = {0};
    struct image with_power;
    struct image without;
    size_t done = 0;
    bool has_failed;

    vfs_fail_at(n, true);
    if (store_open(s->path, "default", &s->store, &s->err) == ERR_OK) {
        done = run_steps(s);
    } else {
        assert_int_equal(s->err.code, ERR_IO);
    }
    store_close(s->store);
    s->store = NULL;
    has_failed = vfs_heal();

    with_power = image_read(s->path, &arena);
    vfs_lose_unsynced();
    without = image_read(s->path, &arena);
    if (strcmp(without.digest, last->digest) != 0) {
        last->text = look(s);
        memcpy(last->digest, without.digest, sizeof last->digest);
    }
    assert_state(last->text, states, done);
    image_write(&with_power, s->path);
    assert_state(look(s), states, done);
    linkstore_remove_store(s->path);
    arena_free(&arena);
    return has_failed;
}

static void test_dying_disk(void **state)
{
    struct linkstore_state *s = *state;
    const struct states states = run_unharmed(s);
    struct found last = {.text = ""};
    long n = 1;

    vfs_install();
    while (run_dying(s, &states, n, &last)) {
        n += VFS_CALLS_STEP;
    }
    vfs_remove();
    print_message("# %ld calls\n", n - 1);
    assert_true(n > 40);
}

/* Call n fails and the disk is well again: what failed is undone, and can be repeated. */
static bool run_hiccup(struct linkstore_state *s, const struct image *empty,
                       const struct states *states, long n)
{
    bool has_failed;

    image_write(empty, s->path);
    linkstore_open_file(s);
    vfs_fail_at(n, false);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        const enum err_code code = steps[i](s);

        if (code != ERR_OK) {
            assert_int_equal(code, ERR_IO);
            linkstore_assert_text(dump(s), states->after[i]);
            assert_int_equal(steps[i](s), ERR_OK);
        }
        linkstore_assert_text(dump(s), states->after[i + 1]);
    }
    has_failed = vfs_heal();
    store_close(s->store);
    linkstore_open_file(s);
    linkstore_assert_text(dump(s), states->after[COUNT_OF(steps)]);
    store_close(s->store);
    s->store = NULL;
    return has_failed;
}

/* A store without anything in it, which takes its time to be made. */
static struct image make_empty(struct linkstore_state *s)
{
    linkstore_open_file(s);
    store_close(s->store);
    s->store = NULL;
    return image_read(s->path, &s->arena);
}

static void test_hiccup(void **state)
{
    struct linkstore_state *s = *state;
    const struct states states = run_unharmed(s);
    struct image empty;
    long n = 1;

    vfs_install();
    empty = make_empty(s);
    while (run_hiccup(s, &empty, &states, n)) {
        n += VFS_CALLS_STEP;
    }
    vfs_remove();
    assert_true(n > 20);
}

/* More than SQLite keeps in memory: parts of it go to the disk before the commit. */
#define TEXT_BYTES ((size_t)12 * 1024 * 1024)
/* A number that has nothing to do with how many calls a page takes. */
#define CALLS_STEP 199

/*
 * A transaction of two puts, the first of which is large; call n fails.  What the store
 * holds of them afterwards must be what it said.
 */
static bool run_large(struct linkstore_state *s, const struct image *empty,
                      const char *text, long n, long *lost_count)
{
    enum err_code codes[3];
    bool has_failed;
    bool has[2] = {false, false};

    image_write(empty, s->path);
    linkstore_open_file(s);
    assert_int_equal(store_begin(s->store, &s->err), ERR_OK);
    vfs_fail_at(n, false);
    codes[0] = put_text(s, "v1", shop_1, text);
    codes[1] = put_text(s, "v2", shop_2, shop_2);
    codes[2] = store_commit(s->store, &s->err);
    has_failed = vfs_heal();
    assert_true(codes[0] == ERR_OK || codes[2] == ERR_IO);
    *lost_count += codes[0] == ERR_IO && codes[1] == ERR_IO;
    assert_int_equal(store_has(s->store, "shop", "v1", &has[0], &s->err), ERR_OK);
    assert_int_equal(store_has(s->store, "shop", "v2", &has[1], &s->err), ERR_OK);
    assert_int_equal(has[0], codes[2] == ERR_OK && codes[0] == ERR_OK);
    assert_int_equal(has[1], codes[2] == ERR_OK && codes[1] == ERR_OK);
    store_close(s->store);
    s->store = NULL;
    return has_failed;
}

static void test_lost_transaction(void **state)
{
    struct linkstore_state *s = *state;
    struct image empty;
    char *text = arena_alloc(&s->arena, TEXT_BYTES);
    long lost_count = 0;
    long n = 1;

    memset(text, 'x', TEXT_BYTES - 1);
    vfs_install();
    empty = make_empty(s);
    while (run_large(s, &empty, text, n, &lost_count)) {
        n += CALLS_STEP;
    }
    vfs_remove();
    assert_true(lost_count > 10);
}

/* Transaction i adds a config of its own, and notes i in the one called last. */
static enum err_code write_numbered(struct store *store, long i, struct err *err)
{
    char name[32];
    char content[32];
    struct ledger_change changes[2] = {
        {.row = {.kind = LEDGER_CONFIG, .application = "a"}},
        {.row = {.kind = LEDGER_CONFIG, .application = "a"}},
    };

    (void)snprintf(name, sizeof name, "n%07ld", i);
    (void)snprintf(content, sizeof content, "%ld", i);
    changes[0].row.u.config.name = name;
    changes[0].row.u.config.content = content;
    changes[1].row.u.config.name = "last";
    changes[1].row.u.config.content = content;
    return store_write_ledger(store, changes, 2, 0, err);
}

/* A child that writes until it is killed, and tells of each commit after it. */
static void write_for_ever(const char *path, int told)
{
    struct store *store = NULL;
    struct err err;

    if (store_open(path, "default", &store, &err) != ERR_OK) {
        _exit(1);
    }
    for (long i = 1; write_numbered(store, i, &err) == ERR_OK; i++) {
        if (write(told, &i, sizeof i) != (ssize_t)sizeof i) {
            _exit(2);
        }
    }
    _exit(3);
}

/* Kill it after commits_min commits; the number of the last that it told of. */
static long kill_writer(const char *path, long commits_min)
{
    long last = 0;
    long told;
    int status;
    int ends[2];
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(ends[0]);
        write_for_ever(path, ends[1]);
    }
    assert_int_equal(close(ends[1]), 0);
    while (read(ends[0], &told, sizeof told) == (ssize_t)sizeof told) {
        last = told;
        if (last == commits_min) {
            assert_int_equal(kill(child, SIGKILL), 0);
        }
    }
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    return last;
}

static void test_killed(void **state)
{
    struct linkstore_state *s = *state;

    vfs_install(); /* what the process wrote is there, synced or not */
    for (long commits_min = 1; commits_min < 1500; commits_min = commits_min * 2 + 5) {
        const long told = kill_writer(s->path, commits_min);
        struct ledger_rows rows;
        struct arena arena = {0};
        char last[32];

        assert_true(told >= commits_min);
        linkstore_open_file(s);
        assert_int_equal(store_read_ledger(s->store, 0, &arena, &rows, &s->err), ERR_OK);
        assert_true(rows.count == (size_t)told + 1 || rows.count == (size_t)told + 2);
        (void)snprintf(last, sizeof last, "%zu", rows.count - 1);
        assert_string_equal(rows.items[0].u.config.name, "last");
        assert_string_equal(rows.items[0].u.config.content, last);
        assert_string_equal(rows.items[rows.count - 1].u.config.content, last);
        arena_free(&arena);
        store_close(s->store);
        s->store = NULL;
        check_integrity(s->path);
        linkstore_remove_store(s->path);
    }
    vfs_remove();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINKSTORE_TEST("a disk that dies, or a power cut, leaves one state or the next",
                       test_dying_disk),
        LINKSTORE_TEST("what failed once is undone and can be repeated", test_hiccup),
        LINKSTORE_TEST("a transaction that lost a part is not committed",
                       test_lost_transaction),
        LINKSTORE_TEST("a process killed while writing loses no commit", test_killed),
    };

    return cmocka_run_group_tests_name("store_faults", tests, NULL, NULL);
}
