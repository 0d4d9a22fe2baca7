#include "reconciler/run/look.h"

#include "reconciler/core/status.h"

/* A lattice that can be seen is seen by then. */
#define LOOK_MS ((int64_t)5000)
/* And after it, where hosts have to be asked three times over 10 s. */
#define ASK_MS ((int64_t)10000)

static int64_t shorter(int64_t a_ms, int64_t b_ms)
{
    return a_ms < b_ms ? a_ms : b_ms;
}

enum err_code look_open(const struct options *options, struct reconciler **ret_reconciler,
                        struct err *err)
{
    struct reconciler *reconciler;
    struct err blind;
    const enum err_code code =
        reconciler_open(options, RECONCILER_OBSERVER, &reconciler, err);

    if (code != ERR_OK) {
        return code;
    }
    /* Blind is a status, too: no reason to say nothing. */
    if (reconciler_see(reconciler, shorter(options->timeout_ms, LOOK_MS), &blind) !=
            ERR_OK &&
        engine_is_asking(reconciler_engine(reconciler))) {
        (void)!reconciler_see(reconciler, shorter(options->timeout_ms, ASK_MS), &blind);
    }
    *ret_reconciler = reconciler;
    return ERR_OK;
}
