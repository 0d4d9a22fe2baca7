/*
 * What the store remembers of its lattice: it comes back as it was put, older by the time
 * that went by; and it is forgotten when the store is bound anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "linkstore/store_memory.h"
#include "test/support_linkstore.h"

static void print_bucket(struct text *text, const char *name,
                         const struct memory_bucket *bucket)
{
    text_append(text, "%s made %s, %llu, deaf to %llu\n", name,
                bucket->made != NULL ? bucket->made : "-",
                (unsigned long long)bucket->sequence,
                (unsigned long long)bucket->deaf_to);
}

static const char *dump(struct linkstore_state *s, int64_t now_unix_ms)
{
    struct memory memory;
    struct text text;

    assert_int_equal(
        store_read_memory(s->store, now_unix_ms, &s->arena, &memory, &s->err), ERR_OK);
    text_init(&text, &s->arena, 4096);
    print_bucket(&text, "links", &memory.links);
    print_bucket(&text, "configs", &memory.configs);
    for (size_t i = 0; i < memory.hosts_count; i++) {
        const struct memory_host *host = &memory.hosts[i];

        text_append(&text, "%s %s, heard %lld ms ago, every %lld ms\n", host->id,
                    host->name, (long long)host->age_ms, (long long)host->interval_ms);
    }
    return text.bytes;
}

static void write(struct linkstore_state *s, const struct memory *memory,
                  int64_t now_unix_ms)
{
    assert_int_equal(store_write_memory(s->store, memory, now_unix_ms, &s->err), ERR_OK);
}

static const struct memory_host two[] = {{"NA", "host-1", 400, 30000},
                                         {"NB", "host-2", 0, 0}};
static const struct memory first = {
    .links = {"2026-11-20T10:00:00Z", 229, 0}, .hosts = two, .hosts_count = 2};

static void test_comes_back(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_file(s);
    assert_string_equal(dump(s, 5), "links made -, 0, deaf to 0\n"
                                    "configs made -, 0, deaf to 0\n");
    write(s, &first, 1000);
    store_close(s->store);
    linkstore_open_file(s);
    assert_string_equal(dump(s, 3000), "links made 2026-11-20T10:00:00Z, 229, deaf to 0\n"
                                       "configs made -, 0, deaf to 0\n"
                                       "NA host-1, heard 2400 ms ago, every 30000 ms\n"
                                       "NB host-2, heard 2000 ms ago, every 0 ms\n");
    /* A clock that was put back makes nobody younger than now. */
    assert_non_null(strstr(dump(s, 10), "NB host-2, heard 0 ms ago, every 0 ms\n"));
}

static void test_replaces(void **state)
{
    struct linkstore_state *s = *state;
    const struct memory_host other = {"NB", "renamed", 0, 500};
    const struct memory later = {.links = {"later", 4, 229},
                                 .configs = {"later", 7, 0},
                                 .hosts = &other,
                                 .hosts_count = 1};

    linkstore_open_memory(s);
    write(s, &first, 1000);
    write(s, &later, 2000);
    assert_string_equal(dump(s, 2000), "links made later, 4, deaf to 229\n"
                                       "configs made later, 7, deaf to 0\n"
                                       "NA host-1, heard 1400 ms ago, every 30000 ms\n"
                                       "NB renamed, heard 0 ms ago, every 500 ms\n");
}

static void test_rebind(void **state)
{
    struct linkstore_state *s = *state;
    struct store_forgotten forgotten;
    const char *wanted;
    size_t count;
    const struct ledger_change *changes =
        linkstore_changes("put sent a config c {}\nput sent a component web h i -\n"
                          "put sent gone link s t n w p i - -",
                          &s->arena, &count);

    linkstore_open_memory(s);
    linkstore_put_and_deploy(s, "a", "v1", "config c {}\ncomponent web i 1 -");
    wanted = linkstore_dump_desired(s, "a");
    assert_int_equal(store_write_ledger(s->store, changes, count, 0, &s->err), ERR_OK);
    write(s, &first, 1000);
    assert_int_equal(store_rebind(s->store, &forgotten, &s->err), ERR_OK);
    assert_int_equal(forgotten.hosts, 2);
    assert_int_equal(forgotten.ledger_rows, 3);
    assert_string_equal(dump(s, 5), "links made -, 0, deaf to 0\n"
                                    "configs made -, 0, deaf to 0\n");
    assert_string_equal(linkstore_dump_ledger(s, 0), "");
    assert_string_equal(linkstore_dump_desired(s, "a"), wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINKSTORE_TEST("what is remembered comes back, and ages", test_comes_back),
        LINKSTORE_TEST("what is known better replaces what was", test_replaces),
        LINKSTORE_TEST("a store bound anew keeps what is wanted alone", test_rebind),
    };

    return cmocka_run_group_tests_name("store_memory", tests, NULL, NULL);
}
