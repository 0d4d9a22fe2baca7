#include "reconciler/run/lease.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "manifest/arena.h"
#include "manifest/text.h"
#include "reconciler/run/clock.h"
#include "reconciler/wire/jetstream.h"
#include "reconciler/wire/utc.h"
#include "reconciler/wire/writer.h"

#define RENEW_MS        5000
#define HELD_MS         12000 /* without a renewal */
#define AGE_MS          15000 /* of an entry, when the server forgets it */
#define ANSWER_MS_MAX   2000
#define RETRY_MS        1000
#define TAKEN_MS        2000  /* between looks at another's entry */
#define UNGUARDED_MS    30000 /* between tries to have it after all */
#define ROUNDS_MAX      5     /* of questions without a rest */
#define ENTRY_BYTES_MAX 4096
#define HOST_BYTES_MAX  256

/* What we wait for. */
enum step {
    STEP_NONE, /* the deadline */
    STEP_PUT,
    STEP_READ,
    STEP_CREATE,
};

struct lease {
    struct arena arena;
    struct bus *bus; /* borrowed */
    uint32_t owner;
    const char *identity;
    const char *key_subject;
    const char *read_subject;
    const char *create_subject;
    const char *create_body;
    const char *entry; /* what we write: nobody else's is the same */

    enum lease_state state;
    char text[ERR_MESSAGE_BYTES_MAX];
    enum step step;
    uint32_t asked_count; /* its number is that of the question under way */
    unsigned rounds_count;
    struct instant deadline;   /* STEP_NONE */
    struct instant held_until; /* LEASE_HELD */
    uint64_t sequence;         /* of our entry, 0 when there is none we know of */
    bool may_take_over;        /* an entry of our identity */
    uint64_t doubted; /* the sequence of one that may be of a process that lives */
};

static void set_state(struct lease *lease, enum lease_state state, const char *text)
{
    lease->state = state;
    (void)snprintf(lease->text, sizeof lease->text, "%s", text);
    if (state == LEASE_HELD || state == LEASE_TAKEN) {
        lease->may_take_over = false;
    }
}

static void rest(struct lease *lease, struct instant now, int64_t span_ms)
{
    lease->step = STEP_NONE;
    lease->rounds_count = 0;
    lease->deadline = instant_after(now, span_ms);
}

/* Something went wrong.  A lease that was renewed a moment ago is still ours, and worth
 * another try first. */
static void fail(struct lease *lease, enum lease_state state, const char *text,
                 struct instant now)
{
    if (lease->state == LEASE_HELD && !instant_is_due(lease->held_until, now)) {
        rest(lease, now, RETRY_MS);
        return;
    }
    set_state(lease, state, text);
    rest(lease, now, state == LEASE_UNGUARDED ? UNGUARDED_MS : RETRY_MS);
}

static void ask(struct lease *lease, enum step step, const struct bus_message *message,
                struct instant now)
{
    const uint64_t tag = mail_tag(lease->owner, ++lease->asked_count);

    if (++lease->rounds_count <= ROUNDS_MAX &&
        bus_request(lease->bus, message, tag, instant_after(now, ANSWER_MS_MAX), NULL) ==
            ERR_OK) {
        lease->step = step;
    } else {
        rest(lease, now, RETRY_MS);
    }
}

/* Write our entry in the place of the one with sequence; 0 where there is none. */
static void put_entry(struct lease *lease, uint64_t sequence, struct instant now)
{
    const struct bus_message message = {
        .subject = lease->key_subject,
        .bytes = lease->entry,
        .length = strlen(lease->entry),
        .has_expected_sequence = true,
        .expected_sequence = sequence,
    };

    ask(lease, STEP_PUT, &message, now);
}

static void read_entry(struct lease *lease, struct instant now)
{
    const struct bus_message message = {.subject = lease->read_subject};

    ask(lease, STEP_READ, &message, now);
}

static void create_bucket(struct lease *lease, struct instant now)
{
    const struct bus_message message = {
        .subject = lease->create_subject,
        .bytes = lease->create_body,
        .length = strlen(lease->create_body),
    };

    ask(lease, STEP_CREATE, &message, now);
}

static void take_put(struct lease *lease, const struct wire_jetstream *answer,
                     struct instant now)
{
    if (answer->error_code == WIRE_JETSTREAM_WRONG_SEQUENCE) {
        read_entry(lease, now);
    } else if (answer->error_code != 0) {
        fail(lease, LEASE_UNGUARDED, answer->error_text, now);
    } else {
        lease->sequence = answer->sequence;
        lease->held_until = instant_after(now, HELD_MS);
        set_state(lease, LEASE_HELD, "");
        rest(lease, now, RENEW_MS);
    }
}

