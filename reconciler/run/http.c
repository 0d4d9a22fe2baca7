#include "reconciler/run/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <microhttpd.h>

#include "manifest/arena.h"
#include "reconciler/run/library.h"
#include "reconciler/run/options_value.h"

#define CLIENTS_MAX    64U
#define IDLE_SECONDS   5U
#define BODY_BYTES_MAX ((size_t)1024 * 1024)
#define PORT_MAX       65535
#define ADDRESS_MAX    64

/* What is used of libmicrohttpd. */
struct microhttpd {
    struct MHD_Daemon *(*start)(unsigned int, uint16_t, MHD_AcceptPolicyCallback, void *,
                                MHD_AccessHandlerCallback, void *, ...);
    void (*stop)(struct MHD_Daemon *);
    const union MHD_DaemonInfo *(*info)(struct MHD_Daemon *, enum MHD_DaemonInfoType,
                                        ...);
    enum MHD_Result (*timeout)(struct MHD_Daemon *, MHD_UNSIGNED_LONG_LONG *);
    enum MHD_Result (*run)(struct MHD_Daemon *);
    struct MHD_Response *(*response)(size_t, void *, enum MHD_ResponseMemoryMode);
    enum MHD_Result (*header)(struct MHD_Response *, const char *, const char *);
    enum MHD_Result (*queue)(struct MHD_Connection *, unsigned int,
                             struct MHD_Response *);
    void (*destroy)(struct MHD_Response *);
};

struct http {
    struct microhttpd library;
    struct MHD_Daemon *daemon;
    int fd;
    http_make_page *make_page;
    void *context;
    char address[ADDRESS_MAX];
};

static enum err_code load(struct microhttpd *library, struct err *err)
{
    static const char *const files[] = {"libmicrohttpd.so.12", NULL};
    static const struct library microhttpd = {files, "HTTP is served", "libmicrohttpd12"};
    const struct library_function functions[] = {
        {"MHD_start_daemon", &library->start},
        {"MHD_stop_daemon", &library->stop},
        {"MHD_get_daemon_info", &library->info},
        {"MHD_get_timeout", &library->timeout},
        {"MHD_run", &library->run},
        {"MHD_create_response_from_buffer", &library->response},
        {"MHD_add_response_header", &library->header},
        {"MHD_queue_response", &library->queue},
        {"MHD_destroy_response", &library->destroy},
    };

    return library_load(&microhttpd, functions, sizeof functions / sizeof *functions,
                        err);
}

/* HOST:PORT or PORT, where HOST is an IPv4 address: a name would have to be asked for. */
static enum err_code read_address(const char *text, struct sockaddr_in *ret_address,
                                  struct err *err)
{
    const char *colon = strrchr(text, ':');
    char host[ADDRESS_MAX] = "127.0.0.1";
    uint64_t port = 0;
    enum err_code code = options_value_number("http", colon != NULL ? colon + 1 : text,
                                              PORT_MAX, &port, err);

    if (code == ERR_OK && colon != NULL) {
        (void)snprintf(host, sizeof host, "%.*s", (int)(colon - text), text);
    }
    *ret_address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (code == ERR_OK && inet_pton(AF_INET, host, &ret_address->sin_addr) != 1) {
        code = err_set(err, ERR_USAGE,
                       "--http '%s' is no address: write 127.0.0.1:9180, or 9180", text);
    }
    return code;
}

static enum MHD_Result answer(struct http *http, struct MHD_Connection *connection,
                              const char *path)
{
    const struct microhttpd *library = &http->library;
    struct arena arena = {0};
    struct text body;
    struct http_page page = {
        .status = MHD_HTTP_NOT_FOUND, .type = "text/plain; charset=utf-8", .body = &body};
    struct MHD_Response *response;
    enum MHD_Result result = MHD_NO;

    text_init(&body, &arena, BODY_BYTES_MAX);
    http->make_page(http->context, path, &page);
    response = library->response(body.count, body.bytes, MHD_RESPMEM_MUST_COPY);
    if (response != NULL) {
        (void)library->header(response, MHD_HTTP_HEADER_CONTENT_TYPE, page.type);
        (void)library->header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
        result = library->queue(connection, page.status, response);
        library->destroy(response);
    }
    arena_free(&arena);
    return result;
}

