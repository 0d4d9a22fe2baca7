#include "reconciler/run/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const uint64_t bounds_us[METRICS_BOUNDS] = {100,   300,    1000,    3000,
                                                   10000, 100000, 1000000, 10000000};
static const char *const bounds[METRICS_BOUNDS] = {"0.0001", "0.0003", "0.001", "0.003",
                                                   "0.01",   "0.1",    "1",     "10"};

static const char *const answers[METRICS_ANSWERS] = {
    [ANSWER_ACCEPTED] = "accepted",
    [ANSWER_REFUSED] = "refused",
    [ANSWER_NO_RESPONDERS] = "no_responders",
    [ANSWER_NONE] = "none",
    [ANSWER_UNSENT] = "unsent",
};

static const char *const resources[METRICS_RESOURCES] = {
    [LEDGER_CONFIG] = "config",
    [LEDGER_LINK] = "link",
    [LEDGER_COMPONENT] = "component",
    [LEDGER_PROVIDER] = "provider",
};

void histogram_add(struct histogram *histogram, uint64_t span_us)
{
    size_t i = 0;

    while (i < METRICS_BOUNDS && span_us > bounds_us[i]) {
        i++;
    }
    histogram->counts[i]++;
    histogram->sum_us += span_us;
}

void metrics_sent(struct metrics *metrics, const struct command *command)
{
    const size_t slot = command->id % METRICS_SENT_MAX;

    metrics->sent[command->kind]++;
    metrics->under_way[slot].id = command->id;
    metrics->under_way[slot].kind = command->kind;
}

void metrics_told(struct metrics *metrics, const struct event *events, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct event *event = &events[i];

        if (event->kind == EVENT_ANSWERED) {
            const size_t slot = event->u.answered.command % METRICS_SENT_MAX;

            if (metrics->under_way[slot].id == event->u.answered.command) {
                metrics
                    ->answered[metrics->under_way[slot].kind][event->u.answered.answer]++;
            }
        } else if (event->kind == EVENT_CONNECTED) {
            metrics->connections++;
        } else if (event->kind == EVENT_OVERFLOWED) {
            metrics->losses++;
        }
    }
}

static void print_head(struct text *text, const char *name, const char *type,
                       const char *help)
{
    text_append(text, "# HELP trellis_%s %s\n# TYPE trellis_%s %s\n", name, help, name,
                type);
}

/* What is behind the name of each sample of view: its lattice; if that is to be told from
 * others, and with, which is a label or "". */
static void print_labels(struct text *text, const struct metrics_view *view,
                         const char *with)
{
    if (view->is_labelled) {
        text_append(text, "{lattice=\"%s\"%s%s}", view->now.lattice,
                    *with != '\0' ? "," : "", with);
    } else if (*with != '\0') {
        text_append(text, "{%s}", with);
    }
}

/* What is one number of a lattice, in the order of fill_numbers. */
static const struct {
    const char *name;
    const char *type;
    const char *help;
} numbers[] = {
    {"connected", "gauge", "1 while there is a connection to NATS."},
    {"writer", "gauge", "1 while this daemon may write to the lattice."},
    {"seeing", "gauge", "1 while the lattice is seen; 0 is blind."},
    {"store_failing", "gauge", "1 while the store cannot be written."},
    {"applications_paused", "gauge", "Applications for which nothing is sent."},
    {"mailbox_messages", "gauge", "Messages that wait for the loop."},
    {"mailbox_losses_total", "counter",
     "Times that messages were lost for lack of room."},
    {"requests_busy_total", "counter", "Requests refused, for too many waited."},
    {"connections_total", "counter", "Connections to NATS so far."},
    {"keys_planned_total", "counter", "Keys compared, desired with observed."},
    {"drift_total", "counter", "Things confirmed before and found missing or different."},
    {"engine_bytes", "gauge", "Memory of what is desired and observed."},
};

#define NUMBERS_COUNT (sizeof numbers / sizeof *numbers)

static void fill_numbers(const struct metrics_view *view,
                         uint64_t ret_values[NUMBERS_COUNT])
{
    const struct metrics_now *now = &view->now;
    const uint64_t values[NUMBERS_COUNT] = {
        now->is_connected,     now->is_writer,        now->is_seeing,
        now->is_store_failing, now->paused,           now->mailbox_count,
        view->metrics->losses, view->metrics->excess, view->metrics->connections,
        now->counters.planned, now->counters.drifts,  now->counters.bytes,
    };

    memcpy(ret_values, values, sizeof values);
}

/* Many lattices, printed into one text. */
struct sheet {
    struct text *text;
    const struct metrics_view *views;
    size_t count;
};

static void print_numbers(const struct sheet *sheet)
{
    for (size_t i = 0; i < NUMBERS_COUNT; i++) {
        print_head(sheet->text, numbers[i].name, numbers[i].type, numbers[i].help);
        for (size_t j = 0; j < sheet->count; j++) {
            uint64_t values[NUMBERS_COUNT];

            fill_numbers(&sheet->views[j], values);
            text_append(sheet->text, "trellis_%s", numbers[i].name);
            print_labels(sheet->text, &sheet->views[j], "");
            text_append(sheet->text, " %" PRIu64 "\n", values[i]);
        }
    }
}

