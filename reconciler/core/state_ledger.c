#include "reconciler/core/state.h"

#include <assert.h>
#include <string.h>

#include "reconciler/core/keep.h"

void state_use(struct engine *engine, const struct names *names, int change)
{
    assert(change == 1 || change == -1);

    for (size_t i = 0; i < names->count; i++) {
        struct config_item *config = state_config(engine, names->items[i]);

        if (change > 0) {
            config->uses++;
            continue;
        }
        assert(config->uses > 0);
        config->uses--;
        if (config->uses == 0) {
            state_mark(engine, &config->item);
        }
    }
}

static const char *copy_or_none(const char *text, struct arena *arena)
{
    return text != NULL ? arena_copy(arena, text) : NULL;
}

/* What is the same as the row's own image and configs is kept once. */
static void copy_past(const struct ledger_row *row, struct arena *arena,
                      struct ledger_row *copy)
{
    const struct ledger_past *past = &row->u.workload.past;
    struct ledger_past *to = &copy->u.workload.past;

    to->good_image =
        past->good_image != NULL && strcmp(past->good_image, row->u.workload.image) == 0
            ? copy->u.workload.image
            : copy_or_none(past->good_image, arena);
    to->good_configs = names_compare(&past->good_configs, &row->u.workload.configs) == 0
                           ? copy->u.workload.configs
                           : names_copy(&past->good_configs, arena);
    to->failed_image = copy_or_none(past->failed_image, arena);
    to->failure = copy_or_none(past->failure, arena);
}

static struct ledger_row *row_copy(const struct ledger_row *row, struct arena *arena)
{
    struct ledger_row *copy = arena_alloc(arena, sizeof *copy);
    struct link *link;

    *copy = *row;
    copy->application = arena_copy(arena, row->application);
    copy->delivered = names_copy(&row->delivered, arena);
    copy->lost = names_copy(&row->lost, arena);
    if (row->kind == LEDGER_CONFIG) {
        copy->u.config.name = arena_copy(arena, row->u.config.name);
        copy->u.config.content = arena_copy(arena, row->u.config.content);
    } else if (row->kind == LEDGER_LINK) {
        link = arena_alloc(arena, sizeof *link);
        *link = link_copy(row->u.link, arena);
        copy->u.link = link;
    } else {
        copy->u.workload.host = arena_copy(arena, row->u.workload.host);
        copy->u.workload.id = arena_copy(arena, row->u.workload.id);
        copy->u.workload.image = arena_copy(arena, row->u.workload.image);
        copy->u.workload.configs = names_copy(&row->u.workload.configs, arena);
        copy_past(row, arena, copy);
    }
    return copy;
}

/* Add row, which lives in scratch or longer, to the update. */
static void change_add(struct engine *engine, enum ledger_change_kind kind,
                       const struct ledger_row *row)
{
    engine->changes = arena_grow(&engine->scratch, engine->changes, engine->changes_count,
                                 &engine->changes_capacity, sizeof *engine->changes);
    engine->changes[engine->changes_count++] = (struct ledger_change){
        .kind = kind,
        .row = *row,
    };
}

enum ledger_state state_when_sent(const struct record *before, bool is_same)
{
    if (before == NULL || (before->state == LEDGER_SENT && is_same)) {
        return LEDGER_SENT;
    }
    return LEDGER_CONFIRMED;
}

void state_change_again(struct engine *engine, const struct ledger_change *change)
{
    change_add(engine, change->kind, row_copy(&change->row, &engine->scratch));
}

void state_note_ledger(struct engine *engine, enum ledger_change_kind kind,
                       const struct ledger_row *row)
{
    change_add(engine, kind, row_copy(row, &engine->scratch));
}

/* A link that was sent names its configs, whether or not it is there yet. */
static void use_link(struct engine *engine, const struct record *record, int change)
{
    if (record->kind == LEDGER_LINK) {
        state_use(engine, &record->u.link->source_config, change);
        state_use(engine, &record->u.link->target_config, change);
    }
}

void state_keep_ledger(struct engine *engine, struct record **record_of,
                       const struct ledger_row *row)
{
    /* row may hold parts of the old one */
    struct record *kept = record_keep(&engine->pool, row);

    use_link(engine, kept, 1); /* first: none may fall to 0 between */
    if (*record_of != NULL) {
        use_link(engine, *record_of, -1);
    }
    record_forget(&engine->pool, *record_of);
    *record_of = kept;
}

void state_put_ledger(struct engine *engine, struct record **record_of,
                      const struct ledger_row *row)
{
    change_add(engine, LEDGER_PUT, row_copy(row, &engine->scratch));
    state_keep_ledger(engine, record_of, row);
}

void state_drop_ledger(struct engine *engine, struct record **record_of, const char *name,
                       const char *host)
{
    struct ledger_row row;

    if (*record_of == NULL) {
        return;
    }
    row = record_row(*record_of, name, host);
    use_link(engine, *record_of, -1);
    change_add(engine, LEDGER_DROP, row_copy(&row, &engine->scratch));
    record_forget(&engine->pool, *record_of);
    *record_of = NULL;
}
