#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "linkstore/ledger.h"
#include "linkstore/store_taint.h"
#include "test/support_linkstore.h"

/* In their order; each equals itself alone. */
static const char ordered[] = "put sent z config a {}\n"
                              "put sent a config b {}\n"
                              "put sent a link a t n w p\n"
                              "put sent a link a u n w p\n"
                              "put sent a link b t n w p\n"
                              "put sent a component a h2 i\n"
                              "put sent a component b h1 i\n"
                              "put sent a component b h2 i\n"
                              "put sent a provider a h1 i\n"
                              "put sent a provider a h2 i\n";

static void test_order(void **state)
{
    struct linkstore_state *s = *state;
    size_t count = 0;
    const struct ledger_change *changes = linkstore_changes(ordered, &s->arena, &count);

    assert_int_equal(count, 10);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++) {
            const int order = ledger_compare(&changes[i].row, &changes[k].row);

            assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
        }
    }
}

static void test_key(void **state)
{
    struct linkstore_state *s = *state;
    size_t count = 0;
    const struct ledger_change *changes =
        linkstore_changes("put sent a config n {}\nput confirmed b config n {1}\n"
                          "put sent a link s t n w p i x y\n"
                          "put confirmed b link s t n w p k - -\n"
                          "put sent a provider p h i x\nput confirmed b provider p h k -",
                          &s->arena, &count);

    for (size_t i = 0; i < count; i += 2) {
        assert_int_equal(ledger_compare(&changes[i].row, &changes[i + 1].row), 0);
    }
}

static void write_lines(struct linkstore_state *s, const char *lines, int64_t now)
{
    size_t count = 0;
    const struct ledger_change *changes = linkstore_changes(lines, &s->arena, &count);

    if (store_write_ledger(s->store, changes, count, now, &s->err) != ERR_OK) {
        fail_msg("%s", s->err.message);
    }
}

struct write_case {
    const char *name;
    const char *first;    /* written at 1000 */
    const char *second;   /* written at 1500 */
    const char *expected; /* read at 2000 */
};

