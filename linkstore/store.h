/*
 * store.h - the linkstore on disk: applications, their versions, the rows they want,
 * and the ledger.
 *
 * One SQLite file, one lattice, one writer: a lock keeps the second away.  Who only
 * reads takes a copy, beside the writer.
 * Every function that changes it is one transaction, or part of the one between
 * store_begin and store_commit; after an error it has changed nothing.  Where an error
 * of the disk ended the whole transaction, the rest of it up to store_commit fails too.
 * Durable means synchronous=FULL: what returned ERR_OK survives a power cut.
 *
 * Errors: ERR_CONFLICT another process has the file open, or it belongs to another
 * lattice; ERR_NOTFOUND no such application or version; ERR_IO SQLite or the file
 * system, with the file's name and what to do.
 */
#ifndef LINKSTORE_STORE_H
#define LINKSTORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linkstore/desired.h"
#include "linkstore/ledger.h"
#include "manifest/err.h"

struct store;

/*
 * Open the store at path for lattice, make it when it is not there (mode 0600, its
 * folder too, mode 0700) and bring its schema up to date.  ":memory:" is one of its
 * own.  A file made by a newer trellis is ERR_CONFLICT; one that is damaged ERR_IO, and
 * nothing is written to it.
 */
enum err_code store_open(const char *path, const char *lattice, struct store **ret_store,
                         struct err *err) __attribute__((warn_unused_result));

/*
 * A copy in memory of the store at path as it is now, brought up to date; lattice NULL is
 * any.  What is written to it is nowhere else.  ERR_NOTFOUND there is none.
 */
enum err_code store_open_copy(const char *path, const char *lattice,
                              struct store **ret_store, struct err *err)
    __attribute__((warn_unused_result));

void store_close(struct store *store);

/* 32 hex digits, made with the file: tells one store from another. */
const char *store_identity(const struct store *store);
const char *store_lattice(const struct store *store);

enum err_code store_begin(struct store *store, struct err *err)
    __attribute__((warn_unused_result));
enum err_code store_commit(struct store *store, struct err *err)
    __attribute__((warn_unused_result));
/* Forget all since store_begin; harmless without one. */
void store_rollback(struct store *store);

/* What a version was made of. */
struct store_version {
    const char *application;
    const char *version;
    const char *description; /* NULL when there is none */
    const char *source;      /* file name, URL or NATS subject */
    const char *text;        /* the document, as given */
    size_t length;
    const struct desired *desired;
    const char *way;    /* "folder", "api", "wadm", "direct"; NULL: not known */
    const char *author; /* who brought it, as far as they say; NULL: not known */
    int64_t now_unix_ms;
};

enum store_put_result {
    STORE_CREATED,   /* the application's first version */
    STORE_NEW,       /* one more version */
    STORE_REPLACED,  /* other text or source under a version that was there: a new
                        revision, wanted at once when that version is deployed */
    STORE_UNCHANGED, /* the same text from the same source: nothing was written */
};

/* Keep version.  Replacing is for files; the API refuses it (ask store_has first). */
enum err_code store_put(struct store *store, const struct store_version *version,
                        enum store_put_result *ret_result, struct err *err)
    __attribute__((warn_unused_result));

/* Is there such a version?  version NULL asks for any. */
enum err_code store_has(struct store *store, const char *application, const char *version,
                        bool *ret_has, struct err *err)
    __attribute__((warn_unused_result));

/* Want version from now on, or the newest when it is NULL; *ret_version names it. */
enum err_code store_deploy(struct store *store, const char *application,
                           const char *version, struct arena *arena,
                           const char **ret_version, struct err *err)
    __attribute__((warn_unused_result));

/*
 * Find two deployed applications that claim one thing with different content:
 * ERR_CONFLICT, naming both with file and line.  Called before store_commit, so that a
 * resource may move between two applications deployed in one transaction.
 *
 * Looks only at applications whose rows or deployed version have changed since the last
 * check that found nothing, and at what others share a key with.
 */
