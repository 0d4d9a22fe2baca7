#include "linkstore/expand_check.h"

static void report(struct diags *diags, const struct span *span, const char *what)
{
    diags_add(diags, DIAG_ERROR, "unsupported", span,
              "this version of trellis does not deploy %s: expected none", what);
}

void expand_check(const struct oam_application *application, struct diags *diags)
{
    for (size_t i = 0; i < application->components_count; i++) {
        const struct oam_component *component = &application->components[i];

        if (component->shared.application != NULL) {
            report(diags, &component->shared.span, "components of another application");
        }
    }
}
