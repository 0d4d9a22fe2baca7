#include "reconciler/run/reconciler.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/run/clock.h"
#include "reconciler/run/lattice_nats.h"
#include "reconciler/run/lease.h"
#include "reconciler/run/log.h"
#include "reconciler/run/news.h"

/* Mail taken before the engine is stepped: more only makes its events wait. */
#define BATCH_MAX 4096
/* Planned in one step, for which requests wait: of fewer each costs more, for what is
 * dirty is sorted anew where events come between. */
#define KEYS_MAX 512
/* Between two pauses: ten large inventories, which take longer, come at a time. */
#define PAUSE_US ((int64_t)5000)

struct reconciler {
    struct loop *loop;
    bool has_own_loop;
    bool is_watched; /* the bus, by the loop */
    struct bus *bus;
    struct lattice_nats *lattice;
    struct lease *lease;                    /* NULL: an observer */
    bool is_lease_noted;                    /* a warning about it was logged */
    char suspension[ERR_MESSAGE_BYTES_MAX]; /* why nothing is sent; "" it is */
    bool is_patient; /* it may wait until the lattice is the store's */
    bool is_stranger_noted;
    struct store *store;
    struct engine *engine;
    struct driver driver;
    struct news *news; /* NULL: not a daemon */
    struct metrics metrics;
    void (*on_mail)(void *context, const struct mail *mail, struct instant now);
    void (*on_pause)(void *context);
    void *context;
};

static void note_command(void *context, const struct command *command)
{
    struct reconciler *reconciler = context;
    struct arena arena = {0};
    struct text text;

    metrics_sent(&reconciler->metrics, command);
    news_tell_command(reconciler->news, command);
    text_init(&text, &arena, 4096);
    command_print(command, &text);
    text.bytes[strcspn(text.bytes, "\n")] = '\0';
    log_say(command_is_question(command->kind) ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO,
            text.bytes, "application",
            command->application[0] != '\0' ? command->application : NULL, NULL);
    arena_free(&arena);
}

static void note_update(void *context, const struct event *events, size_t count,
                        const struct engine_update *update)
{
    struct reconciler *reconciler = context;

    metrics_told(&reconciler->metrics, events, count);
    news_tell_hosts(reconciler->news, update->hosts, update->hosts_count,
                    engine_has_looked(reconciler->engine));
}

static void note_stored(void *context, int64_t span_us)
{
    struct reconciler *reconciler = context;

    histogram_add(&reconciler->metrics.store, (uint64_t)span_us);
}

static void log_loss(void *context, const struct loss *loss)
{
    (void)context;
    log_say(LOG_LEVEL_WARNING, loss->text, "application",
            loss->application[0] != '\0' ? loss->application : NULL, "restore",
            loss->restore, NULL);
}

static void log_error(void *context, const struct err *err)
{
    (void)context;
    log_say(LOG_LEVEL_ERROR, "nothing is sent until the store can be written", "reason",
            err->message, NULL);
}

/* Sends it commands? */
static bool is_commanding(enum reconciler_role role)
{
    return role == RECONCILER_DAEMON || role == RECONCILER_ONE_SHOT;
}

/* An observer has a copy of the store, or an empty one: it waits for no writer. */
static enum err_code open_store(struct reconciler *reconciler,
                                const struct options *options, enum reconciler_role role,
                                struct err *err)
{
    struct arena arena = {0};
    const char *path = options_store(options, &arena);
    enum err_code code;

    if (role != RECONCILER_OBSERVER) {
        code = store_open(path, options->lattice, &reconciler->store, err);
    } else {
        code = store_open_copy(path, options->lattice, &reconciler->store, err);
        if (code == ERR_NOTFOUND) {
            code = store_open(":memory:", options->lattice, &reconciler->store, err);
        }
    }
    arena_free(&arena);
    return code;
}

static enum err_code open_bus(struct reconciler *reconciler,
                              const struct options *options, bool is_patient,
                              struct err *err)
{
    const struct bus_options bus = {
        .connection = options->connection,
        .name = "trellis",
        .is_patient = is_patient,
    };
    enum err_code code = bus_open(&bus, &reconciler->bus, err);

