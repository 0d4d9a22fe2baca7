#include "reconciler/core/entry.h"

#include <string.h>

#include "reconciler/core/claim.h"

/* Of a source that never had an entry. */
#define EMPTY "{\"url\":\"\",\"links\":[]}"

/* A link without what its values hold. */
#define FRAME                                                                            \
    "{\"source_id\":\"\",\"target\":\"\",\"name\":\"\",\"wit_namespace\":\"\","          \
    "\"wit_package\":\"\",\"interfaces\":,\"source_config\":,\"target_config\":}"

/* What stands between the quotes. */
static size_t text_bytes(const char *value)
{
    size_t bytes = 0;

    for (; *value != '\0'; value++) {
        const unsigned char c = (unsigned char)*value;

        if (c == '"' || c == '\\' || (c >= '\b' && c <= '\r' && c != '\v')) {
            bytes += 2;
        } else {
            bytes += c < ' ' ? strlen("\\u0000") : 1;
        }
    }
    return bytes;
}

static size_t names_bytes(const struct names *names)
{
    size_t bytes = strlen("[]") + (names->count > 0 ? names->count - 1 : 0);

    for (size_t i = 0; i < names->count; i++) {
        bytes += strlen("\"\"") + text_bytes(names->items[i]);
    }
    return bytes;
}

static size_t link_bytes(const struct link *link)
{
    return strlen(FRAME) + text_bytes(link->source_id) + text_bytes(link->target) +
           text_bytes(link->name) + text_bytes(link->wit_namespace) +
           text_bytes(link->wit_package) + names_bytes(&link->interfaces) +
           names_bytes(&link->source_config) + names_bytes(&link->target_config);
}

/* As it was told; where only its links were, what they come to. */
static size_t observed_bytes(const struct source_item *source)
{
    size_t bytes =
        strlen(EMPTY) + (source->observed_count > 0 ? source->observed_count - 1 : 0);

    if (source->entry_bytes > 0) {
        return source->entry_bytes;
    }
    for (size_t i = 0; i < source->observed_count; i++) {
        bytes += link_bytes(source->observed[i]);
    }
    return bytes;
}

size_t entry_bytes_with(const struct link_item *link)
{
    const struct source_item *source = link->source;

    return observed_bytes(source) + (source->observed_count > 0 ? strlen(",") : 0) +
           link_bytes(claim_link(link)->link);
}

size_t entry_bytes_max(const struct engine *engine)
{
    return engine->payload_max > 0 ? engine->payload_max / 10 * 9 : SIZE_MAX;
}
