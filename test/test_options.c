#include "reconciler/run/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test/support_manifest.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define WORDS_MAX       32
#define TEXT_BYTES      ((size_t)16 * 1024)

static const char *const variables[] = {
    "TRELLIS_NATS_URL",  "TRELLIS_CREDS",      "TRELLIS_LATTICE",    "TRELLIS_STORE",
    "WASMCLOUD_LATTICE", "WASMCLOUD_CTL_HOST", "WASMCLOUD_CTL_PORT", "WASH_CTL_CREDS",
    "XDG_STATE_HOME",    "NO_COLOR",
};

/* A command line that was read. */
struct reading {
    struct arena arena;
    struct options options;
    struct err err;
};

static void set(const char *variable, const char *value)
{
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
    assert_int_equal(setenv(variable, value, 1), 0);
}

static int forget_environment(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(variables); i++) {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
        assert_int_equal(unsetenv(variables[i]), 0);
    }
    set("HOME", "/home/kim");
    set("WASH_CONTEXT_DIR", "/nonexistent");
    return 0;
}

/* Read the words of line, which are apart by one blank; '' is an empty word. */
static enum err_code read_line(struct reading *reading, enum verb verb, const char *line)
{
    char *words[WORDS_MAX] = {arena_copy(&reading->arena, "verb")};
    int count = 1;

    while (*line != '\0') {
        const size_t length = strcspn(line, " ");

        assert_true(count < WORDS_MAX - 1);
        words[count++] = strncmp(line, "''", length) == 0
                             ? arena_copy(&reading->arena, "")
                             : arena_text(&reading->arena, line, length);
        line += length + (line[length] == ' ');
    }
    return options_read(verb, count, words, &reading->arena, &reading->options,
                        &reading->err);
}

static void print_text(struct text *text, const char *name, const char *value,
                       const char *usual)
{
    if ((value == NULL) != (usual == NULL) ||
        (value != NULL && usual != NULL && strcmp(value, usual) != 0)) {
        text_append(text, " %s=%s", name, value != NULL ? value : "none");
    }
}

static void print_number(struct text *text, const char *name, int64_t value,
                         int64_t usual)
{
    if (value != usual) {
        text_append(text, " %s=%lld", name, (long long)value);
    }
}

static void print_names(struct text *text, const char *name, const struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        text_append(text, " %s=%s", name, names->items[i]);
    }
}

/* All that is not as it is without options and without environment. */
static const char *describe(struct reading *reading)
{
    const struct options *options = &reading->options;
    struct text text;

    text_init(&text, &reading->arena, TEXT_BYTES);
    print_text(&text, "server", options->connection.url, "nats://127.0.0.1:4222");
    print_text(&text, "creds", options->connection.credentials, NULL);
    print_text(&text, "lattice", options->lattice, "default");
    print_text(&text, "store", options->store, NULL);
    print_number(&text, "json", options->is_json, false);
    print_number(&text, "output", options->output, options->is_json);
    print_number(&text, "color", options->color, COLOR_AUTO);
    print_number(&text, "timeout", options->timeout_ms, 60000);
    print_number(&text, "verbosity", options->verbosity, 0);
    print_number(&text, "help", options->is_help, false);
    print_text(&text, "manifests", options->manifests, NULL);
    print_number(&text, "missed", options->missed_heartbeats, 2);
    print_number(&text, "slack", options->heartbeat_slack_ms, 5000);
    print_number(&text, "dry", options->is_dry_run, false);
    print_names(&text, "state", &options->states);
    print_names(&text, "if-version", &options->versions);
    print_names(&text, "if-digest", &options->digests);
    print_number(&text, "after", options->is_since, false);
    print_number(&text, "since", (int64_t)options->since, 0);
    print_text(&text, "run", options->since_run, NULL);
    print_number(&text, "wait", options->is_waiting, false);
    print_number(&text, "check", options->is_check, false);
    print_number(&text, "strict", options->is_strict, false);
    print_number(&text, "in-place", options->is_in_place, false);
    print_names(&text, "allow", &options->allowed);
    print_number(&text, "hosts", options->hosts, 3);
    print_number(&text, "heartbeat", options->heartbeat_ms, 30000);
    print_number(&text, "health", options->health_delay_ms, 5000);
    print_number(&text, "fetch", options->fetch_ms, 0);
    print_number(&text, "delay", options->delay_ms, 0);
    print_number(&text, "seed", (int64_t)options->seed, 1);
    print_number(&text, "muted", options->is_muted, false);
    print_names(&text, "refused", &options->refused);
    print_names(&text, "operand", &options->operands);
    return text.bytes;
}

