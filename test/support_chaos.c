#include "test/support_chaos.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/sim/prng.h"
#include "test/support_chaos_manifest.h"

#define HOSTS_MAX 5
#define END       "end-faults\n"

/* What a seed may do; each seed leaves some of it out. */
enum action {
    ACTION_APPLY,
    ACTION_DELETE,
    ACTION_WAIT,
    ACTION_KILL,
    ACTION_RESTART_HOST,
    ACTION_START,
    ACTION_STOP,
    ACTION_LABEL,
    ACTION_CORDON,
    ACTION_PAUSE,
    ACTION_SLOW,
    ACTION_MUTE,
    ACTION_CUT,
    ACTION_CRASH_PROVIDER,
    ACTION_NETWORK,
    ACTION_LIES,
    ACTION_DISCONNECT,
    ACTION_RESTART_DAEMON,
    ACTION_DIE,
    ACTION_CLOCK,
    ACTION_REFUSE,
    ACTION_DROP_LINK,
    ACTION_DROP_CONFIG,
    ACTION_CHANGE_CONFIG,
    ACTION_CHANGE_LINK,
    ACTION_SCALE,
    ACTION_UPDATE,
    ACTION_PROVIDER,
    ACTION_FOREIGN,
    ACTION_RIVAL,
    ACTION_RACE,
    ACTIONS_COUNT,
};

struct chaos {
    struct sim_prng prng;
    struct text *script;
    struct chaos_manifests manifests;
    uint64_t mask; /* which actions there are */
};

static unsigned int below(struct chaos *chaos, unsigned int bound)
{
    return (unsigned int)sim_prng_below(&chaos->prng, bound);
}

static unsigned int host(struct chaos *chaos)
{
    return below(chaos, HOSTS_MAX) + 1;
}

static unsigned int application(struct chaos *chaos)
{
    return below(chaos, CHAOS_APPLICATIONS);
}

static unsigned int part(struct chaos *chaos)
{
    return below(chaos, CHAOS_COMPONENTS);
}

/* The zone of the hosts of one number. */
static const char *zone(unsigned int number)
{
    return number % 2 == 0 ? "b" : "a";
}

#define SAY(...) text_append(chaos->script, __VA_ARGS__)

static void start(struct chaos *chaos, const char *verb, unsigned int number)
{
    SAY("%s h%u", verb, number);
    if (strcmp(verb, "start") == 0) {
        SAY(" zone=%s", zone(number));
    }
    SAY("\n");
}

static void apply(struct chaos *chaos, unsigned int number)
{
    chaos_manifest(&chaos->manifests, &chaos->prng, number, chaos->script);
}

static void label(struct chaos *chaos)
{
    const unsigned int number = host(chaos);

    switch (below(chaos, 3)) {
    case 0:
        SAY("unlabel h%u zone\n", number);
        return;
    case 1:
        SAY("label h%u zone=a\n", number);
        return;
    default:
        SAY("label h%u zone=b\n", number);
        return;
    }
}

static void cordon(struct chaos *chaos)
{
    const char *word = below(chaos, 2) == 0 ? "cordon" : "drain";

    if (below(chaos, 2) == 0) {
        SAY("label h%u trellis.dev/%s=true\n", host(chaos), word);
    } else {
        SAY("unlabel h%u trellis.dev/%s\n", host(chaos), word);
    }
}

static void cut(struct chaos *chaos)
{
    static const char *const sides[] = {"", " in", " out"};

    if (below(chaos, 2) == 0) {
        SAY("cut h%u%s\n", host(chaos), sides[below(chaos, 3)]);
    } else {
        SAY("mend h%u\n", host(chaos));
    }
}

static void disturb_network(struct chaos *chaos, bool is_lying)
{
    const unsigned int late = is_lying ? below(chaos, 100) : 0;
    const unsigned int lies = is_lying ? below(chaos, 60) : 0;

    if (below(chaos, 3) == 0) {
        SAY("faults 0 0 0 1\n");
    } else {
        SAY("faults %u %u %u %u %u %u\n", below(chaos, 100), below(chaos, 100),
            below(chaos, 200), below(chaos, 50) + 1, late, lies);
    }
}

static void die(struct chaos *chaos)
{
    if (below(chaos, 3) == 0) {
        SAY("restart-daemon\n");
    } else {
        SAY("die-%s %u\n", below(chaos, 2) == 0 ? "before" : "after",
            below(chaos, 6) + 1);
    }
}

