#include "reconciler/run/metrics.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *print(const struct metrics *metrics, struct arena *arena)
{
    struct metrics_view view = {
        .metrics = metrics,
        .now = {.version = "0", .lattice = "default", .survey_age_ms = 1500}};
    struct text text;

    view.now.applications[STATUS_DEPLOYED] = 3;
    view.now.paused = 2;
    view.now.resources[LEDGER_LINK][STATUS_STUCK] = 2;
    text_init(&text, arena, (size_t)64 * 1024);
    metrics_print(&view, 1, &text);
    return text.bytes;
}

static void expect(const char *text, const char *line)
{
    const char *found = strstr(text, line);

    if (found == NULL) {
        print_error("there is no %s in\n%s", line, text);
    }
    assert_non_null(found);
}

/* The exposition format, read as its page says and by none of the code that writes it. */
struct format {
    char family[128];
    char type[16];
    double last_bucket;
};

static bool is_of_family(const struct format *format, const char *name, size_t length)
{
    static const char *const suffixes[] = {"_bucket", "_sum", "_count"};
    const size_t family = strlen(format->family);

    if (length == family && strncmp(name, format->family, family) == 0) {
        return true;
    }
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(format->type, "histogram") == 0 &&
            length == family + strlen(suffixes[i]) &&
            strncmp(name, format->family, family) == 0 &&
            strncmp(name + family, suffixes[i], strlen(suffixes[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* {name="value",...}, without escapes; returns what is behind it. */
static const char *read_labels(const char *at)
{
    assert_int_equal(*at, '{');
    do {
        at++;
        assert_true(islower((unsigned char)*at));
        at += strspn(at, "abcdefghijklmnopqrstuvwxyz_");
        assert_int_equal(*at++, '=');
        assert_int_equal(*at++, '"');
        at += strcspn(at, "\"\\\n");
        assert_int_equal(*at++, '"');
    } while (*at == ',');
    assert_int_equal(*at, '}');
    return at + 1;
}

/* Digits, with a point among them or not. */
static double read_value(const char *at)
{
    const size_t whole = strspn(at, "0123456789");
    double value = 0;
    double part = 1;

    assert_true(whole > 0);
    for (size_t i = 0; i < whole; i++) {
        value = value * 10 + (at[i] - '0');
    }
    at += whole;
    if (*at == '.') {
        for (at++; isdigit((unsigned char)*at); at++) {
            part /= 10;
            value += part * (*at - '0');
        }
    }
    assert_int_equal(*at, '\n');
    return value;
}

static void copy_word(const char *at, char *ret_word, size_t size)
{
    const size_t length = strcspn(at, " \n");

    assert_true(length > 0 && length < size);
    memcpy(ret_word, at, length);
    ret_word[length] = '\0';
}

static void read_sample(struct format *format, const char *line)
{
    const size_t length =
        strspn(line, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:");
    const char *at = line + length;
    double value;

    assert_true(is_of_family(format, line, length));
    if (*at == '{') {
        at = read_labels(at);
    }
    assert_int_equal(*at, ' ');
    value = read_value(at + 1);
    if (strncmp(line + length, "{le=\"0.0001\"", strlen("{le=\"0.0001\"")) == 0) {
        format->last_bucket = 0;
    }
    if (strncmp(line + length - strlen("_bucket"), "_bucket", 7) == 0) {
        assert_true(value >= format->last_bucket);
        format->last_bucket = value;
    }
    if (strcmp(format->type, "counter") == 0) {
        assert_int_equal(strncmp(line + length - 6, "_total", 6), 0);
    }
}

static void what_is_printed_is_prometheus_format(void **state)
{
    static struct metrics metrics;
    struct format format = {0};
    struct arena arena = {0};
    const char *text;

    (void)state;
    histogram_add(&metrics.turn, 50);
    histogram_add(&metrics.turn, 5000);
    histogram_add(&metrics.turn, 20000000);
    text = print(&metrics, &arena);
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        if (strncmp(line, "# HELP ", 7) == 0) {
            copy_word(line + 7, format.family, sizeof format.family);
        } else if (strncmp(line, "# TYPE ", 7) == 0) {
            char family[128];

            copy_word(line + 7, family, sizeof family);
            assert_string_equal(family, format.family);
            copy_word(line + 7 + strlen(family) + 1, format.type, sizeof format.type);
        } else {
            read_sample(&format, line);
        }
    }
    arena_free(&arena);
}

static size_t count_of(const char *text, const char *words)
{
    size_t count = 0;

    for (const char *at = text; (at = strstr(at, words)) != NULL; at++) {
        count++;
    }
    return count;
}

static void several_lattices_are_told_by_a_label_under_one_head(void **state)
{
    static struct metrics metrics[2];
    struct metrics_view views[2];
    struct arena arena = {0};
    struct text text;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        views[i] = (struct metrics_view){
            .metrics = &metrics[i],
            .now = {.version = "0", .lattice = i == 0 ? "east" : "west"},
            .is_labelled = true};
    }
    metrics[1].connections = 4;
    histogram_add(&metrics[1].turn, 50);
    text_init(&text, &arena, (size_t)64 * 1024);
    metrics_print(views, 2, &text);
    expect(text.bytes, "trellis_connections_total{lattice=\"east\"} 0\n"
                       "trellis_connections_total{lattice=\"west\"} 4\n");
    expect(text.bytes, "trellis_turn_seconds_bucket{lattice=\"west\",le=\"0.0001\"} 1\n");
    expect(text.bytes, "trellis_turn_seconds_count{lattice=\"west\"} 1\n");
    assert_int_equal(count_of(text.bytes, "# TYPE trellis_connections_total "), 1);
    assert_int_equal(count_of(text.bytes, "# TYPE trellis_turn_seconds "), 1);
    arena_free(&arena);
}

static void spans_fall_into_their_buckets(void **state)
{
    static struct metrics metrics;
    struct arena arena = {0};
    const char *text;

    (void)state;
    histogram_add(&metrics.store, 100);
    histogram_add(&metrics.store, 101);
    histogram_add(&metrics.store, 20000000);
    text = print(&metrics, &arena);
    expect(text, "trellis_store_seconds_bucket{le=\"0.0001\"} 1\n");
    expect(text, "trellis_store_seconds_bucket{le=\"0.0003\"} 2\n");
    expect(text, "trellis_store_seconds_bucket{le=\"10\"} 2\n");
    expect(text, "trellis_store_seconds_bucket{le=\"+Inf\"} 3\n");
    expect(text, "trellis_store_seconds_sum 20.000201\n");
    expect(text, "trellis_store_seconds_count 3\n");
    arena_free(&arena);
}

static void an_answer_counts_for_the_kind_that_was_asked(void **state)
{
    static struct metrics metrics;
    const struct command put = {.id = 7, .kind = COMMAND_PUT_LINK};
    const struct command ask = {.id = 8, .kind = COMMAND_ASK_HOSTS};
    const struct event events[] = {
        {.kind = EVENT_ANSWERED, .u.answered = {7, ANSWER_REFUSED, "no"}},
        {.kind = EVENT_ANSWERED, .u.answered = {8, ANSWER_ACCEPTED, ""}},
        {.kind = EVENT_ANSWERED, .u.answered = {9, ANSWER_ACCEPTED, ""}}, /* nobody's */
        {.kind = EVENT_CONNECTED},
        {.kind = EVENT_OVERFLOWED},
    };
    struct arena arena = {0};
    const char *text;

    (void)state;
    metrics_sent(&metrics, &put);
    metrics_sent(&metrics, &ask);
    metrics_told(&metrics, events, sizeof events / sizeof *events);
    text = print(&metrics, &arena);
    expect(text, "trellis_commands_total{kind=\"put-link\"} 1\n");
    expect(text, "trellis_answers_total{kind=\"put-link\",result=\"refused\"} 1\n");
    expect(text, "trellis_answers_total{kind=\"put-link\",result=\"accepted\"} 0\n");
    expect(text, "trellis_connections_total 1\n");
    expect(text, "trellis_mailbox_losses_total 1\n");
    expect(text, "trellis_applications{state=\"deployed\"} 3\n");
    expect(text, "trellis_applications_paused 2\n");
    expect(text, "trellis_resources{kind=\"link\",state=\"stuck\"} 2\n");
    expect(text, "trellis_survey_age_seconds 1.500\n");
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_printed_is_prometheus_format),
        cmocka_unit_test(several_lattices_are_told_by_a_label_under_one_head),
        cmocka_unit_test(spans_fall_into_their_buckets),
        cmocka_unit_test(an_answer_counts_for_the_kind_that_was_asked),
    };

    return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
