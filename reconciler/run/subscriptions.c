#include "reconciler/run/subscriptions.h"

#include <assert.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>

#include "manifest/arena.h"

/* What waits inside nats.c, for each subscription.  Its queue is short, for our
 * callback only copies; what does not fit is dropped and counts as a loss. */
#define PENDING_COUNT_MAX 262144
#define PENDING_BYTES_MAX (64 * 1024 * 1024)

/* The read loop of nats.c 3.4.1 uses a subscription without holding it: those that
 * were ended stay until so many others have been ended too. */
#define ENDED_COUNT_KEPT 16

#define CLEAR_MS_MAX 5000

static const char *const header_names[MAIL_HEADERS_COUNT] = {
    [HEADER_STATUS] = "Status",
    [HEADER_OPERATION] = "KV-Operation",
    [HEADER_SEQUENCE] = "Nats-Sequence",
    [HEADER_LAST_CONSUMER] = "Nats-Last-Consumer",
    [HEADER_CONSUMER_STALLED] = "Nats-Consumer-Stalled",
    [HEADER_CONTENT_TYPE] = "Content-Type",
    [HEADER_MESSAGE_ID] = "Nats-Msg-Id",
};

/* What nats.c's callback gets.  It stays where it is until nats.c is done with it. */
struct subscription {
    TAILQ_ENTRY(subscription) next;
    struct arena arena;
    struct mailbox *mailbox; /* borrowed */
    enum mail_kind kind;
    uint64_t tag;
    const char *subject;
    const char *queue;         /* NULL none */
    natsSubscription *handle;  /* NULL: not made on this connection */
    bool is_told;              /* an ended one: the server knows */
    atomic_uint handles_count; /* those that nats.c may still call back for */
};

static void on_message(natsConnection *connection, natsSubscription *handle,
                       natsMsg *message, void *closure)
{
    const struct subscription *subscription = closure;
    struct mail mail = {
        .kind = subscription->kind,
        .tag = subscription->tag,
        .subject = natsMsg_GetSubject(message),
        .reply = natsMsg_GetReply(message),
        .bytes = natsMsg_GetData(message),
        .length = (size_t)natsMsg_GetDataLength(message),
    };

    (void)connection;
    (void)handle;
    if (mail.kind == MAIL_ANSWER && natsMsg_IsNoResponders(message)) {
        mail.kind = MAIL_NO_RESPONDERS;
    }
    for (size_t i = 0; i < MAIL_HEADERS_COUNT; i++) {
        if (natsMsgHeader_Get(message, header_names[i], &mail.headers[i]) != NATS_OK) {
            mail.headers[i] = NULL;
        }
    }
    (void)mailbox_put(subscription->mailbox, &mail); /* the box remembers a loss */
    natsMsg_Destroy(message);
}

static void on_complete(void *closure)
{
    struct subscription *subscription = closure;

    atomic_fetch_sub(&subscription->handles_count, 1);
}

static struct subscription *subscription_new(struct mailbox *mailbox,
                                             const struct subscription_wish *wish)
{
    struct arena arena = {0};
    struct subscription *subscription = arena_alloc(&arena, sizeof *subscription);

    subscription->mailbox = mailbox;
    subscription->kind = wish->kind;
    subscription->tag = wish->tag;
    subscription->subject = arena_copy(&arena, wish->subject);
    subscription->queue = wish->queue != NULL ? arena_copy(&arena, wish->queue) : NULL;
    atomic_init(&subscription->handles_count, 0);
    subscription->arena = arena;
    return subscription;
}

static void subscription_free(struct subscription *subscription)
{
    struct arena arena = subscription->arena;

    assert(atomic_load(&subscription->handles_count) == 0);

    natsSubscription_Destroy(subscription->handle);
    arena_free(&arena);
}

static natsStatus make_handle(struct subscription *subscription,
                              natsConnection *connection, natsSubscription **ret_handle)
{
    if (subscription->queue != NULL) {
        return natsConnection_QueueSubscribe(ret_handle, connection,
                                             subscription->subject, subscription->queue,
                                             on_message, subscription);
    }
    return natsConnection_Subscribe(ret_handle, connection, subscription->subject,
                                    on_message, subscription);
}

/* Make subscription on connection.  Where that goes wrong the connection is going away,
 * and the next one gets it. */
static void attach(struct subscription *subscription, natsConnection *connection)
{
    natsSubscription *handle = NULL;

    assert(subscription->handle == NULL);

    if (make_handle(subscription, connection, &handle) != NATS_OK) {
        return;
    }
    atomic_fetch_add(&subscription->handles_count, 1);
    if (natsSubscription_SetOnCompleteCB(handle, on_complete, subscription) != NATS_OK) {
        atomic_fetch_sub(&subscription->handles_count, 1); /* it is closed already */
    }
    (void)natsSubscription_SetPendingLimits(handle, PENDING_COUNT_MAX, PENDING_BYTES_MAX);
    subscription->handle = handle;
}

