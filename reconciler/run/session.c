#include "reconciler/run/session.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "manifest/arena.h"
#include "reconciler/run/address.h"
#include "reconciler/run/certificates.h"
#include "reconciler/run/clock.h"
#include "reconciler/run/identity.h"
#include "reconciler/run/trouble.h"

#define CONNECT_MS_MAX 4000 /* for the socket, and again for a busy server's greeting */
#define TRY_MS_MAX     1000 /* the same of who tries again: calls may wait for it */
#define WRITE_MS_MAX   500  /* into the full socket of a server that reads no more */
#define PING_MS        1000 /* a frozen server is noticed after three of these */
#define PINGS_OUT_MAX  2
#define RECONNECT_MS   250 /* between tries of nats.c */
#define MAKE_MS_FIRST  250 /* between tries of ours, doubling */
#define MAKE_MS_MAX    2000
#define STUCK_MS       9000 /* a try that takes longer may take for ever */
#define REFUSALS_MAX   3
#define FLUSH_MS_MAX   500
#define CLOSE_MS_MAX   2000 /* for what other threads still have to do */

/* nats-server's own default. */
#define PAYLOAD_MAX ((size_t)1024 * 1024)

struct session {
    struct arena arena;
    struct mailbox *mailbox; /* borrowed */
    natsOptions *options;
    struct address address;
    struct identity identity;

    /* of the loop's thread */
    natsConnection *connection;
    pthread_t maker;
    bool is_making;         /* the maker runs, or has ended and was not joined */
    struct instant look_at; /* when to start it; when to say that it is stuck */
    int64_t make_ms;

    /* shared with the maker and the threads of nats.c */
    atomic_uint turn;
    atomic_size_t payload_max;
    atomic_bool is_made;   /* the maker has ended: made and trouble are set */
    atomic_bool is_closed; /* nats.c has made its last call */
    pthread_mutex_t mutex; /* over changes of what is above, and all below */
    pthread_cond_t changed;
    natsConnection *made;
    unsigned losses_count;
    char trouble[ERR_MESSAGE_BYTES_MAX]; /* what was wrong last */
    unsigned trouble_count;
};

/* Remember what is wrong.  Called with the mutex held. */
static void set_trouble(struct session *session, const char *text)
{
    char trouble[sizeof session->trouble];

    (void)snprintf(trouble, sizeof trouble, "%s: %s", session->address.shown, text);
    if (strcmp(session->trouble, trouble) != 0) {
        memcpy(session->trouble, trouble, sizeof trouble);
        session->trouble_count++;
    }
}

static void explain(struct session *session, natsStatus status, const char *text)
{
    char explained[ERR_MESSAGE_BYTES_MAX];

    trouble_explain(status, text, session->identity.shown, explained, sizeof explained);
    set_trouble(session, explained);
}

/* A change counts once, however often it is reported. */
static void set_connected(struct session *session, bool is_connected)
{
    const unsigned turn = atomic_load(&session->turn);

    if ((turn % 2 == 1) != is_connected) {
        atomic_store(&session->turn, turn + 1);
    }
}

static void on_disconnected(natsConnection *connection, void *closure)
{
    struct session *session = closure;

    (void)connection;
    (void)pthread_mutex_lock(&session->mutex);
    session->losses_count++;
    set_connected(session, false);
    set_trouble(session, "connection lost; trying again");
    (void)pthread_mutex_unlock(&session->mutex);
    mailbox_wake(session->mailbox);
}

static void keep_payload_max(struct session *session, natsConnection *connection)
{
    const int64_t payload_max = natsConnection_GetMaxPayload(connection);

    if (payload_max > 0) {
        atomic_store(&session->payload_max, (size_t)payload_max);
    }
}

static void on_reconnected(natsConnection *connection, void *closure)
{
    struct session *session = closure;

    keep_payload_max(session, connection);
    (void)pthread_mutex_lock(&session->mutex);
    set_connected(session, true);
    (void)pthread_mutex_unlock(&session->mutex);
    mailbox_wake(session->mailbox);
}

