#include "manifest/lint_rule.h"

#include <string.h>

static const char *const ids[] = {
    "empty-interfaces", "empty-value",     "floating-tag",   "http-port",
    "ignored-key",      "image-reference", "no-scaler",      "not-application",
    "old-key",          "old-trait",       "old-type",       "provider-link",
    "same-link",        "second-scaler",   "self-link",      "unknown-interface",
    "unknown-key",      "unknown-rule",    "unknown-shared", "unknown-trait",
    "unused-config",
};

#define IDS_COUNT (sizeof ids / sizeof *ids)

const char *const *lint_rule_list(size_t *ret_count)
{
    *ret_count = IDS_COUNT;
    return ids;
}

const char *lint_rule_find(const char *id, size_t length)
{
    for (size_t i = 0; i < IDS_COUNT; i++) {
        if (strlen(ids[i]) == length && memcmp(ids[i], id, length) == 0) {
            return ids[i];
        }
    }
    return NULL;
}
