#include "reconciler/run/metrics.h"

#include <inttypes.h>

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

static void print_one(struct text *text, const char *name, const char *type,
                      const char *help, uint64_t value)
{
    print_head(text, name, type, help);
    text_append(text, "trellis_%s %" PRIu64 "\n", name, value);
}

static void print_histogram(struct text *text, const char *name, const char *help,
                            const struct histogram *histogram)
{
    uint64_t count = 0;

    print_head(text, name, "histogram", help);
    for (size_t i = 0; i < METRICS_BOUNDS; i++) {
        count += histogram->counts[i];
        text_append(text, "trellis_%s_bucket{le=\"%s\"} %" PRIu64 "\n", name, bounds[i],
                    count);
    }
    count += histogram->counts[METRICS_BOUNDS];
    text_append(text,
                "trellis_%s_bucket{le=\"+Inf\"} %" PRIu64 "\n"
                "trellis_%s_sum %.6f\n"
                "trellis_%s_count %" PRIu64 "\n",
                name, count, name, (double)histogram->sum_us / 1e6, name, count);
}

static void print_commands(struct text *text, const struct metrics *metrics)
{
    print_head(text, "commands_total", "counter", "Commands and questions sent.");
    for (int kind = 0; kind < METRICS_KINDS; kind++) {
        text_append(text, "trellis_commands_total{kind=\"%s\"} %" PRIu64 "\n",
                    command_kind_name((enum command_kind)kind), metrics->sent[kind]);
    }
    print_head(text, "answers_total", "counter",
               "What came of them, as they were answered.");
    for (int kind = 0; kind < METRICS_KINDS; kind++) {
        for (int answer = 0; answer < METRICS_ANSWERS; answer++) {
            text_append(text,
                        "trellis_answers_total{kind=\"%s\",result=\"%s\"} %" PRIu64 "\n",
                        command_kind_name((enum command_kind)kind), answers[answer],
                        metrics->answered[kind][answer]);
        }
    }
}

static void print_states(struct text *text, const struct metrics_now *now)
{
    print_head(text, "applications", "gauge", "Applications by state.");
    for (int word = 0; word < METRICS_WORDS; word++) {
        text_append(text, "trellis_applications{state=\"%s\"} %" PRIu64 "\n",
                    status_word_name((enum status_word)word), now->applications[word]);
    }
    print_head(text, "resources", "gauge", "What is wanted, or was put, by state.");
    for (int kind = 0; kind < METRICS_RESOURCES; kind++) {
        for (int word = 0; word < METRICS_WORDS; word++) {
            text_append(text, "trellis_resources{kind=\"%s\",state=\"%s\"} %" PRIu64 "\n",
                        resources[kind], status_word_name((enum status_word)word),
                        now->resources[kind][word]);
        }
    }
}

static void print_sight(struct text *text, const struct metrics_now *now)
{
    print_one(text, "connected", "gauge", "1 while there is a connection to NATS.",
              now->is_connected);
    print_one(text, "writer", "gauge", "1 while this daemon may write to the lattice.",
              now->is_writer);
    print_one(text, "seeing", "gauge", "1 while the lattice is seen; 0 is blind.",
              now->is_seeing);
    print_one(text, "store_failing", "gauge", "1 while the store cannot be written.",
              now->is_store_failing);
    if (now->survey_age_ms >= 0) {
        print_head(text, "survey_age_seconds", "gauge",
                   "Since all hosts were last asked for.");
        text_append(text, "trellis_survey_age_seconds %.3f\n",
                    (double)now->survey_age_ms / 1e3);
    }
}

void metrics_print(const struct metrics *metrics, const struct metrics_now *now,
                   struct text *text)
{
    print_head(text, "build_info", "gauge", "1, and what runs.");
    text_append(text, "trellis_build_info{version=\"%s\",lattice=", now->version);
    text_append_json(text, now->lattice); /* a token: nothing of it is escaped */
    text_append(text, "} 1\n");
    print_sight(text, now);
    print_one(text, "mailbox_messages", "gauge", "Messages that wait for the loop.",
              now->mailbox_count);
    print_one(text, "mailbox_losses_total", "counter",
              "Times that messages were lost for lack of room.", metrics->losses);
    print_one(text, "connections_total", "counter", "Connections to NATS so far.",
              metrics->connections);
    print_one(text, "keys_planned_total", "counter",
              "Keys compared, desired with observed.", now->counters.planned);
    print_one(text, "drift_total", "counter",
              "Things confirmed before and found missing or different.",
              now->counters.drifts);
    print_one(text, "engine_bytes", "gauge", "Memory of what is desired and observed.",
              now->counters.bytes);
    print_histogram(text, "turn_seconds", "A turn of the loop, without waiting.",
                    &metrics->turn);
    print_histogram(text, "store_seconds", "A commit of the ledger.", &metrics->store);
    print_commands(text, metrics);
    print_states(text, now);
}
