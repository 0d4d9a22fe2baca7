#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/decode_redeliver.h"
#include "reconciler/core/timing.h"
#include "test/support_script_state.h"
#include "test/support_words.h"

static const struct origin here = {"script", {1, 1}};

static struct link parse_link_words(struct script *script, size_t from)
{
    const struct names parts = {&script->words[from + 2], script->words_count - from - 2};

    return script_link(&script->arena, script_word(script, from),
                       script_word(script, from + 1), &parts);
}

/* want APP shared ID OTHER NAME component|provider STATE */
static struct shared_row parse_shared(const struct script *script)
{
    enum shared_state state = SHARED_ABSENT;

    while (strcmp(shared_state_name(state), script_word(script, 7)) != 0) {
        assert(state != SHARED_THERE);
        state++;
    }
    return (struct shared_row){
        .component = script_word(script, 3),
        .kind = strcmp(script_word(script, 6), "provider") == 0 ? WORKLOAD_PROVIDER
                                                                : WORKLOAD_COMPONENT,
        .application = script_word(script, 4),
        .name = script_word(script, 5),
        .id = script_word(script, 3),
        .state = state,
        .origin = here,
    };
}

static void run_want(struct script *script)
{
    struct desired *desired = &script->want.desired;
    const char *kind = script_word(script, 2);

    assert(script->want.application == NULL ||
           strcmp(script->want.application, script_word(script, 1)) == 0);
    script->want.application = script_word(script, 1);
    if (strcmp(kind, "config") == 0) {
        script->want.configs[desired->configs_count++] =
            (struct config_row){script_word(script, 3), script_word(script, 4), here};
    } else if (strcmp(kind, "redeliver") == 0) {
        (void)decode_redeliver_find(script_word(script, 3), &desired->redeliver);
    } else if (strcmp(kind, "shared") == 0) {
        script->want.shared[desired->shared_count++] = parse_shared(script);
    } else if (strcmp(kind, "link") == 0) {
        script->want.links[desired->links_count++] = (struct link_row){
            .link = parse_link_words(script, 3), .scaler_id = "s", .origin = here};
    } else {
        const bool is_daemon = strcmp(script_word(script, 5), "daemon") == 0;

        script->want.workloads[desired->workloads_count++] = (struct workload_row){
            .kind =
                strcmp(kind, "provider") == 0 ? WORKLOAD_PROVIDER : WORKLOAD_COMPONENT,
            .id = script_word(script, 3),
            .component = script_word(script, 3),
            .image = script_word(script, 4),
            .instances =
                is_daemon ? 1 : (uint32_t)strtoul(script_word(script, 5), NULL, 10),
            .is_daemon = is_daemon,
            .configs = script_split(&script->arena, script_word(script, 6), ','),
            .scaler_id = "s",
            .spreads = &spread_default,
            .spreads_count = 1,
            .origin = here,
        };
    }
}

static int compare_configs(const void *a, const void *b)
{
    return strcmp(((const struct config_row *)a)->name,
                  ((const struct config_row *)b)->name);
}

static int compare_links(const void *a, const void *b)
{
    return link_compare(&((const struct link_row *)a)->link,
                        &((const struct link_row *)b)->link);
}

static int compare_shared(const void *a, const void *b)
{
    return strcmp(((const struct shared_row *)a)->component,
                  ((const struct shared_row *)b)->component);
}

static int compare_workloads(const void *a, const void *b)
{
    return strcmp(((const struct workload_row *)a)->id,
                  ((const struct workload_row *)b)->id);
}

/* The ends of links that another application runs. */
static void relate_shared(struct script *script)
{
    const struct desired *desired = &script->want.desired;

    qsort(script->want.shared, desired->shared_count, sizeof *desired->shared,
          compare_shared);
    for (size_t i = 0; i < desired->links_count; i++) {
        struct link_row *row = &script->want.links[i];

        row->source_shared =
            shared_find(desired->shared, desired->shared_count, row->link.source_id);
        row->target_shared =
            shared_find(desired->shared, desired->shared_count, row->link.target);
    }
}

