/*
 * support_words.h - links and workloads as the words of a script.
 */
#ifndef TEST_SUPPORT_WORDS_H
#define TEST_SUPPORT_WORDS_H

#include "reconciler/core/event.h"

/* The parts of text between separators; an empty text or "-" has none. */
struct names script_split(struct arena *arena, const char *text, char separator);

/* parts: NS:PKG/IFACE[,IFACE], then perhaps name, source config and target config. */
struct link script_link(struct arena *arena, const char *source, const char *target,
                        const struct names *parts);

/* ID=IMAGE*COUNT[@APP] a component, ID=IMAGE[@APP] a provider. */
struct host_workload script_workload(struct arena *arena, const char *text);

#endif