    if (code == ERR_OK) {
        code = lattice_nats_open(reconciler->bus, options->lattice, &reconciler->lattice,
                                 err);
    }
    return code;
}

static enum err_code load(struct reconciler *reconciler, struct err *err)
{
    const struct instant now = clock_now();

    reconciler->driver = (struct driver){
        .engine = reconciler->engine,
        .store = reconciler->store,
        .lattice = lattice_nats_port(reconciler->lattice),
        .unix_ms = clock_unix_ms() - now.ms,
        .is_remembering = true,
        .on_command = note_command,
        .on_update = note_update,
        .on_loss = log_loss,
        .on_stored = note_stored,
        .context = reconciler,
        .on_error = log_error,
        .deadline = INSTANT_NEVER,
    };
    return driver_load(&reconciler->driver, now, err);
}

enum err_code reconciler_join(struct loop *loop, const struct options *options,
                              enum reconciler_role role,
                              struct reconciler **ret_reconciler, struct err *err)
{
    const struct engine_options engine_options = {
        .seed = (uint64_t)clock_unix_ms(),
        .is_observer = !is_commanding(role),
        .keys_max = role == RECONCILER_DAEMON ? KEYS_MAX : 0,
        .missed_heartbeats = options->missed_heartbeats,
        .heartbeat_slack_ms = options->heartbeat_slack_ms,
    };
    struct reconciler *reconciler = calloc(1, sizeof *reconciler);
    enum err_code code;

    if (reconciler == NULL) {
        abort();
    }
    reconciler->is_patient = role == RECONCILER_DAEMON;
    reconciler->engine = engine_new(&engine_options);
    reconciler->loop = loop;
    code = open_store(reconciler, options, role, err);
    if (code == ERR_OK) {
        code = open_bus(reconciler, options, role == RECONCILER_DAEMON, err);
    }
    if (code == ERR_OK && role == RECONCILER_DAEMON) {
        reconciler->news = news_new(reconciler->bus, options->lattice);
    }
    if (code == ERR_OK && is_commanding(role)) {
        reconciler->lease = lease_new(reconciler->bus, options->lattice,
                                      store_identity(reconciler->store), OWNER_LEASE);
    }
    if (code == ERR_OK) {
        code = load(reconciler, err);
    }
    if (code != ERR_OK) {
        reconciler_close(reconciler);
        return code;
    }
    loop_watch(reconciler->loop, bus_fd(reconciler->bus));
    reconciler->is_watched = true;
    *ret_reconciler = reconciler;
    return ERR_OK;
}

enum err_code reconciler_open(const struct options *options, enum reconciler_role role,
                              struct reconciler **ret_reconciler, struct err *err)
{
    struct loop *loop;
    enum err_code code = loop_open(&loop, err);

    if (code != ERR_OK) {
        return code;
    }
    code = reconciler_join(loop, options, role, ret_reconciler, err);
    if (code == ERR_OK) {
        (*ret_reconciler)->has_own_loop = true;
    } else {
        loop_close(loop);
    }
    return code;
}

void reconciler_retire(struct reconciler *reconciler)
{
    engine_retire(reconciler->engine);
}

void reconciler_close(struct reconciler *reconciler)
{
    if (reconciler == NULL) {
        return;
    }
    if (reconciler->lease != NULL) {
        lease_release(reconciler->lease);
        lease_free(reconciler->lease);
        driver_remember(&reconciler->driver, clock_now());
    }
    if (reconciler->is_watched) {
        loop_unwatch(reconciler->loop, bus_fd(reconciler->bus));
    }
    driver_clear(&reconciler->driver);
    lattice_nats_close(reconciler->lattice);
    news_free(reconciler->news);
    bus_close(reconciler->bus);
    store_close(reconciler->store);
    if (reconciler->has_own_loop) {
        loop_close(reconciler->loop);
    }
    engine_free(reconciler->engine);
    free(reconciler);
}

const struct metrics *reconciler_metrics(const struct reconciler *reconciler)
{
    return &reconciler->metrics;
}

