#include "reconciler/sim/order.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What the words after the first are; those from the first optional one on may lack. */
enum word {
    WORD_END,
    WORD_HOST,
    WORD_ID,
    WORD_IMAGE,
    WORD_COUNT,
    WORD_MS,
    WORD_SOURCE,
    WORD_TARGET,
    WORD_NAMESPACE,
    WORD_PACKAGE,
    WORD_INTERFACES,
    WORD_LABEL,
    WORD_KEY,
    WORD_OPTIONAL_NAME,
    WORD_OPTIONAL_LABELS, /* all that follow */
    WORD_OPTIONAL_TEXT,   /* the rest of the line */
};

#define WORDS_MAX 7

static const struct {
    const char *verb;
    enum sim_order_kind kind;
    enum word words[WORDS_MAX];
} verbs[] = {
    {"accept", SIM_ORDER_ACCEPT, {WORD_IMAGE}},
    {"accept-on", SIM_ORDER_ACCEPT_ON, {WORD_HOST, WORD_IMAGE}},
    {"break", SIM_ORDER_BREAK, {WORD_HOST, WORD_ID}},
    {"crash", SIM_ORDER_CRASH, {WORD_HOST, WORD_ID}},
    {"del-link",
     SIM_ORDER_DELETE_LINK,
     {WORD_SOURCE, WORD_NAMESPACE, WORD_PACKAGE, WORD_OPTIONAL_NAME}},
    {"delay", SIM_ORDER_DELAY, {WORD_HOST, WORD_MS}},
    {"disable", SIM_ORDER_DISABLE, {WORD_HOST, WORD_ID}},
    {"drop-config", SIM_ORDER_DROP_CONFIG, {WORD_ID}},
    {"drop-link", SIM_ORDER_DROP_LINK, {WORD_SOURCE, WORD_TARGET, WORD_OPTIONAL_NAME}},
    {"enable", SIM_ORDER_ENABLE, {WORD_HOST, WORD_ID}},
    {"heal", SIM_ORDER_HEAL, {WORD_HOST, WORD_ID}},
    {"kill", SIM_ORDER_KILL, {WORD_HOST}},
    {"label", SIM_ORDER_LABEL, {WORD_HOST, WORD_LABEL}},
    {"lose-buckets", SIM_ORDER_LOSE_BUCKETS, {WORD_END}},
    {"make-buckets", SIM_ORDER_MAKE_BUCKETS, {WORD_END}},
    {"mute", SIM_ORDER_MUTE, {WORD_HOST}},
    {"pause", SIM_ORDER_PAUSE, {WORD_HOST, WORD_MS}},
    {"put-link",
     SIM_ORDER_PUT_LINK,
     {WORD_SOURCE, WORD_TARGET, WORD_NAMESPACE, WORD_PACKAGE, WORD_INTERFACES,
      WORD_OPTIONAL_NAME}},
    {"refuse", SIM_ORDER_REFUSE, {WORD_IMAGE, WORD_OPTIONAL_TEXT}},
    {"refuse-on", SIM_ORDER_REFUSE_ON, {WORD_HOST, WORD_IMAGE, WORD_OPTIONAL_TEXT}},
    {"restart", SIM_ORDER_RESTART, {WORD_HOST}},
    {"scale", SIM_ORDER_SCALE, {WORD_HOST, WORD_ID, WORD_COUNT, WORD_IMAGE}},
    {"sicken", SIM_ORDER_SICKEN, {WORD_HOST, WORD_ID}},
    {"start", SIM_ORDER_START, {WORD_HOST, WORD_OPTIONAL_LABELS}},
    {"start-provider", SIM_ORDER_START_PROVIDER, {WORD_HOST, WORD_ID, WORD_IMAGE}},
    {"stop", SIM_ORDER_STOP, {WORD_HOST}},
    {"stop-provider", SIM_ORDER_STOP_PROVIDER, {WORD_HOST, WORD_ID}},
    {"unlabel", SIM_ORDER_UNLABEL, {WORD_HOST, WORD_KEY}},
    {"unmute", SIM_ORDER_UNMUTE, {WORD_HOST}},
    {"update", SIM_ORDER_UPDATE, {WORD_HOST, WORD_ID, WORD_IMAGE}},
};

static const char blanks[] = " \t\r\n";

/* A line that is being read; at stands on the next word. */
struct reader {
    const char *at;
    struct arena *arena;
    const char *reason; /* why it is no order; NULL so far */
};

static const char *next_word(struct reader *reader)
{
    const size_t length = strcspn(reader->at, blanks);
    const char *word = arena_text(reader->arena, reader->at, length);

    assert(strchr(blanks, reader->at[0]) == NULL || reader->at[0] == '\0');
    reader->at += length;
    reader->at += strspn(reader->at, blanks);
    return word;
}

