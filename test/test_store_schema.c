/*
 * The schema: every older one becomes the newest, no statement goes through a table that
 * grows, and what would grow for ever does not.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "linkstore/store_history.h"
#include "linkstore/store_internal.h"
#include "linkstore/store_memory.h"
#include "linkstore/store_schema.h"
#include "linkstore/store_taint.h"
#include "test/support_linkstore.h"
#include "test/support_manifest.h"

/* The rows of sql on the store's own connection, columns with blanks between them. */
static const char *ask(struct linkstore_state *s, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    struct text text;

    text_init(&text, &s->arena, 262144);
    assert_int_equal(
        sqlite3_prepare_v2(s->store->sql.connection, sql, -1, &statement, NULL),
        SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const unsigned char *column = sqlite3_column_text(statement, i);

            text_append(&text, i > 0 ? " %s" : "%s",
                        column != NULL ? (const char *)column : "-");
        }
        text_append(&text, "\n");
    }
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    return text.bytes;
}

/* Does the store refuse to run sql? */
static bool is_refused(struct linkstore_state *s, const char *sql)
{
    const int code = sqlite3_exec(s->store->sql.connection, sql, NULL, NULL, NULL);

    assert_true(code == SQLITE_OK || (code & 0xff) == SQLITE_CONSTRAINT);
    return code != SQLITE_OK;
}

static const char select_schema[] =
    "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name";

/* Whatever the file began as, the store holds the same, in the same tables. */
static void test_older_files(void **state)
{
    struct linkstore_state *s = *state;
    const char *fresh;

    linkstore_open_memory(s);
    fresh = ask(s, select_schema);
    store_close(s->store);
    assert_int_equal(store_schema_newest(), 6);
    for (int i = 1; i < 6; i++) {
        const char *kept = arena_print(&s->arena, "fixtures/stores/linkstore-%d.db", i);
        struct text text;
        size_t length;
        const char *bytes = support_file_read(kept, &s->arena, &length);

        support_file_write(s->path, bytes, length);
        linkstore_open_file(s);
        linkstore_assert_text(ask(s, select_schema), fresh);
        assert_string_equal(ask(s, "PRAGMA foreign_key_check"), "");
        assert_string_equal(ask(s, "PRAGMA integrity_check"), "ok\n");
        assert_string_equal(store_identity(s->store), "0123456789abcdef0123456789abcdef");
        text_init(&text, &s->arena, 65536);
        text_append(&text, "%s\n%s\n%s", linkstore_dump_applications(s),
                    linkstore_dump_desired(s, "shop"),
                    linkstore_dump_ledger(s, (int64_t)1700000004000));
        linkstore_assert_golden(
            text.bytes, arena_print(&s->arena, "fixtures/stores/linkstore-%d.txt", i));
        store_close(s->store);
        s->store = NULL;
        linkstore_remove_store(s->path);
    }
}

/* What is known of the lattice, and then nothing of it. */
static void use_memory(struct linkstore_state *s)
{
    const struct memory_host host = {"h", "host-1", 0, 30000};
    struct memory memory = {.hosts = &host, .hosts_count = 1};
    struct store_forgotten forgotten;

    assert_int_equal(store_write_memory(s->store, &memory, 7, &s->err), ERR_OK);
    assert_int_equal(store_read_memory(s->store, 7, &s->arena, &memory, &s->err), ERR_OK);
    assert_int_equal(store_rebind(s->store, &forgotten, &s->err), ERR_OK);
}

