#include "reconciler/run/mailbox.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

/* A mail in the box, with its texts behind it. */
struct letter {
    struct mail mail; /* first, so that a pointer to it is one to all */
    STAILQ_ENTRY(letter) next;
    size_t size; /* all of it, in bytes */
    char texts[];
};
// cppcheck-suppress unusedStructMember ; the macros of sys/queue.h use them
STAILQ_HEAD(letters, letter);

/* Mail that is taken in the order it came. */
struct lane {
    struct letters letters;
    size_t count;
    size_t bytes;
    size_t count_max;
    size_t bytes_max;
};

enum { LANE_USUAL, LANE_EXCESS, LANE_REQUESTS, LANES_COUNT };

struct mailbox {
    int fd;

    pthread_mutex_t mutex; /* over all below */
    struct lane lanes[LANES_COUNT];
    bool has_loss;
    bool is_readable; /* the descriptor is, so it need not be written again */
};

static struct letter *letter_of(struct mail *mail)
{
    return (struct letter *)mail;
}

static size_t text_size(const char *text)
{
    return text != NULL && *text != '\0' ? strlen(text) + 1 : 0;
}

/* Copy text to *at and move that on; an empty text needs no room. */
static const char *pack(char **at, const char *text)
{
    const size_t size = text_size(text);
    char *start = *at;

    if (size == 0) {
        return "";
    }
    memcpy(start, text, size);
    *at += size;
    return start;
}

static size_t letter_size(const struct mail *mail)
{
    size_t size = sizeof(struct letter) + mail->length + 1;

    size += text_size(mail->subject) + text_size(mail->reply);
    for (size_t i = 0; i < MAIL_HEADERS_COUNT; i++) {
        size += text_size(mail->headers[i]);
    }
    return size;
}

struct mail *mail_new(const struct mail *mail)
{
    const size_t size = letter_size(mail);
    struct letter *letter = malloc(size);
    char *at;

    assert(mail->bytes != NULL || mail->length == 0);

    if (letter == NULL) {
        return NULL;
    }
    letter->size = size;
    letter->mail = *mail;
    at = letter->texts;
    if (mail->length > 0) {
        memcpy(at, mail->bytes, mail->length);
    }
    at[mail->length] = '\0';
    letter->mail.bytes = at;
    at += mail->length + 1;
    letter->mail.subject = pack(&at, mail->subject);
    letter->mail.reply = pack(&at, mail->reply);
    for (size_t i = 0; i < MAIL_HEADERS_COUNT; i++) {
        letter->mail.headers[i] = pack(&at, mail->headers[i]);
    }
    assert(at == (char *)letter + size);
    return (struct mail *)letter;
}

void mail_free(struct mail *mail)
{
    if (mail != NULL) {
        free(letter_of(mail));
    }
}

static void init_lane(struct lane *lane, size_t count_max, size_t bytes_max)
{
    *lane = (struct lane){.count_max = count_max, .bytes_max = bytes_max};
    STAILQ_INIT(&lane->letters);
}

enum err_code mailbox_open(size_t count_max, size_t bytes_max,
                           struct mailbox **ret_mailbox, struct err *err)
{
    const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct mailbox *mailbox;

    assert(count_max > 0 && bytes_max > 0);

    if (fd < 0) {
        return err_set(err, ERR_IO, "no event descriptor: error %d of the system", errno);
    }
    mailbox = calloc(1, sizeof *mailbox);
    if (mailbox == NULL) {
        (void)close(fd);
        return err_set(err, ERR_IO, "no memory for a mailbox");
    }
    mailbox->fd = fd;
    (void)pthread_mutex_init(&mailbox->mutex, NULL);
    init_lane(&mailbox->lanes[LANE_USUAL], count_max, bytes_max);
    init_lane(&mailbox->lanes[LANE_EXCESS], MAILBOX_EXCESS_MAX, MAILBOX_EXCESS_BYTES_MAX);
    init_lane(&mailbox->lanes[LANE_REQUESTS], MAILBOX_REQUESTS_MAX,
              MAILBOX_REQUEST_BYTES_MAX);
    *ret_mailbox = mailbox;
    return ERR_OK;
}

/* The oldest letter; NULL when the lane is empty.  Called with the mutex held. */
static struct letter *take_from(struct lane *lane)
{
    struct letter *letter = STAILQ_FIRST(&lane->letters);

    if (letter != NULL) {
        STAILQ_REMOVE_HEAD(&lane->letters, next);
        lane->count--;
        lane->bytes -= letter->size;
    }
    return letter;
}

