#include <stdio.h>
#include <string.h>

#include "manifest/limits.h"
#include "reconciler/run/cli.h"
#include "reconciler/run/client.h"
#include "reconciler/run/deploy.h"
#include "reconciler/run/manifest_bucket.h"
#include "reconciler/wire/api.h"
#include "reconciler/wire/json.h"
#include "reconciler/wire/wadm_bucket.h"

/* An import under way, and what it says of itself. */
struct import {
    const struct options *options;
    struct client *client;
    struct store *store;
    struct arena *arena;
    struct text text; /* lines for people, or the applications in JSON */
    size_t count;     /* of applications */
};

/* The value of key in wadm's bucket; ERR_NOTFOUND there is none. */
static enum err_code read_key(const struct import *import, const char *key,
                              struct client_reply *ret_value, struct err *err)
{
    struct manifest_entry entry = {.bytes = NULL};
    const enum err_code code =
        manifest_bucket_read(import->client, key, import->arena, &entry, err);

    if (code == ERR_OK && entry.bytes == NULL) {
        return err_set(err, ERR_NOTFOUND,
                       "the bucket " WADM_BUCKET " has no key %s: no wadm has kept "
                       "anything of lattice %s",
                       key, import->options->lattice);
    }
    *ret_value = (struct client_reply){entry.bytes, entry.length};
    return code;
}

/* What became of one application. */
struct imported {
    const char *name;
    const struct wadm_kept *kept;
    size_t versions_count; /* kept now */
    size_t known_count;    /* that were here before */
    struct text left_out;  /* versions that are refused, and why */
};

/* A version that wadm took long ago may be refused; only one that runs must not be. */
static enum err_code keep_version(struct import *import, struct imported *imported,
                                  const struct wadm_kept_version *version,
                                  struct err *err)
{
    const struct wadm_kept *kept = imported->kept;
    const struct api_manifest manifest = {
        .source = arena_print(import->arena, "$KV." WADM_BUCKET ".%s-%s",
                              import->options->lattice, imported->name),
        .text = version->text,
        .length = strlen(version->text),
        .way = "wadm",
    };
    struct deploy_kept done;
    bool has_version = false;
    enum err_code code =
        store_has(import->store, imported->name, version->version, &has_version, err);

    if (code != ERR_OK || has_version) {
        imported->known_count += has_version;
        return code;
    }
    code = deploy_keep(import->store, &manifest, import->arena, &done, err);
    if (code == ERR_OK && strcmp(done.application, imported->name) != 0) {
        code = err_set(err, ERR_INVALID, "it is of application %s", done.application);
    }
    if (code == ERR_OK) {
        imported->versions_count++;
        return ERR_OK;
    }
    if (kept->deployed != NULL && strcmp(kept->deployed, version->version) == 0) {
        return err_wrap(err, code, "application %s, version %s, which is deployed",
                        imported->name, version->version);
    }
    text_append(&imported->left_out, "%s%s: %s", imported->left_out.count > 0 ? "; " : "",
                version->version, err->message);
    return ERR_OK;
}

static void report(struct import *import, const struct imported *imported)
{
    const struct wadm_kept *kept = imported->kept;
    struct text *text = &import->text;

    if (import->options->is_json) {
        text_append(text, import->count > 0 ? ",{" : "{");
        json_print_text(text, "name", imported->name);
        json_print_integer(text, "versions", imported->versions_count);
        json_print_integer(text, "known", imported->known_count);
        json_print_text(text, "deployed", kept->deployed);
        json_print_text(text, "left_out", imported->left_out.bytes);
        text_append(text, "}");
    } else {
        text_append(text, "%s: %zu version%s", imported->name, imported->versions_count,
                    imported->versions_count == 1 ? "" : "s");
        if (imported->known_count > 0) {
            text_append(text, ", and %zu that were here already", imported->known_count);
        }
        text_append(text, kept->deployed != NULL ? ", %s deployed" : ", none deployed",
                    kept->deployed);
        text_append(text, imported->left_out.count > 0 ? "; left out: %s\n" : "\n",
                    imported->left_out.bytes);
    }
    import->count++;
}