/* A sample with up to two labels of its own. */
static void print_sample(struct text *text, const struct metrics_view *view,
                         const char *name, const char *labels, uint64_t value)
{
    text_append(text, "trellis_%s", name);
    print_labels(text, view, labels);
    text_append(text, " %" PRIu64 "\n", value);
}

static void print_buckets(struct text *text, const struct metrics_view *view,
                          const char *name, const struct histogram *histogram)
{
    char sample[64];
    char label[32];
    uint64_t count = 0;

    (void)snprintf(sample, sizeof sample, "%s_bucket", name);
    for (size_t i = 0; i <= METRICS_BOUNDS; i++) {
        count += histogram->counts[i];
        (void)snprintf(label, sizeof label, "le=\"%s\"",
                       i < METRICS_BOUNDS ? bounds[i] : "+Inf");
        print_sample(text, view, sample, label, count);
    }
    text_append(text, "trellis_%s_sum", name);
    print_labels(text, view, "");
    text_append(text, " %.6f\n", (double)histogram->sum_us / 1e6);
    (void)snprintf(sample, sizeof sample, "%s_count", name);
    print_sample(text, view, sample, "", count);
}

static void print_histograms(const struct sheet *sheet)
{
    print_head(sheet->text, "turn_seconds", "histogram",
               "A turn of the loop, without waiting.");
    for (size_t i = 0; i < sheet->count; i++) {
        print_buckets(sheet->text, &sheet->views[i], "turn_seconds",
                      &sheet->views[i].metrics->turn);
    }
    print_head(sheet->text, "store_seconds", "histogram", "A commit of the ledger.");
    for (size_t i = 0; i < sheet->count; i++) {
        print_buckets(sheet->text, &sheet->views[i], "store_seconds",
                      &sheet->views[i].metrics->store);
    }
}

static void print_sent(struct text *text, const struct metrics_view *view)
{
    char labels[64];

    for (int kind = 0; kind < METRICS_KINDS; kind++) {
        (void)snprintf(labels, sizeof labels, "kind=\"%s\"",
                       command_kind_name((enum command_kind)kind));
        print_sample(text, view, "commands_total", labels, view->metrics->sent[kind]);
    }
}

static void print_answered(struct text *text, const struct metrics_view *view)
{
    char labels[96];

    for (int kind = 0; kind < METRICS_KINDS; kind++) {
        for (int answer = 0; answer < METRICS_ANSWERS; answer++) {
            (void)snprintf(labels, sizeof labels, "kind=\"%s\",result=\"%s\"",
                           command_kind_name((enum command_kind)kind), answers[answer]);
            print_sample(text, view, "answers_total", labels,
                         view->metrics->answered[kind][answer]);
        }
    }
}

static void print_applications(struct text *text, const struct metrics_view *view)
{
    char labels[64];

    for (int word = 0; word < METRICS_WORDS; word++) {
        (void)snprintf(labels, sizeof labels, "state=\"%s\"",
                       status_word_name((enum status_word)word));
        print_sample(text, view, "applications", labels, view->now.applications[word]);
    }
}

static void print_resources(struct text *text, const struct metrics_view *view)
{
    char labels[96];

    for (int kind = 0; kind < METRICS_RESOURCES; kind++) {
        for (int word = 0; word < METRICS_WORDS; word++) {
            (void)snprintf(labels, sizeof labels, "kind=\"%s\",state=\"%s\"",
                           resources[kind], status_word_name((enum status_word)word));
            print_sample(text, view, "resources", labels,
                         view->now.resources[kind][word]);
        }
    }
}

static void print_survey_age(struct text *text, const struct metrics_view *view)
{
    if (view->now.survey_age_ms >= 0) {
        text_append(text, "trellis_survey_age_seconds");
        print_labels(text, view, "");
        text_append(text, " %.3f\n", (double)view->now.survey_age_ms / 1e3);
    }
}

static void print_build(struct text *text, const struct metrics_view *view)
{
    text_append(text, "trellis_build_info{version=\"%s\",lattice=", view->now.version);
    text_append_json(text, view->now.lattice); /* a token: nothing of it is escaped */
    text_append(text, "} 1\n");
}

/* Families that have labels, each with the samples of all lattices. */
static const struct {
    const char *name;
    const char *type;
    const char *help;
    void (*print)(struct text *text, const struct metrics_view *view);
} families[] = {
    {"build_info", "gauge", "1, and what runs.", print_build},
    {"survey_age_seconds", "gauge", "Since all hosts were last asked for.",
     print_survey_age},
    {"commands_total", "counter", "Commands and questions sent.", print_sent},
    {"answers_total", "counter", "What came of them, as they were answered.",
     print_answered},
    {"applications", "gauge", "Applications by state.", print_applications},
    {"resources", "gauge", "What is wanted, or was put, by state.", print_resources},
};

void metrics_print(const struct metrics_view *views, size_t count, struct text *text)
{
    const struct sheet sheet = {text, views, count};

    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        print_head(text, families[i].name, families[i].type, families[i].help);
        for (size_t j = 0; j < count; j++) {
            families[i].print(text, &views[j]);
        }
    }
    print_numbers(&sheet);
    print_histograms(&sheet);
}
