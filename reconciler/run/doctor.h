/*
 * doctor.h - what a user would check, checked: is all there that trellis needs, and is it
 * well; and what to do about what is not.
 */
#ifndef RECONCILER_RUN_DOCTOR_H
#define RECONCILER_RUN_DOCTOR_H

#include "reconciler/run/operate.h"

/* How a check came out. */
enum finding {
    FINDING_OK,
    FINDING_WARNING, /* it works, but not as well as it could */
    FINDING_ERROR,   /* it keeps trellis from its work */
};

/* One row more: what was checked, how it is, and what to do about it (NULL: nothing). */
struct check {
    const char *name;
    enum finding finding;
    const char *text;
    const char *advice;
};
void doctor_add(struct api_sheet *sheet, const struct check *check, struct arena *arena);

/*
 * A row a check, causes before what comes of them, and their sums.  Asks nobody: it says
 * what the reconciler knows by now.
 */
enum err_code operate_doctor(const struct operation *operation, struct api_sheet *sheet,
                             struct err *err) __attribute__((warn_unused_result));

#endif
