#include "test/support_blast.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define CHANGES_MAX     5

/* Not UTF-8, and so neither JSON nor YAML. */
#define BROKEN "\xff"

/* With more mistakes in it than there are changes by chance: none makes it a manifest. */
#define MANIFEST                                                                         \
    "{\"apiVersion\":[1],\"kind\":{},\"metadata\":{\"name\":\"hello world\","            \
    "\"labels\":7,\"annotations\":7},\"spec\":{\"policies\":7,\"components\":["          \
    "{\"name\":\"a\",\"type\":\"nothing\",\"traits\":7}]}}"

static const char yaml[] = "apiVersion: [1]\n"
                           "kind: {}\n"
                           "metadata:\n"
                           "  name: hello world\n"
                           "  labels: 7\n"
                           "  annotations: 7\n"
                           "spec:\n"
                           "  policies: 7\n"
                           "  components:\n"
                           "    - {name: a, type: nothing, traits: 7}\n";

static const char applying[] =
    "{\"schema\":1,\"dry_run\":true,\"manifests\":[{\"source\":\"a.yaml\",\"text\":"
    "\"kind: Application\\nmetadata: {name: a b}\\nspec: {components: [7, 8, 9]}\"}],"
    "\"expected\":[{\"name\":\"hello-world\",\"version\":\"v9\"}]}";

static const char params[] =
    "{\"schema\":1,\"states\":[\"deployed\"],\"brief\":true,\"limit\":3,\"key\":"
    "\"hello-world/httpserver\",\"version\":\"v0.0.2\"}";

/* One kind of request. */
struct request {
    enum blast_fate fate;
    const char *subject; /* "%" stands for any tokens */
    const char *body;    /* changed by chance; NULL: random bytes; BROKEN: behind that */
    unsigned weight;
};

static const struct request requests[] = {
    /* any bytes to any subject */
    {BLAST_REFUSED, "wadm.api.default.%", NULL, 8},
    {BLAST_REFUSED, "wadm.api.default.model.%", NULL, 8},
    {BLAST_REFUSED, "trellis.api.default.%", NULL, 8},
    {BLAST_REFUSED, "trellis.api.default.%", "", 2},
    {BLAST_RAW, "trellis.api.default.fetch.%", NULL, 2},
    {BLAST_ANSWERED, "trellis.api.default.part.%", NULL, 1},
    {BLAST_REFUSED, "wadm.api.default.model.put", NULL, 12},
    {BLAST_REFUSED, "trellis.api.default.apply", NULL, 6},
    {BLAST_REFUSED, "trellis.api.default.plan", NULL, 6},
    {BLAST_REFUSED, "trellis.api.default.explain", NULL, 4},

    /* almost valid */
    {BLAST_REFUSED, "wadm.api.default.model.put", MANIFEST, 16},
    {BLAST_REFUSED, "wadm.api.default.model.put", yaml, 16},
    {BLAST_ANSWERED, "trellis.api.default.apply", applying, 10},
    {BLAST_ANSWERED, "trellis.api.default.plan", applying, 6},
    {BLAST_ANSWERED, "trellis.api.default.explain", params, 6},
    {BLAST_ANSWERED, "trellis.api.default.status", params, 6},
    {BLAST_ANSWERED, "trellis.api.default.history.hello-world", params, 4},
    {BLAST_ANSWERED, "trellis.api.default.drift", params, 4},
    {BLAST_ANSWERED, "wadm.api.default.model.get.hello-world", params, 4},

    /* what changes something, to nobody, or with a body that says nothing */
    {BLAST_REFUSED, "wadm.api.default.model.deploy.nobody", params, 3},
    {BLAST_REFUSED, "wadm.api.default.model.deploy.hello-world", BROKEN, 3},
    {BLAST_REFUSED, "wadm.api.default.model.undeploy.hello-world", BROKEN, 3},
    {BLAST_REFUSED, "wadm.api.default.model.del.hello-world", BROKEN, 3},
    {BLAST_REFUSED, "wadm.api.default.model.del.nobody", "", 2},
    {BLAST_REFUSED, "wadm.api.default.model.undeploy.%", "", 2},
    {BLAST_REFUSED, "trellis.api.default.delete.%", "", 2},
    {BLAST_REFUSED, "trellis.api.default.delete.nobody", params, 2},
    {BLAST_REFUSED, "trellis.api.default.pause.nobody", "", 2},
    {BLAST_REFUSED, "trellis.api.default.pause.hello-world", BROKEN, 3},
    {BLAST_REFUSED, "trellis.api.default.resume.hello-world", BROKEN, 3},
    {BLAST_REFUSED, "trellis.api.default.rollback.hello-world", BROKEN, 3},
    {BLAST_ANSWERED, "trellis.api.default.prune", params, 2},

    /* and what is right */
    {BLAST_ANSWERED, "wadm.api.default.model.list", "", 4},
    {BLAST_ANSWERED, "wadm.api.default.model.status.hello-world", "", 4},
    {BLAST_ANSWERED, "wadm.api.default.model.versions.hello-world", "", 2},
    {BLAST_ANSWERED, "trellis.api.default.status", "", 4},
    {BLAST_ANSWERED, "trellis.api.default.doctor", "", 1},
    {BLAST_ANSWERED, "trellis.api.default.ping", NULL, 2},
};

static const struct request *draw_request(struct sim_prng *prng)
{
    uint64_t sum = 0;
    uint64_t drawn;
    size_t i = 0;

    for (size_t j = 0; j < COUNT_OF(requests); j++) {
        sum += requests[j].weight;
    }
    drawn = sim_prng_below(prng, sum);
    while (drawn >= requests[i].weight) {
        drawn -= requests[i++].weight;
    }
    return &requests[i];
}

