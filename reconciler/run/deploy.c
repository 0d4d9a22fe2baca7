#include "reconciler/run/deploy.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "linkstore/across.h"
#include "linkstore/across_names.h"
#include "linkstore/expand.h"
#include "manifest/digest.h"
#include "manifest/limits.h"
#include "reconciler/run/clock.h"

#define FINDINGS_BYTES_MAX ((size_t)256 * 1024)

void deploy_make_version(int64_t unix_ms, char ret_version[static DEPLOY_VERSION_BYTES])
{
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; /* Crockford's */
    unsigned char bytes[16];

    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        abort();
    }
    for (int i = 9; i >= 0; i--) {
        ret_version[i] = digits[unix_ms & 31];
        unix_ms >>= 5;
    }
    for (size_t i = 0; i < sizeof bytes; i++) {
        ret_version[10 + i] = digits[bytes[i] & 31];
    }
    ret_version[DEPLOY_VERSION_BYTES - 1] = '\0';
}

/* All manifests of a deployment, as far as they could be read. */
struct readings {
    struct manifest *items;
    size_t count;
    size_t applications_count;
    enum err_code code; /* of the first that is refused */
};

/* ERR_INVALID, with the first finding, when reading asks for what cannot be. */
static enum err_code check_names(const struct manifest *reading, struct diags *diags,
                                 struct err *err)
{
    const size_t count = diags->count;
    const size_t errors_count = diags->errors_count;
    enum err_code code;

    for (size_t i = 0; i < reading->applications_count; i++) {
        across_check_names(&reading->applications[i], diags);
    }
    if (diags->errors_count == errors_count) {
        return ERR_OK;
    }
    if (diags->count == count) { /* too many before it for one more to be kept */
        return err_set(err, ERR_INVALID, "two things get one name: see what was found");
    }
    code = err_set(err, ERR_INVALID, "%s", diags->items[count].message);
    err_locate(err, reading->source, diags->items[count].span.start);
    return code;
}

/* ERR_CONFLICT, with the first error of diags and its two places. */
static enum err_code set_conflict(const struct diags *diags, struct err *err)
{
    const struct diag *diag = diags->items;
    enum err_code code;

    while (diag->severity != DIAG_ERROR) {
        diag++;
        assert(diag < diags->items + diags->count);
    }
    assert(diag->note != NULL); /* of a conflict there are two sides */
    code = err_set(err, ERR_CONFLICT, "%s (%s:%u: %s)", diag->message, diag->note_source,
                   (unsigned int)diag->note_span.start.line, diag->note);
    err_locate(err, diag->source, diag->span.start);
    return code;
}

static void read_all(const struct api_manifests *manifests, struct arena *arena,
                     struct diags *diags, struct readings *ret_readings, struct err *err)
{
    struct readings readings = {.code = ERR_OK};

    readings.items = arena_array(arena, manifests->count, sizeof *readings.items);
    for (size_t i = 0; i < manifests->count; i++) {
        const struct api_manifest *manifest = &manifests->items[i];
        struct manifest *reading = &readings.items[readings.count];
        struct err refused;
        enum err_code code =
            manifest_read(manifest->text, manifest->length, manifest->source, arena,
                          diags, reading, &refused);

        if (code == ERR_OK) {
            readings.applications_count += reading->applications_count;
            readings.count++;
            code = check_names(reading, diags, &refused);
        }
        if (code != ERR_OK && readings.code == ERR_OK) {
            readings.code = code;
            *err = refused;
        }
    }
    across_check(readings.items, readings.count, readings.count == manifests->count,
                 diags);
    if (readings.code == ERR_OK && diags->errors_count > 0) {
        readings.code = set_conflict(diags, err);
    }
    *ret_readings = readings;
}

const char *deploy_print(const struct diags *diags, struct arena *arena)
{
    struct text text;

    text_init(&text, arena, FINDINGS_BYTES_MAX);
    diags_print(diags, &text);
    return text.bytes;
}

/* One application, and where it stands. */
struct entry {
    const struct oam_application *application;
    const struct manifest *manifest;
    const struct api_manifest *given;
};

static int entry_compare(const void *a, const void *b)
{
    const struct entry *left = a;
    const struct entry *right = b;

    return strcmp(left->application->name, right->application->name);
}