static void assert_read(enum verb verb, const char *line, const char *expected)
{
    struct reading reading = {0};

    if (read_line(&reading, verb, line) != ERR_OK) {
        fail_msg("%s: %s", line, reading.err.message);
    }
    assert_string_equal(describe(&reading), expected);
    arena_free(&reading.arena);
}

static void without_options_everything_is_as_the_manual_says(void **state)
{
    (void)state;
    for (unsigned int verb = 1; verb < VERB_ALL; verb *= 2) {
        assert_read((enum verb)verb, "", "");
    }
}

static void nobody_gets_colors_who_wants_none(void **state)
{
    (void)state;
    set("NO_COLOR", "");
    assert_read(VERB_VALIDATE, "", "");
    set("NO_COLOR", "1");
    assert_read(VERB_VALIDATE, "", " color=2");
    assert_read(VERB_VALIDATE, "--color always", " color=1");
}

static void every_option_sets_what_it_names(void **state)
{
    static const struct {
        enum verb verb;
        const char *line;
        const char *expected;
    } cases[] = {
        {VERB_APPLY, "--server nats://h:1", " server=nats://h:1"},
        {VERB_APPLY, "--server=nats://h:1", " server=nats://h:1"},
        {VERB_APPLY, "-s nats://h:1", " server=nats://h:1"},
        {VERB_APPLY, "-snats://h:1", " server=nats://h:1"},
        {VERB_PLAN, "--creds /c.creds", " creds=/c.creds"},
        {VERB_STATUS, "--lattice east", " lattice=east"},
        {VERB_STATUS, "-x east", " lattice=east"},
        {VERB_DAEMON, "--store /a.db", " store=/a.db"},
        {VERB_STATUS, "--output json", " json=1"},
        {VERB_STATUS, "-o json", " json=1"},
        {VERB_STATUS, "-o json -o human", ""},
        {VERB_DELETE, "--timeout 5s", " timeout=5000"},
        {VERB_APPLY, "--verbose", " verbosity=1"},
        {VERB_APPLY, "-v", " verbosity=1"},
        {VERB_APPLY, "--quiet", " verbosity=-1"},
        {VERB_APPLY, "-q", " verbosity=-1"},
        {VERB_APPLY, "-v -q", " verbosity=-1"},
        {VERB_APPLY, "--help", " help=1"},
        {VERB_APPLY, "-h", " help=1"},
        {VERB_DAEMON, "--manifests /m", " manifests=/m"},
        {VERB_DAEMON, "--missed-heartbeats 3", " missed=3"},
        {VERB_DAEMON, "--missed-slack 0", " slack=0"},
        {VERB_APPLY, "--dry-run", " dry=1"},
        {VERB_APPLY, "--if-version a=v1 --if-version b= --if-digest a=0f",
         " if-version=a=v1 if-version=b= if-digest=a=0f"},
        {VERB_STATUS, "--state failed --state stuck", " state=failed state=stuck"},
        {VERB_EVENTS, "--since 0", " after=1"},
        {VERB_EVENTS, "--since 7", " after=1 since=7"},
        {VERB_EVENTS, "--since 01J:7", " after=1 since=7 run=01J"},
        {VERB_APPLY, "--wait", " wait=1"},
        {VERB_MIGRATE, "--in-place", " in-place=1"},
        {VERB_PLAN, "--check", " check=1"},
        {VERB_VALIDATE, "--strict", " strict=1"},
        {VERB_PLAN, "--allow no-scaler", " allow=no-scaler"},
        {VERB_VALIDATE, "-o json", " json=1"},
        {VERB_VALIDATE, "-o sarif", " output=2"},
        {VERB_VALIDATE, "-o json -o github", " output=3"},
        {VERB_VALIDATE, "--color always", " color=1"},
        {VERB_VALIDATE, "--color never", " color=2"},
        {VERB_VALIDATE, "--color never --color auto", ""},
        {VERB_SIMULATE, "--hosts 7", " hosts=7"},
        {VERB_SIMULATE, "--hosts 0", " hosts=0"},
        {VERB_SIMULATE, "--heartbeat 1s", " heartbeat=1000"},
        {VERB_SIMULATE, "--health-delay 200ms", " health=200"},
        {VERB_SIMULATE, "--fetch-delay 1m", " fetch=60000"},
        {VERB_SIMULATE, "--delay 10ms", " delay=10"},
        {VERB_SIMULATE, "--seed 42", " seed=42"},
        {VERB_SIMULATE, "--lose-events", " muted=1"},
        {VERB_SIMULATE, "--refuse a:1 --refuse b:2", " refused=a:1 refused=b:2"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_read(cases[i].verb, cases[i].line, cases[i].expected);
    }
}

static void words_that_are_no_options_are_operands_in_their_order(void **state)
{
    static const struct {
        const char *line;
        const char *expected;
    } cases[] = {
        {"a.yaml b.yaml", " operand=a.yaml operand=b.yaml"},
        {"a.yaml --wait b.yaml", " wait=1 operand=a.yaml operand=b.yaml"},
        {"-- --wait", " operand=--wait"},
        {"- -v", " verbosity=1 operand=-"},
        {"a.yaml -vx east", " lattice=east verbosity=1 operand=a.yaml"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_read(VERB_APPLY, cases[i].line, cases[i].expected);
    }
}

static void the_environment_says_what_no_option_does(void **state)
{
    static const struct {
        const char *variable;
        const char *value;
        const char *expected;
    } cases[] = {
        {"TRELLIS_NATS_URL", "nats://t:1", " server=nats://t:1"},
        {"TRELLIS_CREDS", "/t.creds", " creds=/t.creds"},
        {"TRELLIS_LATTICE", "east", " lattice=east"},
        {"TRELLIS_STORE", "/t.db", " store=/t.db"},
        {"WASMCLOUD_LATTICE", "west", " lattice=west"},
        {"WASMCLOUD_CTL_HOST", "ctl", " server=nats://ctl:4222"},
        {"WASMCLOUD_CTL_PORT", "5222", " server=nats://127.0.0.1:5222"},
        {"WASH_CTL_CREDS", "/w.creds", " creds=/w.creds"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        set(cases[i].variable, cases[i].value);
        assert_read(VERB_APPLY, "", cases[i].expected);
        set(cases[i].variable, "");
        assert_read(VERB_APPLY, "", "");
    }
}

static void ours_comes_before_that_of_wash_and_an_option_before_both(void **state)
{
    static const struct {
        const char *ours;
        const char *of_wash;
        const char *option;
        const char *expected_of_wash;
        const char *expected_ours;
        const char *expected_option;
    } cases[] = {
        {"TRELLIS_NATS_URL", "WASMCLOUD_CTL_HOST", "-s o", " server=nats://w:4222",
         " server=t", " server=o"},
        {"TRELLIS_LATTICE", "WASMCLOUD_LATTICE", "-x o", " lattice=w", " lattice=t",
         " lattice=o"},
        {"TRELLIS_CREDS", "WASH_CTL_CREDS", "--creds o", " creds=w", " creds=t",
         " creds=o"},
        {"TRELLIS_STORE", NULL, "--store o", NULL, " store=t", " store=o"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        (void)forget_environment(NULL);
        if (cases[i].of_wash != NULL) {
            set(cases[i].of_wash, "w");
            assert_read(VERB_APPLY, "", cases[i].expected_of_wash);
        }
        set(cases[i].ours, "t");
        assert_read(VERB_APPLY, "", cases[i].expected_ours);
        assert_read(VERB_APPLY, cases[i].option, cases[i].expected_option);
    }
}

/* What is wrong on a command line, and what is said to it. */
static const struct {
    enum verb verb;
    const char *line;
    const char *message;
} wrongs[] = {
    {VERB_APPLY, "--nonsense", "there is no option '--nonsense' here: see --help"},
    {VERB_APPLY, "-z", "there is no option '-z' here: see --help"},
    {VERB_APPLY, "-vz", "there is no option '-z' here: see --help"},
    {VERB_APPLY, "--check", "there is no option '--check' here: see --help"},
    {VERB_VALIDATE, "--seed 1", "there is no option '--seed' here: see --help"},
    {VERB_APPLY, "--server", "option '--server' wants a value"},
    {VERB_APPLY, "-s", "option '-s' wants a value"},
    {VERB_APPLY, "--wait=yes", "option '--wait' takes no value"},
    {VERB_APPLY, "--output xml", "--output 'xml' is unknown: write human or json"},
    {VERB_APPLY, "--output sarif", "--output 'sarif' is unknown: write human or json"},
    {VERB_VALIDATE, "-o ''",
     "--output '' is unknown: write human, json, sarif or github"},
    {VERB_VALIDATE, "--color red",
     "--color 'red' is unknown: write auto, always or never"},
    {VERB_APPLY, "--timeout soon",
     "--timeout 'soon' is no time: write 500ms, 30s, 2m or 1h"},
    {VERB_APPLY, "--timeout -1", "--timeout '-1' is no time: write 500ms, 30s, 2m or 1h"},
    {VERB_DAEMON, "--missed-heartbeats 1",
     "--missed-heartbeats '1' is too few: write 2 or more"},
    {VERB_DAEMON, "--missed-heartbeats 1001",
     "--missed-heartbeats '1001' is no number up to 1000"},
    {VERB_DAEMON, "--missed-slack soon",
     "--missed-slack 'soon' is no time: write 500ms, 30s, 2m or 1h"},
    {VERB_SIMULATE, "--heartbeat ''",
     "--heartbeat '' is no time: write 500ms, 30s, 2m or 1h"},
    {VERB_SIMULATE, "--delay 1d", "--delay '1d' is no time: write 500ms, 30s, 2m or 1h"},
    {VERB_SIMULATE, "--hosts 1001", "--hosts '1001' is no number up to 1000"},
    {VERB_SIMULATE, "--hosts -1", "--hosts '-1' is no number up to 1000"},
    {VERB_SIMULATE, "--hosts ''", "--hosts '' is no number up to 1000"},
    {VERB_SIMULATE, "--hosts 3x", "--hosts '3x' is no number up to 1000"},
    {VERB_SIMULATE, "--seed 18446744073709551616",
     "--seed '18446744073709551616' is no number up to 1152921504606846975"},
    {VERB_APPLY, "--if-version v1",
     "--if-version 'v1' names no application: write NAME=v1"},
    {VERB_APPLY, "--if-digest =0f",
     "--if-digest '=0f' names no application: write NAME==0f"},
    {VERB_STATUS, "--state done",
     "--state 'done' is unknown: write deployed, reconciling, degraded, waiting, blind, "
     "undeployed, stuck or failed"},
    {VERB_EVENTS, "--since 01J", "--since '01J' is no number up to 9223372036854775807"},
    {VERB_EVENTS, "--since 01J:", "--since '' is no number up to 9223372036854775807"},
    {VERB_APPLY, "-x ''", "lattice '' cannot be: only letters, digits, - and _ in it"},
    {VERB_APPLY, "-x a.b",
     "lattice 'a.b' cannot be: only letters, digits, - and _ in it"},
    {VERB_APPLY, "-x a,b",
     "lattice 'a,b' cannot be: only letters, digits, - and _ in it"},
    {VERB_DAEMON, "-x a,,b", "lattice '' cannot be: only letters, digits, - and _ in it"},
    {VERB_DAEMON, "-x a,b,a", "lattice 'a' is named twice"},
    {VERB_APPLY, "-x a*", "lattice 'a*' cannot be: only letters, digits, - and _ in it"},
    {VERB_APPLY, "-x >", "lattice '>' cannot be: only letters, digits, - and _ in it"},
};

static void what_is_wrong_is_said_and_what_was_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrongs); i++) {
        struct reading reading = {0};

        assert_int_equal(read_line(&reading, wrongs[i].verb, wrongs[i].line), ERR_USAGE);
        assert_int_equal(reading.err.code, ERR_USAGE);
        assert_string_equal(reading.err.message, wrongs[i].message);
        assert_null(reading.options.connection.url);
        arena_free(&reading.arena);
    }
}

static void a_wrong_option_leaves_the_next_command_line_alone(void **state)
{
    struct reading reading = {0};

    (void)state;
    assert_int_equal(read_line(&reading, VERB_APPLY, "-zv"), ERR_USAGE);
    arena_free(&reading.arena);
    assert_read(VERB_APPLY, "-q a", " verbosity=-1 operand=a");
}

static void the_lattice_of_the_environment_is_checked_too(void **state)
{
    struct reading reading = {0};

    (void)state;
    set("WASMCLOUD_LATTICE", "a b");
    assert_int_equal(read_line(&reading, VERB_STATUS, ""), ERR_USAGE);
    assert_string_equal(reading.err.message,
                        "lattice 'a b' cannot be: only letters, digits, - and _ in it");
    arena_free(&reading.arena);
}

static void more_operands_than_can_be_meant_are_refused(void **state)
{
    static char word[] = "a.yaml";
    const int count = 10002;
    struct reading reading = {0};
    char **words = arena_array(&reading.arena, (size_t)count + 1, sizeof *words);

    (void)state;
    for (int i = 0; i < count; i++) {
        words[i] = word;
    }
    assert_int_equal(options_read(VERB_APPLY, count - 1, words, &reading.arena,
                                  &reading.options, &reading.err),
                     ERR_OK);
    assert_int_equal(reading.options.operands.count, 10000);
    assert_int_equal(options_read(VERB_APPLY, count, words, &reading.arena,
                                  &reading.options, &reading.err),
                     ERR_USAGE);
    assert_string_equal(reading.err.message,
                        "10001 arguments are too many, 10000 at the most");
    arena_free(&reading.arena);
}

static void the_store_is_where_it_is_told_or_by_server_and_lattice(void **state)
{
    static const struct {
        const char *state_home; /* NULL not set */
        const char *line;
        const char *expected;
    } cases[] = {
        {NULL, "", "/home/kim/.local/state/trellis/127.0.0.1:4222/default.db"},
        {"", "", "/home/kim/.local/state/trellis/127.0.0.1:4222/default.db"},
        {"/var", "-x east", "/var/trellis/127.0.0.1:4222/east.db"},
        {"/var", "--store /my.db -x east", "/my.db"},
        {"/var", "-s tls://kim:secret@nats.example:4222",
         "/var/trellis/nats.example:4222/default.db"},
        {"/var", "-s kim:p@ss@nats.example", "/var/trellis/nats.example/default.db"},
        {"/var", "-s nats://a/../..", "/var/trellis/a_.._../default.db"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct reading reading = {0};

        (void)forget_environment(NULL);
        if (cases[i].state_home != NULL) {
            set("XDG_STATE_HOME", cases[i].state_home);
        }
        assert_int_equal(read_line(&reading, VERB_APPLY, cases[i].line), ERR_OK);
        assert_string_equal(options_store(&reading.options, &reading.arena),
                            cases[i].expected);
        arena_free(&reading.arena);
    }
}

#define OPTIONS_TEST(function) cmocka_unit_test_setup(function, forget_environment)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPTIONS_TEST(without_options_everything_is_as_the_manual_says),
        OPTIONS_TEST(nobody_gets_colors_who_wants_none),
        OPTIONS_TEST(every_option_sets_what_it_names),
        OPTIONS_TEST(words_that_are_no_options_are_operands_in_their_order),
        OPTIONS_TEST(the_environment_says_what_no_option_does),
        OPTIONS_TEST(ours_comes_before_that_of_wash_and_an_option_before_both),
        OPTIONS_TEST(what_is_wrong_is_said_and_what_was_expected),
        OPTIONS_TEST(a_wrong_option_leaves_the_next_command_line_alone),
        OPTIONS_TEST(the_lattice_of_the_environment_is_checked_too),
        OPTIONS_TEST(more_operands_than_can_be_meant_are_refused),
        OPTIONS_TEST(the_store_is_where_it_is_told_or_by_server_and_lattice),
    };

    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
