/*
 * store_file.h - a store as a file: looked at, copied, put back, and made small.
 *
 * A copy is one file without a log beside it.  Nothing here writes to a file that is
 * there already, but store_compact.
 */
#ifndef LINKSTORE_STORE_FILE_H
#define LINKSTORE_STORE_FILE_H

#include "linkstore/store.h"

/*
 * Go through all of the store at path, beside its writer if need be: pages, rows, indexes
 * and references.  What is wrong is in *ret_findings, in arena; none: it is good.
 * ERR_NOTFOUND there is none; ERR_IO it cannot even be read.
 */
enum err_code store_examine(const char *path, struct arena *arena,
                            struct names *ret_findings, struct err *err)
    __attribute__((warn_unused_result));

/*
 * Copy the store at path to the new file to, as it is at one moment; its writer may go
 * on.  ERR_CONFLICT: to is there already; ERR_IO, too, when the copy would be damaged.
 */
enum err_code store_back_up(const char *path, const char *to, struct err *err)
    __attribute__((warn_unused_result));

/*
 * Make the store at path from the copy at from, which must be good and of lattice.
 * ERR_CONFLICT: there is a store, or the log of one.
 */
enum err_code store_restore(const char *path, const char *from, const char *lattice,
                            struct err *err) __attribute__((warn_unused_result));

/* Give room that nothing is in back to the file system. */
enum err_code store_compact(struct store *store, struct err *err)
    __attribute__((warn_unused_result));

/* What there is, for people: a count, and of what. */
struct store_count {
    const char *name;
    int64_t count;
};

struct store_counts {
    const struct store_count *items;
    size_t count;
};

enum err_code store_count(struct store *store, struct arena *arena,
                          struct store_counts *ret_counts, struct err *err)
    __attribute__((warn_unused_result));

/* A version, with its text. */
struct store_text {
    const char *application;
    const char *version;
    const char *source;
    const char *digest;
    const char *way;    /* NULL: not known */
    const char *author; /* NULL: not known */
    const char *text;
    int64_t created_unix_ms;
    bool is_deployed;
};

struct store_texts {
    const struct store_text *items; /* by application, oldest first */
    size_t count;
};

enum err_code store_export(struct store *store, struct arena *arena,
                           struct store_texts *ret_texts, struct err *err)
    __attribute__((warn_unused_result));

#endif
