#include "reconciler/run/handover.h"

#include <string.h>

#include "manifest/limits.h"
#include "reconciler/run/kept_text.h"
#include "reconciler/wire/wadm_bucket.h"
#include "reconciler/wire/wadm_manifest.h"

bool handover_is_due(const struct handover_item *item)
{
    return item->before.bytes == NULL || item->before.length != item->after.length ||
           memcmp(item->before.bytes, item->after.bytes, item->after.length) != 0;
}

static enum err_code set_after(struct handover_item *item, const struct text *text,
                               struct err *err)
{
    if (text->is_cut) {
        return err_set(err, ERR_LIMIT, "what wadm keeps under %s is too long", item->key);
    }
    item->after = (struct manifest_entry){text->bytes, text->count, 0};
    return ERR_OK;
}

/* The text of version, whose name is in it already. */
static enum err_code encode_version(struct store *store, const char *application,
                                    struct arena *arena,
                                    struct wadm_kept_version *version, struct err *err)
{
    const struct oam_application *found = NULL;
    struct store_text kept;
    struct text text;
    enum err_code code =
        store_find_text(store, application, version->version, arena, &kept, err);

    if (code == ERR_OK) {
        code = kept_text_read(&kept, arena, &found, err);
    }
    if (code != ERR_OK) {
        return err_wrap(err, code, "application %s, version %s", application,
                        version->version);
    }
    text_init(&text, arena, MESSAGE_BYTES_MAX);
    wadm_encode_manifest(found, version->version, &text);
    version->text = text.bytes;
    return ERR_OK;
}

/* All versions of one application, as wadm keeps them. */
static enum err_code encode_application(struct store *store, struct arena *arena,
                                        struct handover_item *item, struct err *err)
{
    struct store_known_versions known = {.count = 0};
    struct wadm_kept_version *versions;
    struct wadm_kept kept;
    struct text text;
    enum err_code code = store_versions(store, item->application, arena, &known, err);

    versions = arena_array(arena, known.count, sizeof *versions);
    for (size_t i = 0; i < known.count && code == ERR_OK; i++) {
        versions[i].version = known.items[i].version;
        code = encode_version(store, item->application, arena, &versions[i], err);
    }
    if (code != ERR_OK) {
        return code;
    }
    item->versions_count = known.count;
    kept = (struct wadm_kept){versions, known.count, item->deployed, item->application};
    text_init(&text, arena, MESSAGE_BYTES_MAX);
    wadm_encode_kept(&kept, &text);
    return set_after(item, &text, err);
}

/* Keys of lattice a and application b-c are those of lattice a-b and application c. */
static enum err_code check_owner(const struct handover_item *item, struct arena *arena,
                                 struct err *err)
{
    struct wadm_kept kept = {.count = 0};

    if (item->before.bytes == NULL) {
        return ERR_OK;
    }
    if (wadm_decode_kept(item->before.bytes, item->before.length, arena, &kept, err) !=
            ERR_OK ||
        (kept.count > 0 && (kept.application == NULL ||
                            strcmp(kept.application, item->application) != 0))) {
        return err_set(err, ERR_CONFLICT,
                       "key %s of the bucket " WADM_BUCKET
                       " is not of application %s: it is another lattice's, and stays",
                       item->key, item->application);
    }
    return ERR_OK;
}

static enum err_code plan_one(struct client *client, struct store *store,
                              struct arena *arena, struct handover_item *item,
                              struct err *err)
{
    enum err_code code = encode_application(store, arena, item, err);

    if (code == ERR_OK) {
        code = manifest_bucket_read(client, item->key, arena, &item->before, err);
    }
    return code == ERR_OK ? check_owner(item, arena, err) : code;
}

/* Nothing of what list, which is in the bucket, names may be unknown to the store. */
static enum err_code check_list(const struct manifest_entry *list, struct store *store,
                                struct arena *arena, struct err *err)
{
    struct names names = {NULL, 0};
    struct text unknown;
    enum err_code code = ERR_OK;

    text_init(&unknown, arena, ERR_MESSAGE_BYTES_MAX);
    if (list->bytes != NULL) {
        code = wadm_decode_names(list->bytes, list->length, arena, &names, err);
    }
    for (size_t i = 0; i < names.count && code == ERR_OK; i++) {
        bool has = false;

        code = store_has(store, names.items[i], NULL, &has, err);
        if (!has) {
            text_append(&unknown, "%s%s", unknown.count > 0 ? ", " : "", names.items[i]);
        }
    }
    if (code == ERR_OK && unknown.count > 0) {
        return err_set(err, ERR_CONFLICT,
                       "the bucket " WADM_BUCKET " has applications that the store does "
                       "not have; import them, or delete them with wadm: %s",
                       unknown.bytes);
    }
    return code;
}