static void move_clock(struct chaos *chaos)
{
    static const long long jumps[] = {-86400000, -3600000, -1000,
                                      1000,      3600000,  86400000};

    SAY("clock %lld\n", jumps[below(chaos, sizeof jumps / sizeof *jumps)]);
}

static void refuse(struct chaos *chaos)
{
    SAY("%s registry.example/%s:%u\n", below(chaos, 2) == 0 ? "refuse" : "accept",
        below(chaos, 3) == 0 ? "kv" : "c", below(chaos, 2));
}

static void change_link(struct chaos *chaos)
{
    const unsigned int number = application(chaos);
    const unsigned int which = part(chaos);

    switch (below(chaos, 3)) {
    case 0:
        SAY("del-link app%u-c%u wasi keyvalue\n", number, which);
        return;
    case 1:
        SAY("put-link app%u-c%u app%u-kv wasi keyvalue store,atomics\n", number, which,
            number);
        return;
    default:
        SAY("del-link app%u-web wasi http l%u\n", number, which);
        return;
    }
}

static void change_provider(struct chaos *chaos)
{
    const unsigned int number = application(chaos);

    if (below(chaos, 2) == 0) {
        SAY("stop-provider h%u app%u-%s\n", host(chaos), number,
            below(chaos, 2) == 0 ? "kv" : "web");
    } else {
        SAY("start-provider h%u app%u-kv other/kv:9\n", host(chaos), number);
    }
}

/* What others have, and have nothing to do with ours. */
static void be_foreign(struct chaos *chaos)
{
    const unsigned int number = application(chaos);

    switch (below(chaos, 6)) {
    case 0:
        SAY("put-config theirs%u {\"v\":\"%u\"}\n", number, below(chaos, 2));
        return;
    case 1:
        SAY("drop-config theirs%u\n", number);
        return;
    case 2:
        SAY("put-link app%u-web theirs wasi logging l\n", number);
        return;
    case 3:
        SAY("put-link app%u-c%u theirs wasi logging l n%u\n", number, part(chaos),
            below(chaos, 2));
        return;
    case 4:
        SAY("drop-link app%u-web theirs\n", number);
        return;
    default:
        SAY("scale h%u theirs%u %u other:1\n", host(chaos), number, below(chaos, 3));
        return;
    }
}

/* What others have where we want to have ours. */
static void be_rival(struct chaos *chaos)
{
    const unsigned int number = application(chaos);

    switch (below(chaos, 5)) {
    case 0:
        SAY("put-config app%u-k%u {\"v\":\"theirs\"}\n", number, part(chaos));
        return;
    case 1:
        SAY("put-link app%u-c%u theirs-rival wasi keyvalue store\n", number, part(chaos));
        return;
    case 2:
        SAY("put-link app%u-web theirs-rival wasi http incoming-handler l%u\n", number,
            part(chaos));
        return;
    case 3:
        SAY("put-link app%u-c%u theirs-rival wasi keyvalue batch\n", number, part(chaos));
        return;
    default:
        SAY("scale h%u app%u-c%u %u other:1\n", host(chaos), number, part(chaos),
            below(chaos, 2) + 1);
        return;
    }
}

static void race(struct chaos *chaos)
{
    const unsigned int number = application(chaos);
    const unsigned int which = part(chaos);

    switch (below(chaos, 5)) {
    case 0:
        SAY("race put-link app%u-web theirs wasi logging l\n", number);
        return;
    case 1:
        SAY("race put-link app%u-c%u theirs wasi logging l\n", number, which);
        return;
    case 2:
        SAY("race del-link app%u-c%u wasi keyvalue\n", number, which);
        return;
    case 3:
        SAY("race put-config app%u-k%u {\"v\":\"theirs\"}\n", number, which);
        return;
    default:
        SAY("race drop-config app%u-t%u\n", number, which);
        return;
    }
}

/* What is done to hosts. */
static bool act_on_hosts(struct chaos *chaos, enum action action)
{
    switch ((int)action) { /* the rest is done to something else */
    case ACTION_KILL:
        start(chaos, "kill", host(chaos));
        return true;
    case ACTION_RESTART_HOST:
        start(chaos, "restart", host(chaos));
        return true;
    case ACTION_START:
        start(chaos, "start", host(chaos));
        return true;
    case ACTION_STOP:
        start(chaos, "stop", host(chaos));
        return true;
    case ACTION_LABEL:
        label(chaos);
        return true;
    case ACTION_CORDON:
        cordon(chaos);
        return true;
    case ACTION_PAUSE:
        SAY("pause h%u %u\n", host(chaos), below(chaos, 40000));
        return true;
    case ACTION_SLOW:
        SAY("delay h%u %u\n", host(chaos), below(chaos, 3) * below(chaos, 2000));
        return true;
    case ACTION_MUTE:
        SAY("%s h%u\n", below(chaos, 3) == 0 ? "mute" : "unmute", host(chaos));
        return true;
    case ACTION_CUT:
        cut(chaos);
        return true;
    default:
        return false;
    }
}

