#include "reconciler/run/look.h"

#include "reconciler/core/status.h"
#include "reconciler/run/cli.h"

/* A lattice that can be seen is seen by then. */
#define LOOK_MS ((int64_t)5000)
/* And after it, where hosts have to be asked three times over 10 s. */
#define ASK_MS ((int64_t)10000)

static int64_t shorter(int64_t a_ms, int64_t b_ms)
{
    return a_ms < b_ms ? a_ms : b_ms;
}

/* Blind is a status, too: no reason to say nothing. */
static void see(const struct options *options, struct reconciler *reconciler)
{
    struct err blind;

    if (reconciler_see(reconciler, shorter(options->timeout_ms, LOOK_MS), &blind) !=
            ERR_OK &&
        engine_is_asking(reconciler_engine(reconciler))) {
        (void)!reconciler_see(reconciler, shorter(options->timeout_ms, ASK_MS), &blind);
    }
}

static enum err_code look(const struct options *options, const struct look_verb *verb,
                          struct arena *arena, int *ret_status, struct err *err)
{
    struct reconciler *reconciler;
    enum err_code code = reconciler_open(options, RECONCILER_OBSERVER, &reconciler, err);

    if (code == ERR_OK) {
        see(options, reconciler);
        code = verb->look(options, reconciler, arena, ret_status, err);
        reconciler_close(reconciler);
    }
    return code;
}

static enum err_code ask_or_look(const struct options *options,
                                 const struct look_verb *verb, struct arena *arena,
                                 int *ret_status, struct err *err)
{
    struct client *client;
    bool has_daemon;
    enum err_code code = client_open(options, &client, err);

    if (code != ERR_OK) {
        return code;
    }
    code = client_find_daemon(client, &has_daemon, err);
    if (code == ERR_OK && has_daemon) {
        code = verb->ask(options, client, arena, ret_status, err);
    }
    client_close(client);
    return has_daemon || code != ERR_OK ? code
                                        : look(options, verb, arena, ret_status, err);
}

int look_run(const struct options *options, const struct look_verb *verb)
{
    struct arena arena = {0};
    struct err err;
    int status = EXIT_DONE;

    if (ask_or_look(options, verb, &arena, &status, &err) != ERR_OK) {
        status = cli_fail(options, &err);
    }
    arena_free(&arena);
    return status;
}
