#include <stdlib.h>
#include <string.h>

#include "manifest/text.h"
#include "reconciler/run/options.h"
#include "reconciler/run/options_value.h"

const char *options_environment(const char *first, const char *second,
                                const char *otherwise)
{
    const char *value = getenv(first); // NOLINT(concurrency-mt-unsafe): before threads

    if ((value == NULL || value[0] == '\0') && second != NULL) {
        value = getenv(second); // NOLINT(concurrency-mt-unsafe): before threads
    }
    return value != NULL && value[0] != '\0' ? value : otherwise;
}

/* The server as one name of a folder: host and port, without user and scheme. */
static const char *server_name(const char *server, struct arena *arena)
{
    const char *start = strstr(server, "://");
    const char *at;
    char *name;

    start = start != NULL ? start + 3 : server;
    at = strrchr(start, '@');
    name = arena_copy(arena, at != NULL ? at + 1 : start);
    for (char *c = name; *c != '\0'; c++) {
        if (*c == '/') {
            *c = '_';
        }
    }
    return name;
}

const char *options_store(const struct options *options, struct arena *arena)
{
    const char *state;

    if (options->store != NULL) {
        return options->store;
    }
    state =
        options_environment("STATE_DIRECTORY", NULL, NULL); /* systemd's, ours alone */
    if (state != NULL) {
        return arena_print(arena, "%s/%s.db", state, options->lattice);
    }
    state = options_environment("XDG_STATE_HOME", NULL, NULL);
    if (state == NULL) {
        state =
            arena_print(arena, "%s/.local/state", options_environment("HOME", NULL, "."));
    }
    return arena_print(arena, "%s/trellis/%s/%s.db", state,
                       server_name(options->connection.url, arena), options->lattice);
}