static void run_declare(struct script *script)
{
    struct desired *desired = &script->want.desired;

    desired->application = script_word(script, 1);
    desired->version = "v1";
    desired->configs = script->want.configs;
    desired->links = script->want.links;
    desired->workloads = script->want.workloads;
    desired->shared = script->want.shared;
    relate_shared(script);
    qsort(script->want.configs, desired->configs_count, sizeof *desired->configs,
          compare_configs);
    qsort(script->want.links, desired->links_count, sizeof *desired->links,
          compare_links);
    qsort(script->want.workloads, desired->workloads_count, sizeof *desired->workloads,
          compare_workloads);
    script_step(script, (struct event){.kind = EVENT_DECLARED, .u.declared = desired});
    script->want.application = NULL;
    *desired = (struct desired){0};
}

static void run_remember(struct script *script)
{
    const char *state = script_word(script, 1);
    const char *kind = script_word(script, 2);
    struct ledger_row row = {
        .application = "a",
        .state = strcmp(state, "sent") == 0 ? LEDGER_SENT : LEDGER_CONFIRMED,
        .age_ms = (int64_t)3600 * 1000,
    };
    struct link link;

    if (strcmp(kind, "config") == 0) {
        row.kind = LEDGER_CONFIG;
        row.u.config.name = script_word(script, 3);
        row.u.config.content = script_word(script, 4);
    } else if (strcmp(kind, "link") == 0) {
        row.kind = LEDGER_LINK;
        link = parse_link_words(script, 3);
        row.u.link = &link;
    } else {
        row.kind = strcmp(kind, "provider") == 0 ? LEDGER_PROVIDER : LEDGER_COMPONENT;
        row.u.workload.host = script_word(script, 3);
        row.u.workload.id = script_word(script, 4);
        row.u.workload.image = script_word(script, 5);
        row.is_pruned = strcmp(script_word(script, 6), "pruned") == 0;
        row.u.workload.past.is_doubtful = strcmp(script_word(script, 6), "doubtful") == 0;
        if (script->words_count > 7) {
            row.age_ms = 1000;
            row.u.workload.past = (struct ledger_past){
                .good_image = script_word(script, 6),
                .failed_image = script_word(script, 7),
                .failure = script_rest(script, 8),
            };
        }
    }
    row.unsure_ms = (strcmp(state, "unanswered") == 0 ? UNSURE_ENTRY_MS : 0) - row.age_ms;
    if (strcmp(state, "flying") == 0) {
        row.age_ms = 1;
        row.unsure_ms = UNSURE_SENT_MS - row.age_ms;
    }
    script_step(script,
                (struct event){.kind = EVENT_REMEMBERED, .u.remembered = {&row, 1}});
}

static int64_t read_number(const struct script *script, size_t word)
{
    return script->words_count > word
               ? (int64_t)strtoll(script_word(script, word), NULL, 10)
               : 0;
}

/* recall MADE SEQUENCE DEAF_TO [HOST AGE_MS INTERVAL_MS]... */
static void run_recall(struct script *script)
{
    const char *made = script_word(script, 1);
    const struct memory_bucket bucket = {
        .made = strcmp(made, "-") != 0 ? made : NULL,
        .sequence = (uint64_t)read_number(script, 2),
        .deaf_to = (uint64_t)read_number(script, 3),
    };
    struct memory_host hosts[HOSTS_MAX];
    struct memory memory = {.links = bucket, .configs = bucket, .hosts = hosts};

    for (size_t i = 4; i < script->words_count; i += 3) {
        assert(memory.hosts_count < HOSTS_MAX);

        hosts[memory.hosts_count++] = (struct memory_host){
            .id = script_word(script, i),
            .name = "",
            .age_ms = read_number(script, i + 1),
            .interval_ms = read_number(script, i + 2),
        };
    }
    script_step(script, (struct event){.kind = EVENT_RECALLED, .u.recalled = &memory});
}

bool script_tell_wanted(struct script *script, const char *verb)
{
    if (strcmp(verb, "want") == 0) {
        run_want(script);
    } else if (strcmp(verb, "declare") == 0) {
        run_declare(script);
    } else if (strcmp(verb, "retract") == 0) {
        script_step(script,
                    (struct event){.kind = EVENT_RETRACTED,
                                   .u.retracted = {script_word(script, 1), false}});
    } else if (strcmp(verb, "prune") == 0) {
        script_step(script,
                    (struct event){.kind = EVENT_RETRACTED,
                                   .u.retracted = {script_word(script, 1), true}});
    } else if (strcmp(verb, "pause") == 0 || strcmp(verb, "resume") == 0) {
        script_step(script, (struct event){.kind = EVENT_PAUSED,
                                           .u.paused = {script_word(script, 1),
                                                        strcmp(verb, "pause") == 0}});
    } else if (strcmp(verb, "suspend") == 0 || strcmp(verb, "go-on") == 0) {
        script_step(script, (struct event){.kind = EVENT_SUSPENDED,
                                           .u.suspended = {strcmp(verb, "suspend") == 0
                                                               ? "another does it"
                                                               : ""}});
    } else if (strcmp(verb, "remember") == 0) {
        run_remember(script);
    } else if (strcmp(verb, "recall") == 0) {
        run_recall(script);
    } else {
        return false;
    }
    return true;
}

