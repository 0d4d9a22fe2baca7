#include <assert.h>
#include <string.h>

#include "reconciler/sim/host_out.h"
#include "reconciler/sim/host_steps.h"

/* What stands after the verb in a subject. */
enum tail {
    TAIL_NONE,
    TAIL_HOST, /* the id of the host that is asked */
    TAIL_NAME, /* the name of a config */
};

static const struct {
    const char *verb;
    enum tail tail;
    sim_step step;
} verbs[] = {
    {"claims.get", TAIL_NONE, sim_query_claims},
    {"component.auction", TAIL_NONE, sim_auction_component},
    {"component.scale", TAIL_HOST, sim_component_scale},
    {"component.update", TAIL_HOST, sim_component_update},
    {"config.del", TAIL_NAME, sim_config_delete},
    {"config.get", TAIL_NAME, sim_config_get},
    {"config.put", TAIL_NAME, sim_config_put},
    {"host.get", TAIL_HOST, sim_query_inventory},
    {"host.ping", TAIL_NONE, sim_query_ping},
    {"host.stop", TAIL_HOST, sim_manage_stop},
    {"label.del", TAIL_HOST, sim_manage_delete_label},
    {"label.put", TAIL_HOST, sim_manage_put_label},
    {"link.del", TAIL_NONE, sim_link_delete},
    {"link.get", TAIL_NONE, sim_link_get},
    {"link.put", TAIL_NONE, sim_link_put},
    {"provider.auction", TAIL_NONE, sim_auction_provider},
    {"provider.start", TAIL_HOST, sim_provider_start},
    {"provider.stop", TAIL_HOST, sim_provider_stop},
    {"registry.put", TAIL_NONE, sim_manage_put_registries},
};

/* The rest of text after prefix; NULL when it begins otherwise. */
static const char *skip(const char *text, const char *prefix)
{
    const size_t length = strlen(prefix);

    return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

/* The rest of subject after "{root}.{lattice}."; NULL when it begins otherwise. */
static const char *skip_lattice(const char *subject, const char *root,
                                const struct sim_host *host)
{
    const char *rest = skip(subject, root);

    rest = rest != NULL ? skip(rest, host->lattice) : NULL;
    return rest != NULL ? skip(rest, ".") : NULL;
}

/* Is rest, what follows the verb, of the kind that the verb wants? */
static bool is_tail(const char *rest, enum tail tail, const struct sim_host *host)
{
    if (tail == TAIL_NONE) {
        return rest[0] == '\0';
    }
    if (rest[0] != '.' || rest[1] == '\0' || strchr(rest + 1, '.') != NULL) {
        return false;
    }
    return tail == TAIL_NAME || strcmp(rest + 1, host->id) == 0;
}

/* The first step for command, which is VERB or VERB.TAIL; NULL when there is none. */
static sim_step find_step(const struct sim_host *host, const char *command,
                          const char **ret_argument)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        const char *rest = skip(command, verbs[i].verb);

        if (rest != NULL && is_tail(rest, verbs[i].tail, host)) {
            *ret_argument = verbs[i].tail == TAIL_NONE ? "" : rest + 1;
            return verbs[i].step;
        }
    }
    return NULL;
}

/* {provider}.linkdefs.del */
static bool is_unlink(struct sim_work *work, const char *rest)
{
    const size_t length = strcspn(rest, ".");

    if (strcmp(rest + length, ".linkdefs.del") != 0) {
        return false;
    }
    work->argument = arena_text(&work->arena, rest, length);
    return true;
}

bool sim_request_is_unlink(const struct sim_host *host, const char *subject)
{
    const char *rest = skip_lattice(subject, "wasmbus.rpc.", host);

    return rest != NULL && strcmp(rest + strcspn(rest, "."), ".linkdefs.del") == 0;
}

void sim_request_begin(struct sim_host *host, struct sim_work *work)
{
    const char *command = skip_lattice(work->subject, "wasmbus.ctl.v1.", host);
    const char *message = skip_lattice(work->subject, "wasmbus.rpc.", host);
    sim_step step;

    assert(work->answers_count == 0 && work->detail == NULL);
    if (message != NULL && is_unlink(work, message)) {
        sim_watch_unlink(host, work);
        return;
    }
    step = command != NULL ? find_step(host, command, &work->argument) : NULL;
    if (step != NULL) {
        step(host, work);
        return;
    }
    /* A real host leaves all other subjects that it does not know unanswered. */
    if (command != NULL && (skip(command, "config.") || skip(command, "link."))) {
        sim_out_refuse(host, work, "unsupported subject");
    }
    sim_work_end(host, work);
}

static void subscribe(struct sim_host *host, const char *subject, const char *queue)
{
    struct arena *arena = &host->arena;

    assert(host->subscriptions_count < SIM_SUBSCRIPTIONS_MAX);
    host->subscriptions[host->subscriptions_count++] = (struct sim_subscription){
        .subject = arena_print(arena, "wasmbus.ctl.v1.%s.%s", host->lattice, subject),
        .queue = queue != NULL
                     ? arena_print(arena, "wasmbus.ctl.v1.%s.%s", host->lattice, queue)
                     : NULL,
    };
}

void sim_request_subscribe(struct sim_host *host, bool has_auctions)
{
    static const char *const addressed[] = {"component", "host", "label", "provider"};
    struct arena *arena = &host->arena;

    subscribe(host, "host.ping", NULL);
    subscribe(host, "registry.put", NULL);
    if (has_auctions) {
        subscribe(host, "component.auction", NULL);
        subscribe(host, "provider.auction", NULL);
    }
    for (size_t i = 0; i < sizeof addressed / sizeof *addressed; i++) {
        subscribe(host, arena_print(arena, "%s.*.%s", addressed[i], host->id), NULL);
    }
    subscribe(host, "link.*", "link");
    subscribe(host, "config.>", "config");
    subscribe(host, "claims.get", "claims");
    /* The providers of the host listen too, each on its own id. */
    host->subscriptions[host->subscriptions_count++] = (struct sim_subscription){
        .subject = arena_print(arena, "wasmbus.rpc.%s.*.linkdefs.del", host->lattice),
    };
    assert(host->subscriptions_count <= SIM_SUBSCRIPTIONS_MAX);
}

bool sim_request_matches(const char *pattern, const char *subject)
{
    for (;;) {
        const size_t wanted = strcspn(pattern, ".");
        const size_t given = strcspn(subject, ".");

        if (strcmp(pattern, ">") == 0) {
            return given > 0;
        }
        if (!(wanted == 1 && pattern[0] == '*' && given > 0) &&
            !(wanted == given && memcmp(pattern, subject, wanted) == 0)) {
            return false;
        }
        if (pattern[wanted] == '\0' || subject[given] == '\0') {
            return pattern[wanted] == subject[given];
        }
        pattern += wanted + 1;
        subject += given + 1;
    }
}
