#include "test/support_chaos_state.h"

static const char *zone(unsigned int number)
{
    return number % 2 == 0 ? "b" : "a";
}

void chaos_start(struct chaos *chaos, unsigned int number)
{
    CHAOS_SAY("start h%u zone=%s\n", number, zone(number));
}

static void start(struct chaos *chaos)
{
    chaos_start(chaos, chaos_host(chaos));
}

static void kill(struct chaos *chaos)
{
    CHAOS_SAY("kill h%u\n", chaos_host(chaos));
}

static void restart(struct chaos *chaos)
{
    CHAOS_SAY("restart h%u\n", chaos_host(chaos));
}

static void stop(struct chaos *chaos)
{
    CHAOS_SAY("stop h%u\n", chaos_host(chaos));
}

static void label(struct chaos *chaos)
{
    const unsigned int number = chaos_host(chaos);
    const unsigned int which = chaos_below(chaos, 3);

    if (which == 0) {
        CHAOS_SAY("unlabel h%u zone\n", number);
    } else {
        CHAOS_SAY("label h%u zone=%s\n", number, zone(which));
    }
}

static void cordon(struct chaos *chaos)
{
    const char *word = chaos_below(chaos, 2) == 0 ? "cordon" : "drain";

    if (chaos_below(chaos, 2) == 0) {
        CHAOS_SAY("label h%u trellis.dev/%s=true\n", chaos_host(chaos), word);
    } else {
        CHAOS_SAY("unlabel h%u trellis.dev/%s\n", chaos_host(chaos), word);
    }
}

static void pause(struct chaos *chaos)
{
    CHAOS_SAY("pause h%u %u\n", chaos_host(chaos), chaos_below(chaos, 40000));
}

static void slow(struct chaos *chaos)
{
    CHAOS_SAY("delay h%u %u\n", chaos_host(chaos),
              chaos_below(chaos, 3) * chaos_below(chaos, 2000));
}

static void mute(struct chaos *chaos)
{
    CHAOS_SAY("%s h%u\n", chaos_below(chaos, 3) == 0 ? "mute" : "unmute",
              chaos_host(chaos));
}

static void cut(struct chaos *chaos)
{
    static const char *const sides[] = {"", " in", " out"};

    if (chaos_below(chaos, 2) == 0) {
        CHAOS_SAY("mend h%u\n", chaos_host(chaos));
    } else {
        CHAOS_SAY("cut h%u%s\n", chaos_host(chaos), sides[chaos_below(chaos, 3)]);
    }
}

static void crash_provider(struct chaos *chaos)
{
    CHAOS_SAY("crash h%u app%u-kv\n", chaos_host(chaos), chaos_application(chaos));
}

static void refuse(struct chaos *chaos)
{
    CHAOS_SAY("%s registry.example/%s:%u\n",
              chaos_below(chaos, 2) == 0 ? "refuse" : "accept",
              chaos_below(chaos, 3) == 0 ? "kv" : "c", chaos_below(chaos, 2));
}

static const struct chaos_action actions[] = {
    {start, 2}, {kill, 1}, {restart, 1}, {stop, 1}, {label, 1},          {cordon, 2},
    {pause, 1}, {slow, 1}, {mute, 1},    {cut, 2},  {crash_provider, 1}, {refuse, 1},
};

const struct chaos_actions chaos_host_actions = {actions,
                                                 sizeof actions / sizeof *actions};
