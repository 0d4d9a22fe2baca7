/*
 * operate.h - what people ask of a reconciler beside declaring: pause, resume, go back,
 * and see what was done and what differs.
 *
 * Each fills the sheet of the API's reply.  Errors: ERR_NOTFOUND no such application or
 * version, ERR_CONFLICT it is somebody else's, otherwise as store.h; then nothing has
 * changed.
 */
#ifndef RECONCILER_RUN_OPERATE_H
#define RECONCILER_RUN_OPERATE_H

#include "reconciler/run/claims.h"
#include "reconciler/run/reconciler.h"
#include "reconciler/wire/api_sheet.h"

struct operation {
    struct reconciler *reconciler;
    struct claims claims;
    const char *application; /* NULL: all there are */
    const struct api_params *params;
    const char *server; /* who answers: "daemon" or "store" */
    struct names notes; /* what is wrong with the daemon's files, a sentence each */
    struct arena *arena;
};

enum err_code operate_pause(const struct operation *operation, struct api_sheet *sheet,
                            struct err *err) __attribute__((warn_unused_result));
enum err_code operate_resume(const struct operation *operation, struct api_sheet *sheet,
                             struct err *err) __attribute__((warn_unused_result));

/* Want another version that is kept: that of the params, or the one before. */
enum err_code operate_rollback(const struct operation *operation, struct api_sheet *sheet,
                               struct err *err) __attribute__((warn_unused_result));

/* From the store alone; what nobody knows anything of is not found. */
enum err_code operate_history(const struct operation *operation, struct api_sheet *sheet,
                              struct err *err) __attribute__((warn_unused_result));

/* What is not as it is wanted, whatever is being done about it. */
enum err_code operate_drift(const struct operation *operation, struct api_sheet *sheet,
                            struct err *err) __attribute__((warn_unused_result));

#endif
