#include "reconciler/core/status.h"
#include "reconciler/run/clock.h"
#include "reconciler/run/reconciler.h"

static enum err_code set_late(const struct reconciler *reconciler, struct err *err)
{
    struct arena arena = {0};
    const enum err_code code =
        err_set(err, ERR_TIMEOUT, "timed out; the lattice: %s",
                engine_lattice_status(reconciler_engine(reconciler), &arena));

    arena_free(&arena);
    return code;
}

enum err_code reconciler_until(struct reconciler *reconciler, int64_t timeout_ms,
                               bool (*is_done)(void *context,
                                               struct reconciler *reconciler),
                               void *context, struct err *err)
{
    const struct instant deadline = instant_after(clock_now(), timeout_ms);

    while (!is_done(context, reconciler)) {
        const enum err_code code = reconciler_turn(reconciler, deadline, err);

        if (code != ERR_OK) {
            return code;
        }
        if (loop_take_signal(reconciler_loop(reconciler)) != 0) {
            return err_set(err, ERR_TIMEOUT, "interrupted");
        }
        if (instant_is_due(deadline, clock_now())) {
            return set_late(reconciler, err);
        }
    }
    return ERR_OK;
}

static bool may_write(void *context, struct reconciler *reconciler)
{
    (void)context;
    return reconciler_is_writer(reconciler);
}

enum err_code reconciler_admit(struct reconciler *reconciler, int64_t timeout_ms,
                               struct err *err)
{
    return reconciler_until(reconciler, timeout_ms, may_write, NULL, err);
}

static bool has_looked(void *context, struct reconciler *reconciler)
{
    (void)context;
    return engine_has_looked(reconciler_engine(reconciler));
}

enum err_code reconciler_see(struct reconciler *reconciler, int64_t timeout_ms,
                             struct err *err)
{
    return reconciler_until(reconciler, timeout_ms, has_looked, NULL, err);
}
