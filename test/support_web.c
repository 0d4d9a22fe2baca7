#include "test/support_web.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define REQUEST_BYTES_MAX 8192
#define BACKLOG           16

struct web {
    pid_t pid;
    in_port_t port;
};

/* Everything up to the empty line, or until it is no request. */
static void read_request(int fd, char request[static REQUEST_BYTES_MAX])
{
    size_t count = 0;
    ssize_t length = 1;

    request[0] = '\0';
    while (length > 0 && strstr(request, "\r\n\r\n") == NULL &&
           (count == 0 || request[0] == 'G') && count < REQUEST_BYTES_MAX - 1) {
        length = read(fd, request + count, REQUEST_BYTES_MAX - 1 - count);
        count += length > 0 ? (size_t)length : 0;
        request[count] = '\0';
    }
}

static const struct web_page *find_page(const struct web_page *pages, size_t count,
                                        const char *request)
{
    static const struct web_page none = {.head = "404 Not Found", .body = ""};

    for (size_t i = 0; i < count; i++) {
        if (strncmp(request, pages[i].request, strlen(pages[i].request)) == 0) {
            return &pages[i];
        }
    }
    return &none;
}

/* The client may have had enough of it. */
static void answer(int fd, const struct web_page *page)
{
    const size_t length = strlen(page->body);

    if (dprintf(fd, "HTTP/1.1 %s\r\nConnection: close\r\n\r\n", page->head) < 0) {
        return;
    }
    if (page->pause_ms > 0) {
        (void)poll(NULL, 0, page->pause_ms);
    }
    for (size_t i = 0; i < page->times; i++) {
        if (send(fd, page->body, length, MSG_NOSIGNAL) != (ssize_t)length) {
            return;
        }
    }
}

static _Noreturn void serve(int fd, const struct web_page *pages, size_t count)
{
    char request[REQUEST_BYTES_MAX];

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        const int client = accept(fd, NULL, NULL); // NOLINT(android-cloexec-accept)

        if (client < 0) {
            _exit(1);
        }
        read_request(client, request);
        answer(client, find_page(pages, count, request));
        (void)close(client);
    }
}

struct web *web_start(const struct web_page *pages, size_t count)
{
    struct web *web = calloc(1, sizeof *web);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_non_null(web);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fd, BACKLOG), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    web->port = ntohs(address.sin_port);
    web->pid = fork();
    assert_true(web->pid >= 0);
    if (web->pid == 0) {
        serve(fd, pages, count);
    }
    assert_int_equal(close(fd), 0);
    return web;
}

void web_stop(struct web *web)
{
    if (web != NULL) {
        (void)kill(web->pid, SIGKILL);
        (void)waitpid(web->pid, NULL, 0);
        free(web);
    }
}

unsigned int web_port(const struct web *web)
{
    return web->port;
}