/* The applications of all readings, which were accepted, by name. */
static struct entry *sort_entries(const struct readings *readings,
                                  const struct api_manifests *manifests,
                                  struct arena *arena)
{
    struct entry *entries =
        arena_array(arena, readings->applications_count, sizeof *entries);
    size_t count = 0;

    assert(readings->code == ERR_OK && readings->count == manifests->count);

    for (size_t i = 0; i < readings->count; i++) {
        for (size_t j = 0; j < readings->items[i].applications_count; j++) {
            entries[count++] = (struct entry){&readings->items[i].applications[j],
                                              &readings->items[i], &manifests->items[i]};
        }
    }
    qsort(entries, count, sizeof *entries, entry_compare);
    return entries;
}

/* The version entry is put under: its own, or one made up. */
static enum err_code choose_version(struct store *store, const struct entry *entry,
                                    struct arena *arena, const char **ret_version,
                                    struct err *err)
{
    struct store_application known;
    char digest[DIGEST_HEX_BYTES];
    char *made;
    enum err_code code;

    if (entry->application->version != NULL) {
        *ret_version = entry->application->version;
        return ERR_OK;
    }
    code = store_find(store, entry->application->name, arena, &known, err);
    if (code != ERR_OK && code != ERR_NOTFOUND) {
        return code;
    }
    digest_bytes(entry->given->text, entry->given->length, digest);
    if (code == ERR_OK && strcmp(known.digest, digest) == 0) {
        *ret_version = known.version;
        return ERR_OK;
    }
    made = arena_alloc(arena, DEPLOY_VERSION_BYTES);
    deploy_make_version(clock_unix_ms(), made);
    *ret_version = made;
    return ERR_OK;
}

static const char *result_text(enum store_put_result result)
{
    switch (result) {
    case STORE_CREATED:
        return "created";
    case STORE_NEW:
        return "new version";
    case STORE_REPLACED:
        return "replaced";
    case STORE_UNCHANGED:
        return "unchanged";
    }
    abort();
}

/* An entry in the store. */
struct kept {
    struct store_version version;
    enum store_put_result result;
};

static enum err_code keep(struct store *store, const struct entry *entry,
                          struct arena *arena, struct kept *ret_kept, struct err *err)
{
    struct store_version version = {
        .application = entry->application->name,
        .description = entry->application->description,
        .source = entry->manifest->source,
        .text = entry->given->text,
        .length = entry->given->length,
        .way = entry->given->way,
        .author = entry->given->author,
        .now_unix_ms = clock_unix_ms(),
    };
    struct desired desired;
    enum store_put_result result = STORE_UNCHANGED;
    enum err_code code = choose_version(store, entry, arena, &version.version, err);

    if (code == ERR_OK) {
        expand_application(entry->application, entry->manifest->source, version.version,
                           arena, &desired);
        version.desired = &desired;
        code = store_put(store, &version, &result, err);
        version.desired = NULL;
    }
    if (code == ERR_OK) {
        *ret_kept = (struct kept){version, result};
    }
    return code;
}

static enum err_code put_one(struct store *store, const struct entry *entry,
                             struct arena *arena, struct api_applied *ret_applied,
                             struct err *err)
{
    struct store_application application = {0};
    struct kept kept = {0};
    struct store_version *version = &kept.version;
    enum err_code code = keep(store, entry, arena, &kept, err);

    if (code == ERR_OK) {
        code = store_deploy(store, version->application, version->version, arena,
                            &version->version, err);
    }
    if (code == ERR_OK) {
        code = store_find(store, version->application, arena, &application, err);
    }
    if (code == ERR_OK) {
        *ret_applied = (struct api_applied){
            .application = version->application,
            .version = version->version,
            .result = result_text(kept.result),
            .revision = application.revision,
        };
    }
    return code;
}

/* What is put together, and what became of it. */
struct batch {
    struct entry *entries;
    struct api_applied *applied;
    size_t count;
};

static enum err_code put_all(struct store *store, const struct batch *batch,
                             struct arena *arena, struct err *err)
{
    enum err_code code = store_begin(store, err);