static enum err_code plan_list(const struct store_applications *known,
                               struct handover *handover, struct arena *arena,
                               struct err *err)
{
    const char **items = arena_array(arena, known->count, sizeof *items);
    const struct names names = {items, known->count};
    struct text text;

    for (size_t i = 0; i < known->count; i++) {
        items[i] = known->items[i].name;
    }
    text_init(&text, arena, MESSAGE_BYTES_MAX);
    wadm_encode_names(&names, &text);
    return set_after(&handover->items[known->count], &text, err);
}

static enum err_code find(struct client *client, struct arena *arena, bool *ret_has,
                          struct err *err)
{
    const enum err_code code = manifest_bucket_find(client, arena, err);

    *ret_has = code == ERR_OK;
    return code == ERR_NOTFOUND ? ERR_OK : code;
}

enum err_code handover_plan(struct client *client, struct store *store,
                            struct arena *arena, struct handover *ret_handover,
                            struct err *err)
{
    const char *lattice = store_lattice(store);
    struct handover handover = {.count = 0};
    struct store_applications known = {.count = 0};
    struct handover_item *list;
    enum err_code code = store_list(store, arena, &known, err);

    handover.items = arena_array(arena, known.count + 1, sizeof *handover.items);
    list = &handover.items[known.count];
    *list = (struct handover_item){.key = lattice};
    if (code == ERR_OK) {
        code = find(client, arena, &handover.has_bucket, err);
    }
    if (code == ERR_OK && handover.has_bucket) {
        code = manifest_bucket_read(client, lattice, arena, &list->before, err);
    }
    if (code == ERR_OK) {
        code = check_list(&list->before, store, arena, err);
    }
    for (size_t i = 0; i < known.count && code == ERR_OK; i++) {
        struct handover_item *item = &handover.items[i];

        *item = (struct handover_item){
            .key = arena_print(arena, "%s-%s", lattice, known.items[i].name),
            .application = known.items[i].name,
            .deployed = known.items[i].deployed,
        };
        code = handover.has_bucket ? plan_one(client, store, arena, item, err)
                                   : encode_application(store, arena, item, err);
    }
    if (code == ERR_OK) {
        code = plan_list(&known, &handover, arena, err);
    }
    handover.count = known.count + 1;
    *ret_handover = handover;
    return code;
}

/* Was it we who wrote what is there now?  An answer that was lost does not say. */
static bool is_ours(const struct manifest_entry *now, const struct handover_item *item)
{
    return now->bytes != NULL && now->length == item->after.length &&
           memcmp(now->bytes, item->after.bytes, now->length) == 0;
}

static enum err_code put_back(struct client *client, const struct handover_item *item,
                              struct arena *arena, struct err *err)
{
    struct manifest_entry before = item->before;
    struct manifest_entry now = {.bytes = NULL};
    const enum err_code code = manifest_bucket_read(client, item->key, arena, &now, err);

    if (code != ERR_OK || !is_ours(&now, item)) {
        return code;
    }
    before.sequence = now.sequence;
    return manifest_bucket_write(client, item->key, &before, arena, err);
}

enum err_code handover_write(struct client *client, const struct handover *handover,
                             struct arena *arena, struct err *err)
{
    enum err_code code =
        handover->has_bucket ? ERR_OK : manifest_bucket_make(client, arena, err);
    size_t count = 0;

    for (; count < handover->count && code == ERR_OK; count++) {
        const struct handover_item *item = &handover->items[count];
        struct manifest_entry after = item->after;

        after.sequence = item->before.sequence;
        if (handover_is_due(item)) {
            code = manifest_bucket_write(client, item->key, &after, arena, err);
        }
    }
    while (code != ERR_OK && count-- > 0) {
        const struct handover_item *item = &handover->items[count];
        struct err reason;

        if (handover_is_due(item) && put_back(client, item, arena, &reason) != ERR_OK) {
            return err_wrap(err, code, "%s stays as it was written: %s", item->key,
                            reason.message);
        }
    }
    return code;
}
