#include "reconciler/run/publish.h"

#include <inttypes.h>
#include <stdio.h>

/* Add the headers that message asks for to copy. */
static natsStatus set_headers(natsMsg *copy, const struct bus_message *message)
{
    natsStatus status = NATS_OK;

    if (message->has_expected_sequence) {
        char sequence[24];

        (void)snprintf(sequence, sizeof sequence, "%" PRIu64, message->expected_sequence);
        status = natsMsgHeader_Set(copy, "Nats-Expected-Last-Subject-Sequence", sequence);
    }
    if (status == NATS_OK && message->is_purge) {
        status = natsMsgHeader_Set(copy, "KV-Operation", "PURGE");
    }
    if (status == NATS_OK && message->is_purge) {
        status = natsMsgHeader_Set(copy, "Nats-Rollup", "sub");
    }
    return status;
}

/* The slow way, for the few that need headers. */
static natsStatus publish_with_headers(natsConnection *connection,
                                       const struct bus_message *message,
                                       const char *reply)
{
    natsMsg *copy = NULL;
    natsStatus status = natsMsg_Create(&copy, message->subject, reply, message->bytes,
                                       (int)message->length);

    if (status == NATS_OK) {
        status = set_headers(copy, message);
    }
    if (status == NATS_OK) {
        status = natsConnection_PublishMsg(connection, copy);
    }
    natsMsg_Destroy(copy);
    return status;
}

natsStatus publish_message(natsConnection *connection, const struct bus_message *message,
                           const char *reply)
{
    if (message->has_expected_sequence || message->is_purge) {
        return publish_with_headers(connection, message, reply);
    }
    if (reply == NULL) {
        return natsConnection_Publish(connection, message->subject, message->bytes,
                                      (int)message->length);
    }
    return natsConnection_PublishRequest(connection, message->subject, reply,
                                         message->bytes, (int)message->length);
}