static const struct write_case write_cases[] = {
    {.name = "nothing written, nothing there", "", "", .expected = ""},
    {.name = "rows of every kind come back in order",
     .first = "put sent shop provider kv h2 reg/kv:1 -\n"
              "put confirmed shop component web h1 reg/web:1 b,a\n"
              "put sent shop link web kv default wasi keyvalue store,x c1,c0 c2\n"
              "put sent shop config shop-a {\"k\":\"v\"}",
     .second = "put sent shop provider kv h1 reg/kv:1 c",
     .expected = "sent shop config shop-a {\"k\":\"v\"}, 1000 ms\n"
                 "sent shop link web kv default wasi:keyvalue [\"store\",\"x\"]"
                 "[\"c1\",\"c0\"][\"c2\"], 1000 ms\n"
                 "confirmed shop component web on h1 reg/web:1 [\"b\",\"a\"], 1000 ms\n"
                 "sent shop provider kv on h1 reg/kv:1 [\"c\"], 500 ms\n"
                 "sent shop provider kv on h2 reg/kv:1 [], 1000 ms\n"},
    {.name = "a put replaces all of the row with its key",
     .first = "put sent a config n {}\n"
              "put sent a link s t n w p i x y\n"
              "put sent a component c h i x\n"
              "put sent a provider c h i x",
     .second = "put confirmed b config n {1}\n"
               "put confirmed b link s t n w p k - -\n"
               "put confirmed b component c h k -\n"
               "put confirmed b provider c h l -",
     .expected = "confirmed b config n {1}, 500 ms\n"
                 "confirmed b link s t n w:p [\"k\"][][], 500 ms\n"
                 "confirmed b component c on h k [], 500 ms\n"
                 "confirmed b provider c on h l [], 500 ms\n"},
    {.name = "a drop takes the row with its key and no other",
     .first = "put sent a config n {}\n"
              "put sent a config m {}\n"
              "put sent a link s t n w p i\n"
              "put sent a link s u n w p k\n"
              "put sent a component c h i\n"
              "put sent a component c g i\n"
              "put sent a provider c h i\n"
              "put sent a provider d h i",
     .second = "drop sent a config n\n"
               "drop sent a link s t n w p\n"
               "drop sent a component c h\n"
               "drop sent a provider c h",
     .expected = "sent a config m {}, 1000 ms\n"
                 "sent a link s u n w:p [\"k\"][][], 1000 ms\n"
                 "sent a component c on g i [], 1000 ms\n"
                 "sent a provider d on h i [], 1000 ms\n"},
    {.name = "a drop of what is not there is fine",
     .first = "drop sent a config n\ndrop sent a component c h",
     .second = "drop sent a link s t n w p\ndrop sent a provider c h",
     .expected = ""},
    {.name = "what may still come about is known for as long as it may",
     .first = "put sent+1500 a config m {}\n"
              "put sent+1000 a config n {}\n"
              "put confirmed+1001 a link s t n w p i x y\n"
              "put sent+1700 a component c h i\n"
              "put sent+1800 a provider d h i",
     .second = "put confirmed a config m {}",
     .expected = "confirmed a config m {}, 500 ms\n"
                 "sent a config n {}, 1000 ms\n"
                 "confirmed a link s t n w:p [\"i\"][\"x\"][\"y\"], 1000 ms,"
                 " unsure for 1 ms\n"
                 "sent a component c on h i [], 1000 ms, unsure for 700 ms\n"
                 "sent a provider d on h i [], 1000 ms, unsure for 800 ms\n"},
    {.name = "what was delivered is kept, and what was lost",
     .first = "put confirmed a link s t n w p i x y 0a,0b dropped\n"
              "put confirmed a link s u n w p i x y 0a,0b dropped\n"
              "put confirmed a provider c h i x 0c t,u\n"
              "put confirmed a provider d h i x 0c t,u",
     .second = "put confirmed a link s u n w p i x y\n"
               "put confirmed a provider d h i x",
     .expected = "confirmed a link s t n w:p [\"i\"][\"x\"][\"y\"]"
                 " delivered [\"0a\",\"0b\"] dropped, 1000 ms\n"
                 "confirmed a link s u n w:p [\"i\"][\"x\"][\"y\"], 500 ms\n"
                 "confirmed a provider c on h i [\"x\"] delivered [\"0c\"]"
                 " lost [\"t\",\"u\"], 1000 ms\n"
                 "confirmed a provider d on h i [\"x\"], 500 ms\n"},
    {.name = "what became of the starts before is kept",
     .first = "put confirmed a component c h i x - - g y f no_image tainted\n"
              "put sent a provider d h i - - - - - f bad - pruned\n"
              "put confirmed a provider e h i - - - g y f bad tainted\n"
              "put confirmed a component m h i x - - i x - - doubtful\n"
              "put confirmed a component n h i x - - i x - - doubtful",
     .second = "put confirmed a provider e h i\n"
               "put confirmed a component n h i x - - i x",
     .expected = "confirmed a component c on h i [\"x\"] good g [\"y\"]"
                 " failed f: no_image tainted, 1000 ms\n"
                 "confirmed a component m on h i [\"x\"] good i [\"x\"] doubtful,"
                 " 1000 ms\n"
                 "confirmed a component n on h i [\"x\"] good i [\"x\"], 500 ms\n"
                 "sent a provider d on h i [] failed f: bad pruned, 1000 ms\n"
                 "confirmed a provider e on h i [], 500 ms\n"},
    {.name = "changes count in their order",
     .first = "put sent a config n {1}\ndrop sent a config n\nput sent a config n {2}",
     .second = "put sent a config m {}\ndrop sent a config m",
     .expected = "sent a config n {2}, 1000 ms\n"},
};

static void test_writes(void **state)
{
    struct linkstore_state *s = *state;

    for (size_t i = 0; i < COUNT_OF(write_cases); i++) {
        const struct write_case *t = &write_cases[i];

        print_message("# %s\n", t->name);
        linkstore_open_memory(s);
        write_lines(s, t->first, 1000);
        write_lines(s, t->second, 1500);
        linkstore_assert_text(linkstore_dump_ledger(s, 2000), t->expected);
        store_close(s->store);
        s->store = NULL;
    }
}

static void test_age(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    write_lines(s, "put sent+100 a config n {}", 5000);
    linkstore_assert_text(linkstore_dump_ledger(s, 4000),
                          "sent a config n {}, 0 ms, unsure for 100 ms\n");
}