/* Any byte that the protocol of NATS lets a token have. */
static char draw_token_byte(struct sim_prng *prng)
{
    static const char usual[] = "abz09-_*>$/\"\\%{";
    char byte = usual[sim_prng_below(prng, sizeof usual - 1)];

    while (sim_prng_below(prng, 4) == 0 || byte == '.' || byte == 0x7f) {
        byte = (char)(0x21 + sim_prng_below(prng, 0xff - 0x21));
    }
    return byte;
}

/* Some tokens; none of the verbs and names is made of less than three bytes. */
static size_t draw_tokens(struct sim_prng *prng, char *ret_text, size_t size)
{
    const uint64_t tokens_count = 1 + sim_prng_below(prng, 5);
    size_t length = 0;

    for (uint64_t i = 0; i < tokens_count; i++) {
        static const char *const words[] = {"model", "get", "status", "0", "1", "no"};
        const uint64_t bytes_count = 1 + sim_prng_below(prng, i == 0 ? 2 : 12);

        if (i > 0) {
            ret_text[length++] = '.';
        }
        if (i > 0 && sim_prng_below(prng, 3) == 0) {
            length += (size_t)snprintf(ret_text + length, size - length, "%s",
                                       words[sim_prng_below(prng, COUNT_OF(words))]);
            continue;
        }
        for (uint64_t j = 0; j < bytes_count; j++) {
            assert(length < size);
            ret_text[length++] = draw_token_byte(prng);
        }
    }
    return length;
}

static void draw_subject(struct sim_prng *prng, const char *pattern, struct blast *blast)
{
    const size_t head = strcspn(pattern, "%");
    size_t length = head;

    memcpy(blast->subject, pattern, head);
    if (pattern[head] == '%') {
        length += draw_tokens(prng, blast->subject + head, BLAST_SUBJECT_BYTES - head);
    }
    assert(length < BLAST_SUBJECT_BYTES);
    blast->subject[length] = '\0';
}

/* Mostly few bytes, seldom many; none is the start of what can be valid. */
static void draw_bytes(struct sim_prng *prng, struct blast *blast)
{
    const uint64_t most = sim_prng_below(prng, 2000) == 0 ? BLAST_BYTES_MAX - 8 : 200;

    memcpy(blast->bytes, BROKEN, 1);
    blast->length = 1 + sim_prng_below(prng, most);
    for (size_t i = 1; i < blast->length; i++) {
        blast->bytes[i] = (char)sim_prng_next(prng);
    }
}

/* Put other bytes in, take some away, or write a piece twice. */
static void change(struct sim_prng *prng, struct blast *blast)
{
    static const char likely[] = "{}[]\":,\\ \n#&*!|>%@`'-0\xc2\xff";
    const size_t at = sim_prng_below(prng, blast->length);
    const size_t count = 1 + sim_prng_below(prng, 8);

    switch (sim_prng_below(prng, 4)) {
    case 0:
        blast->bytes[at] = (char)sim_prng_next(prng);
        return;
    case 1:
        blast->bytes[at] = likely[sim_prng_below(prng, sizeof likely - 1)];
        return;
    case 2:
        if (blast->length - at > count) {
            blast->length -= count;
            memmove(blast->bytes + at, blast->bytes + at + count, blast->length - at);
        }
        return;
    default:
        memmove(blast->bytes + at + count, blast->bytes + at, blast->length - at);
        blast->length += count;
        return;
    }
}

static void draw_body(struct sim_prng *prng, const char *body, struct blast *blast)
{
    const size_t length = body != NULL ? strlen(body) : 0;

    if (body == NULL || strcmp(body, BROKEN) == 0) {
        draw_bytes(prng, blast);
        return;
    }
    assert(length + (size_t)8 * CHANGES_MAX < BLAST_BYTES_MAX);
    memcpy(blast->bytes, body, length);
    blast->length = length;
    for (uint64_t i = sim_prng_below(prng, CHANGES_MAX + 1); i > 0 && length > 0; i--) {
        change(prng, blast);
    }
}

void blast_make(struct sim_prng *prng, struct blast *ret_blast)
{
    static const char *const types[] = {NULL,
                                        NULL,
                                        NULL,
                                        NULL,
                                        "application/json",
                                        "application/yaml",
                                        "text/plain; charset=\"",
                                        "\xff\x01"};
    const struct request *request = draw_request(prng);

    ret_blast->fate = request->fate;
    ret_blast->content_type = types[sim_prng_below(prng, COUNT_OF(types))];
    draw_subject(prng, request->subject, ret_blast);
    draw_body(prng, request->body, ret_blast);
}

/* Does reply say that nothing was done? */
static bool is_refusal(const json_t *reply)
{
    static const char *const words[] = {"error", "notfound", "noop"};
    const char *result = json_string_value(json_object_get(reply, "result"));

    for (size_t i = 0; result != NULL && i < COUNT_OF(words); i++) {
        if (strcmp(result, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

const char *blast_judge(enum blast_fate fate, const char *bytes, size_t length)
{
    json_t *reply;
    bool is_right;

    if (fate == BLAST_RAW) {
        return NULL;
    }
    reply = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, NULL);
    if (reply == NULL) {
        return "it is no JSON";
    }
    is_right = fate == BLAST_ANSWERED || is_refusal(reply);
    json_decref(reply);
    return is_right ? NULL : "it was not refused";
}
