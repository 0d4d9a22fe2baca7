#include "reconciler/wire/micro.h"

#include <string.h>

#include "reconciler/wire/json.h"
#include "reconciler/wire/utc.h"

enum verb { VERB_PING, VERB_INFO, VERB_STATS, VERBS_COUNT };

static const struct {
    const char *subject;
    const char *type;
} verbs[VERBS_COUNT] = {
    [VERB_PING] = {MICRO_SUBJECT ".PING", "io.nats.micro.v1.ping_response"},
    [VERB_INFO] = {MICRO_SUBJECT ".INFO", "io.nats.micro.v1.info_response"},
    [VERB_STATS] = {MICRO_SUBJECT ".STATS", "io.nats.micro.v1.stats_response"},
};

/* What follows start in text; NULL when text does not begin so. */
static const char *after(const char *text, const char *start)
{
    const size_t length = strlen(start);

    return strncmp(text, start, length) == 0 ? text + length : NULL;
}

/* Is rest of a subject, behind the verb, that of all services, or of this one? */
static bool is_ours(const struct micro_service *service, const char *rest)
{
    const char *id = after(rest, "." MICRO_NAME);

    return rest[0] == '\0' ||
           (id != NULL &&
            (id[0] == '\0' || (id[0] == '.' && strcmp(id + 1, service->id) == 0)));
}

static enum verb find_verb(const struct micro_service *service, const char *subject)
{
    for (int verb = VERB_PING; verb < VERBS_COUNT; verb++) {
        const char *rest = after(subject, verbs[verb].subject);

        if (rest != NULL && is_ours(service, rest)) {
            return (enum verb)verb;
        }
    }
    return VERBS_COUNT;
}

static void append_stats(const struct micro_endpoint *endpoint, struct text *text)
{
    const uint64_t spent_ns = (uint64_t)endpoint->spent_us * 1000;

    json_print_integer(text, "num_requests", endpoint->requests);
    json_print_integer(text, "num_errors", endpoint->errors);
    json_print_text(text, "last_error", "");
    json_print_integer(text, "processing_time", spent_ns);
    json_print_integer(text, "average_processing_time",
                       endpoint->requests > 0 ? spent_ns / endpoint->requests : 0);
}

static void append_endpoints(const struct micro_service *service, bool has_stats,
                             struct text *text)
{
    json_print_key(text, "endpoints");
    text_append(text, "[");
    for (size_t i = 0; i < service->count; i++) {
        const struct micro_endpoint *endpoint = &service->endpoints[i];

        text_append(text, i > 0 ? ",{" : "{");
        json_print_text(text, "name", endpoint->name);
        json_print_text(text, "subject", endpoint->subject);
        json_print_text(text, "queue_group", endpoint->queue);
        if (has_stats) {
            append_stats(endpoint, text);
        }
        text_append(text, "}");
    }
    text_append(text, "]");
}

bool micro_answer(const struct micro_service *service, const char *subject,
                  struct text *text)
{
    const enum verb verb = find_verb(service, subject);
    char started[UTC_TEXT_BYTES];

    if (verb == VERBS_COUNT) {
        return false;
    }
    text_append(text, "{");
    json_print_text(text, "type", verbs[verb].type);
    json_print_text(text, "name", MICRO_NAME);
    json_print_text(text, "id", service->id);
    json_print_text(text, "version", service->version);
    json_print_key(text, "metadata");
    text_append(text, "{");
    json_print_text(text, "lattice", service->lattice);
    text_append(text, "}");
    if (verb == VERB_INFO) {
        json_print_text(text, "description",
                        "deploys wasmCloud applications to a lattice");
    }
    if (verb == VERB_STATS) {
        utc_print(service->started_unix_ms, started);
        json_print_text(text, "started", started);
    }
    if (verb != VERB_PING) {
        append_endpoints(service, verb == VERB_STATS, text);
    }
    text_append(text, "}");
    return true;
}
