#include "linkstore/store.h"

#include <assert.h>

#include "linkstore/store_internal.h"

const char *store_identity(const struct store *store)
{
    return store->identity;
}

const char *store_lattice(const struct store *store)
{
    return store->lattice;
}

/* An error of the disk may have ended the transaction that the caller believes in. */
static enum err_code check_transaction(const struct store *store, struct err *err)
{
    if (store->depth == 0 || sql_is_in_transaction(&store->sql)) {
        return ERR_OK;
    }
    return err_set(err, ERR_IO,
                   "store %s: an error before this ended the transaction: try again",
                   store->sql.path);
}

enum err_code store_enter(struct store *store, struct err *err)
{
    enum err_code code = check_transaction(store, err);

    assert(store->depth < 2);

    if (code == ERR_OK) {
        code = sql_run(&store->sql,
                       store->depth == 0 ? "BEGIN IMMEDIATE" : "SAVEPOINT part", err);
    }
    if (code == ERR_OK) {
        store->depth++;
    }
    return code;
}

/* Back to store_enter; where even that is refused, to the beginning of it all. */
static void undo(struct store *store)
{
    if (store->depth == 0 || sql_run(&store->sql, "ROLLBACK TO part", NULL) != ERR_OK ||
        sql_run(&store->sql, "RELEASE part", NULL) != ERR_OK) {
        sql_roll_back(&store->sql);
    }
}

enum err_code store_leave(struct store *store, enum err_code code, struct err *err)
{
    assert(store->depth > 0);

    store->depth--;
    if (code == ERR_OK) {
        code = sql_run(&store->sql, store->depth == 0 ? "COMMIT" : "RELEASE part", err);
    }
    if (code != ERR_OK) {
        undo(store);
    }
    return code;
}

enum err_code store_begin(struct store *store, struct err *err)
{
    assert(store->depth == 0);

    return store_enter(store, err);
}

enum err_code store_commit(struct store *store, struct err *err)
{
    assert(store->depth == 1);

    return store_leave(store, check_transaction(store, err), err);
}

void store_rollback(struct store *store)
{
    store->depth = 0;
    sql_roll_back(&store->sql);
}
