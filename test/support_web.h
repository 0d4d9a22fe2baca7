/*
 * support_web.h - a web server of the test's own: a process that answers on a free
 * loopback port with what it is told, and ends with the test at the latest.
 *
 * Everything fails the test where it cannot be done.
 */
#ifndef TEST_SUPPORT_WEB_H
#define TEST_SUPPORT_WEB_H

#include <stddef.h>

struct web_page {
    const char *request; /* how the first line begins: "GET /a.yaml " */
    const char *head;    /* "200 OK", and more header lines with \r\n before each */
    const char *body;
    size_t times; /* the body is sent so often; with "", nothing is */
    int pause_ms; /* before the body */
};

struct web;

/* Answer by the first of count pages whose request comes, and 404 to any other. */
struct web *web_start(const struct web_page *pages, size_t count);
void web_stop(struct web *web); /* NULL is fine */

unsigned int web_port(const struct web *web);

#endif
