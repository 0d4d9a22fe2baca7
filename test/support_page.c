#include "support_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOK_MS 50

const char *page_read(struct stage *stage, const char *path)
{
    static char reply[65536];
    static const char said[] = "address=127.0.0.1:";
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    const char *line;
    char request[256];
    size_t length = 0;
    ssize_t count;
    int port = 0;

    process_expect_errors(stage->daemon, said, STAGE_MS);
    line = strstr(process_errors(stage->daemon), said);
    assert_non_null(line);
    for (line += strlen(said); *line >= '0' && *line <= '9'; line++) {
        port = port * 10 + (*line - '0');
    }
    address.sin_port = htons((uint16_t)port);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    (void)snprintf(request, sizeof request,
                   "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", path);
    assert_int_equal(send(fd, request, strlen(request), 0), (ssize_t)strlen(request));
    while ((count = recv(fd, reply + length, sizeof reply - 1 - length, 0)) > 0) {
        length += (size_t)count;
    }
    (void)close(fd);
    reply[length] = '\0';
    return reply;
}

void page_expect(struct stage *stage, const char *path, const char *words)
{
    const char *page = "";

    for (int ms = 0; ms < STAGE_MS; ms += LOOK_MS) {
        page = page_read(stage, path);
        if (strstr(page, words) != NULL) {
            return;
        }
        (void)poll(NULL, 0, LOOK_MS);
    }
    print_error("no %s in %s: %s\n", words, path, page);
    fail();
}
