#include "reconciler/run/health.h"

#include <string.h>

#include "reconciler/core/status.h"
#include "reconciler/run/bus.h"
#include "reconciler/run/clock.h"
#include "reconciler/run/report.h"

#define OK          200
#define UNAVAILABLE 503

/* Why a lattice is not ready, in arena; NULL when it is. */
static const char *why_not_ready(const struct keeper *keeper, struct arena *arena)
{
    struct reconciler *reconciler = keeper->reconciler;
    const struct engine *engine;

    if (!keeper_is_up(keeper)) {
        return keeper_status(keeper, arena);
    }
    engine = reconciler_engine(reconciler);
    if (reconciler_driver(reconciler)->is_store_failing) {
        return "the store cannot be written: nothing is sent; see the log";
    }
    if (!bus_is_connected(reconciler_bus(reconciler))) {
        return arena_print(arena, "no connection to NATS at %s",
                           bus_server(reconciler_bus(reconciler)));
    }
    if (!reconciler_is_writer(reconciler)) {
        return "it is not known yet whether another trellis writes to the lattice";
    }
    if (reconciler_suspension(reconciler)[0] != '\0') {
        return arena_print(arena, "nothing is sent: %s",
                           reconciler_suspension(reconciler));
    }
    return engine_is_blind(engine) ? engine_lattice_status(engine, arena) : NULL;
}

/* Of the lattice called name, or with "" of all. */
static void make_ready(const struct health *health, const char *name,
                       struct http_page *page)
{
    struct arena arena = {0};
    bool is_found = false;
    bool is_ready = true;

    for (size_t i = 0; i < health->count; i++) {
        const struct keeper *keeper = &health->keepers[i];
        const char *why_not = why_not_ready(keeper, &arena);

        if (*name != '\0' && strcmp(name, keeper->options.lattice) != 0) {
            continue;
        }
        is_found = true;
        is_ready = is_ready && why_not == NULL;
        if (health->count > 1) {
            text_append(page->body, "%s: ", keeper->options.lattice);
        }
        text_append(page->body, "%s\n", why_not == NULL ? "ready" : why_not);
    }
    if (is_found) {
        page->status = is_ready ? OK : UNAVAILABLE;
    } else {
        text_append(page->body, "this daemon keeps no lattice of that name\n");
    }
    arena_free(&arena);
}

static void count_resources(const struct api_status_report *report,
                            struct metrics_now *now)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct application_status *status = &report->items[i].status;

        now->applications[status->word]++;
        now->paused += report->items[i].paused_unix_ms != 0;
        for (size_t j = 0; j < status->resources_count; j++) {
            now->resources[status->resources[j].kind][status->resources[j].word]++;
        }
    }
}

/* false: the lattice is down, and there is nothing to tell of it. */
static bool fill_view(const struct keeper *keeper, struct arena *arena,
                      struct metrics_view *ret_view)
{
    struct reconciler *reconciler = keeper->reconciler;
    struct api_status_report report = {0};
    struct err err;
    const struct engine *engine;
    struct metrics_now *now = &ret_view->now;

    if (!keeper_is_up(keeper)) {
        return false;
    }
    engine = reconciler_engine(reconciler);
    ret_view->metrics = reconciler_metrics(reconciler);
    ret_view->is_labelled = keeper->is_one_of_several;
    *now = (struct metrics_now){
        .version = TRELLIS_VERSION,
        .lattice = keeper->options.lattice,
        .is_connected = bus_is_connected(reconciler_bus(reconciler)),
        .is_writer = reconciler_is_writer(reconciler),
        .is_seeing = !engine_is_blind(engine),
        .is_store_failing = reconciler_driver(reconciler)->is_store_failing,
        .survey_age_ms = -1,
        .mailbox_count = bus_mails_count(reconciler_bus(reconciler)),
        .counters = engine_counters(engine),
    };
    if (now->counters.surveyed.ms != 0) {
        now->survey_age_ms = clock_now().ms - now->counters.surveyed.ms;
    }
    if (report_status(engine, reconciler_store(reconciler), NULL, arena, &report, &err) ==
        ERR_OK) {
        count_resources(&report, now);
    } else {
        now->is_store_failing = true;
    }
    return true;
}

static void make_metrics(const struct health *health, struct http_page *page)
{
    struct arena arena = {0};
    struct metrics_view *views = arena_array(&arena, health->count, sizeof *views);
    size_t count = 0;

    page->status = OK;
    page->type = "text/plain; version=0.0.4; charset=utf-8";
    for (size_t i = 0; i < health->count; i++) {
        count += fill_view(&health->keepers[i], &arena, &views[count]) ? 1 : 0;
    }
    metrics_print(views, count, page->body);
    arena_free(&arena);
}

void health_page(void *context, const char *path, struct http_page *page)
{
    const struct health *health = context;

    if (strcmp(path, "/livez") == 0) {
        page->status = OK;
        text_append(page->body, "alive\n");
    } else if (strcmp(path, "/readyz") == 0) {
        make_ready(health, "", page);
    } else if (strncmp(path, "/readyz/", strlen("/readyz/")) == 0) {
        make_ready(health, path + strlen("/readyz/"), page);
    } else if (strcmp(path, "/metrics") == 0) {
        make_metrics(health, page);
    } else {
        text_append(page->body, "there are /livez, /readyz and /metrics\n");
    }
}
