#include "test/support_model_lattice.h"

#include <stdlib.h>
#include <string.h>

#define IMAGE  "image:1"
#define BEFORE "image:0"

static const char *const hosts[MODEL_HOSTS] = {"h1", "h2"};
static const char *const ids[MODEL_COMPONENTS] = {"x", "y"};
static const char *const store[] = {"store"};
static const char *const atomics[] = {"atomics", "store"};

/* The link of a component to the provider, as we want it. */
static struct link link_of(size_t component)
{
    return (struct link){
        .source_id = ids[component],
        .target = "p",
        .name = "default",
        .wit_namespace = "wasi",
        .wit_package = "keyvalue",
        .interfaces = {store, 1},
    };
}

/* What is in the slot of that link at first. */
static struct link found_link(size_t component, enum model_found found)
{
    struct link link = link_of(component);

    if (found == FOUND_CHANGED) {
        link.interfaces = (struct names){atomics, 2};
    } else if (found == FOUND_RIVAL) {
        link.target = "theirs";
    }
    return link;
}

static size_t components_count(bool has_y)
{
    return has_y ? 2 : 1;
}

static struct model_running found_part(const struct model_part *part, size_t host)
{
    return (struct model_running){
        .count = part->found[host],
        .image = part->owner == OWNER_BEFORE    ? BEFORE
                 : part->owner == OWNER_FOREIGN ? "other:1"
                                                : IMAGE,
        .is_ours = false, /* the ledger alone owns */
    };
}

void model_make(struct model_lattice *lattice, const struct model_world *world)
{
    *lattice = (struct model_lattice){.has_y = world->has_y};
    for (size_t i = 0; i < components_count(world->has_y); i++) {
        for (size_t j = 0; j < MODEL_HOSTS; j++) {
            lattice->components[i][j] = found_part(&world->components[i], j);
        }
        if (world->links[i].found != FOUND_NOTHING) {
            lattice->slots[i].links[0] = found_link(i, world->links[i].found);
            lattice->slots[i].count = 1;
        }
    }
    for (size_t j = 0; j < MODEL_HOSTS; j++) {
        lattice->providers[j] = found_part(&world->provider, j);
    }
}

/* --- the beginning --------------------------------------------------------------------
 */

static size_t remember_part(const struct model_part *part, const char *id,
                            enum ledger_kind kind, struct ledger_row *rows)
{
    size_t count = 0;

    for (size_t j = 0; j < MODEL_HOSTS && part->owner != OWNER_FOREIGN; j++) {
        if (part->found[j] > 0) {
            rows[count++] = (struct ledger_row){
                .kind = kind,
                .state = part->owner == OWNER_SENT ? LEDGER_SENT : LEDGER_CONFIRMED,
                .application = "a",
                .age_ms = 3600000,
                .u.workload = {.host = hosts[j],
                               .id = id,
                               .image = part->owner == OWNER_BEFORE ? BEFORE : IMAGE},
            };
        }
    }
    return count;
}

static size_t remember(const struct model_world *world, struct arena *arena,
                       struct ledger_row *rows)
{
    size_t count = 0;

    for (size_t i = 0; i < components_count(world->has_y); i++) {
        const enum model_found found = world->links[i].found;

        if (found == FOUND_OURS || found == FOUND_CHANGED) {
            struct link *link = arena_alloc(arena, sizeof *link);

            *link = link_of(i);
            rows[count++] = (struct ledger_row){.kind = LEDGER_LINK,
                                                .state = LEDGER_CONFIRMED,
                                                .application = "a",
                                                .age_ms = 3600000,
                                                .u.link = link};
        }
        count +=
            remember_part(&world->components[i], ids[i], LEDGER_COMPONENT, &rows[count]);
    }
    return count + remember_part(&world->provider, "p", LEDGER_PROVIDER, &rows[count]);
}

static struct workload_row wanted_part(const struct model_part *part, const char *id,
                                       enum workload_kind kind)
{
    return (struct workload_row){
        .kind = kind,
        .id = id,
        .component = id,
        .image = IMAGE,
        .instances = part->wanted,
        .scaler_id = "scaler",
        .spreads = &spread_default,
        .spreads_count = 1,
        .origin = {.source = "model"},
    };
}