enum err_code store_check(struct store *store, struct err *err)
    __attribute__((warn_unused_result));

/* Want nothing of application any more, but keep its versions. */
enum err_code store_undeploy(struct store *store, const char *application,
                             struct err *err) __attribute__((warn_unused_result));

/* The newest version of application that is older than the deployed one; ERR_NOTFOUND
 * when none is deployed, or kept before it. */
enum err_code store_before(struct store *store, const char *application,
                           struct arena *arena, const char **ret_version, struct err *err)
    __attribute__((warn_unused_result));

/* Send nothing for application from now_unix_ms on, whatever it wants, or again what
 * there is to send when that is 0.  One that is paused stays so since when it was. */
enum err_code store_pause(struct store *store, const char *application,
                          int64_t now_unix_ms, struct err *err)
    __attribute__((warn_unused_result));

/* Forget a version, or all of them when version is NULL; what was deployed is not
 * wanted any more then.  The ledger keeps what has to be removed. */
enum err_code store_delete(struct store *store, const char *application,
                           const char *version, struct err *err)
    __attribute__((warn_unused_result));

struct store_application {
    const char *name;
    const char *version;     /* the newest */
    const char *deployed;    /* NULL when it is not deployed */
    const char *description; /* of the newest; NULL when there is none */
    const char *source;      /* of the deployed one, or else of the newest */
    const char *way;         /* likewise; NULL: not known */
    const char *digest;      /* SHA-256 of the newest text, hex */
    uint64_t revision; /* of the deployed one: grows with every put; 0 not deployed */
    size_t versions_count;
    int64_t paused_unix_ms; /* since when nothing is sent for it; 0: it is not paused */
};

struct store_applications {
    const struct store_application *items; /* sorted by name */
    size_t count;
};

enum err_code store_list(struct store *store, struct arena *arena,
                         struct store_applications *ret_applications, struct err *err)
    __attribute__((warn_unused_result));

enum err_code store_find(struct store *store, const char *application,
                         struct arena *arena, struct store_application *ret_application,
                         struct err *err) __attribute__((warn_unused_result));

/* What the deployed version of application wants; ERR_NOTFOUND when none is. */
enum err_code store_desired(struct store *store, const char *application,
                            struct arena *arena, struct desired *ret_desired,
                            struct err *err) __attribute__((warn_unused_result));

/*
 * The deployed applications that use components of application, sorted: what they want is
 * another thing when application was put, deployed, undeployed or deleted.
 */
enum err_code store_users(struct store *store, const char *application,
                          struct arena *arena, struct names *ret_users, struct err *err)
    __attribute__((warn_unused_result));

/* Those of them that wait for one of its components. */
enum err_code store_waiting(struct store *store, const char *application,
                            struct arena *arena, struct names *ret_users, struct err *err)
    __attribute__((warn_unused_result));

/*
 * The components of version (NULL: the newest) of application that another one is to run
 * and does not: it is not deployed, not shared, or runs none of that name.  In the order
 * of the manifest; none when there is no such version.
 */
enum err_code store_missing(struct store *store, const char *application,
                            const char *version, struct arena *arena,
                            struct names *ret_components, struct err *err)
    __attribute__((warn_unused_result));

/* Apply changes in order, as one transaction; now stamps the rows put. */
enum err_code store_write_ledger(struct store *store, const struct ledger_change *changes,
                                 size_t count, int64_t now_unix_ms, struct err *err)
    __attribute__((warn_unused_result));

struct ledger_rows {
    const struct ledger_row *items; /* sorted by ledger_compare */
    size_t count;
};

/* The whole ledger, with ages as of now. */
enum err_code store_read_ledger(struct store *store, int64_t now_unix_ms,
                                struct arena *arena, struct ledger_rows *ret_rows,
                                struct err *err) __attribute__((warn_unused_result));

#endif
