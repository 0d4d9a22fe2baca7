#include "test/support_linkstore.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "manifest/decode_redeliver.h"
#include "manifest/text.h"

#define WORDS_MAX 16
#define ROWS_MAX  64

int linkstore_set_up(void **state)
{
    struct linkstore_state *made = calloc(1, sizeof *made);

    assert_non_null(made);
    (void)snprintf(made->folder, sizeof made->folder, "/tmp/trellis-XXXXXX");
    assert_non_null(mkdtemp(made->folder));
    (void)snprintf(made->path, sizeof made->path, "%s/store.db", made->folder);
    *state = made;
    return 0;
}

void linkstore_remove_store(const char *path)
{
    static const char *const suffixes[] = {"", "-wal", "-journal", "-shm", "-lock"};
    char name[128];

    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        (void)snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        (void)unlink(name);
    }
}

int linkstore_tear_down(void **state)
{
    struct linkstore_state *made = *state;

    store_close(made->store);
    linkstore_remove_store(made->path);
    (void)rmdir(made->folder);
    arena_free(&made->arena);
    free(made);
    return 0;
}

static void open_store(struct linkstore_state *state, const char *path)
{
    const enum err_code code = store_open(path, "default", &state->store, &state->err);

    if (code != ERR_OK) {
        fail_msg("%s", state->err.message);
    }
}

void linkstore_open_file(struct linkstore_state *state)
{
    open_store(state, state->path);
}

void linkstore_open_memory(struct linkstore_state *state)
{
    open_store(state, ":memory:");
}

/* The parts of text between separators, copied; returns how many. */
static size_t split(const char *text, char separator, struct arena *arena,
                    const char *parts[static ROWS_MAX])
{
    size_t count = 0;

    for (;;) {
        const char *end = strchr(text, separator);

        assert_true(count < ROWS_MAX);
        if (end == NULL) {
            parts[count++] = arena_copy(arena, text);
            return count;
        }
        parts[count++] = arena_text(arena, text, (size_t)(end - text));
        text = end + 1;
    }
}

/* The words of line; those that are not there are "-". */
static void split_words(const char *line, struct arena *arena,
                        const char *words[static ROWS_MAX])
{
    size_t count = split(line, ' ', arena, words);

    while (count < WORDS_MAX) {
        words[count++] = "-";
    }
}

struct names linkstore_names(const char *list, struct arena *arena)
{
    const char *parts[ROWS_MAX];
    const char **items;
    size_t count;

    if (strcmp(list, "-") == 0) {
        return (struct names){0};
    }
    count = split(list, ',', arena, parts);
    items = arena_array(arena, count, sizeof *items);
    memcpy(items, parts, count * sizeof *items);
    return (struct names){.items = items, .count = count};
}

static struct link link_of_words(const char *const *words, struct arena *arena)
{
    return (struct link){
        .source_id = words[0],
        .target = words[1],
        .name = words[2],
        .wit_namespace = words[3],
        .wit_package = words[4],
        .interfaces = linkstore_names(words[5], arena),
        .source_config = linkstore_names(words[6], arena),
        .target_config = linkstore_names(words[7], arena),
    };
}

struct link linkstore_link(const char *line, struct arena *arena)
{
    const char *words[ROWS_MAX];

