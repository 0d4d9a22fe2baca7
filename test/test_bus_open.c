#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reconciler/run/clock.h"
#include "reconciler/run/loop.h"
#include "support_bus.h"
#include "support_nats.h"

/* What opening patiently may take: less than a try to connect may. */
#define OPEN_MS_MAX 3000

static const char two_users[] =
    "authorization { users = [ {user: a, password: secret}, {user: b, password: b} ] }";
static struct bus *open_patient(const char *url)
{
    const struct bus_options options = {
        .connection.url = url, .name = "test", .is_patient = true};
    const struct instant start = clock_now();
    struct bus *bus = NULL;
    struct err err = {0};

    if (bus_open(&options, &bus, &err) != ERR_OK) {
        fail_msg("%s", err.message);
    }
    assert_true(clock_now().ms - start.ms < OPEN_MS_MAX);
    return bus;
}

static void test_patient(void **state)
{
    const struct bus_message message = {.subject = "test.a"};
    struct server *server = server_start(&(struct server_options){0});
    struct bus *bus;
    struct mail *mail;
    struct err err;

    (void)state;
    server_kill(server);
    bus = open_patient(server_url(server));
    mail = bus_await(bus, MAIL_DISCONNECTED, 0, BUS_MS);
    assert_non_null(strstr(mail->bytes, "no NATS server answers"));
    mail_free(mail);
    assert_int_equal(bus_publish(bus, &message, &err), ERR_UNREACHABLE);
    assert_int_equal(bus_subscribe(bus, "test.a", NULL, 1, &err), ERR_OK);
    bus_expect_silence(bus, 1500); /* the same trouble is told once */

    server_restart(server);
    bus_expect(bus, MAIL_CONNECTED, 0, BUS_MS);
    assert_int_equal(bus_publish(bus, &message, &err), ERR_OK);
    bus_expect(bus, MAIL_MESSAGE, 1, BUS_MS);
    bus_close(bus);
    server_stop(server);
}

static void test_patient_closed_early(void **state)
{
    struct server *server = server_start(&(struct server_options){0});
    struct bus *bus = open_patient(server_url(server));

    (void)state;
    bus_close(bus); /* nothing was taken yet */
    server_freeze(server);
    bus = open_patient(server_url(server));
    mail_free(bus_next(bus, 100)); /* a connection is being made */
    server_thaw(server);
    bus_close(bus);
    server_stop(server);
}

/* Opening url must end in code and a message with every one of words. */
static void expect_refusal(const struct bus_options *options, enum err_code code,
                           const char *const *words)
{
    struct bus *bus = NULL;
    struct err err = {0};

    assert_int_equal(bus_open(options, &bus, &err), code);
    assert_null(bus);
    print_message("  %s\n", err.message);
    for (size_t i = 0; words[i] != NULL; i++) {
        assert_non_null(strstr(err.message, words[i]));
    }
    assert_null(strstr(err.message, "secret"));
    assert_null(strstr(err.message, ".c:"));
}

static void test_open_refused(void **state)
{
    struct server *server = server_start(&(struct server_options){.config = two_users});
    const char *host_port = server_host_port(server);
    char url[96];
    struct bus_options options = {.connection.url = url, .name = "test"};

    (void)state;
    (void)snprintf(url, sizeof url, "nats://c:secret@%s", host_port);
    expect_refusal(&options, ERR_UNREACHABLE,
                   (const char *[]){host_port, "refuses the user", "check", NULL});
    (void)snprintf(url, sizeof url, "tls://a:secret@%s", host_port);
    expect_refusal(&options, ERR_UNREACHABLE,
                   (const char *[]){host_port, "does not offer TLS", NULL});
    (void)snprintf(url, sizeof url, "http://a:secret@%s", host_port);
    expect_refusal(&options, ERR_USAGE,
                   (const char *[]){host_port, "neither nats:// nor tls://", NULL});

    (void)snprintf(url, sizeof url, "%s", host_port);
    options.connection.credentials = "/nonexistent/my.creds";
    expect_refusal(&options, ERR_USAGE,
                   (const char *[]){"/nonexistent/my.creds", "cannot be read", NULL});
    options.connection.credentials = NULL;

    server_freeze(server);
    expect_refusal(&options, ERR_UNREACHABLE,
                   (const char *[]){host_port, "says nothing", NULL});
    server_thaw(server);
    server_kill(server);
    expect_refusal(
        &options, ERR_UNREACHABLE,
        (const char *[]){host_port, "no NATS server answers", "is it running", NULL});
    server_stop(server);
}

