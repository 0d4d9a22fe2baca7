#include "reconciler/run/author.h"

#include <pwd.h>
#include <stddef.h>
#include <unistd.h>

#define HOST_BYTES_MAX  256
#define ENTRY_BYTES_MAX 4096

const char *author(struct arena *arena)
{
    char host[HOST_BYTES_MAX] = "";
    char strings[ENTRY_BYTES_MAX];
    struct passwd entry;
    struct passwd *found = NULL;

    if (gethostname(host, sizeof host - 1) != 0 || host[0] == '\0') {
        host[0] = '?';
    }
    if (getpwuid_r(geteuid(), &entry, strings, sizeof strings, &found) != 0 ||
        found == NULL) {
        return arena_print(arena, "%u@%s", (unsigned int)geteuid(), host);
    }
    return arena_print(arena, "%s@%s", found->pw_name, host);
}