static void test_reopen(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_file(s);
    write_lines(s, "put sent a link s t n w p i,k x y", 1000);
    store_close(s->store);
    linkstore_open_file(s);
    linkstore_assert_text(linkstore_dump_ledger(s, 1000),
                          "sent a link s t n w:p [\"i\",\"k\"][\"x\"][\"y\"], 0 ms\n");
}

static void test_rollback(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    write_lines(s, "put sent a config n {}", 1000);
    assert_int_equal(store_begin(s->store, &s->err), ERR_OK);
    write_lines(s, "drop sent a config n\nput sent a config m {}", 1000);
    store_rollback(s->store);
    linkstore_assert_text(linkstore_dump_ledger(s, 1000), "sent a config n {}, 0 ms\n");
}

/* Names may hold what JSON has to escape. */
static void test_hostile_names(void **state)
{
    static const char *const items[] = {"\"", "\\", "a\nb\t\x01", "\xc3\xa9", ""};
    struct linkstore_state *s = *state;
    const struct ledger_change change = {
        .kind = LEDGER_PUT,
        .row = {.kind = LEDGER_COMPONENT,
                .application = "a'b",
                .u.workload =
                    {.host = "h\"", .id = "i'", .image = "", .configs = {items, 5}}},
    };
    struct ledger_rows rows;

    linkstore_open_memory(s);
    assert_int_equal(store_write_ledger(s->store, &change, 1, 0, &s->err), ERR_OK);
    assert_int_equal(store_read_ledger(s->store, 0, &s->arena, &rows, &s->err), ERR_OK);
    assert_int_equal(rows.count, 1);
    assert_int_equal(ledger_compare(&rows.items[0], &change.row), 0);
    assert_string_equal(rows.items[0].application, "a'b");
    assert_int_equal(
        names_compare(&rows.items[0].u.workload.configs, &change.row.u.workload.configs),
        0);
}

/* It is kept with its host, beside the row of a start there, which comes and goes; and no
 * reader of the ledger finds it. */
static void test_nobodys(void **state)
{
    struct linkstore_state *s = *state;
    const struct ledger_row row = {
        .kind = LEDGER_COMPONENT,
        .application = "",
        .u.workload = {.id = "i", .host = "h2", .image = "", .past.is_tainted = true}};
    struct ledger_change changes[] = {
        {LEDGER_PUT, row}, {LEDGER_PUT, row}, {LEDGER_PUT, row}};
    struct ledger_rows rows;

    linkstore_open_memory(s);
    changes[1].row.u.workload.host = "h1";
    write_lines(s, "put sent a component i h2 reg/i:1 -", 1000);
    assert_int_equal(store_write_ledger(s->store, changes, 3, 0, &s->err), ERR_OK);
    linkstore_assert_text(linkstore_dump_ledger(s, 1000),
                          "sent a component i on h2 reg/i:1 [], 0 ms\n");
    write_lines(s, "drop sent a component i h2 reg/i:1 -", 1000);
    assert_int_equal(store_read_taints(s->store, &s->arena, &rows, &s->err), ERR_OK);
    assert_int_equal(rows.count, 2);
    assert_string_equal(rows.items[0].u.workload.host, "h1");
    assert_int_equal(ledger_compare(&rows.items[1], &row), 0);
    assert_string_equal(rows.items[1].application, "");
    assert_true(rows.items[1].u.workload.past.is_tainted);
    changes[0].kind = LEDGER_DROP;
    assert_int_equal(store_write_ledger(s->store, changes, 1, 0, &s->err), ERR_OK);
    assert_int_equal(store_read_taints(s->store, &s->arena, &rows, &s->err), ERR_OK);
    assert_int_equal(rows.count, 1);
    assert_string_equal(rows.items[0].u.workload.host, "h1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINKSTORE_TEST("rows are ordered by kind, then key", test_order),
        LINKSTORE_TEST("state, application and content are no part of a key", test_key),
        LINKSTORE_TEST("what is written is read", test_writes),
        LINKSTORE_TEST("a clock that went back makes no age below nothing", test_age),
        LINKSTORE_TEST("the ledger is there after the store was closed", test_reopen),
        LINKSTORE_TEST("a transaction rolled back leaves the ledger as it was",
                       test_rollback),
        LINKSTORE_TEST("a row that is nobody's stands apart, and stays", test_nobodys),
        LINKSTORE_TEST("names come back whatever is in them", test_hostile_names),
    };

    return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
