#include <assert.h>
#include <string.h>

#include "linkstore/store.h"
#include "linkstore/store_internal.h"
#include "manifest/decode_redeliver.h"
#include "manifest/digest.h"

enum err_code store_set_notfound(const char *application, const char *version,
                                 struct err *err)
{
    if (version != NULL) {
        return err_set(err, ERR_NOTFOUND,
                       "application '%s' has no version '%s': list its versions",
                       application, version);
    }
    return err_set(err, ERR_NOTFOUND, "no application '%s': list what there is",
                   application);
}

enum err_code store_has(struct store *store, const char *application, const char *version,
                        bool *ret_has, struct err *err)
{
    struct sql_query query;
    bool has = false;
    enum err_code code;

    sql_start(&query, &store->sql,
              "SELECT EXISTS (SELECT 1 FROM version"
              " WHERE application = ?1 AND version = coalesce(?2, version))");
    sql_bind_text(&query, application);
    sql_bind_text(&query, version);
    if (sql_step(&query)) {
        has = sql_integer(&query, 0) != 0;
    }
    code = sql_end(&query, err);
    if (code == ERR_OK) {
        *ret_has = has;
    }
    return code;
}

/* What a put of version comes to: one of STORE_UNCHANGED, _REPLACED, _NEW. */
static enum err_code compare_with_kept(struct store *store,
                                       const struct store_version *version,
                                       const char *digest,
                                       enum store_put_result *ret_result, struct err *err)
{
    enum store_put_result result = STORE_NEW;
    struct sql_query query;
    enum err_code code;

    sql_start(&query, &store->sql,
              "SELECT digest = ?3 AND source = ?4 FROM version"
              " WHERE application = ?1 AND version = ?2");
    sql_bind_text(&query, version->application);
    sql_bind_text(&query, version->version);
    sql_bind_text(&query, digest);
    sql_bind_text(&query, version->source);
    if (sql_step(&query)) {
        result = sql_integer(&query, 0) != 0 ? STORE_UNCHANGED : STORE_REPLACED;
    }
    code = sql_end(&query, err);
    if (code == ERR_OK) {
        *ret_result = result;
    }
    return code;
}

/* Count one more revision of application, which is added if it is not there. */
static enum err_code next_revision(struct store *store, const char *application,
                                   int64_t *ret_revision, struct err *err)
{
    struct sql_query query;
    int64_t revision = 0;
    enum err_code code;

    sql_start(&query, &store->sql,
              "INSERT INTO application (name, revision) VALUES (?, 1)"
              " ON CONFLICT DO UPDATE SET revision = revision + 1, is_checked = 0"
              " RETURNING revision");
    sql_bind_text(&query, application);
    if (sql_step(&query)) {
        revision = sql_integer(&query, 0);
    }
    code = sql_end(&query, err);
    if (code == ERR_OK) {
        *ret_revision = revision;
    }
    return code;
}

/* A version that is there keeps its id, and with it whether it is deployed. */
static enum err_code write_version(struct store *store,
                                   const struct store_version *version,
                                   const char *digest, int64_t revision, struct err *err)
{
    struct sql_query query;
    int64_t id = 0;
    enum err_code code;

    sql_start(&query, &store->sql,
              "INSERT INTO version (application, version, revision, digest, source,"
              " description, created_unix_ms, text, redeliver, is_shared, rebalance,"
              " way, author) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
              " ON CONFLICT (application, version) DO UPDATE SET"
              " revision = excluded.revision, digest = excluded.digest,"
              " source = excluded.source, description = excluded.description,"
              " created_unix_ms = excluded.created_unix_ms, text = excluded.text,"
              " redeliver = excluded.redeliver, is_shared = excluded.is_shared,"
              " rebalance = excluded.rebalance, way = excluded.way,"
              " author = excluded.author"
              " RETURNING id");
    sql_bind_text(&query, version->application);
    sql_bind_text(&query, version->version);
    sql_bind_integer(&query, revision);
    sql_bind_text(&query, digest);
    sql_bind_text(&query, version->source);
    sql_bind_text(&query, version->description);
    sql_bind_integer(&query, version->now_unix_ms);
    sql_bind_bytes(&query, version->text, version->length);
    sql_bind_text(&query, decode_redeliver_word(version->desired->redeliver));
    sql_bind_integer(&query, version->desired->is_shared);
    sql_bind_integer(&query, version->desired->is_rebalancing);
    sql_bind_text(&query, version->way);
    sql_bind_text(&query, version->author != NULL && version->author[0] != '\0'
                              ? version->author
                              : NULL);
    if (sql_step(&query)) {
        id = sql_integer(&query, 0);
    }
    code = sql_end(&query, err);
    return code == ERR_OK ? store_write_rows(store, id, version->desired, err) : code;
}