static void detach(struct subscription *subscription)
{
    natsSubscription_Destroy(subscription->handle);
    subscription->handle = NULL;
}

void subscriptions_init(struct subscriptions *subscriptions, struct mailbox *mailbox)
{
    subscriptions->mailbox = mailbox;
    TAILQ_INIT(&subscriptions->live);
    TAILQ_INIT(&subscriptions->ended);
    subscriptions->ended_count = 0;
}

void subscriptions_add(struct subscriptions *subscriptions,
                       const struct subscription_wish *wish, natsConnection *connection)
{
    struct subscription *subscription = subscription_new(subscriptions->mailbox, wish);

    TAILQ_INSERT_TAIL(&subscriptions->live, subscription, next);
    if (connection != NULL) {
        attach(subscription, connection);
    }
}

/* Tell the server of what was ended, and free what nats.c is certainly done with. */
static void reap(struct subscriptions *subscriptions, const natsConnection *connection)
{
    struct subscription *oldest = TAILQ_FIRST(&subscriptions->ended);

    for (struct subscription *s = oldest; s != NULL; s = TAILQ_NEXT(s, next)) {
        if (!s->is_told && connection != NULL) {
            (void)natsSubscription_Unsubscribe(s->handle);
            s->is_told = true;
        }
    }
    while (subscriptions->ended_count > ENDED_COUNT_KEPT && oldest->is_told &&
           atomic_load(&oldest->handles_count) == 0) {
        TAILQ_REMOVE(&subscriptions->ended, oldest, next);
        subscriptions->ended_count--;
        subscription_free(oldest);
        oldest = TAILQ_FIRST(&subscriptions->ended);
    }
}

static void end(struct subscriptions *subscriptions, struct subscription *subscription)
{
    TAILQ_REMOVE(&subscriptions->live, subscription, next);
    TAILQ_INSERT_TAIL(&subscriptions->ended, subscription, next);
    subscriptions->ended_count++;
    subscription->is_told = subscription->handle == NULL;
}

void subscriptions_end(struct subscriptions *subscriptions, uint64_t tag,
                       natsConnection *connection)
{
    struct subscription *next;

    for (struct subscription *s = TAILQ_FIRST(&subscriptions->live); s != NULL;
         s = next) {
        next = TAILQ_NEXT(s, next);
        if (s->kind != MAIL_ANSWER && s->tag == tag) {
            end(subscriptions, s);
        }
    }
    reap(subscriptions, connection);
}

bool subscriptions_find(const struct subscriptions *subscriptions, const char *subject,
                        uint64_t *ret_tag)
{
    for (const struct subscription *s = TAILQ_FIRST(&subscriptions->live); s != NULL;
         s = TAILQ_NEXT(s, next)) {
        if (strcmp(s->subject, subject) == 0) {
            *ret_tag = s->tag;
            return true;
        }
    }
    return false;
}

void subscriptions_attach(struct subscriptions *subscriptions, natsConnection *connection)
{
    for (struct subscription *s = TAILQ_FIRST(&subscriptions->live); s != NULL;
         s = TAILQ_NEXT(s, next)) {
        if (s->handle == NULL) {
            attach(s, connection);
        }
    }
    reap(subscriptions, connection);
}

void subscriptions_detach(struct subscriptions *subscriptions)
{
    for (struct subscription *s = TAILQ_FIRST(&subscriptions->live); s != NULL;
         s = TAILQ_NEXT(s, next)) {
        detach(s);
    }
    for (struct subscription *s = TAILQ_FIRST(&subscriptions->ended); s != NULL;
         s = TAILQ_NEXT(s, next)) {
        detach(s);
        s->is_told = true;
    }
}

/* Can nats.c call back for any of list? */
static bool is_busy(const struct subscription_list *list)
{
    for (struct subscription *s = TAILQ_FIRST(list); s != NULL; s = TAILQ_NEXT(s, next)) {
        if (atomic_load(&s->handles_count) > 0) {
            return true;
        }
    }
    return false;
}

static void free_all(struct subscription_list *list)
{
    struct subscription *subscription;

    while ((subscription = TAILQ_FIRST(list)) != NULL) {
        TAILQ_REMOVE(list, subscription, next);
        subscription_free(subscription);
    }
}

bool subscriptions_clear(struct subscriptions *subscriptions)
{
    for (int ms = 0; is_busy(&subscriptions->live) || is_busy(&subscriptions->ended);
         ms++) {
        if (ms == CLEAR_MS_MAX) {
            return false;
        }
        (void)poll(NULL, 0, 1);
    }
    free_all(&subscriptions->live);
    free_all(&subscriptions->ended);
    return true;
}