static int compare_told(const void *a, const void *b)
{
    const struct host_workload *left = a;
    const struct host_workload *right = b;
    const int order = strcmp(left->id, right->id);

    return order != 0 ? order : (int)left->kind - (int)right->kind;
}

/* KEY=VALUE */
static struct property parse_label(struct script *script, const char *word)
{
    const size_t length = strcspn(word, "=");

    assert(word[length] == '=');
    return (struct property){.key = arena_text(&script->arena, word, length),
                             .value = word + length + 1};
}

static const struct inventory *parse_inventory(struct script *script, int64_t uptime)
{
    struct inventory *inventory = arena_alloc(&script->arena, sizeof *inventory);
    struct host_workload *workloads =
        arena_array(&script->arena, script->words_count, sizeof *workloads);
    struct property *labels =
        arena_array(&script->arena, script->words_count, sizeof *labels);
    size_t labels_count = 0;
    size_t count = 0;

    for (size_t i = 2; i < script->words_count; i++) {
        if (script->words[i][0] == '+') {
            labels[labels_count++] = parse_label(script, script->words[i] + 1);
        } else {
            workloads[count++] = script_workload(&script->arena, script->words[i]);
        }
    }
    qsort(workloads, count, sizeof *workloads, compare_told);
    *inventory = (struct inventory){
        .host = script_word(script, 1),
        .name = script_word(script, 1),
        .version = "1.9.2",
        .uptime_seconds = uptime,
        .labels = {labels, labels_count},
        .workloads = workloads,
        .workloads_count = count,
    };
    return inventory;
}

static void remember_host(struct script *script, const struct inventory *inventory)
{
    size_t i = 0;

    while (i < script->hosts_count &&
           strcmp(script->hosts[i]->host, inventory->host) != 0) {
        i++;
    }
    assert(i < HOSTS_MAX);
    script->hosts[i] = inventory;
    script->hosts_count += i == script->hosts_count;
}

static void run_inventory(struct script *script, enum event_kind kind, int64_t uptime)
{
    const struct inventory *inventory = parse_inventory(script, uptime);

    remember_host(script, inventory);
    script_step(script, (struct event){.kind = kind, .u.inventory = inventory});
}

/* TARGET=NS:PKG/IFACE... */
static struct link parse_link(struct script *script, const char *source_id,
                              const char *text)
{
    const struct names equals = script_split(&script->arena, text, '=');
    const struct names parts = script_split(&script->arena, equals.items[1], ';');

    return script_link(&script->arena, source_id, equals.items[0], &parts);
}

/* The number of the next entry; 0 while there are none. */
static uint64_t next_number(struct script *script)
{
    return script->number > 0 ? script->number++ : 0;
}

static void run_links(struct script *script)
{
    const size_t count = script->words_count - 2;
    struct link *links = arena_array(&script->arena, count, sizeof *links);

    for (size_t i = 0; i < count; i++) {
        links[i] = parse_link(script, script_word(script, 1), script->words[i + 2]);
    }
    script_step(script, (struct event){.kind = EVENT_LINKS,
                                       .u.links = {.source_id = script_word(script, 1),
                                                   .links = links,
                                                   .count = count,
                                                   .sequence = next_number(script)}});
}

static void run_heard(struct script *script)
{
    const size_t count = script->words_count - 1;
    struct link *links = arena_array(&script->arena, count, sizeof *links);

    for (size_t i = 0; i < count; i++) {
        const struct names ends = script_split(&script->arena, script->words[i + 1], '>');

        links[i] = parse_link(script, ends.items[0], ends.items[1]);
    }
    script_step(script, (struct event){.kind = EVENT_HEARD, .u.heard = {links, count}});
    script_answer(script, "ask-links");
}

