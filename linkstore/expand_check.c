#include "linkstore/expand_check.h"

static void report(struct diags *diags, const struct span *span, const char *what)
{
    diags_add(diags, DIAG_ERROR, "unsupported", span,
              "this version of trellis does not deploy %s: expected none", what);
}

static void check_secrets(const struct oam_secrets *secrets, struct diags *diags)
{
    if (secrets->count > 0) {
        report(diags, &secrets->items[0].span, "secrets");
    }
}

static void check_component(const struct oam_component *component, struct diags *diags)
{
    if (component->shared.application != NULL) {
        report(diags, &component->shared.span, "components of another application");
    }
    check_secrets(&component->secrets, diags);
    for (size_t i = 0; i < component->links_count; i++) {
        check_secrets(&component->links[i].source_secrets, diags);
        check_secrets(&component->links[i].target_secrets, diags);
    }
}

void expand_check(const struct oam_application *application, struct diags *diags)
{
    for (size_t i = 0; i < application->components_count; i++) {
        check_component(&application->components[i], diags);
    }
}
