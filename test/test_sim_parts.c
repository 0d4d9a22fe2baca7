/* What the simulation is made of: chance, names and times, agendas, tables, buckets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "reconciler/sim/agenda.h"
#include "reconciler/sim/bucket.h"
#include "reconciler/sim/id.h"
#include "reconciler/sim/prng.h"
#include "reconciler/sim/table.h"

/* The first numbers of splitmix64 from seed 1234567, as its author publishes them. */
static void test_splitmix(void **state)
{
    static const uint64_t expected[] = {
        UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
        UINT64_C(9817491932198370423), UINT64_C(4593380528125082431)};
    struct sim_prng prng = {.state = 1234567};

    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_true(sim_prng_next(&prng) == expected[i]);
    }
    for (int i = 0; i < 100; i++) {
        assert_true(sim_prng_below(&prng, 7) < 7);
    }
}

static void test_derive(void **state)
{
    const uint64_t seed = sim_prng_derive(1, "h1", 0);

    (void)state;
    assert_true(seed == sim_prng_derive(1, "h1", 0));
    assert_true(seed != sim_prng_derive(2, "h1", 0));
    assert_true(seed != sim_prng_derive(1, "h2", 0));
    assert_true(seed != sim_prng_derive(1, "1h", 0));
    assert_true(seed != sim_prng_derive(1, "h1", 1));
}

/* Decode base32 as the other side of the wire would. */
static void decode_base32(const char *letters, unsigned char *ret_bytes)
{
    unsigned int window = 0;
    unsigned int bits = 0;

    for (; *letters != '\0'; letters++) {
        const unsigned int value = *letters >= 'A' && *letters <= 'Z'
                                       ? (unsigned int)(*letters - 'A')
                                       : (unsigned int)(*letters - '2') + 26;

        window = (window << 5 | value) & 0xfffU;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            *ret_bytes++ = (unsigned char)(window >> bits);
        }
    }
}

static unsigned int crc16(const unsigned char *bytes, size_t length)
{
    unsigned int crc = 0;

    for (size_t i = 0; i < length * 8; i++) {
        const unsigned int bit = (unsigned int)(bytes[i / 8] >> (7 - i % 8)) & 1U;
        const unsigned int top = (crc >> 15) & 1U;

        crc = (crc << 1U) & 0xffffU;
        if ((top ^ bit) != 0) {
            crc ^= 0x1021U;
        }
    }
    return crc;
}

static bool is_key(const char *key)
{
    unsigned char raw[35] = {0};

    if (strlen(key) != 56) {
        return false;
    }
    decode_base32(key, raw);
    return crc16(raw, 33) == ((unsigned int)raw[33] | (unsigned int)raw[34] << 8);
}

static void test_keys(void **state)
{
    struct sim_prng prng = {.state = 5};
    struct arena arena = {0};
    const char *host = sim_id_key(&prng, SIM_KEY_HOST, &arena);
    const char *curve = sim_id_key(&prng, SIM_KEY_CURVE, &arena);

    (void)state;
    /* The ids of real hosts are such keys: this is how one is told from another. */
    assert_true(is_key("NDIKIVKPKC2NBS2ZLZ34M4U45KZBRWVZBFORYNVGJVOY4SHMFXW3CZFT"));
    assert_true(is_key("XDHTHJNEE23CGFN7AWQTKXCRJSWFXOWHVGQFUDC7D6QABCRCQBAFLNYD"));
    assert_false(is_key("NDIKIVKPKC2NBS2ZLZ34M4U45KZBRWVZBFORYNVGJVOY4SHMFXW3CZFA"));
    assert_true(is_key(host));
    assert_int_equal(host[0], 'N');
    assert_true(is_key(curve));
    assert_int_equal(curve[0], 'X');
    arena_free(&arena);
}

static void test_times(void **state)
{
    static const struct {
        int64_t unix_ms;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000000000Z"},
        {951782399999, "2000-02-28T23:59:59.999000000Z"},
        {951782400000, "2000-02-29T00:00:00.000000000Z"},
        {1767225600000, "2026-01-01T00:00:00.000000000Z"},
        {1795355269054, "2026-11-22T13:47:49.054000000Z"},
        {4107542399001, "2100-02-28T23:59:59.001000000Z"},
        {4107542400000, "2100-03-01T00:00:00.000000000Z"},
    };
    struct arena arena = {0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text text;

        text_init(&text, &arena, 100);
        sim_id_print_time(cases[i].unix_ms, &text);
        assert_string_equal(text.bytes, cases[i].text);
    }
    arena_free(&arena);
}

static void test_uptimes(void **state)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {
        {0, "0s"},
        {61, "1m 1s"},
        {175, "2m 55s"},
        {180, "3m"},
        {3661, "1h 1m 1s"},
        {90061, "1day 1h 1m 1s"},
        {172800, "2days"},
        {2630016, "1month"},
        {31557600 + 2 * 2630016 + 5, "1year 2months 5s"},
    };
    struct arena arena = {0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text text;

        text_init(&text, &arena, 100);
        sim_id_print_uptime(cases[i].seconds, &text);
        assert_string_equal(text.bytes, cases[i].text);
    }
    arena_free(&arena);
}

