#include "reconciler/run/prune.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/arena.h"
#include "manifest/text.h"

#define GRACE_MS 30000
#define APPS_MAX 200

/* A folder of applications a0, a1 ..., some of which are missing. */
struct stand {
    struct arena arena;
    struct prune *prune;
    struct prune_owned owned[APPS_MAX];
    struct prune_view view;
    struct instant now;
};

static void begin(struct stand *stand, enum prune_mode mode, size_t count)
{
    const struct prune_options options = {mode, GRACE_MS, 50};

    *stand = (struct stand){.now = {1000}};
    assert_true(count <= APPS_MAX);
    stand->prune = prune_new(&options);
    stand->view = (struct prune_view){
        .owned = stand->owned, .owned_count = count, .files_count = count};
    for (size_t i = 0; i < count; i++) {
        stand->owned[i] =
            (struct prune_owned){arena_print(&stand->arena, "a%zu", i), "/f", false};
    }
}

static void end(struct stand *stand)
{
    prune_free(stand->prune);
    arena_free(&stand->arena);
}

/* The first count applications have no file any more; the others have. */
static void lose(struct stand *stand, size_t count)
{
    for (size_t i = 0; i < stand->view.owned_count; i++) {
        stand->owned[i].is_missing = i < count;
    }
    stand->view.files_count = stand->view.owned_count - count;
}

/* "doomed: a0 a1; held: a2 a3: REASON" after ms more. */
static const char *decide(struct stand *stand, int64_t ms)
{
    struct prune_verdict verdict;
    struct text text;

    stand->now = instant_after(stand->now, ms);
    prune_decide(stand->prune, &stand->view, stand->now, &stand->arena, &verdict);
    text_init(&text, &stand->arena, 4096);
    for (size_t i = 0; i < verdict.doomed.count; i++) {
        text_append(&text, "-%s ", verdict.doomed.items[i]);
    }
    if (verdict.held.count > 0) {
        text_append(&text, "%zu held: %s", verdict.held.count, verdict.reason);
    } else {
        assert_null(verdict.reason);
    }
    if (verdict.deadline.ms != INSTANT_NEVER.ms) {
        text_append(&text, "in %lld",
                    (long long)instant_left(stand->now, verdict.deadline));
    }
    return text.bytes;
}

static void what_is_missing_goes_after_the_grace_time(void **state)
{
    struct stand stand;

    (void)state;
    begin(&stand, PRUNE_GUARDED, 10);
    assert_string_equal(decide(&stand, 0), "");
    lose(&stand, 2);
    assert_string_equal(decide(&stand, 0), "in 30000");
    assert_string_equal(decide(&stand, 29999), "in 1");
    assert_string_equal(decide(&stand, 1), "-a0 -a1 ");
    end(&stand);
}

static void what_comes_back_in_time_stays(void **state)
{
    struct stand stand;

    (void)state;
    begin(&stand, PRUNE_GUARDED, 10);
    lose(&stand, 1);
    assert_string_equal(decide(&stand, 0), "in 30000");
    lose(&stand, 0);
    assert_string_equal(decide(&stand, 20000), "");
    lose(&stand, 1); /* and the time begins anew */
    assert_string_equal(decide(&stand, 5000), "in 30000");
    assert_string_equal(decide(&stand, 29000), "in 1000");
    end(&stand);
}

static void three_may_always_go(void **state)
{
    struct stand stand;

    (void)state;
    begin(&stand, PRUNE_GUARDED, 4);
    lose(&stand, 3);
    assert_string_equal(decide(&stand, 0), "in 30000");
    assert_string_equal(decide(&stand, GRACE_MS), "-a0 -a1 -a2 ");
    end(&stand);
}

static void more_than_half_is_held(void **state)
{
    struct stand stand;

    (void)state;
    begin(&stand, PRUNE_GUARDED, 100);
    lose(&stand, 50);
    assert_string_equal(decide(&stand, 0), "in 30000");
    lose(&stand, 51);
    assert_string_equal(decide(&stand, GRACE_MS),
                        "51 held: 51 of the folder's 100 applications are missing, and "
                        "at most 50 go in one go");
    end(&stand);
}

static void an_empty_folder_is_an_accident(void **state)
{
    struct stand stand;

    (void)state;
    begin(&stand, PRUNE_GUARDED, 1);
    lose(&stand, 1);
    assert_string_equal(decide(&stand, GRACE_MS),
                        "1 held: there is no manifest in the folder at all");
    end(&stand);
}

static void what_cannot_be_seen_is_not_gone(void **state)
{
    struct stand stand;

    (void)state;
    for (int mode = PRUNE_GUARDED; mode <= PRUNE_ALWAYS; mode++) {
        begin(&stand, (enum prune_mode)mode, 10);
        lose(&stand, 1);
        assert_string_equal(decide(&stand, 0), "in 30000");
        stand.view.unseen = "/m/team: Permission denied";
        assert_string_equal(
            decide(&stand, GRACE_MS),
            "1 held: not all of the folder can be seen: /m/team: Permission denied");
        stand.view.unseen = NULL;
        stand.view.unknown = "/m/new.yaml";
        assert_string_equal(decide(&stand, 0),
                            "1 held: /m/new.yaml cannot be read, and may declare them");
        stand.view.unknown = NULL;
        assert_string_equal(decide(&stand, 0), "-a0 ");
        end(&stand);
    }
}

static void always_means_however_many(void **state)
{
    struct stand stand;

    (void)state;
    begin(&stand, PRUNE_ALWAYS, 4);
    lose(&stand, 4);
    assert_string_equal(decide(&stand, 0), "in 30000");
    assert_string_equal(decide(&stand, GRACE_MS), "-a0 -a1 -a2 -a3 ");
    end(&stand);
}

static void never_means_not_one(void **state)
{
    struct stand stand;

    (void)state;
    begin(&stand, PRUNE_NEVER, 10);
    lose(&stand, 1);
    (void)decide(&stand, 0);
    assert_string_equal(decide(&stand, GRACE_MS),
                        "1 held: the daemon was started with --prune never");
    prune_confirm(stand.prune);
    assert_string_equal(decide(&stand, 0), "-a0 ");
    end(&stand);
}

static void what_was_held_goes_when_it_is_confirmed_and_nothing_else(void **state)
{
    struct stand stand;

    (void)state;
    begin(&stand, PRUNE_GUARDED, 10);
    lose(&stand, 6);
    (void)decide(&stand, 0);
    prune_confirm(stand.prune);
    lose(&stand, 7);
    assert_string_equal(decide(&stand, 0), "-a0 -a1 -a2 -a3 -a4 -a5 in 30000");
    lose(&stand, 0); /* back again: nothing of the confirmation is left */
    assert_string_equal(decide(&stand, 0), "");
    lose(&stand, 6);
    assert_non_null(strstr(decide(&stand, GRACE_MS), "6 held: 6 of "));
    end(&stand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_missing_goes_after_the_grace_time),
        cmocka_unit_test(what_comes_back_in_time_stays),
        cmocka_unit_test(three_may_always_go),
        cmocka_unit_test(more_than_half_is_held),
        cmocka_unit_test(an_empty_folder_is_an_accident),
        cmocka_unit_test(what_cannot_be_seen_is_not_gone),
        cmocka_unit_test(always_means_however_many),
        cmocka_unit_test(never_means_not_one),
        cmocka_unit_test(what_was_held_goes_when_it_is_confirmed_and_nothing_else),
    };

    return cmocka_run_group_tests_name("prune", tests, NULL, NULL);
}
