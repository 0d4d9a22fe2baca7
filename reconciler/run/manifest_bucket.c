#include "reconciler/run/manifest_bucket.h"

#include <string.h>

#include "reconciler/wire/jetstream.h"
#include "reconciler/wire/wadm_bucket.h"

#define STREAM     "KV_" WADM_BUCKET
#define KEYS       "$KV." WADM_BUCKET "."
#define DIRECT_GET "$JS.API.DIRECT.GET." STREAM "." KEYS

/* Ask JetStream, whose errors of its own are in ret_stream. */
static enum err_code ask(struct client *client, const struct bus_message *message,
                         struct arena *arena, struct wire_jetstream *ret_stream,
                         struct err *err)
{
    struct client_answer answer = {.status = ""};
    const enum err_code code = client_send(client, message, arena, &answer, err);

    return code != ERR_OK ? code
                          : wire_decode_jetstream(answer.bytes, answer.length, arena,
                                                  ret_stream, err);
}

static enum err_code set_refused(const struct wire_jetstream *stream, struct err *err)
{
    return err_set(err, ERR_UNREACHABLE, "the bucket " WADM_BUCKET ": %s",
                   stream->error_text);
}

enum err_code manifest_bucket_find(struct client *client, struct arena *arena,
                                   struct err *err)
{
    const struct bus_message message = {.subject = "$JS.API.STREAM.INFO." STREAM,
                                        .bytes = ""};
    struct wire_jetstream stream = {.error_code = 0};
    const enum err_code code = ask(client, &message, arena, &stream, err);

    if (code == ERR_NOTFOUND ||
        (code == ERR_OK && (stream.error_code == WIRE_JETSTREAM_NO_STREAM ||
                            stream.error_code == WIRE_JETSTREAM_NOT_ENABLED))) {
        return err_set(err, ERR_NOTFOUND,
                       "there is no bucket " WADM_BUCKET " here: no wadm has run, or it "
                       "is in another account or JetStream domain");
    }
    return code == ERR_OK && stream.error_code != 0 ? set_refused(&stream, err) : code;
}

enum err_code manifest_bucket_make(struct client *client, struct arena *arena,
                                   struct err *err)
{
    const char *body = wire_encode_bucket(WADM_BUCKET, 0, 0, arena);
    const struct bus_message message = {.subject = "$JS.API.STREAM.CREATE." STREAM,
                                        .bytes = body,
                                        .length = strlen(body)};
    struct wire_jetstream stream = {.error_code = 0};
    const enum err_code code = ask(client, &message, arena, &stream, err);

    return code == ERR_OK && stream.error_code != 0 ? set_refused(&stream, err) : code;
}

enum err_code manifest_bucket_read(struct client *client, const char *key,
                                   struct arena *arena, struct manifest_entry *ret_entry,
                                   struct err *err)
{
    struct client_answer answer = {.status = ""};
    const enum err_code code = client_fetch(
        client, arena_print(arena, DIRECT_GET "%s", key), arena, &answer, err);

    if (code != ERR_OK) {
        return code;
    }
    *ret_entry = (struct manifest_entry){.bytes = NULL};
    if (strcmp(answer.status, "404") == 0) {
        return ERR_OK;
    }
    if (answer.status[0] != '\0' ||
        !wire_decode_number(answer.sequence, &ret_entry->sequence)) {
        return err_set(err, ERR_UNREACHABLE,
                       "the bucket " WADM_BUCKET " does not give its key %s: %s", key,
                       answer.status);
    }
    if (answer.operation[0] == '\0') {
        ret_entry->bytes = answer.bytes;
        ret_entry->length = answer.length;
    }
    return ERR_OK;
}

enum err_code manifest_bucket_write(struct client *client, const char *key,
                                    const struct manifest_entry *entry,
                                    struct arena *arena, struct err *err)
{
    const struct bus_message message = {
        .subject = arena_print(arena, KEYS "%s", key),
        .bytes = entry->bytes != NULL ? entry->bytes : "",
        .length = entry->bytes != NULL ? entry->length : 0,
        .has_expected_sequence = true,
        .expected_sequence = entry->sequence,
        .is_purge = entry->bytes == NULL,
    };
    struct wire_jetstream stream = {.error_code = 0};
    const enum err_code code = ask(client, &message, arena, &stream, err);

    if (code == ERR_OK && stream.error_code == WIRE_JETSTREAM_WRONG_SEQUENCE) {
        return err_set(err, ERR_CONFLICT,
                       "somebody else has written to key %s of the bucket " WADM_BUCKET
                       " meanwhile: stop wadm, and run this again",
                       key);
    }
    return code == ERR_OK && stream.error_code != 0 ? set_refused(&stream, err) : code;
}
