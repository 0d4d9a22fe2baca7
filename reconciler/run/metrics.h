/*
 * metrics.h - what the daemon counts of itself, and how Prometheus reads it.
 *
 * Labels are kinds, results, states and, where there are several, lattices, so that their
 * number does not grow with what runs.  Source of the format: Prometheus's text
 * exposition format 0.0.4.
 */
#ifndef RECONCILER_RUN_METRICS_H
#define RECONCILER_RUN_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/text.h"
#include "reconciler/core/engine.h"
#include "reconciler/core/status.h"

#define METRICS_BOUNDS    8    /* of a histogram; over the last is one more */
#define METRICS_KINDS     12   /* enum command_kind */
#define METRICS_ANSWERS   5    /* enum answer */
#define METRICS_WORDS     8    /* enum status_word */
#define METRICS_RESOURCES 4    /* enum ledger_kind */
#define METRICS_SENT_MAX  4096 /* commands whose kind is remembered until the answer */

struct histogram {
    uint64_t counts[METRICS_BOUNDS + 1];
    uint64_t sum_us;
};

void histogram_add(struct histogram *histogram, uint64_t span_us);

/* All zero at the start. */
struct metrics {
    struct histogram turn;  /* of the loop, without waiting */
    struct histogram store; /* one commit of the ledger */
    uint64_t sent[METRICS_KINDS];
    uint64_t answered[METRICS_KINDS][METRICS_ANSWERS];
    uint64_t connections; /* made */
    uint64_t losses;      /* of mail: the lattice was asked again */
    uint64_t excess;      /* requests that found too many others */
    struct {
        uint64_t id;
        enum command_kind kind;
    } under_way[METRICS_SENT_MAX]; /* by id, in a ring */
};

void metrics_sent(struct metrics *metrics, const struct command *command);
void metrics_told(struct metrics *metrics, const struct event *events, size_t count);

/* What is so at the moment. */
struct metrics_now {
    const char *version;
    const char *lattice;
    bool is_connected;
    bool is_writer;
    bool is_seeing; /* the lattice: not blind */
    bool is_store_failing;
    int64_t survey_age_ms; /* -1: there was none */
    size_t mailbox_count;
    struct engine_counters counters;
    uint64_t applications[METRICS_WORDS];
    uint64_t paused; /* of them: nothing is sent for them */
    uint64_t resources[METRICS_RESOURCES][METRICS_WORDS];
};

/* One lattice. */
struct metrics_view {
    const struct metrics *metrics; /* borrowed */
    struct metrics_now now;
    bool is_labelled; /* its samples have the label lattice */
};

void metrics_print(const struct metrics_view *views, size_t count, struct text *text);

#endif
