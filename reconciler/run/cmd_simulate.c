#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "manifest/limits.h"
#include "reconciler/run/cli.h"
#include "reconciler/run/clock.h"
#include "reconciler/run/log.h"
#include "reconciler/run/loop.h"
#include "reconciler/run/simulator.h"

#define LINE_BYTES_MAX 4096
#define BATCH_MAX      256 /* mail taken before hosts look at the clock again */
#define READY_MS       ((int64_t)5000)

/* Of a question to nobody: owner 0 is no host's. */
#define TAG_READY mail_tag(0, 1)

/* The program, and the line of standard input that is being read. */
struct simulation {
    struct loop *loop;
    struct bus *bus;
    struct simulator *simulator;
    char line[LINE_BYTES_MAX];
    size_t line_length;
    bool has_started; /* the hosts */
};

/* Every line is answered by what it asks for and "ok", or by "error: " and why. */
static void obey(struct simulation *simulation, struct instant now)
{
    struct arena arena = {0};
    struct text answer;
    struct err err = {0};
    enum err_code code;

    text_init(&answer, &arena, MESSAGE_BYTES_MAX);
    code = simulator_obey(simulation->simulator, now, simulation->line, &answer, &err);
    (void)printf("%s", answer.bytes);
    if (code == ERR_OK) {
        (void)printf("ok\n");
    } else {
        (void)printf("error: %s\n", err.message);
    }
    (void)fflush(stdout);
    arena_free(&arena);
}

static void take_bytes(struct simulation *simulation, const char *bytes, size_t count,
                       struct instant now)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != '\n') {
            /* Of a line that is too long the rest is left out, and it is refused. */
            simulation->line[simulation->line_length] = bytes[i];
            simulation->line_length += simulation->line_length < LINE_BYTES_MAX - 1;
            continue;
        }
        simulation->line[simulation->line_length] = '\0';
        if (simulation->line_length > 0 && simulation->line[0] != '#') {
            obey(simulation, now);
        }
        simulation->line_length = 0;
    }
}

/* What is there to read of standard input; its end is no reason to stop. */
static void read_orders(struct simulation *simulation, struct instant now)
{
    char bytes[LINE_BYTES_MAX];
    const ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);

    if (count > 0) {
        take_bytes(simulation, bytes, (size_t)count, now);
    } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
        loop_unwatch(simulation->loop, STDIN_FILENO);
    }
}

/* Ask what nobody answers: when the server says so, it has read all that was sent
 * before, and the hosts can be reached. */
static enum err_code ask_nobody(struct simulation *simulation, struct instant now,
                                struct err *err)
{
    struct arena arena = {0};
    const struct bus_message message = {
        .subject = arena_print(&arena, "%s.simulate.ready", bus_inbox(simulation->bus)),
        .bytes = "",
    };
    const enum err_code code = bus_request(simulation->bus, &message, TAG_READY,
                                           instant_after(now, READY_MS), err);

    arena_free(&arena);
    return code;
}

static enum err_code start_hosts(struct simulation *simulation,
                                 const struct options *options, struct instant now,
                                 struct err *err)
{
    enum err_code code = ERR_OK;

    for (uint32_t i = 1; i <= options->hosts && code == ERR_OK; i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "host-%u", (unsigned int)i);
        code = simulator_start(simulation->simulator, now, name, err);
    }
    simulation->has_started = true;
    return code == ERR_OK ? ask_nobody(simulation, now, err) : code;
}

static enum err_code take_mail(struct simulation *simulation,
                               const struct options *options, struct instant now,
                               struct err *err)
{
    enum err_code code = ERR_OK;
    struct mail *mail;

    for (int i = 0; i < BATCH_MAX && code == ERR_OK; i++) {
        mail = bus_take(simulation->bus, now);
        if (mail == NULL) {
            break;
        }
        if (mail->kind == MAIL_DISCONNECTED) {
            log_say(LOG_LEVEL_WARNING, "no connection", "reason", mail->bytes, NULL);
        }
        if (mail->kind == MAIL_CONNECTED && !simulation->has_started) {
            code = start_hosts(simulation, options, now, err);
        }
        if (mail->tag == TAG_READY) {
            log_say(LOG_LEVEL_INFO, "simulating", "lattice", options->lattice, "server",
                    bus_server(simulation->bus), NULL);
        }
        simulator_take(simulation->simulator, mail, now);
        mail_free(mail);
    }
    return code;
}

/* Wait for what comes first, and deal with it. */
static enum err_code turn(struct simulation *simulation, const struct options *options,
                          struct err *err)
{
    enum err_code code;
    struct instant now;

    loop_wait(simulation->loop, instant_min(bus_deadline(simulation->bus),
                                            simulator_deadline(simulation->simulator)));
    now = clock_now();
    code = take_mail(simulation, options, now, err);
    if (loop_is_ready(simulation->loop, STDIN_FILENO)) {
        read_orders(simulation, now);
    }
    if (instant_is_due(simulator_deadline(simulation->simulator), now)) {
        simulator_at_deadline(simulation->simulator, now);
    }
    return code;
}

static enum err_code open_all(struct simulation *simulation,
                              const struct options *options, struct err *err)
{
    const struct bus_options bus = {
        .connection = options->connection,
        .name = "trellis simulate",
    };
    enum err_code code = loop_open(&simulation->loop, err);

    if (code == ERR_OK) {
        code = bus_open(&bus, &simulation->bus, err);
    }
    if (code != ERR_OK) {
        return code;
    }
    loop_watch(simulation->loop, bus_fd(simulation->bus));
    loop_watch(simulation->loop, STDIN_FILENO);
    simulation->simulator = simulator_new(simulation->bus, options);
    return ERR_OK;
}

static void close_all(struct simulation *simulation)
{
    simulator_free(simulation->simulator);
    bus_close(simulation->bus);
    loop_close(simulation->loop);
}

static int simulate(const struct options *options)
{
    struct simulation simulation = {0};
    struct err err;
    enum err_code code = open_all(&simulation, options, &err);

    while (code == ERR_OK && loop_take_signal(simulation.loop) == 0) {
        code = turn(&simulation, options, &err);
    }
    close_all(&simulation);
    return code == ERR_OK ? EXIT_DONE : cli_fail(options, &err);
}

const struct cli_command cmd_simulate = {
    .name = "simulate",
    .verb = VERB_SIMULATE,
    .run = simulate,
    .usage = "",
    .summary = "be a lattice of simulated hosts, told what happens on standard input",
};
