/*
 * The verbs of the store beside a daemon that is busy with it: each sees it as it was at
 * one moment, and holds up nobody.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "linkstore/store.h"
#include "support_many.h"

/* Hosts take so long to answer, so that copies are made while it works. */
#define COPIES  4
#define BUSY_MS 2000

/* Of the ledger, when all is done: a config, a link and a component each, and the
 * provider. */
#define ROWS (3 * MANY + 1)

/* What is known of a copy. */
struct copy {
    struct arena arena;
    struct ledger_rows rows;
    json_t *history;
};

static struct copy read_copy(struct stage *stage, const char *path)
{
    struct copy copy = {.history = NULL};
    struct store *store = NULL;
    json_t *output;
    struct err err;

    assert_int_equal(store_open_copy(path, "default", &store, &err), ERR_OK);
    assert_int_equal(store_read_ledger(store, 0, &copy.arena, &copy.rows, &err), ERR_OK);
    store_close(store);
    assert_int_equal(
        stage_run(stage, "history", "--store", path, "--output", "json", NULL), 0);
    output = json_loads(stage_output(stage), 0, NULL);
    copy.history = json_incref(json_object_get(output, "history"));
    assert_true(json_is_array(copy.history));
    json_decref(output);
    return copy;
}

/* Does the command that text begins with put the config of a row? */
static bool has_row(const struct ledger_rows *rows, const char *text)
{
    const char *name = text + sizeof "put-config " - 1;
    bool has_it = false;

    for (size_t i = 0; i < rows->count; i++) {
        has_it |= rows->items[i].kind == LEDGER_CONFIG &&
                  strncmp(rows->items[i].u.config.name, name, strcspn(name, " ")) == 0;
    }
    return has_it;
}

/* A row is there before its command is sent, and so at each moment for each command. */
static void expect_rows_of_commands(const struct copy *copy)
{
    const json_t *item;
    size_t index;

    json_array_foreach(copy->history, index, item)
    {
        const char *text = json_string_value(json_object_get(item, "text"));

        assert_non_null(text);
        if (strncmp(text, "put-config ", 11) == 0 && !has_row(&copy->rows, text)) {
            fail_msg("'%s' was sent, and is not in the ledger", text);
        }
    }
}

/* Was anything under way at that moment? */
static bool is_busy(const struct ledger_rows *rows)
{
    bool is_so = rows->count < ROWS;

    for (size_t i = 0; i < rows->count; i++) {
        is_so |= rows->items[i].state != LEDGER_CONFIRMED;
    }
    return is_so;
}

/* Is the copy one of a busy store? */
static bool expect_whole(struct stage *stage, const char *path)
{
    struct copy copy;
    bool is_so;

    assert_int_equal(stage_run(stage, "store", "--store", path, "check", NULL), 0);
    stage_expect_output(stage, ": good");
    copy = read_copy(stage, path);
    expect_rows_of_commands(&copy);
    is_so = is_busy(&copy.rows);
    json_decref(copy.history);
    arena_free(&copy.arena);
    return is_so;
}

/* All that only read, beside the daemon. */
static void read_beside(struct stage *stage)
{
    assert_int_equal(stage_run(stage, "store", "check", NULL), 0);
    stage_expect_output(stage, ": good");
    assert_int_equal(stage_run(stage, "store", "show", NULL), 0);
    stage_expect_output(stage, "1 deployed\n");
    assert_int_equal(stage_run(stage, "store", "export", NULL), 0);
    stage_expect_output(stage, "metadata: {name: many, annotations: {version: v1}}\n");
    assert_int_equal(stage_run(stage, "history", "many", NULL), 0);
    stage_expect_output(stage, " many deployed v1\n");
}

static void set_delay(struct stage *stage, int ms)
{
    for (int i = 1; i <= 3; i++) {
        char order[32];

        (void)snprintf(order, sizeof order, "delay host-%d %d", i, ms);
        (void)stage_order(stage, order);
    }
}

static void copies_of_a_store_in_use_are_whole(void **state)
{
    struct stage *stage = *state;
    char expected[32768];
    char path[128];
    int busy = 0;

    stage_simulate(stage, NULL);
    set_delay(stage, BUSY_MS);
    many_write(stage);
    stage_daemon(stage);
    process_expect_errors(stage->daemon, "put-config", STAGE_MS);
    for (int i = 0; i < COPIES; i++) {
        (void)snprintf(path, sizeof path, "%s/copy-%d.db", stage->directory, i);
        assert_int_equal(stage_run(stage, "store", "backup", path, NULL), 0);
        read_beside(stage);
        busy += expect_whole(stage, path);
    }
    print_message("# %d of %d copies were made while it worked\n", busy, COPIES);
    assert_in_range(busy, 1, COPIES);
    set_delay(stage, 0);
    stage_expect_converged(stage);
    reader_expect(stage->reader, many_world(expected, sizeof expected), STAGE_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(copies_of_a_store_in_use_are_whole),
    };

    return cmocka_run_group_tests_name("e2e_store", tests, NULL, NULL);
}