static enum MHD_Result refuse(struct http *http, struct MHD_Connection *connection)
{
    const struct microhttpd *library = &http->library;
    static char text[] = "only GET is served here\n";
    struct MHD_Response *response =
        library->response(sizeof text - 1, text, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result result = MHD_NO;

    if (response != NULL) {
        (void)library->header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
        result = library->queue(connection, MHD_HTTP_METHOD_NOT_ALLOWED, response);
        library->destroy(response);
    }
    return result;
}

/* libmicrohttpd's: once when the request line has come, and again at its end. */
// NOLINTNEXTLINE(readability-function-size): so it calls us
static enum MHD_Result take(void *context, struct MHD_Connection *connection,
                            const char *path, const char *method, const char *version,
                            const char *upload, size_t *upload_length, void **request)
{
    static int begun;
    struct http *http = context;

    (void)version;
    (void)upload;
    if (*request == NULL) {
        *request = &begun;
        return MHD_YES;
    }
    if (*upload_length > 0) { /* nobody reads it */
        *upload_length = 0;
        return MHD_YES;
    }
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
        strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
        return refuse(http, connection);
    }
    return answer(http, connection, path);
}

static enum err_code start(struct http *http, const char *text, struct err *err)
{
    const struct microhttpd *library = &http->library;
    const union MHD_DaemonInfo *listening;
    const union MHD_DaemonInfo *epoll;
    struct sockaddr_in address = {0};
    socklen_t length = sizeof address;
    char host[INET_ADDRSTRLEN] = "";
    enum err_code code = read_address(text, &address, err);

    if (code != ERR_OK) {
        return code;
    }
    http->daemon =
        library->start(MHD_USE_EPOLL, 0, NULL, NULL, take, http, MHD_OPTION_SOCK_ADDR,
                       &address, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS,
                       MHD_OPTION_CONNECTION_LIMIT, CLIENTS_MAX, MHD_OPTION_END);
    if (http->daemon == NULL) {
        return err_set(err, ERR_IO,
                       "HTTP cannot be served at %s: is the address one of this machine, "
                       "and free?",
                       text);
    }
    listening = library->info(http->daemon, MHD_DAEMON_INFO_LISTEN_FD);
    epoll = library->info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (listening == NULL || epoll == NULL ||
        getsockname(listening->listen_fd, (struct sockaddr *)&address, &length) != 0) {
        return err_set(err, ERR_IO, "HTTP cannot be served at %s", text);
    }
    http->fd = epoll->epoll_fd;
    (void)inet_ntop(AF_INET, &address.sin_addr, host, sizeof host);
    (void)snprintf(http->address, sizeof http->address, "%s:%u", host,
                   (unsigned int)ntohs(address.sin_port));
    return ERR_OK;
}

enum err_code http_open(const char *address, http_make_page *make_page, void *context,
                        struct http **ret_http, struct err *err)
{
    struct http *http = calloc(1, sizeof *http);
    enum err_code code;

    if (http == NULL) {
        abort();
    }
    http->make_page = make_page;
    http->context = context;
    code = load(&http->library, err);
    if (code == ERR_OK) {
        code = start(http, address, err);
    }
    if (code != ERR_OK) {
        http_close(http);
        return code;
    }
    *ret_http = http;
    return ERR_OK;
}

void http_close(struct http *http)
{
    if (http == NULL) {
        return;
    }
    if (http->daemon != NULL) {
        http->library.stop(http->daemon);
    }
    free(http);
}

const char *http_address(const struct http *http)
{
    return http->address;
}

int http_fd(const struct http *http)
{
    return http->fd;
}

void http_turn(struct http *http)
{
    (void)http->library.run(http->daemon);
}

struct instant http_deadline(const struct http *http, struct instant now)
{
    MHD_UNSIGNED_LONG_LONG span_ms = 0;

    return http->library.timeout(http->daemon, &span_ms) == MHD_YES
               ? instant_after(now, (int64_t)span_ms)
               : INSTANT_NEVER;
}