/* Write version as a new revision; *result is what it came to, as far as is known. */
static enum err_code write_revision(struct store *store,
                                    const struct store_version *version,
                                    const char *digest, enum store_put_result *result,
                                    struct err *err)
{
    int64_t revision = 0;
    enum err_code code = next_revision(store, version->application, &revision, err);

    if (code == ERR_OK && revision == 1) {
        *result = STORE_CREATED;
    }
    return code == ERR_OK ? write_version(store, version, digest, revision, err) : code;
}

static enum err_code put(struct store *store, const struct store_version *version,
                         enum store_put_result *result, struct err *err)
{
    char digest[DIGEST_HEX_BYTES];
    enum err_code code;

    digest_bytes(version->text, version->length, digest);
    code = compare_with_kept(store, version, digest, result, err);
    if (code == ERR_OK && *result != STORE_UNCHANGED) {
        code = write_revision(store, version, digest, result, err);
        if (code == ERR_OK) {
            code = store_update_shared(store, version->application, err);
        }
    }
    return code;
}

enum err_code store_put(struct store *store, const struct store_version *version,
                        enum store_put_result *ret_result, struct err *err)
{
    enum store_put_result result = STORE_UNCHANGED;
    enum err_code code;

    assert(strcmp(version->application, version->desired->application) == 0);
    assert(strcmp(version->version, version->desired->version) == 0);

    code = store_enter(store, err);
    if (code == ERR_OK) {
        code = store_leave(store, put(store, version, &result, err), err);
    }
    if (code == ERR_OK) {
        *ret_result = result;
    }
    return code;
}

struct deployment {
    const char *application;
    const char *version; /* NULL until find_version has found the newest */
    struct arena *arena; /* of the version found */
    int64_t id;
};

static enum err_code find_version(struct store *store, struct deployment *deployment,
                                  struct err *err)
{
    struct sql_query query;
    const char *version = NULL;
    enum err_code code;

    sql_start(&query, &store->sql,
              "SELECT id, version FROM version"
              " WHERE application = ?1 AND version = coalesce(?2, version)"
              " ORDER BY revision DESC LIMIT 1");
    sql_bind_text(&query, deployment->application);
    sql_bind_text(&query, deployment->version);
    if (sql_step(&query)) {
        deployment->id = sql_integer(&query, 0);
        version = sql_text(&query, 1, deployment->arena);
    }
    code = sql_end(&query, err);
    if (code == ERR_OK && version == NULL) {
        code = store_set_notfound(deployment->application, deployment->version, err);
    }
    deployment->version = version;
    return code;
}

static enum err_code deploy(struct store *store, struct deployment *deployment,
                            struct err *err)
{
    enum err_code code = find_version(store, deployment, err);
    struct sql_query query;

    if (code != ERR_OK) {
        return code;
    }
    sql_start(&query, &store->sql,
              "UPDATE application SET deployed = ?1, is_checked = 0"
              " WHERE name = ?2 AND deployed IS NOT ?1");
    sql_bind_integer(&query, deployment->id);
    sql_bind_text(&query, deployment->application);
    (void)sql_step(&query);
    code = sql_end(&query, err);
    return code == ERR_OK ? store_update_shared(store, deployment->application, err)
                          : code;
}

// NOLINTNEXTLINE(readability-function-size): the object, what, where to, and the error
enum err_code store_deploy(struct store *store, const char *application,
                           const char *version, struct arena *arena,
                           const char **ret_version, struct err *err)
{
    struct deployment deployment = {
        .application = application,
        .version = version,
        .arena = arena,
    };
    enum err_code code = store_enter(store, err);

    if (code == ERR_OK) {
        code = store_leave(store, deploy(store, &deployment, err), err);
    }
    if (code == ERR_OK) {
        *ret_version = deployment.version;
    }
    return code;
}