/* Reads and writes of every kind, so that every statement there is gets prepared. */
static void use_everything(struct linkstore_state *s)
{
    struct store_application application;
    struct store_applications applications;
    struct store_happenings happenings;
    const struct ledger_row taint = {.kind = LEDGER_COMPONENT,
                                     .application = "",
                                     .u.workload = {.id = "s", .host = "h"}};
    const struct ledger_change taints[] = {{LEDGER_PUT, taint}, {LEDGER_DROP, taint}};
    struct ledger_rows rows;
    struct names names;
    size_t count = 0;
    bool has;
    const struct store_command command = {"a", "put-config", "put-config c  # missing"};
    const char *lines = "config c {\"k\":\"v\"}\nlink s t n w p i c c\n"
                        "component s reg/s:1 3 c\nprovider t reg/t:1 1 -\n"
                        "shared x component b login b-login\nsharing\n";
    const struct ledger_change *changes =
        linkstore_changes("put sent a config c {}\nput sent a link s t n w p i c c c\n"
                          "put sent a component s h i c\nput sent a provider t h i c c\n"
                          "drop sent a config c {}\ndrop sent a link s t n w p i c c\n"
                          "drop sent a component s h i c\ndrop sent a provider t h i c\n",
                          &s->arena, &count);

    linkstore_put_and_deploy(s, "a", "v1", lines);
    linkstore_put_and_deploy(s, "b", "v1", "config d {}\nsharing\n");
    linkstore_put_and_deploy(s, "b", "v2", "component b-login i 1 -\nsharing\n");
    assert_int_equal(store_begin(s->store, &s->err), ERR_OK);
    linkstore_put_and_deploy(s, "c", "v1", "config c {\"k\":\"other\"}\n");
    assert_int_equal(store_check(s->store, &s->err), ERR_CONFLICT);
    store_rollback(s->store);
    linkstore_put_and_deploy(s, "c", "v1",
                             "component s other 1 -\nlink s u n w p i - -\n");
    assert_int_equal(store_check(s->store, &s->err), ERR_CONFLICT);
    assert_int_equal(store_delete(s->store, "c", NULL, &s->err), ERR_OK);
    linkstore_put_and_deploy(s, "c", "v1", "link s u n w p i - -\n");
    assert_int_equal(store_check(s->store, &s->err), ERR_CONFLICT);
    assert_int_equal(store_delete(s->store, "c", "v1", &s->err), ERR_OK);
    assert_int_equal(store_check(s->store, &s->err), ERR_OK);
    assert_int_equal(store_write_ledger(s->store, changes, count, 0, &s->err), ERR_OK);
    assert_int_equal(store_write_ledger(s->store, taints, 2, 0, &s->err), ERR_OK);
    assert_int_equal(store_note_commands(s->store, &command, 1, 5, &s->err), ERR_OK);
    assert_int_equal(store_note_failure(s->store, "s", "no", 6, &s->err), ERR_OK);
    assert_int_equal(store_read_ledger(s->store, 0, &s->arena, &rows, &s->err), ERR_OK);
    assert_int_equal(store_read_taints(s->store, &s->arena, &rows, &s->err), ERR_OK);
    assert_int_equal(store_list(s->store, &s->arena, &applications, &s->err), ERR_OK);
    assert_int_equal(store_find(s->store, "a", &s->arena, &application, &s->err), ERR_OK);
    assert_int_equal(store_has(s->store, "a", "v1", &has, &s->err), ERR_OK);
    assert_int_equal(store_users(s->store, "b", &s->arena, &names, &s->err), ERR_OK);
    assert_int_equal(store_waiting(s->store, "b", &s->arena, &names, &s->err), ERR_OK);
    assert_int_equal(store_missing(s->store, "a", "v1", &s->arena, &names, &s->err),
                     ERR_OK);
    assert_int_equal(store_missing(s->store, "a", NULL, &s->arena, &names, &s->err),
                     ERR_OK);
    assert_string_not_equal(linkstore_dump_desired(s, "a"), "");
    assert_int_equal(store_history(s->store, "a", 10, &s->arena, &happenings, &s->err),
                     ERR_OK);
    assert_int_equal(store_history(s->store, NULL, 10, &s->arena, &happenings, &s->err),
                     ERR_OK);
    assert_int_equal(store_undeploy(s->store, "a", &s->err), ERR_OK);
    use_memory(s);
}

/* Those whose meaning it is to read all, by how they begin; of history, only as much as
 * is asked for. */
static const char *const whole[] = {
    "SELECT name, content, application, state",
    "SELECT source_id, wit_namespace, wit_package, name, target, interfaces,"
    " source_config, target_config, delivered, is_dropped",
    "SELECT kind = 'provider', id, host",
    "SELECT name, made, sequence, deaf_to FROM bucket",
    "SELECT id, name, seen_unix_ms, interval_ms FROM host",
    "DELETE FROM bucket",
    "DELETE FROM host",
    "DELETE FROM ledger_config WHERE TRUE",
    "DELETE FROM ledger_link WHERE TRUE",
    "DELETE FROM ledger_workload WHERE TRUE",
    "DELETE FROM taint WHERE TRUE",
    "SELECT id, host FROM taint ORDER BY id, host",
    "SELECT a.name, n.version, d.version, n.description,"
    " coalesce(d.source, n.source), n.digest, coalesce(d.revision, 0),"
    " (SELECT count(*) FROM version AS v WHERE v.application = a.name),"
    " CASE WHEN d.id IS NULL THEN n.way ELSE d.way END, coalesce(a.paused_unix_ms, 0)"
    " FROM application AS a JOIN version AS n ON n.application = a.name AND n.revision ="
    " (SELECT max(v.revision) FROM version AS v WHERE v.application = a.name)"
    " LEFT JOIN version AS d ON d.id = a.deployed ORDER BY a.name",
    "SELECT unix_ms, application, kind, version, text FROM (SELECT * FROM"
    "   (SELECT unix_ms, application, kind, version, text, 0 AS part, id FROM event"
    "    WHERE ?1 IS NULL",
};