/* The last call of all for this connection. */
static void on_closed(natsConnection *connection, void *closure)
{
    struct session *session = closure;
    const char *text = NULL;
    const natsStatus status = natsConnection_GetLastError(connection, &text);

    (void)pthread_mutex_lock(&session->mutex);
    set_connected(session, false);
    if (status != NATS_OK) {
        explain(session, status, text);
    }
    atomic_store(&session->is_closed, true);
    mailbox_wake(session->mailbox); /* inside, for the mailbox may go once this ends */
    (void)pthread_cond_signal(&session->changed);
    (void)pthread_mutex_unlock(&session->mutex);
}

/* The subscription, if there is one, must not be touched: it may be gone. */
static void on_error(natsConnection *connection, natsSubscription *subscription,
                     natsStatus status, void *closure)
{
    struct session *session = closure;
    char subject[ERR_SOURCE_BYTES_MAX];

    (void)connection;
    (void)subscription;
    if (status == NATS_NOT_PERMITTED) {
        const char *text = trouble_bare(nats_GetLastError(NULL));

        trouble_subject(text, subject, sizeof subject);
        (void)mailbox_put(session->mailbox, &(struct mail){.kind = MAIL_DENIED,
                                                           .subject = subject,
                                                           .bytes = text,
                                                           .length = strlen(text)});
    } else if (status == NATS_SLOW_CONSUMER) {
        mailbox_put_loss(session->mailbox);
    }
}

/*
 * nats.c 3.4.1 signs one of some 300 nonces wrongly: whoever connects by a key is refused
 * then, and let in with the next one.
 */
static natsStatus connect_as(struct session *session, natsConnection **ret_connection)
{
    natsStatus status = NATS_CONNECTION_AUTH_FAILED;

    for (int i = 0; i < REFUSALS_MAX && status == NATS_CONNECTION_AUTH_FAILED; i++) {
        identity_renew(&session->identity, session->options);
        status = natsConnection_Connect(ret_connection, session->options);
    }
    return status;
}

/*
 * Try once, on a thread of its own: nats.c 3.4.1 waits for ever, and busily, for a
 * server that greets and then says nothing.  A loss that was reported meanwhile is of
 * this connection already, and on_reconnected tells of its end.
 */
static void *make(void *argument)
{
    struct session *session = argument;
    natsConnection *connection = NULL;
    natsStatus status;
    unsigned losses_count;

    (void)pthread_mutex_lock(&session->mutex);
    losses_count = session->losses_count;
    (void)pthread_mutex_unlock(&session->mutex);

    status = connect_as(session, &connection);
    if (status == NATS_OK) {
        keep_payload_max(session, connection);
    }

    (void)pthread_mutex_lock(&session->mutex);
    session->made = connection;
    if (status != NATS_OK) {
        explain(session, status, nats_GetLastError(NULL));
    } else if (session->losses_count == losses_count) {
        set_connected(session, true);
    }
    atomic_store(&session->is_made, true);
    mailbox_wake(session->mailbox);
    (void)pthread_cond_signal(&session->changed);
    (void)pthread_mutex_unlock(&session->mutex);
    nats_ReleaseThreadMemory();
    return NULL;
}

static void start_maker(struct session *session, struct instant now)
{
    session->is_making = pthread_create(&session->maker, NULL, make, session) == 0;
    session->look_at =
        instant_after(now, session->is_making ? STUCK_MS : session->make_ms);
}

/* Take over what was made; without a connection wait longer before the next try. */
static void adopt(struct session *session, struct instant now)
{
    (void)pthread_join(session->maker, NULL);
    session->is_making = false;
    atomic_store(&session->is_made, false);
    session->connection = session->made;
    session->made = NULL;
    session->look_at = INSTANT_NEVER;
    if (session->connection != NULL) {
        session->make_ms = MAKE_MS_FIRST;
        return;
    }
    session->look_at = instant_after(now, session->make_ms);
    session->make_ms =
        session->make_ms * 2 < MAKE_MS_MAX ? session->make_ms * 2 : MAKE_MS_MAX;
}

static void say_stuck(struct session *session)
{
    (void)pthread_mutex_lock(&session->mutex);
    set_trouble(session, "it takes the connection, greets, and says nothing more; "
                         "is it well?");
    (void)pthread_mutex_unlock(&session->mutex);
}

