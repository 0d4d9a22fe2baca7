#include "reconciler/run/news.h"

#include <stdlib.h>
#include <string.h>

#include "manifest/limits.h"
#include "reconciler/run/clock.h"
#include "reconciler/run/deploy.h"
#include "reconciler/run/kept_events.h"
#include "reconciler/run/log.h"
#include "reconciler/wire/subject.h"
#include "reconciler/wire/utc.h"

struct news {
    struct bus *bus;
    struct arena arena;
    const char *subject;
    char run[DEPLOY_VERSION_BYTES];
    struct kept_events *kept;
    bool is_denied; /* on this connection */
    bool has_looked;
    size_t heard_count; /* hosts, until it has */
};

struct news *news_new(struct bus *bus, const char *lattice)
{
    struct news *news = calloc(1, sizeof *news);

    if (news == NULL) {
        abort();
    }
    news->bus = bus;
    news->subject = subject_build(&news->arena, SUBJECT_EVENT, lattice, NULL, NULL);
    deploy_make_version(clock_unix_ms(), news->run);
    news->kept = kept_events_new();
    return news;
}

void news_free(struct news *news)
{
    if (news != NULL) {
        kept_events_free(news->kept);
        arena_free(&news->arena);
        free(news);
    }
}

void news_take(struct news *news, const struct mail *mail)
{
    if (news == NULL) {
        return;
    }
    if (mail->kind == MAIL_CONNECTED) {
        news->is_denied = false;
    } else if (mail->kind == MAIL_DENIED && !news->is_denied &&
               strcmp(mail->subject, news->subject) == 0) {
        news->is_denied = true;
        log_say(LOG_LEVEL_WARNING,
                "the NATS server refuses what trellis events follows: events are not "
                "published",
                "subject", mail->subject, "reason", mail->bytes, NULL);
    }
}

struct api_events news_kept(const struct news *news, const struct api_params *params,
                            struct arena *arena)
{
    const bool is_this_run = params->run == NULL || strcmp(params->run, news->run) == 0;

    return (struct api_events){
        .run = news->run,
        .oldest = kept_events_oldest(news->kept),
        .newest = kept_events_newest(news->kept),
        .events =
            kept_events_after(news->kept, is_this_run ? params->since : 0,
                              params->limit > 0 ? params->limit : UINT64_MAX, arena),
    };
}

/* What is not sent has its number all the same, and is kept. */
void news_tell(struct news *news, const struct api_event *event)
{
    struct arena arena = {0};
    struct api_event whole = *event;
    char at[UTC_TEXT_BYTES];
    struct bus_message message;
    struct text text;
    struct err err;

    if (news == NULL) {
        return;
    }
    utc_print(clock_unix_ms(), at);
    whole.run = news->run;
    whole.sequence = kept_events_newest(news->kept) + 1;
    whole.at = at;
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    api_encode_event(&whole, &text);
    kept_events_add(news->kept, text.bytes, text.count);
    message = (struct bus_message){
        .subject = news->subject, .bytes = text.bytes, .length = text.count};
    if (!news->is_denied && bus_is_connected(news->bus) &&
        bus_publish(news->bus, &message, &err) != ERR_OK) {
        log_say(LOG_LEVEL_DEBUG, "an event was not published", "reason", err.message,
                NULL);
    }
    arena_free(&arena);
}

void news_tell_command(struct news *news, const struct command *command)
{
    struct arena arena = {0};
    struct api_event event;

    if (news == NULL || command_is_question(command->kind)) {
        return;
    }
    event = api_event_of_command(command, &arena);
    news_tell(news, &event);
    arena_free(&arena);
}

/* The hosts that the first look finds, of which there may be a thousand, are one line. */
static void log_host(struct news *news, const struct host_news *host)
{
    struct arena arena = {0};

    if (host->is_gone) {
        log_say(LOG_LEVEL_WARNING, "host gone", "host", host->name, "id", host->id, "why",
                host->why, NULL);
    } else {
        news->heard_count += !news->has_looked;
        log_say(news->has_looked ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG, "host heard", "host",
                host->name, "id", host->id, "labels",
                arena_print(&arena, "%zu", host->labels_count), NULL);
    }
    arena_free(&arena);
}

static void tell_host(struct news *news, const struct host_news *host)
{
    struct arena arena = {0};
    const struct api_event event = {
        .kind = "host",
        .application = "",
        .resource = "host",
        .key = host->id,
        .event = host->is_gone ? "gone" : "up",
        .text = host->is_gone
                    ? arena_print(&arena, "host %s is gone: %s", host->name, host->why)
                    : arena_print(&arena, "host %s is there, with %zu labels", host->name,
                                  host->labels_count),
    };

    log_host(news, host);
    news_tell(news, &event);
    arena_free(&arena);
}

static void log_first(struct news *news)
{
    struct arena arena = {0};

    news->has_looked = true;
    log_say(LOG_LEVEL_INFO, "the lattice was looked at", "hosts",
            arena_print(&arena, "%zu", news->heard_count), NULL);
    arena_free(&arena);
}

void news_tell_hosts(struct news *news, const struct host_news *hosts, size_t count,
                     bool has_looked)
{
    if (news == NULL) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        tell_host(news, &hosts[i]);
    }
    if (has_looked && !news->has_looked) {
        log_first(news);
    }
}