static void take_create(struct lease *lease, const struct wire_jetstream *answer,
                        struct instant now)
{
    if (answer->error_code != 0 && answer->error_code != WIRE_JETSTREAM_NAME_IN_USE) {
        fail(lease, LEASE_UNGUARDED, answer->error_text, now);
    } else {
        put_entry(lease, 0, now);
    }
}

static void take_jetstream(struct lease *lease, const struct mail *mail,
                           struct instant now)
{
    struct arena arena = {0};
    struct wire_jetstream answer;
    struct err err;

    if (wire_decode_jetstream(mail->bytes, mail->length, &arena, &answer, &err) !=
        ERR_OK) {
        fail(lease, LEASE_TRYING, err.message, now);
    } else if (lease->step == STEP_PUT) {
        take_put(lease, &answer, now);
    } else {
        take_create(lease, &answer, now);
    }
    arena_free(&arena);
}

/* Of a process that ended without giving its lease back, and of no copy of the store. */
static bool is_dead(const struct wire_writer *writer)
{
    char host[HOST_BYTES_MAX] = "";

    (void)gethostname(host, sizeof host - 1);
    return strcmp(writer->host, host) == 0 &&
           (writer->pid == (uint64_t)getpid() ||
            (kill((pid_t)writer->pid, 0) != 0 && errno == ESRCH));
}

/*
 * writer is of a store with our identity: false when it lives, and so has a copy.  Where
 * that cannot be known it is waited for: its entry is renewed, or expires.
 */
static bool take_own(struct lease *lease, const struct wire_writer *writer,
                     uint64_t sequence, struct instant now)
{
    if (is_dead(writer)) {
        put_entry(lease, sequence, now);
        return true;
    }
    if (lease->doubted != 0 && lease->doubted != sequence) {
        return false;
    }
    lease->doubted = sequence;
    set_state(lease, LEASE_TRYING,
              "this store's last process may still write: waiting "
              "until its lease expires");
    rest(lease, now, RETRY_MS);
    return true;
}

/* Whose entry is it?  Ours to replace, or another's. */
static void take_entry(struct lease *lease, const struct mail *mail, uint64_t sequence,
                       struct instant now)
{
    struct arena arena = {0};
    struct wire_writer writer;
    char text[ERR_MESSAGE_BYTES_MAX] = "somebody who does not say who";

    if (strcmp(mail->bytes, lease->entry) == 0) {
        put_entry(lease, sequence, now);
        return;
    }
    if (wire_decode_writer(mail->bytes, mail->length, &arena, &writer, NULL) == ERR_OK) {
        (void)snprintf(text, sizeof text, "process %llu on host %.100s, since %.40s",
                       (unsigned long long)writer.pid, writer.host, writer.since);
        if (lease->may_take_over && strcmp(writer.identity, lease->identity) == 0 &&
            take_own(lease, &writer, sequence, now)) {
            goto out;
        }
    }
    set_state(lease, LEASE_TAKEN, text);
    rest(lease, now, TAKEN_MS);
out:
    arena_free(&arena);
}

static void take_read(struct lease *lease, const struct mail *mail, struct instant now)
{
    uint64_t sequence;

    if (strcmp(mail->headers[HEADER_STATUS], "404") == 0) {
        put_entry(lease, 0, now);
    } else if (!wire_decode_number(mail->headers[HEADER_SEQUENCE], &sequence)) {
        fail(lease, LEASE_TRYING, "JetStream answers with what is no entry", now);
    } else if (*mail->headers[HEADER_OPERATION] != '\0') {
        put_entry(lease, sequence, now); /* given back, the marker stays a while */
    } else {
        take_entry(lease, mail, sequence, now);
    }
}

static void take_answer(struct lease *lease, const struct mail *mail, struct instant now)
{
    switch (lease->step) {
    case STEP_PUT:
    case STEP_CREATE:
        take_jetstream(lease, mail, now);
        return;
    case STEP_READ:
        take_read(lease, mail, now);
        return;
    case STEP_NONE:
        return;
    }
    abort();
}

/* Nobody listens to the key: there is no bucket.  Nobody makes one: no JetStream. */
static void take_no_responders(struct lease *lease, struct instant now)
{
    if (lease->step != STEP_CREATE) {
        create_bucket(lease, now);
    } else {
        fail(lease, LEASE_UNGUARDED, "JetStream is not enabled at the server", now);
    }
}

/* Through a leaf to a domain nobody says that there is no bucket: there may be none. */
static void take_silence(struct lease *lease, struct instant now)
{
    if (lease->step == STEP_PUT && lease->sequence == 0) {
        create_bucket(lease, now);
    } else {
        fail(lease, LEASE_TRYING, "JetStream does not answer", now);
    }
}

