#include "support_port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Below what Linux deals out to clients, net.ipv4.ip_local_port_range. */
#define PORT_FIRST 20000
#define PORTS      10000
/* Far from one another, where programs have ids in a row. */
#define STRIDE 131

struct sockaddr_in port_address(in_port_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
}

/* A name without a file: it is gone with the last who holds it.  -1: it is held. */
static int lock(in_port_t port)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int length = snprintf(name.sun_path + 1, sizeof name.sun_path - 1,
                                "trellis-test-port-%u", (unsigned)port);
    const socklen_t size =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);

    assert_true(fd >= 0);
    if (bind(fd, (const struct sockaddr *)&name, size) == 0) {
        return fd;
    }
    assert_int_equal(close(fd), 0);
    return -1;
}

static bool is_free(in_port_t port)
{
    const struct sockaddr_in address = port_address(port);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool is_bound =
        bind(fd, (const struct sockaddr *)&address, sizeof address) == 0;

    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    return is_bound;
}

in_port_t port_take(int *ret_lock)
{
    static unsigned int count;

    for (int tries = 0; tries < PORTS; tries++) {
        const unsigned int number = (unsigned int)getpid() * STRIDE + count++;
        const in_port_t port = (in_port_t)(PORT_FIRST + number % PORTS);
        const int fd = lock(port);

        if (fd >= 0 && is_free(port)) {
            *ret_lock = fd;
            return port;
        }
        if (fd >= 0) {
            assert_int_equal(close(fd), 0);
        }
    }
    fail_msg("no port from %d to %d is free", PORT_FIRST, PORT_FIRST + PORTS - 1);
    return 0;
}
