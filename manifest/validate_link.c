#include "manifest/validate_link.h"

#include <string.h>

#include "manifest/validate_config.h"
#include "manifest/validate_keyed.h"

static bool has_slot(const struct oam_link *link)
{
    return link->name != NULL && link->wit_namespace != NULL && link->wit_package != NULL;
}

/*
 * A slot holds an interface once, whatever the target.
 *
 * Source: wadm-types 0.8.3 validation.rs; wasmCloud 1.9.2 link.put.
 */
static void report_interface(struct diags *diags, const struct validate_keyed *first,
                             const struct validate_keyed *again)
{
    const struct oam_link *earlier = first->item;
    const struct oam_link *link = again->item;
    const char *interface;

    if (earlier == link || diags_drop(diags, DIAG_ERROR)) {
        return; /* an interface listed twice is reported where it is read */
    }
    interface = arena_print(diags->arena, "%s:%s/%s", link->wit_namespace,
                            link->wit_package, again->keys[3]);
    diags_add(diags, DIAG_ERROR, "duplicate-link", &link->span,
              "%s is linked already under the name %s: expected another 'name'",
              diag_quoted(interface, diags->arena),
              diag_quoted(link->name, diags->arena));
    diags_relate(diags, NULL, &earlier->span, "it is linked first here");
}

static void check_interfaces(const struct oam_component *component, struct arena *scratch,
                             struct diags *diags)
{
    struct validate_keyed *items;
    size_t capacity = 0;
    size_t count = 0;

    for (size_t i = 0; i < component->links_count; i++) {
        capacity += component->links[i].interfaces.count;
    }
    items = arena_array(scratch, capacity, sizeof *items);
    for (size_t i = 0; i < component->links_count; i++) {
        const struct oam_link *link = &component->links[i];

        for (size_t j = 0; has_slot(link) && j < link->interfaces.count; j++) {
            items[count++] = (struct validate_keyed){
                .keys = {link->wit_namespace, link->wit_package, link->name,
                         link->interfaces.items[j]},
                .item = link,
                .index = i,
            };
        }
    }
    validate_keyed_repeats(items, count, report_interface, diags);
}

/* Of two links that differ only in interfaces and configs, a host keeps the later. */
static void report_slot(struct diags *diags, const struct validate_keyed *first,
                        const struct validate_keyed *again)
{
    const struct oam_link *earlier = first->item;
    const struct oam_link *link = again->item;

    if (validate_configs_are_equal(&earlier->source_config, &link->source_config) &&
        validate_configs_are_equal(&earlier->target_config, &link->target_config)) {
        return; /* they are one link */
    }
    if (diags_drop(diags, DIAG_ERROR)) {
        return;
    }
    diags_add(diags, DIAG_ERROR, "link-slot", &link->span,
              "the link %s to %s has other configs elsewhere: expected the same, or "
              "another 'name'",
              diag_quoted(link->name, diags->arena),
              diag_quoted(link->target, diags->arena));
    diags_relate(diags, NULL, &earlier->span, "it has other ones here");
}

static void check_slots(const struct oam_component *component, struct arena *scratch,
                        struct diags *diags)
{
    struct validate_keyed *items =
        arena_array(scratch, component->links_count, sizeof *items);
    size_t count = 0;

    for (size_t i = 0; i < component->links_count; i++) {
        const struct oam_link *link = &component->links[i];

        if (has_slot(link) && link->target != NULL) {
            items[count++] = (struct validate_keyed){
                .keys = {link->wit_namespace, link->wit_package, link->name,
                         link->target},
                .item = link,
                .index = i,
            };
        }
    }
    validate_keyed_repeats(items, count, report_slot, diags);
}

void validate_links(const struct oam_component *component, struct arena *scratch,
                    struct diags *diags)
{
    if (component->links_count > 1) {
        check_interfaces(component, scratch, diags);
        check_slots(component, scratch, diags);
    }
}
