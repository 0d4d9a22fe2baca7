#include "reconciler/run/http.h"

#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define TURNS_MAX 500
#define TURN_MS   10

static void make_page(void *context, const char *path, struct http_page *page)
{
    unsigned int *asked = context;

    (*asked)++;
    if (strcmp(path, "/a") == 0) {
        page->status = 200;
        text_append(page->body, "A\n");
    } else {
        text_append(page->body, "no %s\n", path);
    }
}

static struct http *open_http(unsigned int *asked)
{
    struct http *http = NULL;
    struct err err;

    assert_int_equal(http_open("0", make_page, asked, &http, &err), ERR_OK);
    assert_ptr_equal(strstr(http_address(http), "127.0.0.1:"), http_address(http));
    return http;
}

static int connect_to(const struct http *http)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    unsigned int port = 0;

    for (const char *at = strchr(http_address(http), ':') + 1; *at != '\0'; at++) {
        port = port * 10 + (unsigned int)(*at - '0');
    }
    address.sin_port = htons((uint16_t)port);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* What comes back for request, by a server that is turned meanwhile. */
static const char *ask(struct http *http, const char *request)
{
    static char reply[8192];
    const int fd = connect_to(http);
    size_t length = 0;

    assert_int_equal(send(fd, request, strlen(request), 0), (ssize_t)strlen(request));
    for (int i = 0; i < TURNS_MAX; i++) {
        struct pollfd fds[] = {{.fd = http_fd(http), .events = POLLIN},
                               {.fd = fd, .events = POLLIN}};
        ssize_t count;

        (void)poll(fds, 2, TURN_MS);
        http_turn(http);
        count = recv(fd, reply + length, sizeof reply - 1 - length, MSG_DONTWAIT);
        if (count == 0) {
            break;
        }
        length += count > 0 ? (size_t)count : 0;
    }
    (void)close(fd);
    reply[length] = '\0';
    return reply;
}

#define CLOSE "Host: x\r\nConnection: close\r\n\r\n"

static void a_page_is_made_for_each_request(void **state)
{
    unsigned int asked = 0;
    struct http *http = open_http(&asked);
    const char *reply = ask(http, "GET /a HTTP/1.1\r\n" CLOSE);

    (void)state;
    assert_ptr_equal(strstr(reply, "HTTP/1.1 200 OK\r\n"), reply);
    assert_non_null(strstr(reply, "\r\n\r\nA\n"));
    reply = ask(http, "GET /b?c HTTP/1.1\r\n" CLOSE);
    assert_ptr_equal(strstr(reply, "HTTP/1.1 404 Not Found\r\n"), reply);
    assert_non_null(strstr(reply, "\r\n\r\nno /b\n"));
    assert_int_equal(asked, 2);
    http_close(http);
}

static void only_reading_is_served(void **state)
{
    unsigned int asked = 0;
    struct http *http = open_http(&asked);
    const char *reply =
        ask(http, "POST /a HTTP/1.1\r\nContent-Length: 3\r\n" CLOSE "abc");

    (void)state;
    assert_ptr_equal(strstr(reply, "HTTP/1.1 405 Method Not Allowed\r\n"), reply);
    assert_non_null(strstr(reply, "Allow: GET, HEAD\r\n"));
    reply = ask(http, "HEAD /a HTTP/1.1\r\n" CLOSE);
    assert_ptr_equal(strstr(reply, "HTTP/1.1 200 OK\r\n"), reply);
    assert_null(strstr(reply, "\r\n\r\nA"));
    assert_int_equal(asked, 1);
    http_close(http);
}

static void what_is_no_request_is_refused(void **state)
{
    unsigned int asked = 0;
    struct http *http = open_http(&asked);

    (void)state;
    /* with 400, or by ending the connection: libmicrohttpd's versions differ */
    assert_null(strstr(ask(http, "rubbish\r\n\r\n"), "200"));
    assert_int_equal(asked, 0);
    http_close(http);
}

static void a_client_that_says_nothing_holds_up_nobody(void **state)
{
    unsigned int asked = 0;
    struct http *http = open_http(&asked);
    const int silent = connect_to(http);
    const char *reply = ask(http, "GET /a HTTP/1.1\r\n" CLOSE);

    (void)state;
    assert_ptr_equal(strstr(reply, "HTTP/1.1 200 OK\r\n"), reply);
    assert_true(http_deadline(http, (struct instant){0}).ms <= 5000);
    (void)close(silent);
    http_close(http);
}

static void an_address_that_is_none_is_refused(void **state)
{
    static const char *const addresses[] = {"x",       "localhost:80", "127.0.0.1:65536",
                                            "1.2.3:4", "127.0.0.1:",   ""};
    struct http *http = NULL;
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        assert_int_equal(http_open(addresses[i], make_page, NULL, &http, &err),
                         ERR_USAGE);
        assert_null(http);
    }
}

static void a_port_that_is_taken_is_named(void **state)
{
    unsigned int asked = 0;
    struct http *first = open_http(&asked);
    struct http *second = NULL;
    struct err err;

    (void)state;
    assert_int_equal(http_open(http_address(first), make_page, &asked, &second, &err),
                     ERR_IO);
    assert_non_null(strstr(err.message, http_address(first)));
    http_close(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_made_for_each_request),
        cmocka_unit_test(only_reading_is_served),
        cmocka_unit_test(what_is_no_request_is_refused),
        cmocka_unit_test(a_client_that_says_nothing_holds_up_nobody),
        cmocka_unit_test(an_address_that_is_none_is_refused),
        cmocka_unit_test(a_port_that_is_taken_is_named),
    };

    return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