/* What others do in the lattice. */
static bool act_as_others(struct chaos *chaos, enum action action)
{
    const unsigned int number = application(chaos);

    switch ((int)action) { /* the rest is not theirs */
    case ACTION_CRASH_PROVIDER:
        SAY("crash h%u app%u-kv\n", host(chaos), number);
        return true;
    case ACTION_DROP_LINK:
        SAY("drop-link app%u-c%u app%u-kv\n", number, part(chaos), number);
        return true;
    case ACTION_DROP_CONFIG:
        SAY("drop-config app%u-%s%u\n", number, below(chaos, 2) == 0 ? "k" : "t",
            part(chaos));
        return true;
    case ACTION_CHANGE_CONFIG:
        SAY("put-config app%u-%s%u {\"v\":\"9\"}\n", number,
            below(chaos, 2) == 0 ? "k" : "t", part(chaos));
        return true;
    case ACTION_CHANGE_LINK:
        change_link(chaos);
        return true;
    case ACTION_SCALE:
        SAY("scale h%u app%u-c%u %u registry.example/c:%u\n", host(chaos), number,
            part(chaos), below(chaos, 4), below(chaos, 2));
        return true;
    case ACTION_UPDATE:
        SAY("update h%u app%u-c%u registry.example/c:%u\n", host(chaos), number,
            part(chaos), below(chaos, 2));
        return true;
    case ACTION_PROVIDER:
        change_provider(chaos);
        return true;
    case ACTION_FOREIGN:
        be_foreign(chaos);
        return true;
    case ACTION_RIVAL:
        be_rival(chaos);
        return true;
    case ACTION_RACE:
        race(chaos);
        return true;
    default:
        return false;
    }
}

static void act(struct chaos *chaos, enum action action)
{
    if (act_on_hosts(chaos, action) || act_as_others(chaos, action)) {
        return;
    }
    switch ((int)action) { /* the rest is done already */
    case ACTION_APPLY:
        apply(chaos, application(chaos));
        break;
    case ACTION_DELETE:
        SAY("delete app%u\n", application(chaos));
        break;
    case ACTION_NETWORK:
        disturb_network(chaos, false);
        break;
    case ACTION_LIES:
        disturb_network(chaos, true);
        break;
    case ACTION_DISCONNECT:
        SAY("%s\n", below(chaos, 3) == 0 ? "disconnect" : "connect");
        break;
    case ACTION_RESTART_DAEMON:
        SAY("restart-daemon\n");
        break;
    case ACTION_DIE:
        die(chaos);
        break;
    case ACTION_CLOCK:
        move_clock(chaos);
        break;
    case ACTION_REFUSE:
        refuse(chaos);
        break;
    default: /* ACTION_WAIT */
        break;
    }
}

static void pass_time(struct chaos *chaos)
{
    static const unsigned int spans[] = {5, 20, 500, 20000};

    SAY("run %ums\n", below(chaos, spans[below(chaos, 4)]) + 1);
}

void chaos_write(uint64_t seed, uint32_t steps, struct text *script)
{
    struct chaos chaos_of_seed = {.prng = {.state = seed}, .script = script};
    struct chaos *chaos = &chaos_of_seed;

    chaos->mask = sim_prng_next(&chaos->prng) | 1U << ACTION_APPLY | 1U << ACTION_WAIT;
    chaos_manifests_init(&chaos->manifests, &chaos->prng);
    SAY("seed %llu\n", (unsigned long long)seed);
    for (unsigned int i = 1; i <= 3; i++) {
        start(chaos, "start", i);
    }
    for (unsigned int i = 0; i < 3; i++) {
        apply(chaos, i);
        pass_time(chaos);
    }
    for (uint32_t i = 0; i < steps; i++) {
        const enum action action = (enum action)below(chaos, ACTIONS_COUNT);

        if ((chaos->mask >> action & 1) != 0) {
            act(chaos, action);
        }
        pass_time(chaos);
    }
    SAY(END "converge 15m\ntruth\nquiet 2m\nrestart-daemon\nquiet 2m\ntruth\n");
}

const char *chaos_end(const char *script)
{
    const char *end = strstr(script, "\n" END);

    return end != NULL ? end + 1 : script + strlen(script);
}