struct store *reconciler_store(struct reconciler *reconciler)
{
    return reconciler->store;
}

const struct engine *reconciler_engine(const struct reconciler *reconciler)
{
    return reconciler->engine;
}

struct news *reconciler_news(struct reconciler *reconciler)
{
    return reconciler->news;
}

struct driver *reconciler_driver(struct reconciler *reconciler)
{
    return &reconciler->driver;
}

struct bus *reconciler_bus(struct reconciler *reconciler)
{
    return reconciler->bus;
}

struct loop *reconciler_loop(struct reconciler *reconciler)
{
    return reconciler->loop;
}

void reconciler_serve(struct reconciler *reconciler,
                      void (*on_mail)(void *context, const struct mail *mail,
                                      struct instant now),
                      void (*on_pause)(void *context), void *context)
{
    reconciler->on_mail = on_mail;
    reconciler->on_pause = on_pause;
    reconciler->context = context;
}

const char *reconciler_unguarded(const struct reconciler *reconciler)
{
    return reconciler->lease != NULL && lease_state(reconciler->lease) == LEASE_UNGUARDED
               ? lease_text(reconciler->lease)
               : NULL;
}

bool reconciler_is_writer(const struct reconciler *reconciler)
{
    const struct lease *lease = reconciler->lease;

    return lease == NULL || lease_state(lease) == LEASE_HELD ||
           lease_state(lease) == LEASE_UNGUARDED;
}

/* How many events the engine may be told: none while the writer is at a plan, or it might
 * never end; without the lease all up to the next connection at once, for with that it
 * sends commands, and before that it is to hear that the last one is lost. */
static size_t count_admitted(const struct reconciler *reconciler,
                             const struct event_list *events)
{
    size_t count = 0;

    if (reconciler_is_writer(reconciler)) {
        return engine_is_planning(reconciler->engine) ? 0 : events->count;
    }
    while (count < events->count && events->items[count].kind != EVENT_CONNECTED) {
        count++;
    }
    return count;
}

static void step(struct reconciler *reconciler, struct instant now)
{
    struct event_list *events = lattice_nats_events(reconciler->lattice);
    const size_t count = count_admitted(reconciler, events);

    if (count == 0 && !instant_is_due(reconciler->driver.deadline, now)) {
        return;
    }
    driver_step(&reconciler->driver, now, events->items, count);
    if (count == events->count) {
        event_list_clear(events);
    } else {
        events->count -= count;
        memmove(events->items, events->items + count,
                events->count * sizeof *events->items);
    }
}

static void take_mail(struct reconciler *reconciler, struct instant now)
{
    int64_t pause_at = clock_us() + PAUSE_US;
    struct mail *mail;

    for (int i = 0; i < BATCH_MAX; i++) {
        mail = bus_take(reconciler->bus, now);
        if (mail == NULL) {
            break;
        }
        lattice_nats_take(reconciler->lattice, mail, now);
        news_take(reconciler->news, mail);
        if (reconciler->lease != NULL && lease_owns(reconciler->lease, mail)) {
            lease_take(reconciler->lease, mail, now);
        }
        /* A second daemon answers nobody before it has found out that it is one. */
        if (reconciler->on_mail != NULL &&
            ((mail->kind != MAIL_MESSAGE && mail->kind != MAIL_EXCESS) ||
             reconciler_is_writer(reconciler))) {
            reconciler->on_mail(reconciler->context, mail, now);
        }
        reconciler->metrics.excess += mail->kind == MAIL_EXCESS;
        if (reconciler->on_pause != NULL && mail->kind != MAIL_EXCESS &&
            clock_us() >= pause_at) {
            reconciler->on_pause(reconciler->context);
            pause_at = clock_us() + PAUSE_US;
        }
        mail_free(mail);
    }
}

