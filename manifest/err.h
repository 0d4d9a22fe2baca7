/*
 * err.h - the one error type: what failed, where in which source, in words.
 *
 * A function that can fail returns enum err_code (0 is ERR_OK) and takes a
 * struct err * as its last argument.  It fills the struct exactly when it
 * returns non-zero, and never touches its ret_ arguments then.
 */
#ifndef MANIFEST_ERR_H
#define MANIFEST_ERR_H

#include <stdint.h>

#define ERR_MESSAGE_BYTES_MAX 512
#define ERR_SOURCE_BYTES_MAX  256

enum err_code {
    ERR_OK = 0,
    ERR_SYNTAX,  /* the text is not YAML or JSON at all */
    ERR_INVALID, /* well formed, but breaks a rule of the schema or the model */
    ERR_LIMIT,   /* over a limit of limits.h */
    ERR_USAGE,   /* the command line asks for what cannot be */
    ERR_NOTFOUND,
    ERR_CONFLICT,    /* somebody else owns it, or it moved under us */
    ERR_TIMEOUT,     /* no answer before the deadline; it may or may not have happened */
    ERR_UNREACHABLE, /* NATS, the lattice or the daemon is not there */
    ERR_BUSY,        /* the daemon has too much to do at the moment; try again */
    ERR_IO,          /* the operating system, SQLite or NATS said no */
};

/* A position in a source text.  Both count from 1; 0 means not known. */
struct place {
    uint32_t line;
    uint32_t column; /* in bytes, not characters */
};

struct err {
    enum err_code code;
    char source[ERR_SOURCE_BYTES_MAX]; /* file name, URL or NATS subject; "" unknown */
    struct place place;
    char message[ERR_MESSAGE_BYTES_MAX]; /* one line, no full stop, no newline */
};

/*
 * Fill *err and return code, so that a failing path reads
 *     return err_set(err, ERR_INVALID, "spread weights sum to %u", sum);
 * code must not be ERR_OK.  err may be NULL.  Clears source and place.
 */
enum err_code err_set(struct err *err, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4), warn_unused_result));

/* Add where it happened to an error already set; of a long source the end is kept. */
void err_locate(struct err *err, const char *source, struct place place);

/*
 * Put "context: " before the message of an error already set, and return its code.
 * For the one boundary the user knows; inner detail survives.  err may be NULL.
 */
enum err_code err_wrap(struct err *err, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4), warn_unused_result));

/* The stable lower-case word for code, as printed and as sent in API replies. */
const char *err_code_name(enum err_code code);

/* The code of a word of err_code_name; ERR_IO for a word that is none of them. */
enum err_code err_code_from_name(const char *name);

#endif
