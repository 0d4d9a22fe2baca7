/*
 * The main of replay_NAME: runs a fuzz target over files, one TAP line each, with any
 * compiler.  Arguments are files; without any, they are those of fixtures/corpus/NAME.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "test/fuzz/fuzz.h"
#include "test/support_manifest.h"

static void replay(size_t index, const char *path)
{
    struct arena arena = {0};
    size_t length;
    const char *bytes = support_file_read(path, &arena, &length);

    (void)LLVMFuzzerTestOneInput((const uint8_t *)bytes, length);
    printf("ok %zu - %s\n", index, path);
    (void)fflush(stdout);
    arena_free(&arena);
}

int main(int argc, char **argv)
{
    const char *name = strrchr(argv[0], '_');
    struct arena arena = {0};
    char **paths = argv + 1;
    size_t count = (size_t)argc - 1;

    if (count == 0 && name != NULL) {
        const char *folder = arena_print(&arena, "fixtures/corpus/%s", name + 1);

        paths = support_folder_list(folder, "", &arena, &count);
    }
    printf("1..%zu\n", count);
    for (size_t i = 0; i < count; i++) {
        replay(i + 1, paths[i]);
    }
    arena_free(&arena);
    return 0;
}