/* Run a change of one row that is found by one or two names; says whether it was there.
 */
static enum err_code change(struct store *store, const char *text,
                            const char *application, const char *version, struct err *err)
{
    struct sql_query query;
    enum err_code code;

    sql_start(&query, &store->sql, text);
    sql_bind_text(&query, application);
    if (version != NULL) {
        sql_bind_text(&query, version);
    }
    (void)sql_step(&query);
    code = sql_end(&query, err);
    if (code == ERR_OK && sql_changes(&store->sql) == 0) {
        code = store_set_notfound(application, version, err);
    }
    return code;
}

enum err_code store_undeploy(struct store *store, const char *application,
                             struct err *err)
{
    enum err_code code = store_enter(store, err);

    if (code == ERR_OK) {
        code = change(store, "UPDATE application SET deployed = NULL WHERE name = ?",
                      application, NULL, err);
        if (code == ERR_OK) {
            code = store_update_shared(store, application, err);
        }
        code = store_leave(store, code, err);
    }
    return code;
}

enum err_code store_before(struct store *store, const char *application,
                           struct arena *arena, const char **ret_version, struct err *err)
{
    const char *version = NULL;
    struct sql_query query;
    enum err_code code;

    sql_start(&query, &store->sql,
              "SELECT b.version FROM application AS a"
              " JOIN version AS d ON d.id = a.deployed"
              " JOIN version AS b ON b.application = a.name AND b.revision < d.revision"
              " WHERE a.name = ? ORDER BY b.revision DESC LIMIT 1");
    sql_bind_text(&query, application);
    if (sql_step(&query)) {
        version = sql_text(&query, 0, arena);
    }
    code = sql_end(&query, err);
    if (code == ERR_OK && version == NULL) {
        return err_set(err, ERR_NOTFOUND,
                       "application '%s' has no version before the one that is deployed: "
                       "name the version to go to",
                       application);
    }
    if (code == ERR_OK) {
        *ret_version = version;
    }
    return code;
}

static enum err_code pause(struct store *store, const char *application,
                           int64_t now_unix_ms, struct err *err)
{
    struct sql_query query;
    enum err_code code;

    sql_start(&query, &store->sql,
              "UPDATE application SET paused_unix_ms ="
              " CASE WHEN ?1 = 0 THEN NULL ELSE coalesce(paused_unix_ms, ?1) END"
              " WHERE name = ?2");
    sql_bind_integer(&query, now_unix_ms);
    sql_bind_text(&query, application);
    (void)sql_step(&query);
    code = sql_end(&query, err);
    if (code == ERR_OK && sql_changes(&store->sql) == 0) {
        code = store_set_notfound(application, NULL, err);
    }
    return code;
}

enum err_code store_pause(struct store *store, const char *application,
                          int64_t now_unix_ms, struct err *err)
{
    enum err_code code = store_enter(store, err);

    if (code == ERR_OK) {
        code = store_leave(store, pause(store, application, now_unix_ms, err), err);
    }
    return code;
}

/* One version; the application goes with its last.  What else goes, cascades. */
static enum err_code delete_version(struct store *store, const char *application,
                                    const char *version, struct err *err)
{
    struct sql_query query;
    enum err_code code =
        change(store, "DELETE FROM version WHERE application = ? AND version = ?",
               application, version, err);

    if (code != ERR_OK) {
        return code;
    }
    sql_start(&query, &store->sql,
              "DELETE FROM application WHERE name = ?1"
              " AND NOT EXISTS (SELECT 1 FROM version WHERE application = ?1)");
    sql_bind_text(&query, application);
    (void)sql_step(&query);
    return sql_end(&query, err);
}

static enum err_code delete (struct store *store, const char *application,
                             const char *version, struct err *err) {
    enum err_code code = version != NULL
                             ? delete_version(store, application, version, err)
                             : change(store, "DELETE FROM application WHERE name = ?",
                                      application, NULL, err);

    return code == ERR_OK ? store_update_shared(store, application, err) : code;
}

enum err_code store_delete(struct store *store, const char *application,
                           const char *version, struct err *err)
{
    enum err_code code = store_enter(store, err);

    if (code == ERR_OK) {
        code = store_leave(store, delete (store, application, version, err), err);
    }
    return code;
}
