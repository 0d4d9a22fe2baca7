#include "reconciler/run/inbox.h"

#include <stdio.h>
#include <string.h>

#include <nats/nats.h>

#include "reconciler/run/renaming.h"
#include "reconciler/run/slots.h"
#include "reconciler/run/trouble.h"

#define USUAL "_INBOX" /* as nats.c has it */

enum err_code inbox_make(const char *prefix, struct arena *arena, const char **ret_inbox,
                         struct err *err)
{
    natsInbox *usual = NULL;
    const char *inbox;

    if (natsInbox_Create(&usual) != NATS_OK) {
        return err_set(err, ERR_IO, "no memory for an inbox");
    }
    inbox = arena_print(arena, "%s%s", prefix != NULL ? prefix : USUAL,
                        usual + strlen(USUAL));
    natsInbox_Destroy(usual);
    if ((prefix != NULL && !renaming_is_prefix(prefix)) ||
        strlen(inbox) + 1 + SLOT_NAME_BYTES > INBOX_REPLY_BYTES_MAX) {
        return err_set(err, ERR_USAGE,
                       "--inbox-prefix '%s' cannot be: words with dots between them, "
                       "64 letters at the most",
                       prefix);
    }
    *ret_inbox = inbox;
    return ERR_OK;
}

bool inbox_is_refused(const char *inbox, const struct mail *mail)
{
    const size_t length = strlen(inbox);

    return mail->kind == MAIL_DENIED && trouble_is_subscription(mail->bytes) &&
           strncmp(mail->subject, inbox, length) == 0 &&
           strcmp(mail->subject + length, ".*") == 0;
}

void inbox_print_refusal(const char *inbox, const char *server, const struct mail *mail,
                         char *ret_text, size_t size)
{
    const char *last = strrchr(inbox, '.');

    (void)snprintf(
        ret_text, size,
        "%s: %s: let this user subscribe to %.*s.>, or say with --inbox-prefix "
        "where it may",
        server, mail->bytes, (int)(last - inbox), inbox);
}
