#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "linkstore/store_file.h"
#include "linkstore/store_memory.h"
#include "manifest/diag.h"
#include "manifest/limits.h"
#include "reconciler/run/cli.h"
#include "reconciler/run/files.h"
#include "reconciler/run/rebuild.h"
#include "reconciler/wire/api.h"
#include "reconciler/wire/json.h"
#include "reconciler/wire/utc.h"

/* What every action works with. */
struct work {
    const struct options *options;
    const char *path;     /* of the store */
    const char *argument; /* what follows the action; NULL nothing */
    const char *findings; /* about manifests; NULL: none was read */
    struct arena *arena;
    struct text text; /* what is printed when it has gone well */
    int status;
};

static void begin_json(struct work *work, const char *result)
{
    text_append(&work->text, "{");
    json_print_integer(&work->text, "schema", API_SCHEMA);
    json_print_text(&work->text, "result", result);
    json_print_text(&work->text, "store", work->path);
}

static void end_json(struct work *work)
{
    text_append(&work->text, "}\n");
}

static void say_done(struct work *work, const char *what, const char *file)
{
    if (work->options->is_json) {
        begin_json(work, "ok");
        json_print_text(&work->text, "file", file);
        end_json(work);
    } else {
        text_append(&work->text, "store %s: %s %s\n", work->path, what, file);
    }
}

static enum err_code check(struct work *work, struct err *err)
{
    struct names findings;
    const enum err_code code = store_examine(work->path, work->arena, &findings, err);

    if (code != ERR_OK) {
        return code;
    }
    if (work->options->is_json) {
        begin_json(work, findings.count == 0 ? "ok" : "damaged");
        json_print_key(&work->text, "findings");
        names_print(&findings, &work->text);
        end_json(work);
    } else {
        for (size_t i = 0; i < findings.count; i++) {
            text_append_escaped(&work->text, findings.items[i],
                                strlen(findings.items[i]));
            text_append(&work->text, "\n");
        }
        text_append(&work->text,
                    findings.count == 0 ? "store %s: good\n"
                                        : "store %s: damaged: move it away, then trellis "
                                          "store restore, or rebuild\n",
                    work->path);
    }
    work->status = findings.count == 0 ? EXIT_DONE : EXIT_FAILED;
    return ERR_OK;
}

static enum err_code back_up(struct work *work, struct err *err)
{
    const enum err_code code = store_back_up(work->path, work->argument, err);

    if (code == ERR_OK) {
        say_done(work, "copied to", work->argument);
    }
    return code;
}

static enum err_code restore(struct work *work, struct err *err)
{
    const enum err_code code =
        store_restore(work->path, work->argument, work->options->lattice, err);

    if (code == ERR_OK) {
        say_done(work, "restored from", work->argument);
    }
    return code;
}

static void export_json(struct work *work, const struct store_texts *texts)
{
    struct text *text = &work->text;

    begin_json(work, "ok");
    json_print_key(text, "versions");
    text_append(text, "[");
    for (size_t i = 0; i < texts->count; i++) {
        const struct store_text *item = &texts->items[i];
        char when[UTC_TEXT_BYTES];

        utc_print(item->created_unix_ms, when);
        text_append(text, i > 0 ? ",{" : "{");
        json_print_text(text, "application", item->application);
        json_print_text(text, "version", item->version);
        json_print_bool(text, "deployed", item->is_deployed);
        json_print_text(text, "source", item->source);
        json_print_text(text, "digest", item->digest);
        json_print_text(text, "at", when);
        json_print_text(text, "way", item->way != NULL ? item->way : "");
        json_print_text(text, "author", item->author != NULL ? item->author : "");
        json_print_text(text, "text", item->text);
        text_append(text, "}");
    }
    text_append(text, "]");
    end_json(work);
}

/* One file may declare several applications, each of which has the whole of it. */
static bool is_exported(const struct store_texts *texts, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (texts->items[i].is_deployed &&
            strcmp(texts->items[i].digest, texts->items[index].digest) == 0) {
            return true;
        }
    }
    return false;
}

/* Documents that apply takes as they are. */
static void export_manifests(struct work *work, const struct store_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        const char *manifest = texts->items[i].text;
        const size_t length = strlen(manifest);

        if (!texts->items[i].is_deployed || is_exported(texts, i)) {
            continue;
        }
        if (strncmp(manifest, "---", 3) != 0) {
            text_append(&work->text, "---\n");
        }
        text_append_bytes(&work->text, manifest, length);
        if (length > 0 && manifest[length - 1] != '\n') {
            text_append(&work->text, "\n");
        }
    }
}

static enum err_code open_copy(struct work *work, struct store **ret_store,
                               struct err *err)
{
    return store_open_copy(work->path, NULL, ret_store, err);
}

