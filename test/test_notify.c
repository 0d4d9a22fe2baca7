#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "reconciler/run/notify.h"

/* A service manager: a socket, and whoever talks to it. */
struct manager {
    int fd;
    char path[64];
    struct notify notify;
};

static const struct instant early = {1000};

// NOLINTBEGIN(concurrency-mt-unsafe): there is one thread
static void set(const char *name, const char *value)
{
    assert_int_equal(setenv(name, value, 1), 0);
}

static int forget(void **state)
{
    (void)state;
    return unsetenv("NOTIFY_SOCKET") | unsetenv("WATCHDOG_USEC") |
           unsetenv("WATCHDOG_PID");
}
// NOLINTEND(concurrency-mt-unsafe)

static void listen_at(struct manager *manager, const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const socklen_t length =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", name);
    if (name[0] == '@') {
        address.sun_path[0] = '\0';
    }
    manager->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_true(manager->fd >= 0);
    assert_int_equal(bind(manager->fd, (const struct sockaddr *)&address, length), 0);
    set("NOTIFY_SOCKET", name);
}

/* What was told since the last time, "" when nothing was. */
static const char *told(const struct manager *manager)
{
    static char text[512];
    const ssize_t length = recv(manager->fd, text, sizeof text - 1, 0);

    text[length > 0 ? length : 0] = '\0';
    return text;
}

static struct manager begin(void)
{
    struct manager manager = {0};

    (void)snprintf(manager.path, sizeof manager.path, "/tmp/trellis-notify-%ld",
                   (long)getpid());
    listen_at(&manager, manager.path);
    return manager;
}

static void end(struct manager *manager)
{
    notify_close(&manager->notify);
    (void)close(manager->fd);
    (void)unlink(manager->path);
}

static void nobody_is_told_without_a_manager(void **state)
{
    struct notify notify;

    (void)state;
    notify_open(&notify);
    assert_int_equal(notify.fd, -1);
    notify_turn(&notify, early, true);
    notify_reloading(&notify, early);
    notify_stopping(&notify);
    assert_false(notify_wants_status(&notify, early));
    assert_int_equal(notify_deadline(&notify).ms, INSTANT_NEVER.ms);
    set("NOTIFY_SOCKET", "/nowhere/at/all");
    notify_open(&notify);
    assert_int_equal(notify.fd, -1);
}

static void ready_is_said_once_and_not_too_early(void **state)
{
    struct manager manager = begin();

    (void)state;
    notify_open(&manager.notify);
    notify_turn(&manager.notify, early, false);
    assert_string_equal(told(&manager), "");
    notify_turn(&manager.notify, early, true);
    assert_string_equal(told(&manager), "READY=1");
    notify_turn(&manager.notify, early, true);
    assert_string_equal(told(&manager), "");
    end(&manager);
}

static void a_reload_ends_with_ready(void **state)
{
    struct manager manager = begin();

    (void)state;
    notify_open(&manager.notify);
    notify_turn(&manager.notify, early, true);
    assert_string_equal(told(&manager), "READY=1");
    notify_reloading(&manager.notify, early);
    assert_string_equal(told(&manager), "RELOADING=1\nMONOTONIC_USEC=1000000");
    notify_turn(&manager.notify, early, true);
    assert_string_equal(told(&manager), "READY=1");
    notify_stopping(&manager.notify);
    assert_string_equal(told(&manager), "STOPPING=1");
    end(&manager);
}

static void a_status_is_told_when_it_has_changed(void **state)
{
    struct manager manager = begin();

    (void)state;
    notify_open(&manager.notify);
    assert_true(notify_wants_status(&manager.notify, early));
    notify_status(&manager.notify, early, "3 hosts");
    assert_string_equal(told(&manager), "STATUS=3 hosts");
    assert_false(notify_wants_status(&manager.notify, early));
    notify_status(&manager.notify, early, "3 hosts");
    assert_string_equal(told(&manager), "");
    assert_true(notify_wants_status(&manager.notify, (struct instant){early.ms + 1000}));
    end(&manager);
}

static void a_watchdog_hears_in_time(void **state)
{
    struct manager manager = begin();

    (void)state;
    set("WATCHDOG_USEC", "30000000");
    notify_open(&manager.notify);
    notify_turn(&manager.notify, early, false);
    assert_string_equal(told(&manager), "WATCHDOG=1");
    assert_true(notify_deadline(&manager.notify).ms <= early.ms + 15000);
    notify_turn(&manager.notify, early, false);
    assert_string_equal(told(&manager), "");
    notify_turn(&manager.notify, notify_deadline(&manager.notify), false);
    assert_string_equal(told(&manager), "WATCHDOG=1");
    end(&manager);
}

static void the_watchdog_of_another_process_is_not_ours(void **state)
{
    struct manager manager = begin();

    (void)state;
    set("WATCHDOG_USEC", "30000000");
    set("WATCHDOG_PID", "1");
    notify_open(&manager.notify);
    notify_turn(&manager.notify, early, false);
    assert_string_equal(told(&manager), "");
    end(&manager);
}

static void an_abstract_socket_will_do(void **state)
{
    struct manager manager = {0};

    (void)state;
    (void)snprintf(manager.path, sizeof manager.path, "@trellis-notify-%ld",
                   (long)getpid());
    listen_at(&manager, manager.path);
    notify_open(&manager.notify);
    notify_turn(&manager.notify, early, true);
    assert_string_equal(told(&manager), "READY=1");
    end(&manager);
}

#define NOTIFY_TEST(function) cmocka_unit_test_setup(function, forget)

int main(void)
{
    const struct CMUnitTest tests[] = {
        NOTIFY_TEST(nobody_is_told_without_a_manager),
        NOTIFY_TEST(ready_is_said_once_and_not_too_early),
        NOTIFY_TEST(a_reload_ends_with_ready),
        NOTIFY_TEST(a_status_is_told_when_it_has_changed),
        NOTIFY_TEST(a_watchdog_hears_in_time),
        NOTIFY_TEST(the_watchdog_of_another_process_is_not_ours),
        NOTIFY_TEST(an_abstract_socket_will_do),
    };

    return cmocka_run_group_tests_name("notify", tests, NULL, NULL);
}
