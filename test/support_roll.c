#include "support_roll.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#define ASK_MS    10000
#define GATHER_MS 100

/* Hosts as they answer. */
struct roll {
    char (*ids)[ROLL_ID_BYTES];
    size_t count;
    bool is_complete;
};

/* What was asked second is answered after what was asked first, by all hosts. */
static void take(struct roll *roll, const natsMsg *message)
{
    const char *id;
    json_t *reply;

    if (strcmp(strrchr(natsMsg_GetSubject(message), '.'), ".2") == 0) {
        roll->is_complete = true;
        return;
    }
    reply = json_loads(natsMsg_GetData(message), 0, NULL);
    id = json_string_value(json_object_get(json_object_get(reply, "response"), "id"));
    if (id != NULL && roll->count < ROLL_HOSTS_MAX) {
        (void)snprintf(roll->ids[roll->count++], ROLL_ID_BYTES, "%s", id);
    }
    json_decref(reply);
}

/* Ask all hosts, twice.  NULL without a connection. */
static natsSubscription *ask(natsConnection *connection, const char *prefix)
{
    natsSubscription *answers = NULL;
    natsInbox *inbox = NULL;
    char subject[128];
    char reply[96];

    if (natsInbox_Create(&inbox) != NATS_OK) {
        return NULL;
    }
    (void)snprintf(subject, sizeof subject, "%shost.ping", prefix);
    (void)snprintf(reply, sizeof reply, "%s.*", inbox);
    if (natsConnection_SubscribeSync(&answers, connection, reply) == NATS_OK) {
        for (int i = 1; i <= 2; i++) {
            (void)snprintf(reply, sizeof reply, "%s.%d", inbox, i);
            (void)natsConnection_PublishRequest(connection, subject, reply, "", 0);
        }
    }
    natsInbox_Destroy(inbox);
    return answers;
}

size_t roll_call(natsConnection *connection, const char *prefix,
                 natsSubscription **retired, char (*ret_ids)[ROLL_ID_BYTES])
{
    natsSubscription *answers = ask(connection, prefix);
    struct roll roll = {.ids = ret_ids};
    natsMsg *message = NULL;

    if (answers == NULL) {
        return 0;
    }
    /* then those that were told to answer later, for a while */
    while (natsSubscription_NextMsg(&message, answers,
                                    roll.is_complete ? GATHER_MS : ASK_MS) == NATS_OK) {
        take(&roll, message);
        natsMsg_Destroy(message);
    }
    /* nats.c 3.4.1 may be about to hand an answer to it: it is destroyed later. */
    (void)natsSubscription_Unsubscribe(answers);
    natsSubscription_Destroy(*retired);
    *retired = answers;
    return roll.count;
}