static const struct desired *make_wish(const struct model_world *world,
                                       struct arena *arena)
{
    struct desired *wish = arena_alloc(arena, sizeof *wish);
    struct link_row *links = arena_array(arena, MODEL_COMPONENTS, sizeof *links);
    struct workload_row *rows = arena_array(arena, MODEL_COMPONENTS + 1, sizeof *rows);

    *wish =
        (struct desired){.application = "a", .version = "1", .redeliver = REDELIVER_LINK};
    rows[wish->workloads_count++] = wanted_part(&world->provider, "p", WORKLOAD_PROVIDER);
    for (size_t i = 0; i < components_count(world->has_y); i++) {
        rows[wish->workloads_count++] =
            wanted_part(&world->components[i], ids[i], WORKLOAD_COMPONENT);
        if (world->links[i].is_wanted) {
            links[wish->links_count++] = (struct link_row){
                .link = link_of(i), .scaler_id = "scaler", .origin = {.source = "model"}};
        }
    }
    wish->links = links;
    wish->workloads = rows;
    return wish;
}

size_t model_begin(const struct model_world *world, struct arena *arena,
                   struct event *events)
{
    struct ledger_row *rows = arena_array(arena, 16, sizeof *rows);
    const size_t rows_count = remember(world, arena, rows);

    events[0] =
        (struct event){.kind = EVENT_REMEMBERED, .u.remembered = {rows, rows_count}};
    events[1] =
        (struct event){.kind = EVENT_DECLARED, .u.declared = make_wish(world, arena)};
    events[2] = (struct event){.kind = EVENT_CONNECTED};
    return 3;
}

/* --- telling ---------------------------------------------------------------------------
 */

static const struct inventory *make_inventory(const struct model_lattice *lattice,
                                              size_t host, struct arena *arena)
{
    struct inventory *inventory = arena_alloc(arena, sizeof *inventory);
    struct host_workload *workloads =
        arena_array(arena, MODEL_COMPONENTS + 1, sizeof *workloads);
    const struct model_running *provider = &lattice->providers[host];

    *inventory = (struct inventory){.host = hosts[host],
                                    .name = hosts[host],
                                    .version = "1.9.2",
                                    .uptime_seconds = 100000,
                                    .workloads = workloads};
    if (provider->count > 0) {
        workloads[inventory->workloads_count++] = (struct host_workload){
            WORKLOAD_PROVIDER, "p", provider->image, 1, provider->is_ours ? "a" : "", ""};
    }
    for (size_t i = 0; i < components_count(lattice->has_y); i++) {
        const struct model_running *running = &lattice->components[i][host];

        if (running->count > 0) {
            workloads[inventory->workloads_count++] = (struct host_workload){
                WORKLOAD_COMPONENT,          ids[i], running->image, running->count,
                running->is_ours ? "a" : "", ""};
        }
    }
    return inventory;
}

size_t model_tell(const struct model_lattice *lattice, struct arena *arena,
                  struct event *events)
{
    size_t count = 0;

    for (int bucket = BUCKET_LINKS; bucket <= BUCKET_CONFIGS; bucket++) {
        events[count++] = (struct event){.kind = EVENT_BUCKET_LISTING,
                                         .u.bucket = {.bucket = (enum bucket)bucket}};
        for (size_t i = 0; bucket == BUCKET_LINKS && i < MODEL_COMPONENTS; i++) {
            if (lattice->slots[i].count > 0) {
                events[count++] =
                    (struct event){.kind = EVENT_LINKS,
                                   .u.links = {ids[i], lattice->slots[i].links,
                                               lattice->slots[i].count, 1, false}};
            }
        }
        events[count++] = (struct event){.kind = EVENT_BUCKET_LISTED,
                                         .u.bucket = {.bucket = (enum bucket)bucket}};
    }
    for (size_t j = 0; j < MODEL_HOSTS; j++) {
        events[count++] = (struct event){
            .kind = EVENT_INVENTORY, .u.inventory = make_inventory(lattice, j, arena)};
    }
    return count;
}

/* --- obeying ---------------------------------------------------------------------------
 */

static size_t find_host(const char *id)
{
    return strcmp(id, hosts[0]) == 0 ? 0 : 1;
}

static size_t find_component(const char *id)
{
    return strcmp(id, ids[0]) == 0 ? 0 : 1;
}

