/*
 * report.h - the status of applications, from the engine and the store together.
 */
#ifndef RECONCILER_RUN_REPORT_H
#define RECONCILER_RUN_REPORT_H

#include "linkstore/store.h"
#include "reconciler/core/engine.h"
#include "reconciler/wire/api.h"

/*
 * Report application, or all of them when it is NULL, into arena; valid until the next
 * step of engine.  All are those of the store, and those that are only being removed.
 * ERR_NOTFOUND when application is neither known nor has left anything behind.
 */
enum err_code report_status(const struct engine *engine, struct store *store,
                            const char *application, struct arena *arena,
                            struct api_status_report *ret_report, struct err *err)
    __attribute__((warn_unused_result));

/* Leave those of report whose word is one of states, unless there are none of these. */
void report_filter(struct api_status_report *report, const struct names *states,
                   struct arena *arena);

/*
 * Explain what key names, or list what it may mean, into arena; valid until the next
 * step.  ERR_NOTFOUND when it is nothing, with what was probably meant.
 */
enum err_code report_explain(const struct engine *engine, const char *key,
                             struct arena *arena, struct api_explain_report *ret_report,
                             struct err *err) __attribute__((warn_unused_result));

/* What the removal of application waits for, or leaves behind because others use it, in
 * one sentence; "" when nothing is left. */
const char *report_removal(const struct engine *engine, const char *application,
                           struct arena *arena);

#endif
