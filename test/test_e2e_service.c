#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support_page.h"
#include "support_stage.h"

static void readiness_says_in_words_what_is_missing(void **state)
{
    struct stage *stage = *state;

    stage_daemon(stage);
    page_expect(stage, "/livez", "HTTP/1.1 200 OK");
    page_expect(stage, "/readyz", "HTTP/1.1 503 ");
    page_expect(stage, "/readyz", "the lattice has no hosts");
    page_expect(stage, "/metrics", "\ntrellis_seeing 0\n");
    stage_simulate(stage, NULL);
    page_expect(stage, "/readyz", "HTTP/1.1 200 OK");
    page_expect(stage, "/metrics", "\ntrellis_seeing 1\n");
    page_expect(stage, "/nothing", "HTTP/1.1 404 ");
}

/* The status of the verb, the page and the simulated lattice tell one story. */
static void metrics_count_what_was_done(void **state)
{
    struct stage *stage = *state;

    stage_converge_quickstart(stage);
    page_expect(stage, "/metrics", "\ntrellis_applications{state=\"deployed\"} 1\n");
    page_expect(stage, "/metrics",
                "\ntrellis_resources{kind=\"link\",state=\"deployed\"} 2\n");
    page_expect(stage, "/metrics", "\ntrellis_commands_total{kind=\"put-link\"} 2\n");
    page_expect(stage, "/metrics",
                "\ntrellis_answers_total{kind=\"put-link\",result=\"accepted\"} 2\n");
    page_expect(stage, "/metrics", "\ntrellis_drift_total 0\n");
    (void)stage_order(stage,
                      "drop-link hello_world-httpserver hello_world-http_component");
    page_expect(stage, "/metrics", "\ntrellis_commands_total{kind=\"put-link\"} 3\n");
    page_expect(stage, "/metrics", /* one of them again, for it lost a link: no drift */
                "\ntrellis_commands_total{kind=\"start-provider\"} 3\n");
    page_expect(stage, "/metrics", "\ntrellis_drift_total 1\n");
}

static void what_was_begun_is_followed_to_its_end(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, (const char *[]){"--fetch-delay", "2s", NULL});
    stage_copy(stage, "quickstart.yaml", "manifests/valid/quickstart.yaml");
    stage_daemon(stage);
    process_expect_errors(stage->daemon, "start-provider", STAGE_MS);
    stage_end_daemon(stage);
    reader_expect_line(stage->reader, "provider hello_world-httpserver", STAGE_NOW_MS);
    stage_daemon(stage);
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    stage_expect_converged(stage);
    assert_int_equal(reader_count(stage->reader, "provider.start."), 2);
}

/* A service manager's socket. */
static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void expect_told(int fd, const char *words)
{
    char text[512] = "";

    while (strstr(text, words) == NULL) {
        struct pollfd descriptor = {.fd = fd, .events = POLLIN};
        ssize_t length;

        assert_int_equal(poll(&descriptor, 1, STAGE_MS), 1);
        length = recv(fd, text, sizeof text - 1, 0);
        assert_true(length >= 0);
        text[length] = '\0';
    }
}

static void the_service_manager_is_told(void **state)
{
    struct stage *stage = *state;
    char path[100];
    int fd;

    (void)snprintf(path, sizeof path, "%s/notify", stage->directory);
    fd = listen_at(path);
    // NOLINTBEGIN(concurrency-mt-unsafe): no other thread reads it
    assert_int_equal(setenv("NOTIFY_SOCKET", path, 1), 0);
    stage_simulate(stage, NULL);
    stage_daemon(stage);
    assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
    // NOLINTEND(concurrency-mt-unsafe)
    expect_told(fd, "READY=1");
    expect_told(fd, "STATUS=3 hosts");
    process_signal(stage->daemon, SIGHUP);
    expect_told(fd, "RELOADING=1");
    expect_told(fd, "READY=1");
    stage_end_daemon(stage);
    expect_told(fd, "STOPPING=1");
    (void)close(fd);
    (void)unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(readiness_says_in_words_what_is_missing),
        STAGE_TEST(metrics_count_what_was_done),
        STAGE_TEST(what_was_begun_is_followed_to_its_end),
        STAGE_TEST(the_service_manager_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