static uint64_t read_number(struct reader *reader, const char *word, uint64_t max)
{
    uint64_t number = 0;

    for (const char *at = word; *at != '\0'; at++) {
        const uint64_t digit = (uint64_t)(*at - '0');

        if (*at < '0' || *at > '9' || number > (max - digit) / 10) {
            reader->reason = "not a number, or too large";
            return 0;
        }
        number = number * 10 + digit;
    }
    return number;
}

/* Put KEY=VALUE where it belongs among labels, instead of one with its key. */
static void add_label(struct reader *reader, const char *word, struct properties *labels)
{
    const char *sign = strchr(word, '=');
    struct property *items = arena_array(reader->arena, labels->count + 1, sizeof *items);
    struct property label;
    size_t before = 0;
    size_t after;

    if (sign == NULL || sign == word) {
        reader->reason = "a label is KEY=VALUE";
        return;
    }
    label.key = arena_text(reader->arena, word, (size_t)(sign - word));
    label.value = sign + 1;
    while (before < labels->count && strcmp(labels->items[before].key, label.key) < 0) {
        items[before] = labels->items[before];
        before++;
    }
    assert(label.key[0] != '\0');
    after = before;
    if (after < labels->count && strcmp(labels->items[after].key, label.key) == 0) {
        after++;
    }
    items[before] = label;
    for (size_t i = after; i < labels->count; i++) {
        items[before + 1 + i - after] = labels->items[i];
    }
    *labels =
        (struct properties){.items = items, .count = before + 1 + labels->count - after};
}

/* A,B,C */
static struct names split(const char *word, struct arena *arena)
{
    const char **items = NULL;
    size_t capacity = 0;
    size_t count = 0;

    while (*word != '\0') {
        const size_t length = strcspn(word, ",");

        items = arena_grow(arena, items, count, &capacity, sizeof *items);
        items[count++] = arena_text(arena, word, length);
        word += length + (word[length] == ',' ? 1 : 0);
    }
    return (struct names){.items = items, .count = count};
}

/* Read the next word, or the rest of the line, as word into order. */
static void read_word(struct reader *reader, enum word word, struct sim_order *order)
{
    struct link *link = &order->link;
    const char *rest = reader->at;
    const char *text = next_word(reader);

    switch (word) {
    case WORD_END:
        return;
    case WORD_HOST:
        order->host = text;
        return;
    case WORD_ID:
        order->id = text;
        return;
    case WORD_IMAGE:
        order->image = text;
        return;
    case WORD_COUNT:
        order->count = (uint32_t)read_number(reader, text, UINT32_MAX);
        return;
    case WORD_MS:
        order->ms = (int64_t)read_number(reader, text, INT32_MAX);
        return;
    case WORD_SOURCE:
        link->source_id = text;
        return;
    case WORD_TARGET:
        link->target = text;
        return;
    case WORD_NAMESPACE:
        link->wit_namespace = text;
        return;
    case WORD_PACKAGE:
        link->wit_package = text;
        return;
    case WORD_INTERFACES:
        link->interfaces = split(text, reader->arena);
        return;
    case WORD_LABEL:
        add_label(reader, text, &order->labels);
        return;
    case WORD_KEY:
        add_label(reader, arena_print(reader->arena, "%s=", text), &order->labels);
        return;
    case WORD_OPTIONAL_NAME:
        link->name = text[0] != '\0' ? text : NULL;
        return;
    case WORD_OPTIONAL_LABELS:
        for (; text[0] != '\0'; text = next_word(reader)) {
            add_label(reader, text, &order->labels);
        }
        return;
    case WORD_OPTIONAL_TEXT:
        order->text = arena_copy(reader->arena, rest);
        reader->at = rest + strlen(rest);
        return;
    }
    abort();
}

static void read_words(struct reader *reader, const enum word *words,
                       struct sim_order *order)
{
    assert(order->host == NULL && order->labels.count == 0);
    for (size_t i = 0; i < WORDS_MAX && words[i] != WORD_END; i++) {
        if (*reader->at == '\0' && words[i] < WORD_OPTIONAL_NAME) {
            reader->reason = "a word is missing";
            return;
        }
        read_word(reader, words[i], order);
    }
    if (*reader->at != '\0' && reader->reason == NULL) {
        reader->reason = "too many words";
    }
}

bool sim_order_read(const char *line, struct arena *arena, struct sim_order *ret_order,
                    const char **ret_reason)
{
    struct reader reader = {.at = line + strspn(line, blanks), .arena = arena};
    struct sim_order order = {.text = ""};
    const char *verb = next_word(&reader);

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(verbs[i].verb, verb) != 0) {
            continue;
        }
        assert(reader.reason == NULL);
        order.kind = verbs[i].kind;
        read_words(&reader, verbs[i].words, &order);
        if (reader.reason != NULL) {
            *ret_reason = reader.reason;
            return false;
        }
        *ret_order = order;
        return true;
    }
    *ret_reason = verb[0] == '\0' ? "an empty line" : "no such order";
    return false;
}
