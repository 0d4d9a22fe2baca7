/*
 * ledger.h - what we have put into the lattice, and with which content.
 *
 * Only the ledger owns: what it has no row for is never stopped, deleted or
 * overwritten.  A row is written before its first command is sent and stays until the
 * lattice has been seen without it.  A row whose resource no application wants any
 * more is doomed; that is not kept, it follows from the desired rows.
 */
#ifndef LINKSTORE_LEDGER_H
#define LINKSTORE_LEDGER_H

#include "linkstore/desired.h"

enum ledger_kind {
    LEDGER_CONFIG,
    LEDGER_LINK,
    LEDGER_COMPONENT,
    LEDGER_PROVIDER,
} __attribute__((packed));

/*
 * A row of a component's start whose application is "" is nobody's, and may stand beside
 * one that is somebody's: it owns nothing, and says only that the host is tainted for
 * whoever starts the component there again.
 *
 * The content of a row is always what was sent last.  CONFIRMED sticks: the key is ours
 * then, whatever becomes of its content.
 */
enum ledger_state {
    LEDGER_SENT,      /* a command was sent, or is about to be; its effect never seen */
    LEDGER_CONFIRMED, /* the lattice has been seen with what we sent, or we adopted it;
                       * or other content was sent before that was never seen either,
                       * and may still come about late */
} __attribute__((packed));

/* What became of the starts of a workload on one host. */
struct ledger_past {
    const char *good_image; /* with which it was last seen to run; NULL: never */
    struct names good_configs;
    const char
        *failed_image;   /* that failed to start, and has not run since; NULL: none */
    const char *failure; /* in the host's own words; NULL: none */
    /* Somebody had the host update it in place: the image before serves on, whatever is
     * started, until the host process ends. */
    bool is_tainted;
    /* Another image ran when it was started, or another start was under way, and may
     * serve though this one is listed, until it has been seen to be gone. */
    bool is_doubtful;
};

struct ledger_row {
    enum ledger_kind kind;
    enum ledger_state state;
    const char *application; /* the last that wanted it; "": see above */
    int64_t age_ms;          /* since the row was last put; read only, never below 0 */
    /* For how long from now a command that was sent for the row may still come about,
     * though nobody answered it; 0: none will, or, less than 0, none for so long now, if
     * the clock is right: with age_ms it says how long it was when the row was put. */
    int64_t unsure_ms;
    /* Of a link, and of a provider's start: for every config it names, in their order, a
     * digest of the content that was delivered.  None: not known, and taken as right. */
    struct names delivered;
    /* Of a provider's start: ids at the other end of links that it has lost since. */
    struct names lost;
    /* Of a link: its providers may have dropped it with another link of its two ids. */
    bool is_dropped;
    /* Of a provider's start: its application went with its manifest, and nobody asked for
     * that. */
    bool is_pruned;
    union {
        struct {
            const char *name;
            const char *content;
        } config;
        const struct link *link;
        struct {
            const char *host;
            const char *id;
            const char *image;
            struct names configs;
            struct ledger_past past;
        } workload; /* one start on one host */
    } u;
};

enum ledger_change_kind {
    LEDGER_PUT,  /* add the row, or replace the one with its key */
    LEDGER_DROP, /* remove the row with this key; gone already is fine */
};

struct ledger_change {
    enum ledger_change_kind kind;
    struct ledger_row row;
};

/* Order by kind, then key: name; link_compare; id, then host. */
int ledger_compare(const struct ledger_row *a, const struct ledger_row *b);

#endif