    split_words(line, arena, words);
    return link_of_words(words, arena);
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

static int compare_workloads(const void *a, const void *b)
{
    return strcmp(((const struct workload_row *)a)->id,
                  ((const struct workload_row *)b)->id);
}

static struct workload_row workload_of_words(const char *const *words,
                                             struct arena *arena)
{
    return (struct workload_row){
        .kind =
            strcmp(words[0], "component") == 0 ? WORKLOAD_COMPONENT : WORKLOAD_PROVIDER,
        .id = words[1],
        .component = words[1],
        .image = words[2],
        .instances = (uint32_t)strtoul(words[3], NULL, 10),
        .is_daemon = strcmp(words[0], "daemon") == 0,
        .configs = linkstore_names(words[4], arena),
        .scaler_id = arena_print(arena, "s-%s", words[1]),
        .spreads = &spread_default,
        .spreads_count = 1,
    };
}

static int compare_shared(const void *a, const void *b)
{
    return strcmp(((const struct shared_row *)a)->component,
                  ((const struct shared_row *)b)->component);
}

static struct shared_row shared_of_words(const char *const *words)
{
    return (struct shared_row){
        .component = words[1],
        .kind =
            strcmp(words[2], "component") == 0 ? WORKLOAD_COMPONENT : WORKLOAD_PROVIDER,
        .application = words[3],
        .name = words[4],
        .id = words[5],
    };
}

/* The row of desired that has the id; NULL when none has. */
static const struct shared_row *shared_of_id(const struct desired *desired,
                                             const char *id)
{
    for (size_t i = 0; i < desired->shared_count; i++) {
        if (strcmp(desired->shared[i].id, id) == 0) {
            return &desired->shared[i];
        }
    }
    return NULL;
}

static void settle(struct desired *desired, struct shared_row *shared,
                   struct link_row *links)
{
    qsort(shared, desired->shared_count, sizeof *shared, compare_shared);
    qsort(links, desired->links_count, sizeof *links, compare_links);
    for (size_t i = 0; i < desired->links_count; i++) {
        links[i].source_shared = shared_of_id(desired, links[i].link.source_id);
        links[i].target_shared = shared_of_id(desired, links[i].link.target);
    }
}

struct desired linkstore_desired(const char *application, const char *version,
                                 const char *lines, struct arena *arena)
{
    struct config_row *configs = arena_array(arena, ROWS_MAX, sizeof *configs);
    struct link_row *links = arena_array(arena, ROWS_MAX, sizeof *links);
    struct workload_row *workloads = arena_array(arena, ROWS_MAX, sizeof *workloads);
    struct shared_row *shared = arena_array(arena, ROWS_MAX, sizeof *shared);
    struct desired desired = {
        .application = application,
        .version = version,
        .configs = configs,
        .links = links,
        .workloads = workloads,
        .shared = shared,
    };
    const char *parts[ROWS_MAX];
    const size_t count = split(lines, '\n', arena, parts);

    for (size_t i = 0; i < count; i++) {
        const struct origin origin = {
            .source = arena_print(arena, "%s.yaml", application),
            .place = {.line = (uint32_t)i + 1, .column = 1},
        };
        const char *words[ROWS_MAX];

        split_words(parts[i], arena, words);
        if (strcmp(words[0], "config") == 0) {
            configs[desired.configs_count++] = (struct config_row){
                .name = words[1], .content = words[2], .origin = origin};
        } else if (strcmp(words[0], "link") == 0) {
            links[desired.links_count++] =
                (struct link_row){.link = link_of_words(words + 1, arena),
                                  .scaler_id = arena_print(arena, "s-%s", words[1]),
                                  .origin = origin};
        } else if (strcmp(words[0], "shared") == 0) {
            shared[desired.shared_count] = shared_of_words(words);
            shared[desired.shared_count++].origin = origin;
        } else if (strcmp(words[0], "sharing") == 0) {
            desired.is_shared = true;
        } else if (strcmp(words[0], "redeliver") == 0) {
            (void)decode_redeliver_find(words[1], &desired.redeliver);
        } else if (strcmp(words[0], "rebalance") == 0) {
            desired.is_rebalancing = true;
        } else if (words[0][0] != '\0') {
            workloads[desired.workloads_count] = workload_of_words(words, arena);
            workloads[desired.workloads_count++].origin = origin;
        }
    }
    qsort(configs, desired.configs_count, sizeof *configs, compare_configs);
    settle(&desired, shared, links);
    qsort(workloads, desired.workloads_count, sizeof *workloads, compare_workloads);
    return desired;
}

/* STATE of a ledger's line. */
static void set_state(struct ledger_row *row, const char *word)
{
    const char *unsure = strchr(word, '+');

    row->state = word[0] == 's' ? LEDGER_SENT : LEDGER_CONFIRMED;
    row->unsure_ms = unsure != NULL ? strtol(unsure + 1, NULL, 10) : 0;
}

static const char *word_or_none(const char *word)
{
    return word[0] == '\0' || strcmp(word, "-") == 0 ? NULL : word;
}

static struct ledger_change change_of_line(const char *line, struct arena *arena)
{
    const char *words[ROWS_MAX];
    struct ledger_change change = {0};
    struct link *link;

