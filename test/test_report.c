/*
 * The status of applications as people and as programs read it, while a script goes on.
 * The manifests hold secrets, none of which may be shown.
 */
#include <string.h>

#include "test/support_cases.h"
#include "test/support_world.h"

static void run(const char *script, struct text *output)
{
    const size_t start = output->count;

    world_run(script, output);
    if (strstr(output->bytes + start, "hunter2") != NULL) {
        text_append(output, "! a secret is shown\n");
    }
}

int main(int argc, char **argv)
{
    return cases_run(argc, argv, "fixtures/status", ".txt", run);
}
