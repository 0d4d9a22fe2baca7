#include "reconciler/run/standby.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "linkstore/store.h"
#include "linkstore/store_lock.h"
#include "reconciler/run/bus.h"
#include "reconciler/run/clock.h"
#include "reconciler/run/lattice_nats.h"
#include "reconciler/run/lease.h"
#include "reconciler/run/log.h"
#include "reconciler/run/loop.h"

#define LOOK_MS 500 /* between looks at a store that somebody has */

struct standby {
    struct arena arena;
    const char *path;     /* of the store */
    const char *identity; /* NULL: there is no store yet */
    struct loop *loop;
    struct bus *bus;
    struct lease *lease;
    char told[ERR_MESSAGE_BYTES_MAX]; /* who is waited for */
};

/* Whose lease it will be.  A store that nobody has made yet has no name. */
static enum err_code read_identity(struct standby *standby, const char *lattice,
                                   struct err *err)
{
    struct store *store = NULL;
    const enum err_code code = store_open_copy(standby->path, lattice, &store, err);

    if (code == ERR_OK) {
        standby->identity = arena_copy(&standby->arena, store_identity(store));
        store_close(store);
    }
    return code == ERR_NOTFOUND ? ERR_OK : code;
}

static enum err_code open_all(struct standby *standby, const struct options *options,
                              struct err *err)
{
    const struct bus_options bus = {
        .connection = options->connection,
        .name = "trellis standby",
        .is_patient = true,
    };
    enum err_code code = loop_open(&standby->loop, err);

    standby->path = options_store(options, &standby->arena);
    if (code == ERR_OK) {
        code = read_identity(standby, options->lattice, err);
    }
    if (code == ERR_OK) {
        code = bus_open(&bus, &standby->bus, err);
    }
    if (code == ERR_OK) {
        loop_watch(standby->loop, bus_fd(standby->bus));
        standby->lease = lease_new(
            standby->bus, options->lattice,
            standby->identity != NULL ? standby->identity : "standby", OWNER_LEASE);
        lease_stand_by(standby->lease);
    }
    return code;
}

static void close_all(struct standby *standby)
{
    if (standby->lease != NULL && standby->identity == NULL) {
        lease_release(standby->lease);
    }
    lease_free(standby->lease);
    bus_close(standby->bus);
    loop_close(standby->loop);
    arena_free(&standby->arena);
}

static void take_mail(struct standby *standby, struct instant now)
{
    struct mail *mail;

    while ((mail = bus_take(standby->bus, now)) != NULL) {
        if (lease_owns(standby->lease, mail)) {
            lease_take(standby->lease, mail, now);
        }
        mail_free(mail);
    }
    if (instant_is_due(lease_deadline(standby->lease), now)) {
        lease_at_deadline(standby->lease, now);
    }
}

/* Whom we wait for, or NULL. */
static const char *find_writer(struct standby *standby)
{
    struct err err;
    int lock = -1;

    if (lease_state(standby->lease) != LEASE_HELD) {
        return lease_state(standby->lease) == LEASE_TAKEN
                   ? arena_print(&standby->arena, "standing by while another writes: %s",
                                 lease_text(standby->lease))
                   : "standing by until JetStream tells who writes";
    }
    if (standby->identity == NULL) {
        return NULL;
    }
    if (store_lock(standby->path, &lock, &err) != ERR_OK) {
        return arena_print(&standby->arena, "standing by: %s", err.message);
    }
    (void)close(lock);
    return NULL;
}

static void tell(struct standby *standby, struct notify *notify, const char *text)
{
    const struct instant now = clock_now();

    notify_turn(notify, now, true);
    if (notify_wants_status(notify, now)) {
        notify_status(notify, now, text);
    }
    if (strcmp(standby->told, text) != 0) {
        log_say(LOG_LEVEL_INFO, text, NULL);
        (void)snprintf(standby->told, sizeof standby->told, "%s", text);
    }
}

/* Until the lattice is free, or a signal comes. */
static enum err_code wait_all(struct standby *standby, struct notify *notify,
                              bool *ret_is_ended, struct err *err)
{
    for (;;) {
        struct instant deadline = instant_after(clock_now(), LOOK_MS);
        const char *writer;

        deadline = instant_min(deadline, bus_deadline(standby->bus));
        deadline = instant_min(deadline, lease_deadline(standby->lease));
        loop_wait(standby->loop, instant_min(deadline, notify_deadline(notify)));
        take_mail(standby, clock_now());
        if (loop_take_signal(standby->loop) != 0) {
            *ret_is_ended = true;
            return ERR_OK;
        }
        if (lease_state(standby->lease) == LEASE_UNGUARDED) {
            return err_set(err, ERR_CONFLICT,
                           "nobody can stand by without the lattice's lease: %s",
                           lease_text(standby->lease));
        }
        writer = find_writer(standby);
        if (writer == NULL) {
            log_say(LOG_LEVEL_INFO, "nobody writes to the lattice: taking over", NULL);
            return ERR_OK;
        }
        tell(standby, notify, writer);
    }
}

enum err_code standby_wait(const struct options *options, struct notify *notify,
                           bool *ret_is_ended, struct err *err)
{
    struct standby standby = {.path = NULL};
    enum err_code code = open_all(&standby, options, err);

    *ret_is_ended = false;
    if (code == ERR_OK) {
        code = wait_all(&standby, notify, ret_is_ended, err);
    }
    close_all(&standby);
    return code;
}