static void run_bucket(struct script *script, enum event_kind kind)
{
    const char *verb = script_word(script, 0);
    const bool is_links = strcmp(script_word(script, 1), "links") == 0;
    const bool is_numbered = kind == EVENT_BUCKET_LISTED && script->words_count > 4;

    script_step(
        script,
        (struct event){.kind = kind,
                       .u.bucket = {.bucket = is_links ? BUCKET_LINKS : BUCKET_CONFIGS,
                                    .loss = strcmp(verb, "missing") == 0  ? LOSS_MISSING
                                            : strcmp(verb, "denied") == 0 ? LOSS_DENIED
                                                                          : LOSS_PASSING,
                                    .text = script_rest(script, 2),
                                    .made = is_numbered ? script_word(script, 2) : NULL,
                                    .age_ms = read_number(script, 3),
                                    .sequence = (uint64_t)read_number(script, 4)}});
}

static bool tell_inventory(struct script *script, const char *verb)
{
    if (strcmp(verb, "host") == 0) {
        run_inventory(script, EVENT_INVENTORY, 3600);
    } else if (strcmp(verb, "beat") == 0) {
        run_inventory(script, EVENT_HEARTBEAT, 3600);
    } else if (strcmp(verb, "late") == 0) {
        run_inventory(script, EVENT_HEARTBEAT, 3000);
    } else if (strcmp(verb, "young") == 0) {
        run_inventory(script, EVENT_INVENTORY, 0);
    } else {
        return false;
    }
    return true;
}

static bool tell_host(struct script *script, const char *verb)
{
    static const struct {
        const char *verb;
        enum event_kind kind;
    } kinds[] = {
        {"started", EVENT_HOST_STARTED},
        {"pinged", EVENT_HOST_PINGED},
        {"stopped", EVENT_HOST_STOPPED},
        {"changed", EVENT_HOST_CHANGED},
    };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(verb, kinds[i].verb) == 0) {
            script_step(script, (struct event){.kind = kinds[i].kind,
                                               .u.host.id = script_word(script, 1)});
            return true;
        }
    }
    return false;
}

static bool tell_workload(struct script *script, const char *verb)
{
    const char *host = script_word(script, 1);

    if (strcmp(verb, "failed") == 0) {
        script_step(script, (struct event){.kind = EVENT_WORKLOAD_FAILED,
                                           .u.workload = {host, script_word(script, 2),
                                                          script_rest(script, 3), ""}});
    } else if (strcmp(verb, "failed-of") == 0) {
        script_step(script, (struct event){.kind = EVENT_WORKLOAD_FAILED,
                                           .u.workload = {script_word(script, 2),
                                                          script_word(script, 3),
                                                          script_rest(script, 4), host}});
    } else if (strcmp(verb, "healthy") == 0 || strcmp(verb, "unhealthy") == 0) {
        script_step(script,
                    (struct event){.kind = verb[0] == 'h' ? EVENT_WORKLOAD_HEALTHY
                                                          : EVENT_WORKLOAD_UNHEALTHY,
                                   .u.workload = {host, script_word(script, 2), "", ""}});
    } else {
        return false;
    }
    return true;
}

static bool tell_entries(struct script *script, const char *verb)
{
    if (strcmp(verb, "links") == 0) {
        run_links(script);
    } else if (strcmp(verb, "heard") == 0) {
        run_heard(script);
    } else if (strcmp(verb, "config") == 0) {
        script_step(script, (struct event){.kind = EVENT_CONFIG,
                                           .u.config = {script_word(script, 1),
                                                        script->words_count > 2
                                                            ? script_word(script, 2)
                                                            : NULL,
                                                        next_number(script)}});
    } else if (strcmp(verb, "number") == 0) {
        script->number = (uint64_t)read_number(script, 1);
    } else if (strcmp(verb, "listing") == 0) {
        run_bucket(script, EVENT_BUCKET_LISTING);
    } else if (strcmp(verb, "listed") == 0) {
        run_bucket(script, EVENT_BUCKET_LISTED);
    } else if (strcmp(verb, "lost") == 0 || strcmp(verb, "missing") == 0 ||
               strcmp(verb, "denied") == 0) {
        run_bucket(script, EVENT_BUCKET_LOST);
    } else {
        return false;
    }
    return true;
}

bool script_tell_observed(struct script *script, const char *verb)
{
    return tell_inventory(script, verb) || tell_host(script, verb) ||
           tell_workload(script, verb) || tell_entries(script, verb);
}
