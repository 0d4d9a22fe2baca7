#include "reconciler/run/notify.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "reconciler/run/options_value.h"

/* Between two looks at how it is: the status is for people. */
#define STATUS_MS ((int64_t)1000)

/* The address of the socket at name, where @ stands for the NUL of an abstract one; 0
 * when it is none. */
static socklen_t read_address(const char *name, struct sockaddr_un *ret_address)
{
    const size_t length = strlen(name);

    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (length < 2 || length >= sizeof ret_address->sun_path) {
        return 0;
    }
    memcpy(ret_address->sun_path, name, length);
    if (name[0] == '@') {
        ret_address->sun_path[0] = '\0';
    }
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

static const char *environment(const char *name)
{
    return getenv(name); // NOLINT(concurrency-mt-unsafe): nothing here sets it
}

/* The number that an environment variable holds; 0 when it holds none. */
static uint64_t read_number(const char *name)
{
    const char *text = environment(name);
    uint64_t number = 0;
    struct err err;

    return text != NULL &&
                   options_value_number(name, text, INT64_MAX, &number, &err) == ERR_OK
               ? number
               : 0;
}

/* Every how many milliseconds systemd wants a sign of life from this process. */
static int64_t read_watchdog(void)
{
    const uint64_t process = read_number("WATCHDOG_PID");

    return process == 0 || process == (uint64_t)getpid()
               ? (int64_t)(read_number("WATCHDOG_USEC") / 1000)
               : 0;
}

void notify_open(struct notify *notify)
{
    const char *name = environment("NOTIFY_SOCKET");
    struct sockaddr_un address;
    socklen_t length;

    *notify = (struct notify){.fd = -1};
    length = name != NULL ? read_address(name, &address) : 0;
    if (length == 0) {
        return;
    }
    notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (notify->fd >= 0 &&
        connect(notify->fd, (const struct sockaddr *)&address, length) != 0) {
        notify_close(notify);
    }
    notify->watchdog_ms = read_watchdog();
}

void notify_close(struct notify *notify)
{
    if (notify->fd >= 0) {
        (void)close(notify->fd);
    }
    notify->fd = -1;
}

/* Whoever does not listen misses it: there is nobody to tell of that. */
static void say(const struct notify *notify, const char *text)
{
    (void)send(notify->fd, text, strlen(text), MSG_NOSIGNAL);
}

void notify_turn(struct notify *notify, struct instant now, bool is_ready)
{
    if (notify->fd < 0) {
        return;
    }
    if (is_ready && !notify->is_ready) {
        notify->is_ready = true;
        say(notify, "READY=1");
    }
    if (notify->watchdog_ms > 0 && instant_is_due(notify->alive_next, now)) {
        say(notify, "WATCHDOG=1");
        notify->alive_next = instant_after(now, notify->watchdog_ms / 3);
    }
}

struct instant notify_deadline(const struct notify *notify)
{
    return notify->fd >= 0 && notify->watchdog_ms > 0 ? notify->alive_next
                                                      : INSTANT_NEVER;
}

bool notify_wants_status(const struct notify *notify, struct instant now)
{
    return notify->fd >= 0 && instant_is_due(notify->status_next, now);
}

void notify_status(struct notify *notify, struct instant now, const char *sentence)
{
    char status[sizeof notify->status];
    char text[sizeof status + 16];

    notify->status_next = instant_after(now, STATUS_MS);
    (void)snprintf(status, sizeof status, "%s", sentence);
    if (strcmp(status, notify->status) != 0) {
        memcpy(notify->status, status, sizeof status);
        (void)snprintf(text, sizeof text, "STATUS=%s", status);
        say(notify, text);
    }
}

void notify_reloading(struct notify *notify, struct instant now)
{
    char text[80];

    if (notify->fd >= 0) {
        (void)snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%lld",
                       (long long)now.ms * 1000);
        say(notify, text);
        notify->is_ready = false;
    }
}

void notify_stopping(struct notify *notify)
{
    if (notify->fd >= 0) {
        say(notify, "STOPPING=1");
    }
}