    split_words(line, arena, words);
    change.kind = strcmp(words[0], "put") == 0 ? LEDGER_PUT : LEDGER_DROP;
    set_state(&change.row, words[1]);
    change.row.application = words[2];
    if (strcmp(words[3], "config") == 0) {
        change.row.kind = LEDGER_CONFIG;
        change.row.u.config.name = words[4];
        change.row.u.config.content = words[5];
    } else if (strcmp(words[3], "link") == 0) {
        change.row.kind = LEDGER_LINK;
        link = arena_alloc(arena, sizeof *link);
        *link = link_of_words(words + 4, arena);
        change.row.u.link = link;
        change.row.delivered = linkstore_names(words[12], arena);
        change.row.is_dropped = strcmp(words[13], "dropped") == 0;
    } else {
        change.row.kind =
            strcmp(words[3], "component") == 0 ? LEDGER_COMPONENT : LEDGER_PROVIDER;
        change.row.u.workload.id = words[4];
        change.row.u.workload.host = words[5];
        change.row.u.workload.image = words[6];
        change.row.u.workload.configs = linkstore_names(words[7], arena);
        change.row.delivered = linkstore_names(words[8], arena);
        change.row.lost = linkstore_names(words[9], arena);
        change.row.is_pruned = strcmp(words[15], "pruned") == 0;
        change.row.u.workload.past = (struct ledger_past){
            .good_image = word_or_none(words[10]),
            .good_configs = linkstore_names(words[11], arena),
            .failed_image = word_or_none(words[12]),
            .failure = word_or_none(words[13]),
            .is_tainted = strcmp(words[14], "tainted") == 0,
            .is_doubtful = strcmp(words[14], "doubtful") == 0,
        };
    }
    return change;
}

struct ledger_change *linkstore_changes(const char *lines, struct arena *arena,
                                        size_t *ret_count)
{
    struct ledger_change *changes = arena_array(arena, ROWS_MAX, sizeof *changes);
    const char *parts[ROWS_MAX];
    const size_t count = split(lines, '\n', arena, parts);

    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i][0] != '\0') {
            changes[(*ret_count)++] = change_of_line(parts[i], arena);
        }
    }
    return changes;
}

enum store_put_result linkstore_put(struct linkstore_state *state,
                                    const char *application, const char *version,
                                    const char *lines)
{
    const struct desired desired =
        linkstore_desired(application, version, lines, &state->arena);
    const struct store_version made = {
        .application = application,
        .version = version,
        .source = arena_print(&state->arena, "%s.yaml", application),
        .text = lines,
        .length = strlen(lines),
        .desired = &desired,
        .now_unix_ms = 1000,
    };
    enum store_put_result result = STORE_UNCHANGED;

    if (store_put(state->store, &made, &result, &state->err) != ERR_OK) {
        fail_msg("%s", state->err.message);
    }
    return result;
}

void linkstore_put_and_deploy(struct linkstore_state *state, const char *application,
                              const char *version, const char *lines)
{
    const char *deployed = NULL;

    (void)linkstore_put(state, application, version, lines);
    if (store_deploy(state->store, application, version, &state->arena, &deployed,
                     &state->err) != ERR_OK) {
        fail_msg("%s", state->err.message);
    }
    assert_string_equal(deployed, version);
}

static size_t line_length(const char *text)
{
    const char *end = strchr(text, '\n');

    return end != NULL ? (size_t)(end - text) + 1 : strlen(text);
}

void linkstore_assert_text(const char *actual, const char *expected)
{
    const char *have = actual;
    const char *want = expected;
    unsigned line = 1;

    while (have[0] != '\0' && line_length(have) == line_length(want) &&
           memcmp(have, want, line_length(have)) == 0) {
        have += line_length(have);
        want += line_length(want);
        line++;
    }
    if (have[0] != '\0' || want[0] != '\0') {
        fail_msg("line %u differs\n-%.*s\n+%.*s\nall of it:\n%s", line,
                 (int)line_length(want), want, (int)line_length(have), have, actual);
    }
}

void linkstore_assert_golden(const char *actual, const char *path)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): tests have one thread */
    const char *mode = getenv("GOLDEN");
    const bool is_rewrite = mode != NULL && strcmp(mode, "rewrite") == 0;
    FILE *file = fopen(path, is_rewrite ? "w" : "r");
    char expected[65536];
    size_t length;

    if (file == NULL) {
        fail_msg("%s is not there; GOLDEN=rewrite makes it", path);
        return;
    }
    if (is_rewrite) {
        (void)fputs(actual, file);
        (void)fclose(file);
        return;
    }
    length = fread(expected, 1, sizeof expected - 1, file);
    (void)fclose(file);
    expected[length] = '\0';
    linkstore_assert_text(actual, expected);
}
