#include "reconciler/run/parts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/limits.h"
#include "reconciler/run/clock.h"

#define ID_BYTES_MAX 64
#define MEGABYTE     ((size_t)1024 * 1024)

struct message {
    char id[ID_BYTES_MAX]; /* "" free */
    char *bytes;
    size_t length;
    uint32_t next;  /* the index that comes next */
    uint32_t count; /* of pieces in all; 0: kept to be fetched */
    struct instant touched;
};

struct parts {
    struct message messages[PARTS_MESSAGES_MAX];
    uint64_t kept_count;
};

struct parts *parts_new(void)
{
    struct parts *parts = calloc(1, sizeof *parts);

    if (parts == NULL) {
        abort();
    }
    return parts;
}

static void clear(struct message *message)
{
    free(message->bytes);
    *message = (struct message){0};
}

void parts_free(struct parts *parts)
{
    for (size_t i = 0; parts != NULL && i < PARTS_MESSAGES_MAX; i++) {
        clear(&parts->messages[i]);
    }
    free(parts);
}

static void clear_old(struct parts *parts, struct instant now)
{
    for (size_t i = 0; i < PARTS_MESSAGES_MAX; i++) {
        if (parts->messages[i].id[0] != '\0' &&
            parts->messages[i].touched.ms + PARTS_KEPT_MS <= now.ms) {
            clear(&parts->messages[i]);
        }
    }
}

static struct message *find(struct parts *parts, const char *id)
{
    for (size_t i = 0; i < PARTS_MESSAGES_MAX; i++) {
        if (id[0] != '\0' && strcmp(parts->messages[i].id, id) == 0) {
            return &parts->messages[i];
        }
    }
    return NULL;
}

/* A free place, or the one that was touched longest ago. */
static struct message *make_room(struct parts *parts, const char *id)
{
    struct message *oldest = &parts->messages[0];

    for (size_t i = 0; i < PARTS_MESSAGES_MAX; i++) {
        if (parts->messages[i].id[0] == '\0') {
            oldest = &parts->messages[i];
            break;
        }
        if (parts->messages[i].touched.ms < oldest->touched.ms) {
            oldest = &parts->messages[i];
        }
    }
    clear(oldest);
    (void)snprintf(oldest->id, sizeof oldest->id, "%s", id);
    return oldest;
}

static void append(struct message *message, const char *bytes, size_t length)
{
    char *larger = realloc(message->bytes, message->length + length + 1);

    if (larger == NULL) {
        abort();
    }
    memcpy(larger + message->length, bytes, length);
    message->bytes = larger;
    message->length += length;
    larger[message->length] = '\0';
}

enum err_code parts_put(struct parts *parts, const struct part *part, struct instant now,
                        struct err *err)
{
    struct message *message;

    clear_old(parts, now);
    if (part->id[0] == '\0' || strlen(part->id) >= ID_BYTES_MAX) {
        return err_set(err, ERR_INVALID, "part of a message without a proper id");
    }
    message = find(parts, part->id);
    if (message == NULL && part->index == 0 && part->count > 0) {
        message = make_room(parts, part->id);
        message->count = part->count;
    }
    if (message == NULL || message->count == 0 || part->index != message->next ||
        part->count != message->count) {
        if (message != NULL && message->count > 0) {
            clear(message);
        }
        return err_set(err, ERR_INVALID,
                       "part %u of message %s does not come next: send it again from "
                       "the start",
                       (unsigned int)part->index, part->id);
    }
    if (part->length > MESSAGE_BYTES_MAX - message->length) {
        clear(message);
        return err_set(err, ERR_LIMIT, "the message is larger than %zu MB",
                       MESSAGE_BYTES_MAX / MEGABYTE);
    }
    append(message, part->bytes, part->length);
    message->touched = now;
    message->next++;
    return ERR_OK;
}

const char *parts_keep(struct parts *parts, const char *bytes, size_t length,
                       struct instant now)
{
    char id[ID_BYTES_MAX];
    struct message *message;

    clear_old(parts, now);
    parts->kept_count++;
    (void)snprintf(id, sizeof id, "kept-%llu", (unsigned long long)parts->kept_count);
    message = make_room(parts, id);
    message->touched = now;
    append(message, bytes, length);
    return message->id;
}

const char *parts_find(struct parts *parts, const char *id, struct instant now,
                       size_t *ret_length)
{
    struct message *message;

    clear_old(parts, now);
    message = find(parts, id);
    if (message == NULL || message->next != message->count) {
        return NULL;
    }
    message->touched = now;
    *ret_length = message->length;
    return message->bytes;
}

uint32_t parts_count(size_t length, size_t size)
{
    assert(size > 0);

    return (uint32_t)((length + size - 1) / size);
}
