#include "manifest/validate_secret.h"

#include <string.h>

/* Source: wadm-types 0.8.3 lib.rs. */
#define SECRET_POLICY "policy.secret.wasmcloud.dev/v1alpha1"

const struct oam_policy *validate_find_policy(const struct oam_application *application,
                                              const char *name)
{
    for (size_t i = application->policies_count; i-- > 0;) {
        const struct oam_policy *policy = &application->policies[i];

        if (policy->name != NULL && strcmp(policy->name, name) == 0) {
            return policy;
        }
    }
    return NULL;
}

static bool has_backend(const struct oam_policy *policy)
{
    for (size_t i = 0; i < policy->properties.count; i++) {
        if (strcmp(policy->properties.items[i].key, "backend") == 0) {
            return true;
        }
    }
    return false;
}

/* Whether secrets can name it; one that has no type is reported for that. */
static bool is_good(const struct oam_policy *policy)
{
    return policy != NULL &&
           (policy->type == NULL ||
            (strcmp(policy->type, SECRET_POLICY) == 0 && has_backend(policy)));
}

static void report_unknown(const struct oam_application *application,
                           const struct oam_secret *secret, struct diags *diags)
{
    const size_t count = application->policies_count;
    const char **names = arena_array(diags->arena, count, sizeof *names);
    size_t names_count = 0;
    const char *near;

    for (size_t i = 0; i < count; i++) {
        if (application->policies[i].name != NULL) {
            names[names_count++] = application->policies[i].name;
        }
    }
    near = diag_near(secret->policy, names, names_count);
    diags_add(diags, DIAG_ERROR, "unknown-policy", &secret->policy_span,
              "no policy is named %s: %s%s%s", diag_quoted(secret->policy, diags->arena),
              near == NULL ? "expected one of 'policies'" : "did you mean ",
              near == NULL ? "" : diag_quoted(near, diags->arena),
              near == NULL ? "" : "?");
}

static void check(const struct oam_application *application,
                  const struct oam_secrets *secrets, struct diags *diags)
{
    for (size_t i = 0; i < secrets->count; i++) {
        const struct oam_secret *secret = &secrets->items[i];
        const struct oam_policy *policy =
            secret->policy != NULL ? validate_find_policy(application, secret->policy)
                                   : NULL;

        if (secret->policy == NULL || is_good(policy) || diags_drop(diags, DIAG_ERROR)) {
            continue;
        }
        if (policy == NULL) {
            report_unknown(application, secret, diags);
        } else if (strcmp(policy->type, SECRET_POLICY) != 0) {
            diags_add(diags, DIAG_ERROR, "not-secret-policy", &secret->policy_span,
                      "the policy %s is of type %s: expected one of type '" SECRET_POLICY
                      "'",
                      diag_quoted(secret->policy, diags->arena),
                      diag_quoted(policy->type, diags->arena));
            diags_relate(diags, NULL, &policy->span, "the policy is declared here");
        } else {
            diags_add(diags, DIAG_ERROR, "policy-backend", &secret->policy_span,
                      "the policy %s has no property 'backend': expected the name of a "
                      "secrets backend",
                      diag_quoted(secret->policy, diags->arena));
            diags_relate(diags, NULL, &policy->span, "the policy is declared here");
        }
    }
}

void validate_secrets(const struct oam_application *application, struct diags *diags)
{
    for (size_t i = 0; i < application->components_count; i++) {
        const struct oam_component *component = &application->components[i];

        check(application, &component->secrets, diags);
        for (size_t j = 0; j < component->links_count; j++) {
            check(application, &component->links[j].source_secrets, diags);
            check(application, &component->links[j].target_secrets, diags);
        }
    }
}
