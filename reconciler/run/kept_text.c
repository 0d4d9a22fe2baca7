#include "reconciler/run/kept_text.h"

#include <string.h>

enum err_code kept_text_read(const struct store_text *text, struct arena *arena,
                             const struct oam_application **ret_application,
                             struct err *err)
{
    const struct oam_application *items;
    struct manifest manifest;
    struct diags diags;
    enum err_code code;

    diags_init(&diags, arena, "");
    code = manifest_read(text->text, strlen(text->text), text->source, arena, &diags,
                         &manifest, err);
    if (code != ERR_OK) {
        return code;
    }
    items = manifest.applications; /* which are in the arena */
    for (size_t i = 0; i < manifest.applications_count; i++) {
        if (strcmp(items[i].name, text->application) == 0) {
            *ret_application = items + i;
            return ERR_OK;
        }
    }
    return err_set(err, ERR_IO, "the text of %s %s is of another application",
                   text->application, text->version);
}