/* An event id begins with its time, as a ULID does. */
static void test_event_ids(void **state)
{
    struct sim_prng prng = {.state = 1};
    struct arena arena = {0};
    struct text text;

    (void)state;
    text_init(&text, &arena, 100);
    sim_id_print_event(&prng, INT64_C(0x01a203834fee), &text);
    assert_int_equal(text.count, 36);
    assert_memory_equal(text.bytes, "01a20383-4fee-", 14);
    assert_int_equal(strspn(text.bytes, "0123456789abcdef-"), 36);
    arena_free(&arena);
}

static void test_agenda(void **state)
{
    static const int64_t dues[] = {5, 3, 9, 3, 1, 9, 5, 2, 3, 0};
    static const int order[] = {9, 4, 7, 1, 3, 8, 0, 6, 2, 5};
    int items[10];
    struct sim_agenda agenda = {0};
    struct arena arena = {0};

    (void)state;
    assert_true(sim_agenda_due(&agenda).ms == INSTANT_NEVER.ms);
    for (int i = 0; i < 10; i++) {
        items[i] = i;
        sim_agenda_put(&agenda, &arena, (struct instant){dues[i]}, &items[i]);
    }
    assert_true(sim_agenda_due(&agenda).ms == 0);
    for (int i = 0; i < 10; i++) {
        const struct instant due = sim_agenda_due(&agenda);
        const int *item;

        assert_null(sim_agenda_take(&agenda, (struct instant){due.ms - 1}));
        item = sim_agenda_take(&agenda, due);
        assert_non_null(item);
        assert_int_equal(*item, order[i]);
    }
    assert_null(sim_agenda_take(&agenda, INSTANT_NEVER));
    arena_free(&arena);
}

static void test_table(void **state)
{
    static const char *const keys[] = {"m", "c", "x", "a", "q", "cc"};
    int items[6] = {0};
    struct sim_table table = {0};
    struct arena arena = {0};

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        assert_null(sim_table_find(&table, keys[i]));
        assert_null(sim_table_put(&table, &arena, keys[i], &items[i]));
    }
    assert_int_equal(table.count, 6);
    for (size_t i = 1; i < 6; i++) {
        assert_true(strcmp(table.rows[i - 1].key, table.rows[i].key) < 0);
    }
    assert_ptr_equal(sim_table_find(&table, "cc"), &items[5]);
    assert_ptr_equal(sim_table_put(&table, &arena, "cc", &items[0]), &items[5]);
    assert_ptr_equal(sim_table_remove(&table, "cc"), &items[0]);
    assert_null(sim_table_remove(&table, "cc"));
    assert_null(sim_table_find(&table, "cc"));
    assert_int_equal(sim_table_seek(&table, "b"), 1);
    assert_int_equal(sim_table_seek(&table, "zz"), 5);
    arena_free(&arena);
}

static void test_bucket(void **state)
{
    struct sim_bucket bucket = {.name = "b"};
    struct arena arena = {0};
    const struct sim_entry *marker;

    (void)state;
    (void)sim_bucket_put(&bucket, &arena, "a", "1", 1);
    (void)sim_bucket_put(&bucket, &arena, "b", "2", 1);
    assert_string_equal(sim_bucket_find(&bucket, "a")->bytes, "1");
    marker = sim_bucket_put(&bucket, &arena, "a", NULL, 0);
    assert_int_equal(marker->sequence, 3);
    assert_null(sim_bucket_find(&bucket, "a"));
    assert_int_equal(bucket.entries.count, 2);
    sim_bucket_lose(&bucket);
    assert_true(bucket.is_missing);
    assert_null(sim_bucket_find(&bucket, "b"));
    bucket.is_missing = false;
    assert_int_equal(sim_bucket_put(&bucket, &arena, "a", "", 0)->sequence, 1);
    sim_bucket_lose(&bucket);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"splitmix64 gives its published numbers", test_splitmix, NULL, NULL, NULL},
        {"a derived seed follows from all it is derived from", test_derive, NULL, NULL,
         NULL},
        {"a host id is a server's public nkey", test_keys, NULL, NULL, NULL},
        {"times are written as RFC 3339", test_times, NULL, NULL, NULL},
        {"uptimes are written as hosts do", test_uptimes, NULL, NULL, NULL},
        {"an event id is a ULID written as a UUID", test_event_ids, NULL, NULL, NULL},
        {"an agenda gives the earliest first, then the oldest", test_agenda, NULL, NULL,
         NULL},
        {"a table finds by key, and stays sorted", test_table, NULL, NULL, NULL},
        {"a bucket keeps the newest message of a key", test_bucket, NULL, NULL, NULL},
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