/* Longer than a server that is well takes to answer who has just connected. */
#define LATE_MS 1500

/* To whoever connects: greeting, and once he has said something, answer after a while. */
static bool greet(int fd, const char *greeting, const char *answer)
{
    char said[4096];

    if (write(fd, greeting, strlen(greeting)) < 0) {
        return false;
    }
    if (answer[0] != '\0' && read(fd, said, sizeof said) > 0) {
        (void)poll(NULL, 0, LATE_MS);
        return write(fd, answer, strlen(answer)) > 0;
    }
    return true;
}

/* A socket to accept from; url gets its address. */
static int listen_somewhere(char *url, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    socklen_t address_size = sizeof address;

    assert_int_equal(bind(fd, (struct sockaddr *)&address, address_size), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &address_size), 0);
    (void)snprintf(url, size, "127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
    return fd;
}

/* A process that says greeting to whoever connects, then answer, and nothing more; url
 * gets its address. */
static pid_t start_greeter(const char *greeting, const char *answer, char *url,
                           size_t size)
{
    const int fd = listen_somewhere(url, size);
    const pid_t pid = fork();

    assert_true(pid >= 0);
    while (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (!greet(accept(fd, NULL, NULL), greeting, answer)) {
            _exit(0);
        }
    }
    (void)close(fd);
    return pid;
}

static bool say(int client, const char *text)
{
    return write(client, text, strlen(text)) == (ssize_t)strlen(text);
}

/* Refuse a client at each ping, or answer it, until the client leaves. */
static void serve(int client, bool is_refused)
{
    FILE *lines = fdopen(client, "r");
    char line[1024];
    const char *answer = is_refused ? "-ERR 'Authorization Violation'\r\n" : "PONG\r\n";
    bool is_well =
        lines != NULL && say(client, "INFO {\"server_id\":\"x\",\"version\":\"2.9.10\","
                                     "\"headers\":true,\"max_payload\":1048576,"
                                     "\"auth_required\":true}\r\n");

    while (is_well && fgets(line, sizeof line, lines) != NULL) {
        is_well = strcmp(line, "PING\r\n") != 0 || say(client, answer);
    }
    if (lines != NULL) {
        (void)fclose(lines);
    }
}

/* A NATS server that refuses the first clients, and no others. */
static pid_t start_refuser(int refusals_count, char *url, size_t size)
{
    const int fd = listen_somewhere(url, size);
    const pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (int i = 0;; i++) {
            serve(accept(fd, NULL, NULL), i < refusals_count);
        }
    }
    (void)close(fd);
    return pid;
}