static enum err_code export(struct work *work, struct err *err) {
    struct store *store; struct store_texts texts;
    enum err_code code = open_copy(work, &store, err);

    if (code != ERR_OK){return code;}
code = store_export(store, work->arena, &texts, err);
store_close(store);
if (code == ERR_OK && work->options->is_json) {
    export_json(work, &texts);
} else if (code == ERR_OK) {
    export_manifests(work, &texts);
}
return code;
}

static void show_counts(struct work *work, const struct store *store,
                        const struct store_counts *counts)
{
    text_append(&work->text, "store     %s\nlattice   %s\nidentity  %s\n", work->path,
                store_lattice(store), store_identity(store));
    for (size_t i = 0; i < counts->count; i++) {
        text_append(&work->text, "%9lld %s\n", (long long)counts->items[i].count,
                    counts->items[i].name);
    }
}

static void show_json(struct work *work, const struct store *store,
                      const struct store_counts *counts)
{
    begin_json(work, "ok");
    json_print_text(&work->text, "lattice", store_lattice(store));
    json_print_text(&work->text, "identity", store_identity(store));
    json_print_key(&work->text, "counts");
    text_append(&work->text, "{");
    for (size_t i = 0; i < counts->count; i++) {
        json_print_integer(&work->text, counts->items[i].name,
                           (uint64_t)counts->items[i].count);
    }
    text_append(&work->text, "}");
    end_json(work);
}

static enum err_code show(struct work *work, struct err *err)
{
    struct store *store = NULL;
    struct store_counts counts;
    enum err_code code = open_copy(work, &store, err);

    if (code != ERR_OK) {
        return code;
    }
    code = store_count(store, work->arena, &counts, err);
    if (code == ERR_OK && work->options->is_json) {
        show_json(work, store, &counts);
    } else if (code == ERR_OK) {
        show_counts(work, store, &counts);
    }
    store_close(store);
    return code;
}

static long long size_of(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 ? (long long)status.st_size : 0;
}

/* What is not there is not made. */
static enum err_code open_to_change(struct work *work, struct store **ret_store,
                                    struct err *err)
{
    if (size_of(work->path) == 0) {
        return err_set(err, ERR_NOTFOUND, "there is no store %s: give another --store",
                       work->path);
    }
    return store_open(work->path, work->options->lattice, ret_store, err);
}

static enum err_code vacuum(struct work *work, struct err *err)
{
    const long long before = size_of(work->path);
    struct store *store = NULL;
    enum err_code code = open_to_change(work, &store, err);

    if (code != ERR_OK) {
        return code;
    }
    code = store_compact(store, err);
    store_close(store);
    if (code == ERR_OK && work->options->is_json) {
        begin_json(work, "ok");
        json_print_integer(&work->text, "bytes", (uint64_t)size_of(work->path));
        json_print_integer(&work->text, "bytes_before", (uint64_t)before);
        end_json(work);
    } else if (code == ERR_OK) {
        text_append(&work->text, "store %s: %lld bytes, %lld before\n", work->path,
                    size_of(work->path), before);
    }
    return code;
}

static enum err_code rebind(struct work *work, struct err *err)
{
    struct store_forgotten forgotten;
    struct store *store = NULL;
    enum err_code code = open_to_change(work, &store, err);

    if (code != ERR_OK) {
        return code;
    }
    code = store_rebind(store, &forgotten, err);
    store_close(store);
    if (code == ERR_OK && work->options->is_json) {
        begin_json(work, "ok");
        json_print_integer(&work->text, "hosts_forgotten", (uint64_t)forgotten.hosts);
        json_print_integer(&work->text, "rows_forgotten",
                           (uint64_t)forgotten.ledger_rows);
        end_json(work);
    } else if (code == ERR_OK) {
        text_append(&work->text,
                    "store %s: belongs to the lattice that is seen next; %lld hosts and "
                    "%lld rows of the ledger are forgotten, what is wanted stays\n",
                    work->path, (long long)forgotten.hosts,
                    (long long)forgotten.ledger_rows);
    }
    return code;
}

static void rebuilt_json(struct work *work, const struct rebuilt *rebuilt)
{
    struct text *text = &work->text;

    begin_json(work, "ok");
    json_print_integer(text, "applications", rebuilt->applications_count);
    json_print_integer(text, "claimed", rebuilt->claimed_count);
    json_print_key(text, "rest");
    text_append(text, "[");
    for (size_t i = 0; i < rebuilt->rest_count; i++) {
        text_append(text, i > 0 ? ",{" : "{");
        json_print_text(text, "kind", rebuilt->rest[i].kind);
        json_print_text(text, "name", rebuilt->rest[i].name);
        json_print_text(text, "host", rebuilt->rest[i].host);
        json_print_text(text, "application", rebuilt->rest[i].application);
        text_append(text, "}");
    }
    text_append(text, "]");
    end_json(work);
}