void session_step(struct session *session, struct instant now)
{
    if (session->is_making && atomic_load(&session->is_made)) {
        adopt(session, now);
    }
    if (!instant_is_due(session->look_at, now)) {
        return;
    }
    if (session->is_making) {
        say_stuck(session);
        session->look_at = INSTANT_NEVER;
    } else if (session->connection == NULL) {
        start_maker(session, now);
    }
}

struct instant session_deadline(const struct session *session)
{
    return session->look_at;
}

bool session_is_closed(const struct session *session)
{
    return session->connection != NULL && atomic_load(&session->is_closed);
}

void session_drop(struct session *session, struct instant now)
{
    assert(session_is_closed(session));

    natsConnection_Destroy(session->connection);
    session->connection = NULL;
    (void)pthread_mutex_lock(&session->mutex); /* on_closed has ended, too */
    atomic_store(&session->is_closed, false);
    (void)pthread_mutex_unlock(&session->mutex);
    session->look_at = instant_after(now, session->make_ms);
}

static bool set_timing(natsOptions *options, int64_t connect_ms)
{
    return natsOptions_SetTimeout(options, connect_ms) == NATS_OK &&
           natsOptions_SetWriteDeadline(options, WRITE_MS_MAX) == NATS_OK &&
           natsOptions_SetPingInterval(options, PING_MS) == NATS_OK &&
           natsOptions_SetMaxPingsOut(options, PINGS_OUT_MAX) == NATS_OK &&
           natsOptions_SetMaxReconnect(options, -1) == NATS_OK &&
           natsOptions_SetReconnectWait(options, RECONNECT_MS) == NATS_OK &&
           natsOptions_SetReconnectBufSize(options, 0) == NATS_OK &&
           natsOptions_UseGlobalMessageDelivery(options, true) == NATS_OK;
}

static bool set_callbacks(struct session *session)
{
    natsOptions *options = session->options;

    return natsOptions_SetDisconnectedCB(options, on_disconnected, session) == NATS_OK &&
           natsOptions_SetReconnectedCB(options, on_reconnected, session) == NATS_OK &&
           natsOptions_SetClosedCB(options, on_closed, session) == NATS_OK &&
           natsOptions_SetErrorHandler(options, on_error, session) == NATS_OK;
}

static enum err_code set_security(struct session *session, const struct connection *given,
                                  struct err *err)
{
    const bool is_secure = session->address.is_secure || given->authority != NULL ||
                           given->certificate != NULL || given->key != NULL;
    enum err_code code = ERR_OK;

    if (given->is_tls_first) {
        return err_set(err, ERR_USAGE,
                       "TLS before the server's greeting cannot be done by nats.c: leave "
                       "handshake_first out at the server, and tls_first here");
    }
    if (natsOptions_SetSecure(session->options, is_secure) != NATS_OK) {
        return err_set(err, ERR_IO, "no memory for a connection");
    }
    if (is_secure) {
        code = certificates_set(given, session->options, err);
    }
    if (code == ERR_OK) {
        code = identity_read(given, &session->arena, &session->identity, err);
    }
    return code == ERR_OK ? identity_set(&session->identity, session->options, err)
                          : code;
}

static enum err_code set_options(struct session *session, const struct bus_options *given,
                                 struct err *err)
{
    struct address *address = &session->address;
    natsOptions *options = NULL;

    if (natsOptions_Create(&options) != NATS_OK) {
        return err_set(err, ERR_IO, "no memory for a connection");
    }
    session->options = options;
    if (!set_timing(options, given->is_patient ? TRY_MS_MAX : CONNECT_MS_MAX) ||
        !set_callbacks(session) ||
        natsOptions_SetServers(options, address->urls, (int)address->urls_count) !=
            NATS_OK ||
        natsOptions_SetNoRandomize(options, true) != NATS_OK ||
        natsOptions_SetName(options, given->name) != NATS_OK) {
        /* not in its own words: they may hold a password */
        return err_set(err, ERR_USAGE, "nats.c does not take the address '%s'",
                       session->address.shown);
    }
    return set_security(session, &given->connection, err);
}

