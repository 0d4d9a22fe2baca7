/*
 * store_taint.h - rows of the ledger that are nobody's, as the store keeps them: see
 * ledger.h.  They stand apart, so that who reads the ledger finds only what it owns.
 */
#ifndef LINKSTORE_STORE_TAINT_H
#define LINKSTORE_STORE_TAINT_H

#include <stdbool.h>

#include "linkstore/store.h"

bool store_is_taint(const struct ledger_row *row);

/* Part of store_write_ledger. */
enum err_code store_put_taint(struct store *store, const struct ledger_row *row,
                              struct err *err) __attribute__((warn_unused_result));
enum err_code store_drop_taint(struct store *store, const struct ledger_row *row,
                               struct err *err) __attribute__((warn_unused_result));

/* All of them, sorted by ledger_compare. */
enum err_code store_read_taints(struct store *store, struct arena *arena,
                                struct ledger_rows *ret_rows, struct err *err)
    __attribute__((warn_unused_result));

#endif
