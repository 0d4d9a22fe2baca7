/*
 * lattice_nats.h - a real lattice over NATS: commands out, events in.
 *
 * Listens to the lattice's events, follows its two buckets, and asks what the engine
 * asks for.  The bus is somebody else's; mail that belongs here is handed over.
 */
#ifndef RECONCILER_RUN_LATTICE_NATS_H
#define RECONCILER_RUN_LATTICE_NATS_H

#include "reconciler/run/bus.h"
#include "reconciler/run/event_list.h"
#include "reconciler/run/lattice.h"

struct lattice_nats;

/* Owners of mail tags, one for each part of the program that uses the bus. */
enum bus_owner {
    OWNER_COMMANDS = 1,
    OWNER_EVENTS,
    OWNER_LINKS,
    OWNER_CONFIGS,
    OWNER_LEASE,
    OWNER_WADM,
    OWNER_API,
    OWNER_CLIENT,
    OWNER_STATUS,
    OWNER_RIVAL,
    OWNER_MICRO,
    OWNER_FOLLOWER,
};

/* lattice is borrowed.  ERR_INVALID when it is no name for a lattice. */
enum err_code lattice_nats_open(struct bus *bus, const char *lattice,
                                struct lattice_nats **ret_lattice, struct err *err)
    __attribute__((warn_unused_result));
void lattice_nats_close(struct lattice_nats *lattice);

/* The port for a driver. */
struct lattice lattice_nats_port(struct lattice_nats *lattice);

/*
 * Turn mail into events.  Mail of the connection counts, too; what is not for the
 * lattice is left alone.  What cannot be decoded is logged.
 */
void lattice_nats_take(struct lattice_nats *lattice, const struct mail *mail,
                       struct instant now);
/* Ask for all of the lattice anew, as after a loss of mail. */
void lattice_nats_survey(struct lattice_nats *lattice, struct instant now);

/* After all mail was taken. */
void lattice_nats_at_deadline(struct lattice_nats *lattice, struct instant now);
struct instant lattice_nats_deadline(const struct lattice_nats *lattice);

/* The events so far: the caller steps with them and clears the list. */
struct event_list *lattice_nats_events(struct lattice_nats *lattice);

#endif
