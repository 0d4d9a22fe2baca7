/*
 * options_value.h - what is written behind an option, as what it means.
 *
 * name is the option's; ERR_USAGE says what to write instead.
 */
#ifndef RECONCILER_RUN_OPTIONS_VALUE_H
#define RECONCILER_RUN_OPTIONS_VALUE_H

#include <stdint.h>

#include "reconciler/run/option_rule.h"

/* The value of the variable first, or else second, unless that is NULL, or else
 * otherwise; an empty one is none. */
const char *options_environment(const char *first, const char *second,
                                const char *otherwise);

/* As options_read_duration reads it. */
enum err_code options_value_duration(const char *name, const char *value, int64_t *ret_ms,
                                     struct err *err) __attribute__((warn_unused_result));

/* A whole number from 0 to most. */
enum err_code options_value_number(const char *name, const char *value, uint64_t most,
                                   uint64_t *ret_number, struct err *err)
    __attribute__((warn_unused_result));

/* A whole number from least to 1000. */
enum err_code options_value_count(const char *name, const char *value, uint32_t least,
                                  uint32_t *ret_count, struct err *err)
    __attribute__((warn_unused_result));

/* What a status or an apply is of: the state, or NAME=WHAT, is added to options. */
enum err_code options_value_filter(const struct option_rule *rule, const char *value,
                                   struct arena *arena, struct options *options,
                                   struct err *err) __attribute__((warn_unused_result));

void options_add_name(struct names *names, struct arena *arena, const char *name);

/* An event that was read last, N or RUN:N. */
enum err_code options_value_event(const char *value, struct arena *arena,
                                  struct options *options, struct err *err)
    __attribute__((warn_unused_result));

/* The words that the subjects of an API begin with; the first may be a wildcard. */
enum err_code options_value_prefix(const char *name, const char *value,
                                   const char **ret_prefix, struct err *err)
    __attribute__((warn_unused_result));

/* A rule of manifests that warns. */
enum err_code options_value_rule(const char *name, const char *value,
                                 const char **ret_rule, struct err *err)
    __attribute__((warn_unused_result));

/* The index of value among words, up to NULL. */
enum err_code options_value_choice(const char *name, const char *value,
                                   const char *const *words, int *ret_choice,
                                   struct err *err) __attribute__((warn_unused_result));

#endif
