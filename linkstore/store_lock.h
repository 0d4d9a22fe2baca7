/*
 * store_lock.h - one writer of a store at a time, and who has it.
 *
 * SQLite would let two write in turns; the ledger bears one only.  The lock is on a file
 * of its own, for closing any file of a database gives up SQLite's locks on it.
 */
#ifndef LINKSTORE_STORE_LOCK_H
#define LINKSTORE_STORE_LOCK_H

#include "manifest/err.h"

/*
 * Be the writer of the store at path until *ret_lock is closed.  ERR_CONFLICT: another
 * process is, and which; ERR_IO.
 */
enum err_code store_lock(const char *path, int *ret_lock, struct err *err)
    __attribute__((warn_unused_result));

/*
 * The process that has a lock on a file of the store at path, this one last; 0: not
 * known, for the kernel does not tell of other containers.
 */
long store_lock_holder(const char *path);

/* The process that is the writer of the store at path, or 0 as above. */
long store_lock_writer(const char *path);

#endif