static enum err_code watch_lease(struct reconciler *reconciler, struct instant now,
                                 struct err *err)
{
    if (reconciler->lease == NULL) {
        return ERR_OK;
    }
    if (instant_is_due(lease_deadline(reconciler->lease), now)) {
        lease_at_deadline(reconciler->lease, now);
    }
    switch (lease_state(reconciler->lease)) {
    case LEASE_TRYING:
        break;
    case LEASE_HELD:
        reconciler->is_lease_noted = false;
        break;
    case LEASE_UNGUARDED:
        if (!reconciler->is_lease_noted) {
            log_say(LOG_LEVEL_WARNING, "no lease: nothing keeps a second writer away",
                    "reason", lease_text(reconciler->lease), NULL);
        }
        reconciler->is_lease_noted = true;
        break;
    case LEASE_TAKEN:
        return err_set(err, ERR_CONFLICT,
                       "another trellis writes to this lattice: %s; stop it first",
                       lease_text(reconciler->lease));
    }
    return ERR_OK;
}

/* To a lattice that the store does not know nothing is sent: who waits says so, and who
 * does not ends. */
static enum err_code watch_stranger(struct reconciler *reconciler, struct err *err)
{
    const char *stranger = engine_stranger(reconciler->engine);

    if (stranger != NULL && !reconciler->is_patient) {
        return err_set(err, ERR_CONFLICT, "%s", stranger);
    }
    if (stranger != NULL && !reconciler->is_stranger_noted) {
        log_say(LOG_LEVEL_ERROR, "nothing is sent to this lattice", "reason", stranger,
                NULL);
    }
    reconciler->is_stranger_noted = stranger != NULL;
    return ERR_OK;
}

struct instant reconciler_deadline(const struct reconciler *reconciler)
{
    const bool has_events =
        count_admitted(reconciler, lattice_nats_events(reconciler->lattice)) > 0;
    struct instant next = has_events ? CLOCK_LONG_AGO : reconciler->driver.deadline;

    next = instant_min(next, bus_deadline(reconciler->bus));
    next = instant_min(next, lattice_nats_deadline(reconciler->lattice));
    if (reconciler->lease != NULL) {
        next = instant_min(next, lease_deadline(reconciler->lease));
    }
    return next;
}

enum err_code reconciler_work(struct reconciler *reconciler, struct err *err)
{
    const int64_t begun_us = clock_us();
    const struct instant now = clock_now();
    enum err_code code;

    take_mail(reconciler, now);
    if (instant_is_due(lattice_nats_deadline(reconciler->lattice), now)) {
        lattice_nats_at_deadline(reconciler->lattice, now);
    }
    code = watch_lease(reconciler, now, err);
    if (code == ERR_OK) {
        /* Mail may have stepped the engine, at a later time. */
        step(reconciler, clock_now());
        code = watch_stranger(reconciler, err);
    }
    histogram_add(&reconciler->metrics.turn, (uint64_t)(clock_us() - begun_us));
    return code;
}

enum err_code reconciler_turn(struct reconciler *reconciler, struct instant deadline,
                              struct err *err)
{
    loop_wait(reconciler->loop, instant_min(deadline, reconciler_deadline(reconciler)));
    return reconciler_work(reconciler, err);
}

void reconciler_suspend(struct reconciler *reconciler, const char *why)
{
    const struct event event = {.kind = EVENT_SUSPENDED, .u.suspended = {why}};

    if (strcmp(reconciler->suspension, why) != 0) {
        (void)snprintf(reconciler->suspension, sizeof reconciler->suspension, "%s", why);
        driver_step(&reconciler->driver, clock_now(), &event, 1);
    }
}

const char *reconciler_suspension(const struct reconciler *reconciler)
{
    return reconciler->suspension;
}

void reconciler_survey(struct reconciler *reconciler)
{
    lattice_nats_survey(reconciler->lattice, clock_now());
}

enum err_code reconciler_prune(struct reconciler *reconciler,
                               const char *const *applications, size_t count,
                               struct err *err)
{
    return driver_prune(&reconciler->driver, clock_now(), applications, count, err);
}

enum err_code reconciler_reload(struct reconciler *reconciler,
                                const char *const *applications, size_t count,
                                struct err *err)
{
    return driver_reload(&reconciler->driver, clock_now(), applications, count, err);
}
