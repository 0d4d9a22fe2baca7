#include "reconciler/run/trouble.h"

#include <stdio.h>
#include <string.h>

static const struct {
    natsStatus status;
    const char *what; /* NULL: the text of nats.c says it best */
    const char *advice;
} troubles[] = {
    {NATS_NO_SERVER, "no NATS server answers",
     "is it running, and is this its host and port?"},
    {NATS_TIMEOUT, "it takes the connection, and says nothing",
     "is it a NATS server, and is it well?"},
    {NATS_SSL_ERROR, NULL,
     "check its certificate; for an authority of your own there is --tls-ca FILE"},
    {NATS_SECURE_CONNECTION_WANTED, "it does not offer TLS",
     "use nats:// instead of tls://, or turn TLS on at the server"},
    {NATS_PROTOCOL_ERROR, NULL,
     "is it a NATS server? one that wants a TLS client certificate, as --tls-cert and "
     "--tls-key give it, looks like this too"},
};

const char *trouble_bare(const char *text)
{
    const char *end;

    if (text == NULL || *text == '\0') {
        return "no reason given";
    }
    end = *text == '(' ? strstr(text, "): ") : NULL;
    return end != NULL ? end + strlen("): ") : text;
}

void trouble_explain(natsStatus status, const char *text, const char *who, char *ret_text,
                     size_t size)
{
    if (status == NATS_CONNECTION_AUTH_FAILED && who == NULL) {
        (void)snprintf(
            ret_text, size,
            "it lets nobody in without credentials: give it some, with --creds, "
            "--nkey, --user or --token-file");
        return;
    }
    if (status == NATS_CONNECTION_AUTH_FAILED) {
        (void)snprintf(ret_text, size,
                       "it refuses %s; check that it is known there and not expired, and "
                       "that its password, token or key is right",
                       who);
        return;
    }
    for (size_t i = 0; i < sizeof troubles / sizeof *troubles; i++) {
        if (troubles[i].status == status) {
            (void)snprintf(ret_text, size, "%s; %s",
                           troubles[i].what != NULL ? troubles[i].what
                                                    : trouble_bare(text),
                           troubles[i].advice);
            return;
        }
    }
    (void)snprintf(ret_text, size, "%s", trouble_bare(text));
}

bool trouble_is_subscription(const char *text)
{
    return strstr(text, "for Subscription to \"") != NULL;
}

void trouble_subject(const char *text, char *ret_subject, size_t size)
{
    const char *quote = strchr(text, '"');

    if (quote == NULL) {
        ret_subject[0] = '\0';
        return;
    }
    (void)snprintf(ret_subject, size, "%.*s", (int)strcspn(quote + 1, "\""), quote + 1);
}
