#include "test/support_chaos_state.h"

static void drop_link(struct chaos *chaos)
{
    const unsigned int number = chaos_application(chaos);

    CHAOS_SAY("drop-link app%u-c%u app%u-kv\n", number, chaos_part(chaos), number);
}

static void drop_config(struct chaos *chaos)
{
    CHAOS_SAY("drop-config app%u-%s%u\n", chaos_application(chaos),
              chaos_below(chaos, 2) == 0 ? "k" : "t", chaos_part(chaos));
}

static void change_config(struct chaos *chaos)
{
    CHAOS_SAY("put-config app%u-%s%u {\"v\":\"9\"}\n", chaos_application(chaos),
              chaos_below(chaos, 2) == 0 ? "k" : "t", chaos_part(chaos));
}

static void change_link(struct chaos *chaos)
{
    const unsigned int number = chaos_application(chaos);
    const unsigned int which = chaos_part(chaos);

    switch (chaos_below(chaos, 3)) {
    case 0:
        CHAOS_SAY("del-link app%u-c%u wasi keyvalue\n", number, which);
        return;
    case 1:
        CHAOS_SAY("put-link app%u-c%u app%u-kv wasi keyvalue store,atomics\n", number,
                  which, number);
        return;
    default:
        CHAOS_SAY("del-link app%u-web wasi http l%u\n", number, which);
        return;
    }
}

static void scale(struct chaos *chaos)
{
    CHAOS_SAY("scale h%u app%u-c%u %u registry.example/c:%u\n", chaos_host(chaos),
              chaos_application(chaos), chaos_part(chaos), chaos_below(chaos, 4),
              chaos_below(chaos, 2));
}

static void update(struct chaos *chaos)
{
    CHAOS_SAY("update h%u app%u-c%u registry.example/c:%u\n", chaos_host(chaos),
              chaos_application(chaos), chaos_part(chaos), chaos_below(chaos, 2));
}

static void change_provider(struct chaos *chaos)
{
    const unsigned int number = chaos_application(chaos);

    if (chaos_below(chaos, 2) == 0) {
        CHAOS_SAY("stop-provider h%u app%u-%s\n", chaos_host(chaos), number,
                  chaos_below(chaos, 2) == 0 ? "kv" : "web");
    } else {
        CHAOS_SAY("start-provider h%u app%u-kv other/kv:9\n", chaos_host(chaos), number);
    }
}

/* What others have, and have nothing to do with ours. */
static void be_foreign(struct chaos *chaos)
{
    const unsigned int number = chaos_application(chaos);

    switch (chaos_below(chaos, 6)) {
    case 0:
        CHAOS_SAY("put-config theirs%u {\"v\":\"%u\"}\n", number, chaos_below(chaos, 2));
        return;
    case 1:
        CHAOS_SAY("drop-config theirs%u\n", number);
        return;
    case 2:
        CHAOS_SAY("put-link app%u-web theirs wasi logging l\n", number);
        return;
    case 3:
        CHAOS_SAY("put-link app%u-c%u theirs wasi logging l n%u\n", number,
                  chaos_part(chaos), chaos_below(chaos, 2));
        return;
    case 4:
        CHAOS_SAY("drop-link app%u-web theirs\n", number);
        return;
    default:
        CHAOS_SAY("scale h%u theirs%u %u other:1\n", chaos_host(chaos), number,
                  chaos_below(chaos, 3));
        return;
    }
}

/* What others have where we want to have ours. */
static void be_rival(struct chaos *chaos)
{
    const unsigned int number = chaos_application(chaos);

    switch (chaos_below(chaos, 5)) {
    case 0:
        CHAOS_SAY("put-config app%u-k%u {\"v\":\"theirs\"}\n", number, chaos_part(chaos));
        return;
    case 1:
        CHAOS_SAY("put-link app%u-c%u theirs-rival wasi keyvalue store\n", number,
                  chaos_part(chaos));
        return;
    case 2:
        CHAOS_SAY("put-link app%u-web theirs-rival wasi http incoming-handler l%u\n",
                  number, chaos_part(chaos));
        return;
    case 3:
        CHAOS_SAY("put-link app%u-c%u theirs-rival wasi keyvalue batch\n", number,
                  chaos_part(chaos));
        return;
    default:
        CHAOS_SAY("scale h%u app%u-c%u %u other:1\n", chaos_host(chaos), number,
                  chaos_part(chaos), chaos_below(chaos, 2) + 1);
        return;
    }
}

static void race(struct chaos *chaos)
{
    const unsigned int number = chaos_application(chaos);
    const unsigned int which = chaos_part(chaos);

    switch (chaos_below(chaos, 5)) {
    case 0:
        CHAOS_SAY("race put-link app%u-web theirs wasi logging l\n", number);
        return;
    case 1:
        CHAOS_SAY("race put-link app%u-c%u theirs wasi logging l\n", number, which);
        return;
    case 2:
        CHAOS_SAY("race del-link app%u-c%u wasi keyvalue\n", number, which);
        return;
    case 3:
        CHAOS_SAY("race put-config app%u-k%u {\"v\":\"theirs\"}\n", number, which);
        return;
    default:
        CHAOS_SAY("race drop-config app%u-t%u\n", number, which);
        return;
    }
}

/* JetStream loses what it keeps; who makes the buckets again may be we. */
static void lose_buckets(struct chaos *chaos)
{
    CHAOS_SAY("%s-buckets\n", chaos_below(chaos, 2) == 0 ? "lose" : "make");
}

static const struct chaos_action actions[] = {
    {drop_link, 1}, {drop_config, 1}, {change_config, 1},   {change_link, 1},
    {scale, 1},     {update, 1},      {change_provider, 1}, {be_foreign, 2},
    {be_rival, 1},  {race, 2},        {lose_buckets, 1},
};

const struct chaos_actions chaos_other_actions = {actions,
                                                  sizeof actions / sizeof *actions};