void mailbox_close(struct mailbox *mailbox)
{
    struct letter *letter;

    if (mailbox == NULL) {
        return;
    }
    for (size_t i = 0; i < LANES_COUNT; i++) {
        while ((letter = take_from(&mailbox->lanes[i])) != NULL) {
            free(letter);
        }
    }
    (void)pthread_mutex_destroy(&mailbox->mutex);
    (void)close(mailbox->fd);
    free(mailbox);
}

/* One system call for a burst, not one a mail.  Called with the mutex held. */
static void set_readable(struct mailbox *mailbox, bool is_readable)
{
    uint64_t number = 1;
    ssize_t done;

    if (mailbox->is_readable == is_readable) {
        return;
    }
    mailbox->is_readable = is_readable;
    done = is_readable ? write(mailbox->fd, &number, sizeof number)
                       : read(mailbox->fd, &number, sizeof number);
    assert(done == (ssize_t)sizeof number);
    (void)done;
}

static size_t count_all(const struct mailbox *mailbox)
{
    size_t count = 0;

    for (size_t i = 0; i < LANES_COUNT; i++) {
        count += mailbox->lanes[i].count;
    }
    return count;
}

/* Copy mail into a lane; false when there is no room, or no memory. */
static bool put_in(struct mailbox *mailbox, struct lane *lane, const struct mail *mail)
{
    struct mail *copy = mail_new(mail);
    struct letter *letter = copy != NULL ? letter_of(copy) : NULL;
    bool has_room;

    (void)pthread_mutex_lock(&mailbox->mutex);
    has_room = letter != NULL && lane->count < lane->count_max &&
               letter->size <= lane->bytes_max - lane->bytes;
    if (has_room) {
        STAILQ_INSERT_TAIL(&lane->letters, letter, next);
        lane->count++;
        lane->bytes += letter->size;
    }
    mailbox->has_loss |= !has_room && lane == &mailbox->lanes[LANE_USUAL];
    set_readable(mailbox, true);
    (void)pthread_mutex_unlock(&mailbox->mutex);

    if (!has_room) {
        mail_free(copy);
    }
    return has_room;
}

bool mailbox_put(struct mailbox *mailbox, const struct mail *mail)
{
    const struct mail excess = {
        .kind = MAIL_EXCESS,
        .tag = mail->tag,
        .subject = mail->subject,
        .reply = mail->reply,
    };

    if (mail->kind != MAIL_REQUEST) {
        return put_in(mailbox, &mailbox->lanes[LANE_USUAL], mail);
    }
    return put_in(mailbox, &mailbox->lanes[LANE_REQUESTS], mail) ||
           put_in(mailbox, &mailbox->lanes[LANE_EXCESS], &excess);
}

void mailbox_put_loss(struct mailbox *mailbox)
{
    (void)pthread_mutex_lock(&mailbox->mutex);
    mailbox->has_loss = true;
    set_readable(mailbox, true);
    (void)pthread_mutex_unlock(&mailbox->mutex);
}

void mailbox_wake(struct mailbox *mailbox)
{
    (void)pthread_mutex_lock(&mailbox->mutex);
    set_readable(mailbox, true);
    (void)pthread_mutex_unlock(&mailbox->mutex);
}

/* The oldest letter of the first lane that has one, of those from first on and before
 * last. */
static struct mail *take_between(struct mailbox *mailbox, size_t first, size_t last)
{
    struct letter *letter = NULL;

    (void)pthread_mutex_lock(&mailbox->mutex);
    for (size_t i = first; i < last && letter == NULL; i++) {
        letter = take_from(&mailbox->lanes[i]);
    }
    if (letter == NULL && count_all(mailbox) == 0) {
        set_readable(mailbox, false);
    }
    (void)pthread_mutex_unlock(&mailbox->mutex);
    return letter != NULL ? &letter->mail : NULL;
}

struct mail *mailbox_take(struct mailbox *mailbox)
{
    return take_between(mailbox, LANE_USUAL, LANE_REQUESTS);
}

struct mail *mailbox_take_request(struct mailbox *mailbox)
{
    return take_between(mailbox, LANE_REQUESTS, LANES_COUNT);
}

size_t mailbox_count(struct mailbox *mailbox)
{
    size_t count;

    (void)pthread_mutex_lock(&mailbox->mutex);
    count = count_all(mailbox);
    (void)pthread_mutex_unlock(&mailbox->mutex);
    return count;
}

bool mailbox_take_loss(struct mailbox *mailbox)
{
    bool has_loss;

    (void)pthread_mutex_lock(&mailbox->mutex);
    has_loss = mailbox->has_loss;
    mailbox->has_loss = false;
    (void)pthread_mutex_unlock(&mailbox->mutex);
    return has_loss;
}

int mailbox_fd(const struct mailbox *mailbox)
{
    return mailbox->fd;
}
