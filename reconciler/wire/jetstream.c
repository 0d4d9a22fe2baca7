#include "reconciler/wire/jetstream.h"

#include <string.h>

#include <jansson.h>

#include "reconciler/wire/json.h"

/* In which a server drops what it has seen before; never longer than entries last. */
#define WINDOW_NS (120LL * 1000 * 1000 * 1000)

static uint64_t find_number(struct json_reader *reader, json_t *object, const char *key)
{
    return (uint64_t)json_find_integer(reader, object, key, INT64_MAX);
}

/* What answer says of an error; 0 unless there is one. */
static uint64_t find_error(struct json_reader *reader, json_t *error)
{
    const uint64_t code = find_number(reader, error, "err_code");

    return code != 0 ? code : find_number(reader, error, "code");
}

static uint64_t find_subjects(struct json_reader *reader, json_t *state)
{
    const uint64_t count = find_number(reader, state, "num_subjects");

    return count != 0 ? count : find_number(reader, state, "messages");
}

enum err_code wire_decode_jetstream(const char *bytes, size_t length, struct arena *arena,
                                    struct wire_jetstream *ret_answer, struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    json_auto_t *root = json_read_object(&reader, bytes, length);
    json_t *error = json_find_object(&reader, root, "error");
    json_t *state = json_find_object(&reader, root, "state");
    const struct wire_jetstream answer = {
        .error_code = find_error(&reader, error),
        .error_text = json_find_text(&reader, error, "description", ""),
        .created = json_find_text(&reader, root, "created", ""),
        .subjects_count = find_subjects(&reader, state),
        .last_sequence = find_number(&reader, state, "last_seq"),
        .pending_count = find_number(&reader, root, "num_pending"),
        .sequence = find_number(&reader, root, "seq"),
    };

    if (reader.code == ERR_OK) {
        *ret_answer = answer;
    }
    return reader.code;
}

bool wire_decode_number(const char *text, uint64_t *ret_number)
{
    uint64_t number = 0;

    if (*text == '\0') {
        return false;
    }
    for (const char *at = text; *at != '\0'; at++) {
        if (*at < '0' || *at > '9' || __builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(*at - '0'), &number)) {
            return false;
        }
    }
    *ret_number = number;
    return true;
}

/*
 * $JS.ACK.STREAM.CONSUMER.DELIVERED.SEQUENCE.CONSUMER-SEQUENCE.TIME.PENDING, and with a
 * domain $JS.ACK.DOMAIN.ACCOUNT.STREAM.…PENDING.RANDOM
 */
bool wire_decode_delivery(const char *reply, struct wire_delivery *ret_delivery)
{
    enum { TOKENS_PLAIN = 9, TOKENS_DOMAIN = 11, TOKENS_MAX = 12 };
    char copy[512];
    char *tokens[TOKENS_MAX];
    struct wire_delivery delivery;
    size_t count = 0;
    size_t first;

    if (strncmp(reply, "$JS.ACK.", strlen("$JS.ACK.")) != 0 ||
        strlen(reply) >= sizeof copy) {
        return false;
    }
    memcpy(copy, reply, strlen(reply) + 1);
    for (char *at = copy; at != NULL && count < TOKENS_MAX; count++) {
        char *dot = strchr(at, '.');

        tokens[count] = at;
        if (dot != NULL) {
            *dot++ = '\0';
        }
        at = dot;
    }
    if (count != TOKENS_PLAIN && count < TOKENS_DOMAIN) {
        return false;
    }
    first = count == TOKENS_PLAIN ? 5 : 7;
    if (!wire_decode_number(tokens[first], &delivery.stream_sequence) ||
        !wire_decode_number(tokens[first + 1], &delivery.consumer_sequence) ||
        !wire_decode_number(tokens[first + 3], &delivery.pending_count)) {
        return false;
    }
    *ret_delivery = delivery;
    return true;
}

const char *wire_encode_bucket(const char *bucket, int64_t max_age_ms, uint64_t first,
                               struct arena *arena)
{
    const long long age_ns = (long long)max_age_ms * 1000 * 1000;
    const long long window_ns = age_ns > 0 && age_ns < WINDOW_NS ? age_ns : WINDOW_NS;

    return arena_print(
        arena,
        "{\"name\":\"KV_%s\",\"subjects\":[\"$KV.%s.>\"],\"retention\":\"limits\","
        "\"max_consumers\":-1,\"max_msgs\":-1,\"max_bytes\":-1,\"max_msg_size\":-1,"
        "\"max_msgs_per_subject\":1,\"max_age\":%lld,\"duplicate_window\":%lld,"
        "\"storage\":\"file\",\"discard\":\"new\",\"num_replicas\":1,"
        "\"allow_rollup_hdrs\":true,\"deny_delete\":true,\"allow_direct\":true%s}",
        bucket, bucket, age_ns, window_ns,
        first > 0 ? arena_print(arena, ",\"first_seq\":%llu", (unsigned long long)first)
                  : "");
}
