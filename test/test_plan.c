/*
 * Golden plans: what apply would send to a lattice as a script has left it, each command
 * with its reason.  The manifests hold secrets, none of which may be shown.
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
    return cases_run(argc, argv, "fixtures/plans", ".txt", run);
}