static enum err_code import_one(struct import *import, const char *name, struct err *err)
{
    struct wadm_kept kept = {.count = 0};
    struct imported imported = {.name = name, .kept = &kept};
    struct client_reply value = {.length = 0};
    const char *version = NULL;
    bool was_here = false;
    enum err_code code = read_key(
        import, arena_print(import->arena, "%s-%s", import->options->lattice, name),
        &value, err);

    text_init(&imported.left_out, import->arena, MESSAGE_BYTES_MAX);
    if (code == ERR_OK) {
        code = wadm_decode_kept(value.bytes, value.length, import->arena, &kept, err);
    }
    if (code == ERR_OK) {
        code = store_has(import->store, name, NULL, &was_here, err);
    }
    for (size_t i = 0; i < kept.count && code == ERR_OK; i++) {
        code = keep_version(import, &imported, &kept.items[i], err);
    }
    /* What was here before is deployed as it was. */
    if (code == ERR_OK && kept.deployed != NULL && !was_here) {
        code = store_deploy(import->store, name, kept.deployed, import->arena, &version,
                            err);
    }
    if (code == ERR_OK) {
        report(import, &imported);
    }
    return code;
}

static enum err_code import_all(struct import *import, struct err *err)
{
    struct names names = {NULL, 0};
    struct client_reply value = {.length = 0};
    enum err_code code = manifest_bucket_find(import->client, import->arena, err);

    if (code == ERR_OK) {
        code = read_key(import, import->options->lattice, &value, err);
    }
    if (code == ERR_OK) {
        code = wadm_decode_names(value.bytes, value.length, import->arena, &names, err);
    }
    if (code == ERR_OK) {
        code = store_begin(import->store, err);
    }
    for (size_t i = 0; i < names.count && code == ERR_OK; i++) {
        code = import_one(import, names.items[i], err);
    }
    if (code == ERR_OK) {
        code = store_check(import->store, err);
    }
    if (code == ERR_OK) {
        code = store_commit(import->store, err);
    }
    if (code != ERR_OK) {
        store_rollback(import->store);
    }
    return code;
}

/* A dry run has a copy, or an empty store, which nobody sees. */
static enum err_code open_store(struct import *import, struct err *err)
{
    const char *path = options_store(import->options, import->arena);
    enum err_code code;

    if (!import->options->is_dry_run) {
        return store_open(path, import->options->lattice, &import->store, err);
    }
    code = store_open_copy(path, import->options->lattice, &import->store, err);
    return code == ERR_NOTFOUND
               ? store_open(":memory:", import->options->lattice, &import->store, err)
               : code;
}

static void print(const struct import *import)
{
    const bool is_dry = import->options->is_dry_run;

    if (import->options->is_json) {
        (void)printf("{\"schema\":%d,\"result\":\"ok\",\"dry_run\":%s,"
                     "\"applications\":[%s]}\n",
                     API_SCHEMA, is_dry ? "true" : "false", import->text.bytes);
        return;
    }
    (void)printf("%s%zu application%s %s\n", import->text.bytes, import->count,
                 import->count == 1 ? "" : "s",
                 is_dry ? "would be imported: this was a dry run"
                        : "imported: stop wadm, then start trellis daemon");
}

static int run(const struct options *options)
{
    struct arena arena = {0};
    struct import import = {.options = options, .arena = &arena};
    int status = EXIT_DONE;
    struct err err;
    enum err_code code = ERR_OK;

    if (!options->is_wadm) {
        code = err_set(&err, ERR_USAGE, "say where from: import --from-wadm");
    }
    text_init(&import.text, &arena, MESSAGE_BYTES_MAX);
    if (code == ERR_OK) {
        code = open_store(&import, &err);
    }
    if (code == ERR_OK) {
        code = client_open(options, &import.client, &err);
    }
    if (code == ERR_OK) {
        code = import_all(&import, &err);
    }
    if (code == ERR_OK) {
        print(&import);
    } else {
        status = cli_fail(options, &err);
    }
    client_close(import.client);
    store_close(import.store);
    arena_free(&arena);
    return status;
}

const struct cli_command cmd_import = {
    .name = "import",
    .verb = VERB_IMPORT,
    .run = run,
    .usage = "--from-wadm",
    .summary = "take over what a wadm has kept of the lattice",
};
