/*
 * An older store becomes a new one, or stays what it was: whatever call of its disk
 * fails, whenever the power goes, and whenever the process dies.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "linkstore/step.h"
#include "linkstore/store.h"
#include "linkstore/store_file.h"
#include "test/support_image.h"
#include "test/support_linkstore.h"
#include "test/support_manifest.h"
#include "test/support_vfs.h"

#define OLDEST 1
#define NEWEST 5 /* of those that are older than the program's */

static void put_back(struct linkstore_state *s, int version)
{
    size_t length;
    const char *bytes = support_file_read(
        arena_print(&s->arena, "fixtures/stores/linkstore-%d.db", version), &s->arena,
        &length);

    support_file_write(s->path, bytes, length);
}

/* What the store holds, opened where nothing fails. */
static const char *dump(struct linkstore_state *s)
{
    struct names findings;
    const char *text;

    linkstore_open_file(s);
    text = arena_print(&s->arena, "%s%s%s", linkstore_dump_applications(s),
                       linkstore_dump_desired(s, "shop"),
                       linkstore_dump_ledger(s, (int64_t)1700000004000));
    store_close(s->store);
    s->store = NULL;
    assert_int_equal(store_examine(s->path, &s->arena, &findings, &s->err), ERR_OK);
    assert_int_equal(findings.count, 0);
    linkstore_remove_store(s->path);
    return text;
}

static const char *unharmed(struct linkstore_state *s, int version)
{
    put_back(s, version);
    return dump(s);
}

/* The disk dies at call n while the store is opened; did it come to that? */
static bool open_dying(struct linkstore_state *s, long n, long *full_count)
{
    vfs_fail_at(n, true);
    if (store_open(s->path, "default", &s->store, &s->err) != ERR_OK) {
        assert_int_equal(s->err.code, ERR_IO);
        assert_non_null(strstr(s->err.message, s->path));
        *full_count += strstr(s->err.message, "no room is left for store") != NULL;
    }
    store_close(s->store);
    s->store = NULL;
    return vfs_heal();
}

/*
 * Call n fails, and all after it; then the power goes, or it does not.  What is left when
 * it does is mostly what was left the time before, by its digest in *last.
 */
static bool test_call(struct linkstore_state *s, long n, const char *expected,
                      char last[static DIGEST_HEX_BYTES], long *full_count)
{
    struct arena arena = {0};
    const bool has_failed = open_dying(s, n, full_count);
    const struct image with_power = image_read(s->path, &arena);
    struct image without;

    vfs_lose_unsynced();
    without = image_read(s->path, &arena);
    if (strcmp(without.digest, last) != 0) {
        linkstore_assert_text(dump(s), expected);
        memcpy(last, without.digest, DIGEST_HEX_BYTES);
    }
    image_write(&with_power, s->path);
    linkstore_assert_text(dump(s), expected);
    arena_free(&arena);
    return has_failed;
}

static void test_disk(void **state)
{
    struct linkstore_state *s = *state;
    long full_count = 0;
    long points = 0;

    vfs_install();
    for (int version = OLDEST; version <= NEWEST; version++) {
        const char *expected = unharmed(s, version);
        char last[DIGEST_HEX_BYTES] = "";
        bool has_failed = true;

        for (long n = 1; has_failed; n += VFS_CALLS_STEP) {
            put_back(s, version);
            has_failed = test_call(s, n, expected, last, &full_count);
            points += has_failed ? 2 : 0; /* with power, and without */
        }
    }
    vfs_remove();
    print_message("# %ld calls failed\n", points);
    assert_true(points * VFS_CALLS_STEP > 80);
    assert_true(full_count > 0); /* and it is said what is to be done */
}

static long steps_left;

static void die(void *context)
{
    (void)context;
    if (--steps_left == 0) {
        (void)raise(SIGKILL);
    }
}

/* A child that opens the store and is killed at step n; was it? */
static bool open_killed(const char *path, long n)
{
    struct store *store = NULL;
    struct err err;
    int status;
    const pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        steps_left = n;
        step_watch(die, NULL);
        _exit(store_open(path, "default", &store, &err) == ERR_OK ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
}

static void test_killed(void **state)
{
    struct linkstore_state *s = *state;
    long points = 0;

    vfs_install(); /* what the process wrote is there, synced or not */
    for (int version = OLDEST; version <= NEWEST; version++) {
        const char *expected = unharmed(s, version);
        bool was_killed = true;

        for (long n = 1; was_killed; n++) {
            put_back(s, version);
            was_killed = open_killed(s->path, n);
            linkstore_assert_text(dump(s), expected);
            points += was_killed;
        }
    }
    vfs_remove();
    print_message("# killed at %ld steps\n", points);
    assert_true(points > 8);
}

#define NOBODY 65534

/* A child that is not root, who may write anything, opens the store; the message. */
static const char *open_as_nobody(struct linkstore_state *s)
{
    char message[ERR_MESSAGE_BYTES_MAX] = "";
    struct store *store = NULL;
    struct err err = {0};
    int ends[2];
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const bool is_nobody = geteuid() != 0 || setuid(NOBODY) == 0;

        if (is_nobody && store_open(s->path, "default", &store, &err) != ERR_OK) {
            (void)!write(ends[1], err.message, strlen(err.message));
        }
        _exit(0);
    }
    assert_int_equal(close(ends[1]), 0);
    assert_true(read(ends[0], message, sizeof message - 1) >= 0);
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    return arena_copy(&s->arena, message);
}

static void test_read_only(void **state)
{
    struct linkstore_state *s = *state;
    const char *expected = unharmed(s, NEWEST);
    char *folder = arena_copy(&s->arena, s->path);

    *strrchr(folder, '/') = '\0';
    put_back(s, NEWEST);
    if (geteuid() == 0) {
        assert_int_equal(chown(folder, NOBODY, (gid_t)-1), 0);
        assert_int_equal(chown(s->path, NOBODY, (gid_t)-1), 0);
    }
    assert_int_equal(chmod(s->path, 0400), 0);
    linkstore_assert_text(
        open_as_nobody(s),
        arena_print(&s->arena,
                    "store %s cannot be written (attempt to write a readonly database): "
                    "check the mode of the file and of its folder",
                    s->path));
    assert_int_equal(chmod(s->path, 0600), 0);
    linkstore_assert_text(dump(s), expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINKSTORE_TEST("a disk that dies while a store is brought up to date", test_disk),
        LINKSTORE_TEST("a process killed while it brings a store up to date",
                       test_killed),
        LINKSTORE_TEST("a store that may not be written stays as it is", test_read_only),
    };

    return cmocka_run_group_tests_name("store_migrate", tests, NULL, NULL);
}