static void rebuilt_text(struct work *work, const struct rebuilt *rebuilt)
{
    struct text *text = &work->text;

    text_append(text, "store %s: applications wanted: %zu, claimed: %zu\n", work->path,
                rebuilt->applications_count, rebuilt->claimed_count);
    for (size_t i = 0; i < rebuilt->rest_count; i++) {
        const struct rebuild_rest *rest = &rebuilt->rest[i];

        text_append(text, "not claimed: %s %s", rest->kind, rest->name);
        if (rest->host[0] != '\0') {
            text_append(text, " on %s", rest->host);
        }
        if (rest->application[0] != '\0') {
            text_append(text, ", of application %s", rest->application);
        }
        text_append(text, "\n");
    }
}

static enum err_code rebuild(struct work *work, struct err *err)
{
    struct options options = *work->options;
    struct api_manifests manifests;
    struct rebuilt rebuilt;
    enum err_code code;

    options.operands.items++; /* the action itself */
    options.operands.count--;
    code = files_read(&options, work->arena, &manifests, err);
    if (code != ERR_OK) {
        return code;
    }
    code = rebuild_store(&options, &manifests, work->arena, &rebuilt, err);
    work->findings = rebuilt.findings;
    if (code == ERR_OK && work->options->is_json) {
        rebuilt_json(work, &rebuilt);
    } else if (code == ERR_OK) {
        rebuilt_text(work, &rebuilt);
    }
    return code;
}

enum argument {
    ARGUMENT_NONE,
    ARGUMENT_FILE,
    ARGUMENT_FILES,
};

static const struct {
    const char *name;
    enum err_code (*run)(struct work *work, struct err *err);
    enum argument argument;
} actions[] = {
    {"backup", back_up, ARGUMENT_FILE},   {"check", check, ARGUMENT_NONE},
    {"export", export, ARGUMENT_NONE},    {"rebind", rebind, ARGUMENT_NONE},
    {"rebuild", rebuild, ARGUMENT_FILES}, {"restore", restore, ARGUMENT_FILE},
    {"show", show, ARGUMENT_NONE},        {"vacuum", vacuum, ARGUMENT_NONE},
};

#define ACTIONS_COUNT (sizeof actions / sizeof *actions)

static enum err_code refuse(const char *word, struct err *err)
{
    const char *names[ACTIONS_COUNT];
    const char *near;

    for (size_t i = 0; i < ACTIONS_COUNT; i++) {
        names[i] = actions[i].name;
    }
    near = diag_near(word, names, ACTIONS_COUNT);
    return near != NULL
               ? err_set(err, ERR_USAGE,
                         "there is no trellis store %s: did you mean '%s'?", word, near)
               : err_set(err, ERR_USAGE, "there is no trellis store %s: see trellis(1)",
                         word);
}

static bool is_given(enum argument argument, size_t count)
{
    switch (argument) {
    case ARGUMENT_NONE:
        return count == 0;
    case ARGUMENT_FILE:
        return count == 1;
    case ARGUMENT_FILES:
        return count > 0;
    }
    abort();
}

static enum err_code act(struct work *work, struct err *err)
{
    static const char *const taken[] = {"no argument", "a FILE", "FILEs"};
    const struct names *words = &work->options->operands;

    for (size_t i = 0; i < ACTIONS_COUNT; i++) {
        if (strcmp(actions[i].name, words->items[0]) != 0) {
            continue;
        }
        if (!is_given(actions[i].argument, words->count - 1)) {
            return err_set(err, ERR_USAGE, "trellis store %s takes %s", actions[i].name,
                           taken[actions[i].argument]);
        }
        work->argument = words->count > 1 ? words->items[1] : NULL;
        return actions[i].run(work, err);
    }
    return refuse(words->items[0], err);
}

static int run(const struct options *options)
{
    struct arena arena = {0};
    struct work work = {
        .options = options,
        .path = options_store(options, &arena),
        .arena = &arena,
        .status = EXIT_DONE,
    };
    struct err err;

    text_init(&work.text, &arena, SIZE_MAX / 2);
    if (act(&work, &err) == ERR_OK) {
        (void)fwrite(work.text.bytes, 1, work.text.count, stdout);
    } else {
        work.status = work.findings != NULL ? cli_refuse(options, &err, work.findings)
                                            : cli_fail(options, &err);
    }
    arena_free(&arena);
    return work.status;
}

const struct cli_command cmd_store = {
    .name = "store",
    .verb = VERB_STORE,
    .run = run,
    .usage = "ACTION [FILE...]",
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .summary = "look after the store: check, backup, restore, rebuild, rebind, export, "
               "vacuum, show",
};
