#include "reconciler/run/consumer.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "reconciler/run/clock.h"

#define ANSWER_MS_MAX    2000 /* for JetStream to answer */
#define BUCKET_BYTES_MAX 300
#define SUBJECT_BYTES    (BUCKET_BYTES_MAX + 128)
#define BODY_BYTES       (4 * BUCKET_BYTES_MAX + 512)

/* The number of mail: the generation, and below it the role. */
#define ROLE_BITS       2
#define ROLE_MASK       ((1U << ROLE_BITS) - 1)
#define GENERATION_MASK (UINT32_MAX >> ROLE_BITS)

void consumer_init(struct consumer *consumer, struct bus *bus, const char *bucket,
                   uint32_t owner, struct arena *arena)
{
    assert(owner != 0);
    assert(strlen(bucket) <= BUCKET_BYTES_MAX);

    *consumer = (struct consumer){.bus = bus, .owner = owner};
    consumer->stream = arena_print(arena, "KV_%s", bucket);
    consumer->prefix = arena_print(arena, "$KV.%s.", bucket);
    consumer->flow_control = arena_print(arena, "$JS.FC.KV_%s.", bucket);
}

static uint64_t tag_of(const struct consumer *consumer, enum consumer_role role)
{
    return mail_tag(consumer->owner, consumer->generation << ROLE_BITS | (uint32_t)role);
}

/* Ask $JS.API for something that concerns our stream. */
static bool ask(const struct consumer *consumer, const char *what, const char *body,
                enum consumer_role role, struct instant now)
{
    char subject[SUBJECT_BYTES];
    const struct bus_message message = {
        .subject = subject, .bytes = body, .length = strlen(body)};

    (void)snprintf(subject, sizeof subject, "$JS.API.%s.%s", what, consumer->stream);
    return bus_request(consumer->bus, &message, tag_of(consumer, role),
                       instant_after(now, ANSWER_MS_MAX), NULL) == ERR_OK;
}

bool consumer_ask(const struct consumer *consumer, enum consumer_role role,
                  struct instant now)
{
    return ask(consumer, "STREAM.INFO", "", role, now);
}

bool consumer_make(struct consumer *consumer, struct instant now)
{
    char subject[SUBJECT_BYTES];
    char body[BODY_BYTES];
    int length;

    assert(!consumer->is_subscribed);

    /* Only a subscription to the literal subject counts as interest in it. */
    (void)snprintf(subject, sizeof subject, "%s.kv.%u.%u", bus_inbox(consumer->bus),
                   consumer->owner, consumer->generation);
    length = snprintf(
        body, sizeof body,
        "{\"stream_name\":\"%s\",\"config\":{\"deliver_subject\":\"%s\","
        "\"deliver_policy\":\"last_per_subject\",\"filter_subject\":\"%s>\","
        "\"ack_policy\":\"none\",\"max_deliver\":1,\"replay_policy\":\"instant\","
        "\"flow_control\":true,\"idle_heartbeat\":1000000000,"
        "\"inactive_threshold\":5000000000,\"mem_storage\":true,\"num_replicas\":1}}",
        consumer->stream, subject, consumer->prefix);
    assert(length > 0 && (size_t)length < sizeof body);
    (void)length;

    if (bus_subscribe(consumer->bus, subject, NULL, tag_of(consumer, CONSUMER_DELIVERY),
                      NULL) != ERR_OK) {
        return false;
    }
    consumer->is_subscribed = true;
    return ask(consumer, "CONSUMER.CREATE", body, CONSUMER_MADE, now);
}

void consumer_answer_flow_control(const struct consumer *consumer, const char *subject)
{
    const struct bus_message message = {.subject = subject};

    if (bus_publish(consumer->bus, &message, NULL) != ERR_OK) {
        return; /* a heartbeat will ask for it once more */
    }
}

void consumer_end(struct consumer *consumer)
{
    if (consumer->is_subscribed) {
        bus_unsubscribe(consumer->bus, tag_of(consumer, CONSUMER_DELIVERY));
        consumer->is_subscribed = false;
    }
    consumer->generation = (consumer->generation + 1) & GENERATION_MASK;
}

bool consumer_owns(const struct consumer *consumer, const struct mail *mail)
{
    /* An answer to flow control is published, and has no tag when it is refused. */
    return mail_owner(mail) == consumer->owner ||
           (mail->kind == MAIL_DENIED && strncmp(mail->subject, consumer->flow_control,
                                                 strlen(consumer->flow_control)) == 0);
}

bool consumer_is_old(const struct consumer *consumer, const struct mail *mail)
{
    return mail_owner(mail) == consumer->owner &&
           mail_number(mail) >> ROLE_BITS != consumer->generation;
}

enum consumer_role consumer_role(const struct mail *mail)
{
    return (enum consumer_role)(mail_number(mail) & ROLE_MASK);
}
