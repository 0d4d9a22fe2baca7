#include "manifest/limits.h"
#include "reconciler/run/plan_rehearsed.h"
#include "reconciler/run/report.h"
#include "reconciler/run/show.h"
#include "test/support_world.h"

#define LATTICE "default"

static void print_error(struct world *world, const struct err *err, const char *findings)
{
    text_append(world->output, "! %s: %s\n%s", err_code_name(err->code), err->message,
                findings);
}

bool world_plan(struct world *world, const struct api_manifests *manifests)
{
    const struct plan_input input = {world->engine, world->store, LATTICE};
    struct arena arena = {0};
    struct api_plan_report report;
    struct text text;
    struct err err;
    enum err_code code = plan_rehearsed(&input, manifests, &arena, &report, &err);

    if (code == ERR_OK) {
        text_init(&text, &arena, MESSAGE_BYTES_MAX);
        show_plan(&report, &text);
        world_print(world, text.bytes);
    } else {
        print_error(world, &err, report.findings);
    }
    arena_free(&arena);
    return code == ERR_OK;
}

bool world_report(struct world *world, const char *application, bool is_json)
{
    struct arena arena = {0};
    struct api_status_report report;
    struct text text;
    struct err err;
    enum err_code code =
        report_status(world->engine, world->store, application, &arena, &report, &err);

    if (code == ERR_OK) {
        report.server = "daemon";
        report.lattice = LATTICE;
        report.now = rehearsal_now(world->rehearsal);
        report.epoch_ms = 0;
        text_init(&text, &arena, MESSAGE_BYTES_MAX);
        if (is_json) {
            api_encode_status(&report, &text);
            text_append(&text, "\n");
        } else {
            show_status(&report, true, &text);
        }
        world_print(world, text.bytes);
    } else {
        print_error(world, &err, "");
    }
    arena_free(&arena);
    return code == ERR_OK;
}
