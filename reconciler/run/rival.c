#include "reconciler/run/rival.h"

#include <stdlib.h>
#include <string.h>

#include "manifest/arena.h"
#include "reconciler/run/lattice_nats.h"
#include "reconciler/run/log.h"
#include "reconciler/wire/wadm.h"

#define ANSWER_MS   1500
#define AGAIN_MS    2000 /* after a rival was there, or the question was not sent */
#define SILENCE_MAX 2    /* so often nobody listens to a wadm that is gone */
#define MUTE_MAX    2    /* so often no answer comes from what died with its machine */

struct rival {
    struct arena arena; /* holds this struct, too */
    struct bus *bus;    /* borrowed */
    const char *question;
    const char *talk[2]; /* among wadms */
    bool is_listening;   /* to it */
    bool is_anybodys;    /* of accounts that nobody knows: there is none to ask */
    enum rival_state state;
    bool is_trellis;      /* that is there */
    uint32_t asked_count; /* its number is that of the question under way */
    bool is_asking;
    unsigned silences;
    unsigned mutes;
    struct instant deadline; /* ask again */
};

struct rival *rival_new(struct bus *bus, const char *prefix, const char *lattice)
{
    struct arena arena = {0};
    struct rival *rival = arena_alloc(&arena, sizeof *rival);

    rival->bus = bus;
    rival->question = arena_print(&arena, "%s.%s.model.list", prefix, lattice);
    rival->talk[0] = arena_print(&arena, "wadm.cmd.%s", lattice);
    rival->talk[1] = arena_print(&arena, "wadm.notify.%s", lattice);
    rival->state = RIVAL_ASKED;
    rival->deadline = INSTANT_NEVER;
    rival->is_anybodys = strncmp(prefix, "*.", 2) == 0;
    rival->arena = arena;
    return rival;
}

void rival_free(struct rival *rival)
{
    if (rival != NULL) {
        struct arena arena = rival->arena;

        arena_free(&arena);
    }
}

enum rival_state rival_state(const struct rival *rival)
{
    return rival->state;
}

const char *rival_text(const struct rival *rival)
{
    switch (rival->state) {
    case RIVAL_ASKED:
        return "it is being found out whether a wadm keeps the lattice";
    case RIVAL_NONE:
        return "";
    case RIVAL_THERE:
        return rival->is_trellis ? "another trellis keeps the lattice, and may not hold "
                                   "its lease: stop "
                                   "it, or this daemon"
                                 : "a wadm keeps the lattice: stop it, or this daemon";
    }
    abort();
}

static void set_none(struct rival *rival, struct instant now);

static void ask(struct rival *rival, struct instant now)
{
    const struct bus_message message = {.subject = rival->question,
                                        .bytes = WADM_TRELLIS_ASKS,
                                        .length = strlen(WADM_TRELLIS_ASKS)};
    const uint64_t tag = mail_tag(OWNER_RIVAL, ++rival->asked_count);

    if (rival->is_anybodys) {
        set_none(rival, now);
        return;
    }
    rival->is_asking = bus_request(rival->bus, &message, tag,
                                   instant_after(now, ANSWER_MS), NULL) == ERR_OK;
    rival->deadline = rival->is_asking ? INSTANT_NEVER : instant_after(now, AGAIN_MS);
}

/* What wadms tell each other is heard from then on, through every loss. */
static void listen(struct rival *rival)
{
    struct err err;

    for (size_t i = 0; !rival->is_listening && i < 2; i++) {
        if (bus_subscribe(rival->bus, rival->talk[i], NULL, mail_tag(OWNER_RIVAL, 0),
                          &err) != ERR_OK) {
            log_say(LOG_LEVEL_ERROR, "a wadm that comes is not noticed", "reason",
                    err.message, NULL);
        }
    }
    rival->is_listening = true;
}

static void set_there(struct rival *rival, const char *how, struct instant now)
{
    if (rival->state != RIVAL_THERE) {
        rival->state = RIVAL_THERE;
        log_say(LOG_LEVEL_WARNING,
                "nothing is sent, and wadm's API is not served, until it is stopped",
                "reason", rival_text(rival), "noticed", how, NULL);
    }
    rival->silences = 0;
    rival->deadline = instant_after(now, AGAIN_MS);
}

static void set_none(struct rival *rival, struct instant now)
{
    if (rival->state == RIVAL_THERE && ++rival->silences < SILENCE_MAX) {
        rival->deadline = instant_after(now, AGAIN_MS);
        return;
    }
    if (rival->state == RIVAL_THERE) {
        log_say(LOG_LEVEL_INFO, "it is gone: this daemon keeps the lattice", NULL);
    }
    rival->state = RIVAL_NONE;
    rival->deadline = INSTANT_NEVER;
    listen(rival);
}

/* The server has not noticed yet that somebody died, or a wadm is busy: that one will be
 * heard of. */
static void take_timeout(struct rival *rival, struct instant now)
{
    if (++rival->mutes < MUTE_MAX) {
        rival->deadline = now;
    } else {
        rival->mutes = 0;
        set_none(rival, now);
    }
}

static void take_answer(struct rival *rival, const struct mail *mail, struct instant now)
{
    rival->is_asking = false;
    switch (mail->kind) {
    case MAIL_ANSWER:
        rival->is_trellis = strcmp(mail->bytes, WADM_TRELLIS_ANSWERS) == 0;
        set_there(rival, "it answers", now);
        return;
    case MAIL_TIMEOUT:
        take_timeout(rival, now);
        return;
    case MAIL_NO_RESPONDERS:
        set_none(rival, now);
        return;
    case MAIL_DENIED:
        log_say(LOG_LEVEL_WARNING,
                "it cannot be found out whether a wadm keeps this lattice: check the "
                "permissions of this user",
                "subject", mail->subject, "reason", mail->bytes, NULL);
        rival->silences = SILENCE_MAX;
        set_none(rival, now);
        return;
    case MAIL_MESSAGE:
    case MAIL_REQUEST:
    case MAIL_EXCESS:
    case MAIL_CONNECTED:
    case MAIL_DISCONNECTED:
    case MAIL_OVERFLOWED:
        return;
    }
    abort();
}

void rival_take(struct rival *rival, const struct mail *mail, struct instant now)
{
    if (mail->kind == MAIL_DISCONNECTED) {
        rival->state = rival->state == RIVAL_NONE ? RIVAL_ASKED : rival->state;
        rival->deadline = INSTANT_NEVER;
        rival->is_asking = false;
        rival->asked_count++;
    } else if (mail->kind == MAIL_CONNECTED) {
        rival->mutes = 0;
        rival->deadline = now;
    } else if (mail_owner(mail) != OWNER_RIVAL) {
        return;
    } else if (mail->kind == MAIL_MESSAGE) {
        rival->is_trellis = false;
        set_there(rival, "it tells others of its kind", now);
    } else if (rival->is_asking && mail_number(mail) == rival->asked_count) {
        take_answer(rival, mail, now);
    }
}

void rival_at_deadline(struct rival *rival, struct instant now)
{
    if (!rival->is_asking && instant_is_due(rival->deadline, now)) {
        ask(rival, now);
    }
}

struct instant rival_deadline(const struct rival *rival)
{
    return rival->deadline;
}