static const char *put_link(struct model_slot *slot, size_t component)
{
    const struct link link = link_of(component);

    for (size_t i = 0; i < slot->count; i++) {
        if (link_is_conflict(&slot->links[i], &link)) {
            return "link already exists with different target";
        }
        if (link_compare(&slot->links[i], &link) == 0) {
            slot->links[i] = link;
            return NULL;
        }
    }
    if (slot->count == MODEL_LINKS_MAX) {
        abort();
    }
    slot->links[slot->count++] = link;
    return NULL;
}

static void delete_link(struct model_slot *slot)
{
    if (slot->count > 0) {
        slot->count--;
        slot->links[0] = slot->links[1];
    }
}

static void scale(struct model_running *running, const struct command *command)
{
    if (running->count == 0) {
        *running = (struct model_running){0, IMAGE, true};
    }
    running->count = command->u.workload.count;
}

const char *model_obey(struct model_lattice *lattice, const struct command *command)
{
    const size_t host = find_host(command->host);
    struct model_running *provider = &lattice->providers[host];

    switch ((int)command->kind) { /* the rest is not asked for in these worlds */
    case COMMAND_PUT_LINK:
        return put_link(&lattice->slots[find_component(command->u.link.source_id)],
                        find_component(command->u.link.source_id));
    case COMMAND_DELETE_LINK:
        delete_link(&lattice->slots[find_component(command->u.link.source_id)]);
        return NULL;
    case COMMAND_SCALE_COMPONENT:
        scale(&lattice->components[find_component(command->u.workload.id)][host],
              command);
        return NULL;
    case COMMAND_START_PROVIDER:
        if (provider->count > 0) {
            return "provider with that ID is already running";
        }
        *provider = (struct model_running){1, IMAGE, true};
        return NULL;
    case COMMAND_STOP_PROVIDER:
        if (provider->count == 0) {
            return "provider with that ID is not running";
        }
        provider->count = 0;
        return NULL;
    default:
        abort();
    }
}

/* --- the end
 * ---------------------------------------------------------------------------- */

/* As often as wanted where it may be, and what is foreign as it was. */
static bool is_part_right(const struct model_part *part,
                          const struct model_running *running, uint32_t each_max)
{
    uint32_t room = 0;
    uint32_t sum = 0;

    for (size_t j = 0; j < MODEL_HOSTS; j++) {
        if (part->owner == OWNER_FOREIGN && part->found[j] > 0) {
            if (running[j].count != part->found[j] ||
                strcmp(running[j].image, "other:1") != 0) {
                return false;
            }
            continue;
        }
        room += each_max;
        sum += running[j].count;
        if (running[j].count > 0 && strcmp(running[j].image, IMAGE) != 0) {
            return false;
        }
    }
    return sum == (part->wanted < room ? part->wanted : room);
}

/* Is what is in a slot what we want, or, where others hold it, theirs? */
static bool is_slot_right(const struct model_slot *slot, const struct model_link *link,
                          size_t component)
{
    const struct link wanted = link->found == FOUND_RIVAL
                                   ? found_link(component, FOUND_RIVAL)
                                   : link_of(component);

    if (link->found != FOUND_RIVAL && !link->is_wanted) {
        return slot->count == 0;
    }
    return slot->count == 1 && link_is_equal(&slot->links[0], &wanted);
}

const char *model_problem(const struct model_lattice *lattice,
                          const struct model_world *world)
{
    if (!is_part_right(&world->provider, lattice->providers, 1)) {
        return "the provider is not as wanted";
    }
    for (size_t i = 0; i < components_count(world->has_y); i++) {
        if (!is_part_right(&world->components[i], lattice->components[i],
                           UINT32_MAX / 2)) {
            return "a component is not as wanted";
        }
        if (!is_slot_right(&lattice->slots[i], &world->links[i], i)) {
            return "a link is not as wanted";
        }
    }
    return NULL;
}

struct command model_copy_command(const struct command *command, struct arena *arena)
{
    struct command copy = *command;

    copy.host = arena_copy(arena, command->host);
    if (command->kind == COMMAND_PUT_LINK || command->kind == COMMAND_DELETE_LINK) {
        copy.u.link = link_copy(&command->u.link, arena);
    } else if (command->kind == COMMAND_START_PROVIDER ||
               command->kind == COMMAND_STOP_PROVIDER ||
               command->kind == COMMAND_SCALE_COMPONENT) {
        copy.u.workload.id = arena_copy(arena, command->u.workload.id);
        copy.u.workload.image = arena_copy(arena, command->u.workload.image);
    }
    return copy;
}
