/*
 * lint_rule.h - the rules whose warnings can be switched off.
 */
#ifndef MANIFEST_LINT_RULE_H
#define MANIFEST_LINT_RULE_H

#include <stddef.h>

/* The ids of all rules that warn, sorted; *ret_count of them. */
const char *const *lint_rule_list(size_t *ret_count);

/* The id in the list that equals the length bytes at id; NULL when none does. */
const char *lint_rule_find(const char *id, size_t length);

#endif