enum err_code session_open(const struct bus_options *options, struct mailbox *mailbox,
                           struct session **ret_session, struct err *err)
{
    struct arena arena = {0};
    struct session *session = arena_alloc(&arena, sizeof *session);
    enum err_code code =
        address_read(options->connection.url, &arena, &session->address, err);

    session->arena = arena;
    session->mailbox = mailbox;
    session->make_ms = MAKE_MS_FIRST;
    atomic_init(&session->turn, 0);
    atomic_init(&session->payload_max, PAYLOAD_MAX);
    atomic_init(&session->is_made, false);
    atomic_init(&session->is_closed, false);
    (void)pthread_mutex_init(&session->mutex, NULL);
    (void)pthread_cond_init(&session->changed, NULL);

    code = code == ERR_OK ? set_options(session, options, err) : code;
    if (code != ERR_OK) {
        session_free(session);
        return code;
    }
    *ret_session = session;
    return ERR_OK;
}

/* Wait for flag, which another thread sets; false when span_ms went by first. */
static bool await(struct session *session, const atomic_bool *flag, int64_t span_ms)
{
    const int64_t until_ms = clock_unix_ms() + span_ms;
    const struct timespec until = {.tv_sec = until_ms / 1000,
                                   .tv_nsec = until_ms % 1000 * 1000000};
    bool is_set;
    int rc = 0;

    (void)pthread_mutex_lock(&session->mutex);
    while (rc == 0 && !atomic_load(flag)) {
        rc = pthread_cond_timedwait(&session->changed, &session->mutex, &until);
    }
    is_set = atomic_load(flag);
    (void)pthread_mutex_unlock(&session->mutex);
    return is_set;
}

enum err_code session_connect(struct session *session, struct err *err)
{
    const struct instant now = clock_now();

    session_step(session, now);
    if (session->is_making && !await(session, &session->is_made, STUCK_MS)) {
        say_stuck(session);
    }
    session_step(session, now);
    if (session->connection == NULL) {
        char trouble[ERR_MESSAGE_BYTES_MAX];

        (void)session_trouble(session, trouble, sizeof trouble);
        return err_set(err, ERR_UNREACHABLE, "%s", trouble);
    }
    return ERR_OK;
}

/* On a thread of its own, for a connection that nats.c is busy with may not let go. */
static void *cut(void *argument)
{
    struct session *session = argument;

    if (session_turn(session) % 2 == 1) {
        (void)natsConnection_FlushTimeout(session->connection, FLUSH_MS_MAX);
    }
    natsConnection_Close(session->connection);
    nats_ReleaseThreadMemory();
    return NULL;
}

bool session_close(struct session *session)
{
    pthread_t cutter;

    if (session->is_making) {
        if (!await(session, &session->is_made, CLOSE_MS_MAX)) {
            return false;
        }
        adopt(session, clock_now());
    }
    if (session->connection == NULL) {
        return true;
    }
    if (pthread_create(&cutter, NULL, cut, session) != 0 ||
        !await(session, &session->is_closed, CLOSE_MS_MAX)) {
        return false;
    }
    (void)pthread_join(cutter, NULL);
    return true;
}

void session_free(struct session *session)
{
    struct arena arena;

    if (session == NULL) {
        return;
    }
    assert(!session->is_making);

    natsConnection_Destroy(session->connection);
    natsOptions_Destroy(session->options);
    (void)pthread_cond_destroy(&session->changed);
    (void)pthread_mutex_destroy(&session->mutex);
    arena = session->arena;
    arena_free(&arena);
}

unsigned session_turn(const struct session *session)
{
    return atomic_load(&session->turn);
}

natsConnection *session_connection(const struct session *session)
{
    return session->connection;
}

const char *session_server(const struct session *session)
{
    return session->address.shown;
}

unsigned session_trouble(struct session *session, char *ret_text, size_t size)
{
    unsigned count;

    (void)pthread_mutex_lock(&session->mutex);
    (void)snprintf(ret_text, size, "%s", session->trouble);
    count = session->trouble_count;
    (void)pthread_mutex_unlock(&session->mutex);
    return count;
}

size_t session_payload_max(const struct session *session)
{
    return atomic_load(&session->payload_max);
}