static void end_process(pid_t pid)
{
    (void)kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_open_something_else(void **state)
{
    char url[64];
    const struct bus_options options = {.connection.url = url, .name = "test"};
    const pid_t pid =
        start_greeter("HTTP/1.0 400 Bad Request\r\n\r\n", "", url, sizeof url);

    (void)state;
    expect_refusal(&options, ERR_UNREACHABLE,
                   (const char *[]){url, "is it a NATS server", NULL});
    end_process(pid);
}

/* A key may be refused by mistake, twice; a fourth try would be let in again. */
static void test_open_refused_at_first(void **state)
{
    char host_port[64];
    char url[96];
    const struct bus_options options = {.connection.url = url, .name = "test"};
    pid_t refuser = start_refuser(2, host_port, sizeof host_port);

    (void)state;
    (void)snprintf(url, sizeof url, "nats://a:secret@%s", host_port);
    bus_close(bus_start(url));
    end_process(refuser);

    refuser = start_refuser(3, host_port, sizeof host_port);
    (void)snprintf(url, sizeof url, "nats://a:secret@%s", host_port);
    expect_refusal(
        &options, ERR_UNREACHABLE,
        (const char *[]){host_port, "refuses the user", "check that it is known", NULL});
    end_process(refuser);
}

static const char half_greeting[] =
    "INFO {\"server_id\":\"x\",\"version\":\"2.9.10\",\"headers\":true}\r\n";

static void test_open_late(void **state)
{
    char url[64];
    const struct bus_options options = {.connection.url = url, .name = "test"};
    const pid_t pid = start_greeter(half_greeting, "PONG\r\n", url, sizeof url);
    struct bus *bus = NULL;
    struct err err = {0};

    (void)state;
    if (bus_open(&options, &bus, &err) != ERR_OK) {
        fail_msg("%s", err.message);
    }
    bus_close(bus);
    end_process(pid);
}

/*
 * A process that opens a bus to such a server, and exits with 0 when it is told so: a
 * thread of nats.c is stuck in it for good.  Started before nats.c has threads in this
 * one, and waited for at the end.
 */
static struct {
    pid_t greeter;
    pid_t opener;
} half_dead;

static int start_half_dead(void **state)
{
    char url[64];
    const struct bus_options options = {.connection.url = url, .name = "test"};

    (void)state;
    half_dead.greeter = start_greeter(half_greeting, "", url, sizeof url);
    half_dead.opener = fork();
    assert_true(half_dead.opener >= 0);
    if (half_dead.opener == 0) {
        struct bus *bus = NULL;
        struct err err = {0};
        const bool is_refused = bus_open(&options, &bus, &err) == ERR_UNREACHABLE;

        _exit(is_refused && strstr(err.message, "says nothing more") != NULL ? 0 : 1);
    }
    return 0;
}

static void test_open_half_dead(void **state)
{
    int status = 0;

    (void)state;
    for (int ms = 0; waitpid(half_dead.opener, &status, WNOHANG) == 0; ms += 10) {
        assert_true(ms < BUS_MS);
        (void)poll(NULL, 0, 10);
    }
    assert_int_equal(status, 0);
    end_process(half_dead.greeter);
}

static void test_patient_half_dead(void **state)
{
    char url[64];
    const pid_t greeter = start_greeter(half_greeting, "", url, sizeof url);
    struct bus *bus = open_patient(url);
    struct mail *mail = bus_await(bus, MAIL_DISCONNECTED, 0, BUS_MS);

    (void)state;
    while (strstr(mail->bytes, "says nothing more") == NULL) { /* slow to greet, too */
        mail_free(mail);
        mail = bus_await(bus, MAIL_DISCONNECTED, 0, BUS_MS);
    }
    mail_free(mail);
    end_process(greeter);
    bus_expect(bus, MAIL_DISCONNECTED, 0, BUS_MS);
    bus_close(bus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"a patient bus waits for its server", test_patient, 0, 0, 0},
        {"a patient bus is closed before it is connected", test_patient_closed_early, 0,
         0, 0},
        {"opening says what is wrong and what to check", test_open_refused, 0, 0, 0},
        {"who is refused twice and let in then is connected", test_open_refused_at_first,
         0, 0, 0},
        {"a server of something else is told from NATS", test_open_something_else, 0, 0,
         0},
        {"a busy server is given time to answer", test_open_late, 0, 0, 0},
        {"a patient bus says that its server greets and no more", test_patient_half_dead,
         0, 0, 0},
        {"a server that greets and no more is given up", test_open_half_dead, 0, 0, 0},
    };

    (void)alarm(250);
    loop_block_signals();
    return cmocka_run_group_tests_name("bus open", tests, start_half_dead, NULL);
}
