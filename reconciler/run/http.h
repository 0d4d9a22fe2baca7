/*
 * http.h - a small HTTP server in the loop: a few pages, made anew for each request.
 *
 * libmicrohttpd's, without a thread of its own.  64 clients at a time, each five seconds
 * without a byte at most.  GET and HEAD only.
 */
#ifndef RECONCILER_RUN_HTTP_H
#define RECONCILER_RUN_HTTP_H

#include "manifest/err.h"
#include "manifest/text.h"
#include "reconciler/core/instant.h"

struct http;

struct http_page {
    unsigned int status; /* 200, 404, 503 */
    const char *type;    /* Content-Type */
    struct text *body;
};

/* Make the page of path: its status is 404 when there is none. */
typedef void http_make_page(void *context, const char *path, struct http_page *page);

/*
 * Listen at address, HOST:PORT or PORT on the loopback; port 0 is any free one.
 * ERR_USAGE address is none; ERR_IO it cannot be listened at, or libmicrohttpd is not
 * there.
 */
enum err_code http_open(const char *address, http_make_page *make_page, void *context,
                        struct http **ret_http, struct err *err)
    __attribute__((warn_unused_result));
void http_close(struct http *http);

/* Where it listens, as HOST:PORT. */
const char *http_address(const struct http *http);

/* Deal with what has come: whenever fd is readable or the deadline has come. */
void http_turn(struct http *http);
int http_fd(const struct http *http);
struct instant http_deadline(const struct http *http, struct instant now);

#endif
