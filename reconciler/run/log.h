/*
 * log.h - what the program says of itself, a line at a time, to stderr.
 *
 * On a terminal a plain sentence; under systemd the same with the journal's priority
 * in front; else logfmt.  A line never holds a control character, whatever is put in,
 * and one that comes again and again is held back, see repeat.h.
 * Only run/ logs; everything else returns errors.
 */
#ifndef RECONCILER_RUN_LOG_H
#define RECONCILER_RUN_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "manifest/text.h"

enum log_level {
    LOG_LEVEL_ERROR,
    LOG_LEVEL_WARNING,
    LOG_LEVEL_INFO,  /* the usual limit */
    LOG_LEVEL_DEBUG, /* with -v */
};

enum log_form {
    LOG_FORM_PLAIN,   /* warning: host lost host=NC7X */
    LOG_FORM_JOURNAL, /* <4>host lost host=NC7X */
    LOG_FORM_LOGFMT,  /* level=warning at=2026-11-22T22:36:29.942Z msg="host lost" ... */
    LOG_FORM_JSON,    /* {"level":"warning","at":"2026-...","msg":"host lost",...} */
    LOG_FORM_AUTO,    /* the one of the first three that suits what stderr is */
};

/* Show lines up to level in form.  Until it is called lines up to LOG_LEVEL_INFO are
 * shown, plainly. */
void log_open(enum log_level level, enum log_form form);

/* All lines from here on are about lattice (borrowed), and say so; NULL: about none, as
 * at the start. */
void log_about(const char *lattice);

/*
 * Say message with pairs of key and value, each a const char *, ended by NULL:
 *     log_say(LOG_LEVEL_WARNING, "host lost", "host", id, "after", "30 s", NULL);
 * message starts in lower case and has no full stop; keys are one word.  A pair whose
 * value is NULL is left out.
 */
void log_say(enum log_level level, const char *message, ...) __attribute__((sentinel));

struct log_pair {
    const char *key;
    const char *value;
};

struct log_line {
    enum log_level level;
    int64_t unix_ms;
    const char *message;
    const struct log_pair *pairs;
    size_t pairs_count;
};

/* Append line to text as log_say writes it in form, which is not AUTO, without the
 * newline. */
void log_print(const struct log_line *line, enum log_form form, struct text *text);

#endif