    if (code != ERR_OK) {
        return code;
    }
    for (size_t i = 0; i < batch->count && code == ERR_OK; i++) {
        code = put_one(store, &batch->entries[i], arena, &batch->applied[i], err);
    }
    if (code == ERR_OK) {
        code = store_check(store, err);
    }
    /* Now that all are in place: they may use one another. */
    for (size_t i = 0; i < batch->count && code == ERR_OK; i++) {
        code = store_waiting(store, batch->applied[i].application, arena,
                             &batch->applied[i].users, err);
    }
    if (code != ERR_OK) {
        store_rollback(store);
    }
    return code;
}

enum err_code deploy_tentatively(struct store *store,
                                 const struct api_manifests *manifests,
                                 struct arena *arena, struct deployment *ret_deployment,
                                 struct err *err)
{
    struct readings readings;
    struct batch batch;
    struct diags diags;
    const char **names;
    enum err_code code;

    diags_init(&diags, arena, "");
    read_all(manifests, arena, &diags, &readings, err);
    *ret_deployment = (struct deployment){
        .report = {.findings = deploy_print(&diags, arena), .by = "daemon"},
    };
    if (readings.code != ERR_OK) {
        return readings.code;
    }
    batch.entries = sort_entries(&readings, manifests, arena);
    batch.count = readings.applications_count;
    batch.applied = arena_array(arena, batch.count, sizeof *batch.applied);
    code = put_all(store, &batch, arena, err);
    if (code != ERR_OK) {
        return code;
    }
    names = arena_array(arena, batch.count, sizeof *names);
    for (size_t i = 0; i < batch.count; i++) {
        names[i] = batch.applied[i].application;
    }
    ret_deployment->report.items = batch.applied;
    ret_deployment->report.count = batch.count;
    ret_deployment->applications = names;
    ret_deployment->count = batch.count;
    return ERR_OK;
}

enum err_code deploy_manifests(struct store *store, const struct api_manifests *manifests,
                               struct arena *arena, struct deployment *ret_deployment,
                               struct err *err)
{
    const char *findings;
    enum err_code code = deploy_tentatively(store, manifests, arena, ret_deployment, err);

    if (code == ERR_OK) {
        findings = ret_deployment->report.findings;
        code = store_commit(store, err);
        if (code != ERR_OK) {
            store_rollback(store);
            *ret_deployment = (struct deployment){.report = {.findings = findings}};
        }
    }
    return code;
}

enum err_code deploy_check(const struct api_manifests *manifests, struct arena *arena,
                           struct diags *diags, struct err *err)
{
    struct readings readings;

    read_all(manifests, arena, diags, &readings, err);
    return readings.code;
}

static enum err_code keep_new(struct store *store, const struct entry *entry,
                              struct arena *arena, struct deploy_kept *ret_kept,
                              struct err *err)
{
    struct store_application application = {0};
    struct kept kept = {0};
    bool has_version = false;
    enum err_code code = ERR_OK;

    if (entry->application->version != NULL) {
        code = store_has(store, entry->application->name, entry->application->version,
                         &has_version, err);
    }
    if (code == ERR_OK && has_version) {
        /* wash up and wash dev look for these words. */
        return err_set(err, ERR_CONFLICT, "Manifest version %s already exists",
                       entry->application->version);
    }
    if (code == ERR_OK) {
        code = keep(store, entry, arena, &kept, err);
    }
    if (code == ERR_OK) {
        code = store_find(store, kept.version.application, arena, &application, err);
    }
    if (code == ERR_OK) {
        *ret_kept = (struct deploy_kept){kept.version.application, kept.version.version,
                                         application.versions_count};
    }
    return code;
}

enum err_code deploy_keep(struct store *store, const struct api_manifest *manifest,
                          struct arena *arena, struct deploy_kept *ret_kept,
                          struct err *err)
{
    const struct api_manifests manifests = {manifest, 1};
    struct readings readings;
    struct diags diags;

    diags_init(&diags, arena, "");
    read_all(&manifests, arena, &diags, &readings, err);
    if (readings.code != ERR_OK) {
        return readings.code;
    }
    if (readings.applications_count != 1) {
        return err_set(err, ERR_INVALID, "one application is wanted, not %zu",
                       readings.applications_count);
    }
    return keep_new(
        store,
        &(struct entry){&readings.items[0].applications[0], &readings.items[0], manifest},
        arena, ret_kept, err);
}
