#include "reconciler/run/options_context.h"

#include <string.h>

#include "reconciler/run/files.h"
#include "reconciler/run/options_value.h"

#define FOLDERS_MAX 2

/* path with HOME for a ~ at its start, as wash has it. */
static const char *expand(const char *path, struct arena *arena)
{
    return path[0] == '~' && path[1] == '/'
               ? arena_print(arena, "%s%s", options_environment("HOME", NULL, ""),
                             path + 1)
               : path;
}

/* The folders that contexts may be in, the first first, up to NULL.  wash before 0.43 had
 * the last one. */
static void find_folders(struct arena *arena, const char *ret_folders[FOLDERS_MAX + 1])
{
    const char *home = options_environment("HOME", NULL, NULL);
    const char *folder = options_environment("WASH_CONTEXT_DIR", NULL, NULL);
    size_t count = 0;

    if (folder != NULL) {
        ret_folders[count++] = expand(folder, arena);
    } else if ((folder = options_environment("WASH_CONFIG_DIR", NULL, NULL)) != NULL) {
        ret_folders[count++] = arena_print(arena, "%s/contexts", expand(folder, arena));
    } else {
        folder = options_environment("XDG_CONFIG_HOME", NULL, NULL);
        if (folder != NULL) {
            ret_folders[count++] = arena_print(arena, "%s/wash/contexts", folder);
        } else if (home != NULL) {
            ret_folders[count++] = arena_print(arena, "%s/.config/wash/contexts", home);
        }
        if (home != NULL) {
            ret_folders[count++] = arena_print(arena, "%s/.wash/contexts", home);
        }
    }
    ret_folders[count] = NULL;
}

/* The content of a file of folder, in arena; NULL when it cannot be read. */
static const struct api_manifest *read_file(const char *folder, const char *name,
                                            struct arena *arena)
{
    struct api_manifest *content = arena_alloc(arena, sizeof *content);
    const enum err_code code =
        files_read_one(arena_print(arena, "%s/%s", folder, name), arena, content, NULL);

    return code == ERR_OK ? content : NULL;
}

/* The name of the default in folder, in arena; NULL when none is named. */
static const char *default_name(const char *folder, struct arena *arena)
{
    const struct api_manifest *file = read_file(folder, "default", arena);

    if (file == NULL || file->text[strcspn(file->text, " \t\r\n")] == file->text[0]) {
        return NULL;
    }
    return arena_text(arena, file->text, strcspn(file->text, "\r\n"));
}

/* The context name of folder, in arena.  ERR_NOTFOUND it is not there. */
static enum err_code read_context(const char *folder, const char *name,
                                  struct arena *arena, struct wire_context *ret_context,
                                  struct err *err)
{
    const struct api_manifest *file =
        read_file(folder, arena_print(arena, "%s.json", name), arena);
    struct err why;

    if (file == NULL) {
        return ERR_NOTFOUND;
    }
    if (wire_decode_context(file->text, file->length, arena, ret_context, &why) !=
        ERR_OK) {
        return err_set(err, ERR_USAGE, "the wash context '%s' cannot be used: %s",
                       file->source, why.message);
    }
    ret_context->name = arena_copy(arena, name);
    return ERR_OK;
}

enum err_code options_context(const char *name, struct arena *arena,
                              struct wire_context *ret_context, struct err *err)
{
    const char *folders[FOLDERS_MAX + 1];

    *ret_context = (struct wire_context){0};
    if (name != NULL && strchr(name, '/') != NULL) {
        return err_set(err, ERR_USAGE, "--context '%s' is no name of a context", name);
    }
    find_folders(arena, folders);
    for (size_t i = 0; folders[i] != NULL; i++) {
        const char *wanted = name != NULL ? name : default_name(folders[i], arena);

        const enum err_code code =
            wanted != NULL ? read_context(folders[i], wanted, arena, ret_context, err)
                           : ERR_NOTFOUND;

        if (code != ERR_NOTFOUND) {
            return code;
        }
    }
    if (name != NULL) {
        return err_set(err, ERR_USAGE,
                       "there is no wash context '%s' in %s: see 'wash ctx list'", name,
                       folders[0] != NULL ? folders[0] : "any folder");
    }
    return ERR_OK;
}
