#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "test/support_linkstore.h"

const char *linkstore_dump_applications(struct linkstore_state *state)
{
    struct store_applications applications;
    struct text text;

    text_init(&text, &state->arena, 65536);
    if (store_list(state->store, &state->arena, &applications, &state->err) != ERR_OK) {
        fail_msg("%s", state->err.message);
    }
    for (size_t i = 0; i < applications.count; i++) {
        const struct store_application *item = &applications.items[i];

        text_append(&text, "%s %s of %zu, deployed %s revision %u from %s\n", item->name,
                    item->version, item->versions_count,
                    item->deployed != NULL ? item->deployed : "-",
                    (unsigned)item->revision, item->source);
    }
    return text.bytes;
}

const char *linkstore_dump_desired(struct linkstore_state *state, const char *application)
{
    struct desired desired;
    struct text text;

    text_init(&text, &state->arena, 65536);
    if (store_desired(state->store, application, &state->arena, &desired, &state->err) !=
        ERR_OK) {
        text_append(&text, "%s\n", state->err.message);
        return text.bytes;
    }
    desired_print(&desired, &text);
    for (size_t i = 0; i < desired.configs_count; i++) {
        text_append(&text, "content %s\n", desired.configs[i].content);
    }
    return text.bytes;
}

static void print_delivered(const struct ledger_row *row, struct text *text)
{
    if (row->delivered.count > 0) {
        text_append(text, " delivered ");
        names_print(&row->delivered, text);
    }
    if (row->lost.count > 0) {
        text_append(text, " lost ");
        names_print(&row->lost, text);
    }
    text_append(text, "%s%s", row->is_dropped ? " dropped" : "",
                row->is_pruned ? " pruned" : "");
}

static void print_past(const struct ledger_past *past, struct text *text)
{
    if (past->good_image != NULL) {
        text_append(text, " good %s ", past->good_image);
        names_print(&past->good_configs, text);
    }
    if (past->failed_image != NULL) {
        text_append(text, " failed %s: %s", past->failed_image, past->failure);
    }
    text_append(text, "%s%s", past->is_tainted ? " tainted" : "",
                past->is_doubtful ? " doubtful" : "");
}

static void print_ledger_row(const struct ledger_row *row, struct text *text)
{
    const struct link *link = row->u.link;

    text_append(text, "%s %s ", row->state == LEDGER_SENT ? "sent" : "confirmed",
                row->application);
    switch (row->kind) {
    case LEDGER_CONFIG:
        text_append(text, "config %s %s", row->u.config.name, row->u.config.content);
        break;
    case LEDGER_LINK:
        text_append(text, "link %s %s %s %s:%s ", link->source_id, link->target,
                    link->name, link->wit_namespace, link->wit_package);
        names_print(&link->interfaces, text);
        names_print(&link->source_config, text);
        names_print(&link->target_config, text);
        break;
    case LEDGER_COMPONENT:
    case LEDGER_PROVIDER:
        text_append(text, "%s %s on %s %s ",
                    row->kind == LEDGER_COMPONENT ? "component" : "provider",
                    row->u.workload.id, row->u.workload.host, row->u.workload.image);
        names_print(&row->u.workload.configs, text);
        print_past(&row->u.workload.past, text);
        break;
    }
    print_delivered(row, text);
    text_append(text, ", %lld ms", (long long)row->age_ms);
    if (row->unsure_ms > 0) {
        text_append(text, ", unsure for %lld ms", (long long)row->unsure_ms);
    }
    text_append(text, "\n");
}

const char *linkstore_dump_ledger(struct linkstore_state *state, int64_t now_unix_ms)
{
    struct ledger_rows rows;
    struct text text;

    text_init(&text, &state->arena, 65536);
    if (store_read_ledger(state->store, now_unix_ms, &state->arena, &rows, &state->err) !=
        ERR_OK) {
        fail_msg("%s", state->err.message);
    }
    for (size_t i = 0; i < rows.count; i++) {
        assert_true(i == 0 || ledger_compare(&rows.items[i - 1], &rows.items[i]) < 0);
        print_ledger_row(&rows.items[i], &text);
    }
    return text.bytes;
}
