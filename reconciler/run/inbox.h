/*
 * inbox.h - the subject of ours alone below which answers come.
 */
#ifndef RECONCILER_RUN_INBOX_H
#define RECONCILER_RUN_INBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "manifest/arena.h"
#include "manifest/err.h"
#include "reconciler/run/mailbox.h"

/* What follows an inbox and a dot has room for in a reply subject. */
#define INBOX_REPLY_BYTES_MAX 128

/* A new one in arena, below prefix unless that is NULL.  ERR_USAGE prefix cannot be. */
enum err_code inbox_make(const char *prefix, struct arena *arena, const char **ret_inbox,
                         struct err *err) __attribute__((warn_unused_result));

/* Does mail say that no answer to inbox is let through? */
bool inbox_is_refused(const char *inbox, const struct mail *mail);

/* What is to be done about such mail of server. */
void inbox_print_refusal(const char *inbox, const char *server, const struct mail *mail,
                         char *ret_text, size_t size);

#endif