static const char *make_entry(const char *identity, struct arena *arena)
{
    char host[HOST_BYTES_MAX] = "";
    char since[UTC_TEXT_BYTES];
    const struct wire_writer writer = {
        .identity = identity, .host = host, .pid = (uint64_t)getpid(), .since = since};
    struct text text;

    (void)gethostname(host, sizeof host - 1);
    utc_print(clock_unix_ms(), since);
    text_init(&text, arena, ENTRY_BYTES_MAX);
    wire_encode_writer(&writer, &text);
    assert(!text.is_cut);
    return text.bytes;
}

struct lease *lease_new(struct bus *bus, const char *lattice, const char *identity,
                        uint32_t owner)
{
    struct arena arena = {0};
    struct lease *lease = arena_alloc(&arena, sizeof *lease);
    const char *bucket = arena_print(&arena, "TRELLIS_%s", lattice);

    assert(owner != 0);

    lease->bus = bus;
    lease->owner = owner;
    lease->identity = arena_copy(&arena, identity);
    lease->key_subject = arena_print(&arena, "$KV.%s.writer", bucket);
    lease->read_subject =
        arena_print(&arena, "$JS.API.DIRECT.GET.KV_%s.%s", bucket, lease->key_subject);
    lease->create_subject = arena_print(&arena, "$JS.API.STREAM.CREATE.KV_%s", bucket);
    lease->create_body = wire_encode_bucket(bucket, AGE_MS, 0, &arena);
    lease->entry = make_entry(identity, &arena);
    lease->may_take_over = true;
    lease->arena = arena;
    set_state(lease, LEASE_TRYING, "not asked for yet");
    return lease;
}

void lease_stand_by(struct lease *lease)
{
    lease->may_take_over = false;
}

void lease_release(struct lease *lease)
{
    const struct bus_message message = {
        .subject = lease->key_subject,
        .has_expected_sequence = true,
        .expected_sequence = lease->sequence,
        .is_purge = true,
    };

    if (lease->state == LEASE_HELD && bus_publish(lease->bus, &message, NULL) == ERR_OK) {
        set_state(lease, LEASE_TRYING, "given back");
        lease->step = STEP_NONE;
        lease->deadline = INSTANT_NEVER;
        lease->asked_count++;
    }
}

void lease_free(struct lease *lease)
{
    if (lease != NULL) {
        struct arena arena = lease->arena;

        arena_free(&arena);
    }
}

enum lease_state lease_state(const struct lease *lease)
{
    return lease->state;
}

const char *lease_text(const struct lease *lease)
{
    return lease->text;
}

bool lease_owns(const struct lease *lease, const struct mail *mail)
{
    return mail_owner(mail) == lease->owner || mail->kind == MAIL_CONNECTED ||
           mail->kind == MAIL_DISCONNECTED;
}

void lease_take(struct lease *lease, const struct mail *mail, struct instant now)
{
    assert(lease_owns(lease, mail));

    if (mail_owner(mail) == lease->owner && mail_number(mail) != lease->asked_count) {
        return; /* to an earlier question */
    }
    switch (mail->kind) {
    case MAIL_ANSWER:
        take_answer(lease, mail, now);
        return;
    case MAIL_NO_RESPONDERS:
        take_no_responders(lease, now);
        return;
    case MAIL_TIMEOUT:
        take_silence(lease, now);
        return;
    case MAIL_DENIED:
        fail(lease, LEASE_UNGUARDED, mail->bytes, now);
        return;
    case MAIL_CONNECTED:
        rest(lease, now, 0);
        put_entry(lease, lease->sequence, now);
        return;
    case MAIL_DISCONNECTED:
        set_state(lease, LEASE_TRYING, "not connected");
        lease->step = STEP_NONE;
        lease->deadline = INSTANT_NEVER;
        lease->asked_count++;
        return;
    case MAIL_MESSAGE:
    case MAIL_REQUEST:
    case MAIL_EXCESS:
    case MAIL_OVERFLOWED:
        return;
    }
    abort();
}

void lease_at_deadline(struct lease *lease, struct instant now)
{
    if (lease->state == LEASE_HELD && instant_is_due(lease->held_until, now)) {
        set_state(lease, LEASE_TRYING, "not renewed in time");
    }
    if (lease->step != STEP_NONE || !instant_is_due(lease->deadline, now)) {
        return;
    }
    rest(lease, now, RETRY_MS);
    if (lease->state == LEASE_TAKEN) {
        read_entry(lease, now);
    } else {
        put_entry(lease, lease->sequence, now);
    }
}

struct instant lease_deadline(const struct lease *lease)
{
    const struct instant deadline =
        lease->step == STEP_NONE ? lease->deadline : INSTANT_NEVER;

    return lease->state == LEASE_HELD ? instant_min(deadline, lease->held_until)
                                      : deadline;
}
