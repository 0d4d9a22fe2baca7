/*
 * api_sheet.h - the replies of trellis's own API that are rows of like things, and the
 * bodies that ask for them.
 *
 * A form says which fields a reply has; a sheet is one reply, with every value as text.
 * So one encoder and one decoder do for all of them.  Described in
 * schemas/api-{verb}.schema.json.
 */
#ifndef RECONCILER_WIRE_API_SHEET_H
#define RECONCILER_WIRE_API_SHEET_H

#include "reconciler/wire/api.h"

struct api_column {
    const char *name;
    bool is_number; /* from 0 to 2^63 - 1, in decimal */
};

#define API_COLUMNS_MAX 6

struct api_form {
    const char *list;                           /* the field that holds the rows */
    struct api_column head[API_COLUMNS_MAX];    /* fields before it */
    struct api_column columns[API_COLUMNS_MAX]; /* of each row; both end with NULL */
};

/* What became of applications that were paused or resumed. */
extern const struct api_form api_pauses;
enum { PAUSES_NAME, PAUSES_PAUSED, PAUSES_STATUS, PAUSES_REASON };

/* The application that went back, from which version and to which. */
extern const struct api_form api_rollback;
enum { ROLLBACK_NAME, ROLLBACK_VERSION, ROLLBACK_BEFORE, ROLLBACK_REVISION };

/* What was done and what happened, oldest first. */
extern const struct api_form api_history;
enum { HISTORY_AT, HISTORY_APPLICATION, HISTORY_KIND, HISTORY_VERSION, HISTORY_TEXT };

/* What is not as it is wanted; and how often that was found of what was, so far. */
extern const struct api_form api_drift;
enum { DRIFT_SERVER, DRIFT_SIGHT, DRIFT_FOUND };
enum {
    DRIFT_APPLICATION,
    DRIFT_KIND,
    DRIFT_NAME,
    DRIFT_STATUS,
    DRIFT_SINCE,
    DRIFT_REASON
};

/* What was checked, whether it is well, and what to do about it. */
extern const struct api_form api_doctor;
enum { DOCTOR_SERVER, DOCTOR_ERRORS, DOCTOR_WARNINGS };
enum { DOCTOR_CHECK, DOCTOR_STATUS, DOCTOR_TEXT, DOCTOR_ADVICE };

struct api_sheet {
    const struct api_form *form;
    const char **head; /* in the order of the form; NULL is null */
    const char **cells;
    size_t rows_count;
    size_t rows_capacity;
};

/* An empty one, in arena. */
struct api_sheet api_sheet_new(const struct api_form *form, struct arena *arena);

/* One row more; its cells, all NULL, are valid until the next. */
const char **api_sheet_add(struct api_sheet *sheet, struct arena *arena);

const char *const *api_sheet_row(const struct api_sheet *sheet, size_t index);

/* The value of a column that is a number. */
const char *api_sheet_number(uint64_t number, struct arena *arena);

void api_encode_sheet(const struct api_sheet *sheet, struct text *text);

/* sheet is new; the error that the reply carries, if it carries one. */
enum err_code api_decode_sheet(const char *bytes, size_t length, struct arena *arena,
                               struct api_sheet *sheet, struct err *err)
    __attribute__((warn_unused_result));

/* The body of explain. */
void api_encode_key(const char *key, struct text *text);
enum err_code api_decode_key(const char *bytes, size_t length, struct arena *arena,
                             const char **ret_key, struct err *err)
    __attribute__((warn_unused_result));

/* What a request asks for; each uses what means something to it. */
struct api_params {
    struct names states; /* status: only applications with one of these words */
    bool is_brief;       /* status: without resources */
    const char *version; /* rollback: to this one; NULL: to the one before */
    uint64_t limit;      /* history: the newest so many, events: the next; 0: all */
    uint64_t since;      /* events: those after this number ... */
    const char *run;     /* ... of this run of the daemon; NULL: of the present one */
};

void api_encode_params(const struct api_params *params, struct text *text);

/* No body at all asks for nothing in particular; "brief" is one of old. */
enum err_code api_decode_params(const char *bytes, size_t length, struct arena *arena,
                                struct api_params *ret_params, struct err *err)
    __attribute__((warn_unused_result));

#endif
