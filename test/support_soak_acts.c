#include "test/support_soak.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <nats/nats.h>

/* By others, of one application: more is contested, and backs off. */
#define UNDONE_MAX 4

static const char *pick_host(struct soak *soak)
{
    return arena_print(&soak->arena, "host-%u", soak_below(soak, SOAK_HOSTS) + 1);
}

/* --- hosts --- */

static void restart_host(struct soak *soak)
{
    SOAK_ORDER("restart %s", pick_host(soak));
}

static void kill_host(struct soak *soak)
{
    SOAK_ORDER("%s %s", soak_below(soak, 3) == 0 ? "stop" : "kill", pick_host(soak));
}

static void start_host(struct soak *soak)
{
    SOAK_ORDER("start %s whose=ours", pick_host(soak));
}

static void pause_host(struct soak *soak)
{
    SOAK_ORDER("pause %s %u", pick_host(soak), soak_below(soak, 4000));
}

static void slow_host(struct soak *soak)
{
    SOAK_ORDER("delay %s %u", pick_host(soak),
               soak_below(soak, 2) * soak_below(soak, 300));
}

static void mute_host(struct soak *soak)
{
    SOAK_ORDER("%s %s", soak_below(soak, 2) == 0 ? "mute" : "unmute", pick_host(soak));
}

/* --- what others do --- */

/* The number of a slot of which somebody may undo something once more; or SOAK_SLOTS. */
static unsigned int pick_undone(struct soak *soak)
{
    const unsigned int number = soak_below(soak, SOAK_SLOTS);

    return soak->slots[number].undone++ < UNDONE_MAX ? number : SOAK_SLOTS;
}

static void undo(struct soak *soak)
{
    const unsigned int number = pick_undone(soak);
    const char *name;

    if (number == SOAK_SLOTS) {
        return;
    }
    name = soak_name(&soak->slots[number], number, &soak->arena);
    switch (soak_below(soak, 6)) {
    case 0:
        SOAK_ORDER("drop-link %s-web %s-kv", name, name);
        break;
    case 1:
        SOAK_ORDER("drop-link %s-http %s-web", name, name);
        break;
    case 2:
        SOAK_ORDER("del-link %s-http wasi http", name);
        break;
    case 3:
        SOAK_ORDER("drop-config %s-bucket", name);
        break;
    case 4:
        SOAK_ORDER("scale %s %s-web 0 %s", pick_host(soak), name,
                   soak_image(&soak->slots[number], &soak->arena));
        break;
    default:
        SOAK_ORDER("stop-provider %s %s-http", pick_host(soak), name);
        break;
    }
}

/* Afterwards nobody can know what really serves there. */
static void confuse_host(struct soak *soak)
{
    const unsigned int number = soak_below(soak, SOAK_SLOTS);
    const unsigned int host = soak_below(soak, SOAK_HOSTS);
    const char *name = soak_name(&soak->slots[number], number, &soak->arena);

    soak->is_doubtful[host] = true;
    if (soak_below(soak, 2) == 0) {
        SOAK_ORDER("crash host-%u %s-http", host + 1, name);
    } else {
        SOAK_ORDER("update host-%u %s-web ghcr.io/acme/web:1.0.%u", host + 1, name,
                   soak_below(soak, SOAK_VARIANTS));
    }
}

/* --- the server and the daemon --- */

static void restart_server(struct soak *soak)
{
    soak_say(soak, "the server is killed and restarted");
    server_kill(soak->stage->server);
    (void)poll(NULL, 0, (int)soak_below(soak, 1500));
    server_restart(soak->stage->server);
}

static void freeze_server(struct soak *soak)
{
    soak_say(soak, "the server is frozen and thawed");
    server_freeze(soak->stage->server);
    (void)poll(NULL, 0, (int)soak_below(soak, 2500));
    server_thaw(soak->stage->server);
}

/* In the first half only: who lived through the second is looked at for what he lost. */
static void kill_daemon(struct soak *soak)
{
    if (nats_Now() - soak->begun_ms < soak->span_ms / 2) {
        soak_say(soak, "the daemon is killed and started");
        assert_null(strstr(process_errors(soak->stage->daemon), "Sanitizer"));
        process_kill(soak->stage->daemon);
        soak_start_daemon(soak->stage);
    }
}

/* --- what is wanted --- */

static void change_version(struct soak *soak)
{
    const unsigned int number = soak_below(soak, SOAK_SLOTS);
    struct soak_slot *slot = &soak->slots[number];

    slot->is_wanted = true;
    slot->variant =
        soak_below(soak, 6) == 0 ? SOAK_BROKEN : soak_below(soak, SOAK_VARIANTS);
    slot->version++;
    soak_declare(soak, number, false);
}

/* One application in place of another. */
static void change_application(struct soak *soak)
{
    const unsigned int number = soak_below(soak, SOAK_SLOTS);
    struct soak_slot *slot = &soak->slots[number];

    if (number == SOAK_API) {
        slot->is_wanted = false;
        soak_declare(soak, number, false);
    }
    slot->generation++;
    slot->undone = 0;
    slot->is_wanted = true;
    soak_declare(soak, number, false);
}

static void remove_application(struct soak *soak)
{
    const unsigned int number = soak_below(soak, SOAK_SLOTS);

    soak->slots[number].is_wanted = false;
    soak_declare(soak, number, false);
}

static void rename_file(struct soak *soak)
{
    const unsigned int number = soak_below(soak, SOAK_API);

    soak->is_renamed[number] = !soak->is_renamed[number];
    soak_declare(soak, number, false);
}

/* The daemon holds to what it knows. */
static void break_file(struct soak *soak)
{
    const unsigned int number = soak_below(soak, SOAK_API);

    soak_say(soak, arena_print(&soak->arena, "the file of slot %u is broken", number));
    soak_write(soak, number, "kind: [Appl");
}

static const struct {
    void (*act)(struct soak *soak);
    unsigned int weight;
} acts[] = {
    {restart_host, 2},
    {kill_host, 3},
    {start_host, 4},
    {pause_host, 2},
    {slow_host, 2},
    {mute_host, 2},
    {undo, 10},
    {confuse_host, 1},
    {kill_daemon, 3},
    {restart_server, 2},
    {freeze_server, 2},
    {change_version, 6},
    {change_application, 3},
    {remove_application, 2},
    {rename_file, 2},
    {break_file, 1},
};
#define ACTS_COUNT (sizeof acts / sizeof *acts)

void soak_act(struct soak *soak)
{
    unsigned int sum = 0;
    unsigned int at;
    size_t i = 0;

    for (size_t j = 0; j < ACTS_COUNT; j++) {
        sum += acts[j].weight;
    }
    for (at = soak_below(soak, sum); at >= acts[i].weight; i++) {
        at -= acts[i].weight;
    }
    acts[i].act(soak);
    arena_free(&soak->arena);
    soak->count++;
}
