#include "manifest/render.h"

bool render_is_invalid(const struct render *render)
{
    const struct diags *diags = render->diags;

    return diags->errors_count > 0 ||
           (render->is_strict && diags->count + diags->dropped_count > 0);
}
