#include "support_nats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support_port.h"

#define READY_MS_MAX 40000
#define CONFIG_BYTES 16384

struct server {
    pid_t pid; /* 0: down */
    in_port_t port;
    int lock; /* of the port */
    bool has_jetstream;
    const char *domain; /* borrowed */
    char directory[64];
    char url[64];
    char config[CONFIG_BYTES];
};

unsigned int server_free_port(void)
{
    int lock;
    const in_port_t port = port_take(&lock);

    (void)lock; /* until the program ends */
    return port;
}

static void remove_tree(const char *path)
{
    const pid_t pid = fork();
    int status = 0;

    assert_true(pid >= 0);
    if (pid == 0) {
        (void)execlp("rm", "rm", "-rf", "--", path, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void path_of(const struct server *server, const char *name, char *path,
                    size_t size)
{
    (void)snprintf(path, size, "%s/%s", server->directory, name);
}

static void write_config(const struct server *server)
{
    char path[128];
    FILE *file;

    path_of(server, "server.conf", path, sizeof path);
    file = fopen(path, "we");
    assert_non_null(file);
    (void)fprintf(file, "listen: \"127.0.0.1:%u\"\n", (unsigned)server->port);
    if (server->has_jetstream) {
        (void)fprintf(file, "jetstream { store_dir: \"%s/store\"", server->directory);
        if (server->domain != NULL) {
            (void)fprintf(file, ", domain: %s", server->domain);
        }
        (void)fprintf(file, " }\n");
    }
    (void)fprintf(file, "%s\n", server->config);
    assert_int_equal(fclose(file), 0);
}

static _Noreturn void exec_server(const struct server *server)
{
    char config[128];
    char log[128];
    sigset_t none;
    int fd;

    path_of(server, "server.conf", config, sizeof config);
    path_of(server, "server.log", log, sizeof log);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)sigemptyset(&none);
    (void)pthread_sigmask(SIG_SETMASK, &none, NULL);
    fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (fd >= 0) {
        (void)dup2(fd, STDOUT_FILENO);
        (void)dup2(fd, STDERR_FILENO);
    }
    (void)execlp("nats-server", "nats-server", "-c", config, (char *)NULL);
    _exit(127);
}

/* Does it greet? */
static bool is_ready(const struct server *server)
{
    const struct sockaddr_in address = port_address(server->port);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct pollfd readable = {.fd = fd, .events = POLLIN};
    char greeting[4] = "";
    bool is_greeted = false;

    assert_true(fd >= 0);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
        poll(&readable, 1, READY_MS_MAX) == 1) {
        is_greeted = read(fd, greeting, sizeof greeting) == sizeof greeting;
    }
    (void)close(fd);
    return is_greeted;
}

static bool runs(const struct server *server)
{
    siginfo_t info = {.si_pid = 0};

    assert_int_equal(waitid(P_PID, (id_t)server->pid, &info, WEXITED | WNOHANG | WNOWAIT),
                     0);
    return info.si_pid == 0;
}

static void read_log(const struct server *server, char *ret_log, size_t size)
{
    char path[128];
    size_t length = 0;
    FILE *file;

    path_of(server, "server.log", path, sizeof path);
    file = fopen(path, "re");
    if (file != NULL) {
        length = fread(ret_log, 1, size - 1, file);
        (void)fclose(file);
    }
    ret_log[length] = '\0';
}

void server_restart(struct server *server)
{
    char log[4096];

    assert_int_equal(server->pid, 0);

    write_config(server);
    server->pid = fork();
    assert_true(server->pid >= 0);
    if (server->pid == 0) {
        exec_server(server);
    }
    for (int ms = 0; ms < READY_MS_MAX && runs(server); ms += 5) {
        if (is_ready(server)) {
            assert_true(runs(server)); /* it is the one that greeted */
            return;
        }
        (void)poll(NULL, 0, 5);
    }
    read_log(server, log, sizeof log);
    fail_msg("nats-server does not start:\n%s", log);
}

struct server *server_start(const struct server_options *options)
{
    struct server *server = calloc(1, sizeof *server);
    const char *parent = getenv("TMPDIR"); // NOLINT(concurrency-mt-unsafe): set by none

    assert_non_null(server);
    (void)snprintf(server->directory, sizeof server->directory, "%.40s/trellis-XXXXXX",
                   parent != NULL ? parent : "/tmp");
    assert_non_null(mkdtemp(server->directory));
    server->port = port_take(&server->lock);
    server->has_jetstream = options->has_jetstream;
    server->domain = options->domain;
    (void)snprintf(server->url, sizeof server->url, "nats://127.0.0.1:%u",
                   (unsigned)server->port);
    (void)snprintf(server->config, sizeof server->config, "%s",
                   options->config != NULL ? options->config : "");
    server_restart(server);
    return server;
}

static void end_by(struct server *server, int number)
{
    assert_true(server->pid > 0);

    assert_int_equal(kill(server->pid, number), 0);
    assert_int_equal(waitpid(server->pid, NULL, 0), server->pid);
    server->pid = 0;
}

void server_kill(struct server *server)
{
    end_by(server, SIGKILL);
}

void server_end(struct server *server)
{
    end_by(server, SIGTERM);
}

void server_stop(struct server *server)
{
    if (server == NULL) {
        return;
    }
    if (server->pid > 0) {
        server_kill(server);
    }
    remove_tree(server->directory);
    (void)close(server->lock);
    free(server);
}

void server_wipe(struct server *server)
{
    char store[128];

    assert_int_equal(server->pid, 0);

    path_of(server, "store", store, sizeof store);
    remove_tree(store);
}

void server_freeze(struct server *server)
{
    int status = 0;

    assert_int_equal(kill(server->pid, SIGSTOP), 0);
    /* not all of its threads stop at once */
    assert_int_equal(waitpid(server->pid, &status, WUNTRACED), server->pid);
    assert_true(WIFSTOPPED(status));
}

void server_thaw(struct server *server)
{
    assert_int_equal(kill(server->pid, SIGCONT), 0);
}

void server_configure(struct server *server, const char *config)
{
    (void)snprintf(server->config, sizeof server->config, "%s", config);
    write_config(server);
    if (server->pid > 0) {
        assert_int_equal(kill(server->pid, SIGHUP), 0);
    }
}

const char *server_url(const struct server *server)
{
    return server->url;
}

const char *server_host_port(const struct server *server)
{
    return server->url + strlen("nats://");
}
