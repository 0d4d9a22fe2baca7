/*
 * translate.h - bytes from the lattice as events for the engine.
 *
 * What a real lattice sends over NATS and what a simulated one sends in memory takes
 * the same way in.  What cannot be decoded adds no event, or an answer that says so,
 * and is returned as an error for the log.
 */
#ifndef RECONCILER_RUN_TRANSLATE_H
#define RECONCILER_RUN_TRANSLATE_H

#include "manifest/err.h"
#include "reconciler/core/command.h"
#include "reconciler/run/event_list.h"

struct translator {
    struct event_list events; /* what has been told since they were taken */
    uint64_t newest;          /* id of the newest command */
};

/* The tag of the request of command: its kind and the low bits of its id. */
uint32_t translate_tag(struct translator *translator, const struct command *command);

/* How long an answer to a command of kind is waited for, in ms. */
int64_t translate_patience_ms(enum command_kind kind);

/* Is the request under tag answered by everybody there is? */
bool translate_is_gather(uint32_t tag);

/* The bytes of an answer to the request under tag. */
enum err_code translate_answer(struct translator *translator, uint32_t tag,
                               const char *bytes, size_t length, struct err *err);

/* The request under tag has ended without one: ANSWER_NO_RESPONDERS, _NONE, _UNSENT. */
void translate_silence(struct translator *translator, uint32_t tag, enum answer answer);

/* The server refuses the request under tag, in the words of text: it was not sent. */
void translate_denial(struct translator *translator, uint32_t tag, const char *text);

/* A message on wasmbus.evt.{lattice}. */
enum err_code translate_event(struct translator *translator, const char *bytes,
                              size_t length, struct err *err);

/* An entry of one of the buckets; bytes NULL: deleted.  Of a config that cannot be read
 * the event says so; links that cannot be read are as they were. */
struct translate_entry {
    enum bucket bucket;
    const char *key;
    const char *bytes;
    size_t length;
    uint64_t sequence;
};
enum err_code translate_entry(struct translator *translator,
                              const struct translate_entry *entry, struct err *err);

#endif