static bool reads_all(const char *sql)
{
    for (size_t i = 0; i < COUNT_OF(whole); i++) {
        if (strncmp(sql, whole[i], strlen(whole[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* Of the plan's line, does it go through all rows of a table that grows? */
static bool is_scan(const char *detail)
{
    static const char *const small[] = {"SCAN json_each", "SCAN CONSTANT ROW",
                                        "SCAN meta", "SCAN (subquery",
                                        "SCAN sqlite_master"};

    for (size_t i = 0; i < COUNT_OF(small); i++) {
        if (strncmp(detail, small[i], strlen(small[i])) == 0) {
            return false;
        }
    }
    /* Of those that have changed since the last check, which is what is looked for. */
    return strncmp(detail, "SCAN ", 5) == 0 &&
           strstr(detail, " INDEX application_unchecked") == NULL;
}

/* Print the lines of the plan of sql that should not be there; how many there are. */
static size_t count_scans(struct linkstore_state *s, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    size_t count = 0;

    assert_int_equal(
        sqlite3_prepare_v2(s->store->sql.connection,
                           arena_print(&s->arena, "EXPLAIN QUERY PLAN %s", sql), -1,
                           &statement, NULL),
        SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        const char *detail = (const char *)sqlite3_column_text(statement, 3);

        if (is_scan(detail)) {
            print_message("%s\n    %s\n", sql, detail);
            count++;
        }
    }
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    return count;
}

/* How often words stand in the files of the store. */
static size_t count_in_code(struct linkstore_state *s, const char *words)
{
    size_t paths_count;
    char **paths = support_folder_list("linkstore", ".c", &s->arena, &paths_count);
    size_t count = 0;

    for (size_t i = 0; i < paths_count; i++) {
        size_t length;
        const char *at = support_file_read(paths[i], &s->arena, &length);

        while ((at = strstr(at, words)) != NULL) {
            at += strlen(words);
            count++;
        }
    }
    return count;
}

static void test_query_plans(void **state)
{
    struct linkstore_state *s = *state;
    const char *kept[SQL_STATEMENTS_MAX];
    size_t scans = 0;
    size_t all = 0;
    size_t count;

    linkstore_open_file(s);
    use_everything(s);
    count = s->store->sql.kept_count;
    for (size_t i = 0; i < count; i++) {
        kept[i] = s->store->sql.kept[i].text;
    }
    for (size_t i = 0; i < count; i++) {
        if (reads_all(kept[i])) {
            all++;
        } else {
            scans += count_scans(s, kept[i]);
        }
    }
    print_message("# %zu statements, %zu read all\n", count, all);
    assert_int_equal(scans, 0);
    assert_int_equal(all, COUNT_OF(whole));
    /* Of those in the code few are not among them: of errors, and of a store's file. */
    assert_true(count + 8 >= count_in_code(s, "sql_start("));
}

static void test_bounds(void **state)
{
    struct linkstore_state *s = *state;
    const struct store_command command = {"a", "put-config", "put-config c"};

    linkstore_open_memory(s);
    linkstore_put_and_deploy(s, "a", "v1", "component web i 1 -");
    linkstore_put_and_deploy(s, "b", "v1", "config c {}");
    assert_int_equal(store_begin(s->store, &s->err), ERR_OK);
    for (int i = 0; i < 10050; i++) {
        assert_int_equal(store_note_commands(s->store, &command, 1, i, &s->err), ERR_OK);
    }
    for (int i = 0; i < 150; i++) {
        assert_int_equal(store_note_failure(s->store, "web", "no", i, &s->err), ERR_OK);
    }
    assert_int_equal(store_note_failure(s->store, "nobody's", "no", 1, &s->err), ERR_OK);
    assert_int_equal(store_commit(s->store, &s->err), ERR_OK);
    assert_string_equal(ask(s, "SELECT count(*), min(unix_ms) FROM command"),
                        "10000 50\n");
    assert_string_equal(ask(s, "SELECT application, count(*), min(unix_ms) < 100"
                               " FROM event GROUP BY application"),
                        "a 100 1\nb 2 0\n");
    assert_false(is_refused(
        s, "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT"
           " i + 1 FROM n WHERE i < 2100)"
           " INSERT INTO host (id, name, seen_unix_ms) SELECT 'h' || i, '', i FROM n"));
    assert_string_equal(ask(s, "SELECT count(*), min(seen_unix_ms) FROM host"),
                        "2000 101\n");
}

static void test_history(void **state)
{
    struct linkstore_state *s = *state;
    const struct store_command commands[] = {{"a", "put-config", "put-config c"},
                                             {"b", "scale", "scale web"}};
    const int64_t late = (int64_t)4000000000000; /* after what the store stamps itself */
    struct store_happenings happenings;
    struct text text;

    linkstore_open_memory(s);
    linkstore_put_and_deploy(s, "a", "v1", "component web i 1 -");
    linkstore_put_and_deploy(s, "a", "v1", "component web j 1 -");
    (void)linkstore_put(s, "a", "v2", "component web k 1 -");
    assert_int_equal(store_undeploy(s->store, "a", &s->err), ERR_OK);
    linkstore_put_and_deploy(s, "a", "v2", "component web k 1 -");
    assert_int_equal(store_note_failure(s->store, "web", "no image", late, &s->err),
                     ERR_OK);
    assert_int_equal(store_note_commands(s->store, commands, 2, late + 1, &s->err),
                     ERR_OK);
    assert_int_equal(store_delete(s->store, "a", NULL, &s->err), ERR_OK);
    text_init(&text, &s->arena, 4096);
    assert_int_equal(store_history(s->store, "a", 100, &s->arena, &happenings, &s->err),
                     ERR_OK);
    for (size_t i = 0; i < happenings.count; i++) {
        const struct store_happening *item = &happenings.items[i];

        text_append(&text, "%s %s %s\n", item->kind,
                    item->version != NULL ? item->version : "-", item->text);
    }
    assert_string_equal(text.bytes, "put v1 from a.yaml\n"
                                    "deployed v1 \n"
                                    "put v1 again, from a.yaml\n"
                                    "put v2 from a.yaml\n"
                                    "undeployed - \n"
                                    "deployed v2 \n"
                                    "deleted v1 \n"
                                    "deleted v2 \n"
                                    "failed v2 no image\n"
                                    "put-config - put-config c\n");
    assert_int_equal(store_history(s->store, NULL, 2, &s->arena, &happenings, &s->err),
                     ERR_OK);
    assert_int_equal(happenings.count, 2);
    assert_string_equal(happenings.items[1].text, "scale web");
}

/* What the code takes for granted the file holds to, whoever writes to it. */
static void test_checks(void **state)
{
    static const char *const wrong[] = {
        "UPDATE version SET way = 'pigeon'",
        "UPDATE version SET author = ''",
        "UPDATE version SET redeliver = 'often'",
        "UPDATE version SET rebalance = 2",
        "UPDATE version SET revision = 'first'",
        "UPDATE application SET paused_unix_ms = -1",
        "UPDATE application SET deployed = 77",
        "INSERT INTO bucket (name, made) VALUES ('links', '')",
        "INSERT INTO bucket (name) VALUES ('hosts')",
        "INSERT INTO bucket (name, sequence) VALUES ('links', -1)",
        "INSERT INTO host VALUES ('h', '', 1, -1)",
        "INSERT INTO meta (one, identity, lattice) VALUES (2, '', '')",
        "INSERT INTO event (application, kind) VALUES ('a', 'dreamt')",
        "INSERT INTO event (application, kind, unix_ms) VALUES ('a', 'put', 'now')",
        "INSERT INTO config VALUES (77, 'c', '{}', 1, 1)",
        "UPDATE workload SET instances = -1",
        "UPDATE workload SET kind = 'actor'",
    };
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    linkstore_put_and_deploy(s, "a", "v1", "component web i 1 -");
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        if (!is_refused(s, wrong[i])) {
            fail_msg("accepted: %s", wrong[i]);
        }
    }
    assert_false(is_refused(s, "UPDATE application SET paused_unix_ms = 1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINKSTORE_TEST("every older store becomes what a new one is", test_older_files),
        LINKSTORE_TEST("no statement goes through a table that grows", test_query_plans),
        LINKSTORE_TEST("what would grow for ever is bounded", test_bounds),
        LINKSTORE_TEST("what happened comes back in its order", test_history),
        LINKSTORE_TEST("what the code assumes the schema checks", test_checks),
    };

    return cmocka_run_group_tests_name("store_schema", tests, NULL, NULL);
}
