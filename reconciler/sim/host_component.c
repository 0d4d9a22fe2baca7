#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "manifest/limits.h"
#include "reconciler/sim/host_out.h"
#include "reconciler/sim/host_steps.h"

/* Compiling and instantiating a small component, as measured. */
#define INSTANTIATE_MS ((int64_t)70)

struct scale {
    const char *component_id;
    const char *component_ref;
    const char *host_id;
    uint32_t count;
    struct properties annotations;
    struct properties limits;
    struct names configs;
    bool allow_update;
    size_t answers;        /* the first about configs */
    const char *secrets;   /* what they refer to */
    bool is_update_needed; /* another image was running under the id */
};

static const struct sim_field scale_fields[] = {
    {"component_id", SIM_FIELD_TEXT, SIM_REQUIRED, offsetof(struct scale, component_id)},
    {"component_ref", SIM_FIELD_TEXT, SIM_OPTIONAL,
     offsetof(struct scale, component_ref)},
    {"host_id", SIM_FIELD_TEXT, SIM_OPTIONAL, offsetof(struct scale, host_id)},
    {"count", SIM_FIELD_U32, SIM_OPTIONAL, offsetof(struct scale, count)},
    {"annotations", SIM_FIELD_MAP, SIM_NULLABLE, offsetof(struct scale, annotations)},
    {"component_limits", SIM_FIELD_MAP, SIM_NULLABLE, offsetof(struct scale, limits)},
    {"config", SIM_FIELD_NAMES, SIM_OPTIONAL, offsetof(struct scale, configs)},
    {"allow_update", SIM_FIELD_BOOL, SIM_OPTIONAL, offsetof(struct scale, allow_update)},
};

/* Take the turn for the component; false: step is taken when the turn comes. */
static bool hold(struct sim_host *host, struct sim_work *work, sim_step step)
{
    const struct scale *scale = work->detail;

    if (sim_table_find(&host->changing, scale->component_id) == NULL) {
        (void)sim_table_put(&host->changing, &host->arena, scale->component_id, work);
        return true;
    }
    work->step = step;
    host->waiting = arena_grow(&host->arena, host->waiting, host->waiting_count,
                               &host->waiting_capacity, sizeof(struct sim_work *));
    host->waiting[host->waiting_count++] = work;
    return false;
}

/* Give the turn back: all who wait for it come again, the first of them gets it. */
static void release(struct sim_host *host, const struct sim_work *work)
{
    const struct scale *scale = work->detail;
    size_t kept = 0;

    assert(sim_table_find(&host->changing, scale->component_id) == work);
    (void)sim_table_remove(&host->changing, scale->component_id);
    for (size_t i = 0; i < host->waiting_count; i++) {
        struct sim_work *other = host->waiting[i];
        const struct scale *wanted = other->detail;

        if (strcmp(wanted->component_id, scale->component_id) == 0) {
            sim_work_wait(host, other, 0, other->step);
        } else {
            host->waiting[kept++] = other;
        }
    }
    assert(kept <= host->waiting_count);
    host->waiting_count = kept;
}

static void publish_requested(struct sim_host *host, const struct scale *scale,
                              const char *host_id, const char *error)
{
    const struct sim_scaled scaled = {
        .id = scale->component_id,
        .image = scale->component_ref,
        .annotations = &scale->annotations,
        .count = scale->count,
        .host_id = host_id,
    };

    sim_out_scaled(host, &scaled, error);
}

/* What ran before names itself, with the new count. */
static void publish_running(struct sim_host *host, const struct scale *scale,
                            const struct sim_component *component)
{
    const struct sim_scaled scaled = {
        .id = component->id,
        .image = component->image,
        .annotations = &component->annotations,
        .count = scale->count,
        .host_id = scale->host_id,
    };

    sim_out_scaled(host, &scaled, NULL);
}

static void finish(struct sim_host *host, struct sim_work *work)
{
    const struct scale *scale = work->detail;
    const struct sim_update update = {
        .component_id = scale->component_id,
        .image = scale->component_ref,
        .host_id = scale->host_id,
    };

    release(host, work);
    assert(sim_table_find(&host->changing, scale->component_id) != work);
    if (scale->allow_update && scale->is_update_needed) {
        sim_update_begin(host, work, &update);
    } else {
        sim_work_end(host, work);
    }
}

static void fail(struct sim_host *host, struct sim_work *work, const char *error)
{
    const struct scale *scale = work->detail;

    publish_requested(host, scale, scale->host_id, error);
    release(host, work);
    sim_work_end(host, work);
}

static bool is_same_configs(const struct scale *scale,
                            const struct sim_component *component)
{
    if (scale->configs.count != component->configs.count) {
        return false;
    }
    for (size_t i = 0; i < scale->configs.count; i++) {
        if (strcmp(scale->configs.items[i], component->configs.items[i]) != 0) {
            return false;
        }
    }
    return true;
}

/* What is requested, as it will stand in the inventory; code is what was loaded. */
static struct sim_component describe(struct sim_work *work, const char *code)
{
    const struct scale *scale = work->detail;
    const char **configs =
        arena_array(&work->arena, scale->configs.count, sizeof *configs);
    size_t count = 0;

    for (size_t i = 0; i < scale->configs.count; i++) {
        if (!sim_config_is_secret(scale->configs.items[i])) {
            configs[count++] = scale->configs.items[i];
        }
    }
    assert(count <= scale->configs.count);
    return (struct sim_component){
        .id = scale->component_id,
        .image = scale->component_ref,
        .code = code,
        .annotations = scale->annotations,
        .limits = scale->limits,
        .count = scale->count,
        .configs = {.items = configs, .count = count},
        .secrets = scale->secrets,
        .is_subscribed = true,
    };
}

/* The old code again, under the new image's name: that is what a host does. */
static void rescale(struct sim_host *host, struct sim_work *work)
{
    const struct scale *scale = work->detail;
    const struct sim_component *running =
        sim_table_find(&host->components, scale->component_id);
    struct sim_component component;

    assert(running != NULL && scale->count > 0);
    assert(sim_table_find(&host->changing, scale->component_id) == work);
    publish_running(host, scale, running);
    component = describe(work, running->code);
    sim_host_put_component(host, &component);
    finish(host, work);
}

/* What the secrets among the configs refer to, one after the other. */
static const char *fetch_secrets(struct sim_work *work)
{
    const struct scale *scale = work->detail;
    struct text text;

    text_init(&text, &work->arena, MESSAGE_BYTES_MAX);
    text_append(&text, "%s", "");
    for (size_t i = 0; i < scale->configs.count; i++) {
        const struct sim_answer *answer = &work->answers[scale->answers + i];

        if (sim_config_is_secret(scale->configs.items[i]) && answer->bytes != NULL) {
            text_append(&text, "%.*s", (int)answer->length, answer->bytes);
        }
    }
    return text.bytes;
}

/* Are all configs there?  If not, that is the end of work. */
static bool has_configs(struct sim_host *host, struct sim_work *work)
{
    struct scale *scale = work->detail;
    const char *missing = sim_config_use(host, work, &scale->configs, scale->answers);

    if (missing == NULL) {
        scale->secrets = fetch_secrets(work);
        return true;
    }
    fail(host, work, sim_config_complaint(missing, &work->arena));
    return false;
}

static void rescale_configured(struct sim_host *host, struct sim_work *work)
{
    if (has_configs(host, work)) {
        rescale(host, work);
    }
}

static void change_running(struct sim_host *host, struct sim_work *work,
                           const struct sim_component *running)
{
    struct scale *scale = work->detail;
    const bool is_same = is_same_configs(scale, running);

    assert(running->count > 0);
    scale->is_update_needed = strcmp(running->image, scale->component_ref) != 0;
    if (scale->count == 0) {
        publish_running(host, scale, running);
        sim_host_remove_component(host, scale->component_id);
        finish(host, work);
    } else if (scale->count == running->count && is_same) {
        publish_running(host, scale, running);
        finish(host, work);
    } else if (is_same) {
        rescale(host, work);
    } else {
        scale->answers = sim_config_ask(host, work, &scale->configs);
        sim_work_then(host, work, rescale_configured);
    }
}

static void insert(struct sim_host *host, struct sim_work *work)
{
    const struct scale *scale = work->detail;
    const struct sim_component component = describe(work, scale->component_ref);

    assert(sim_table_find(&host->components, scale->component_id) == NULL);
    sim_host_put_component(host, &component);
    publish_requested(host, scale, host->id, NULL);
    publish_requested(host, scale, scale->host_id, NULL);
    finish(host, work);
}

static void instantiate(struct sim_host *host, struct sim_work *work)
{
    if (!sim_work_last(work)->is_done) {
        fail(host, work, "failed to put component spec");
        return;
    }
    sim_work_wait(host, work, INSTANTIATE_MS, insert);
}

/* The entry is read: write it back, which is a race with every put of a link. */
static void renew_spec(struct sim_host *host, struct sim_work *work)
{
    const struct scale *scale = work->detail;
    const struct sim_answer *answer = sim_work_last(work);
    const char *value =
        sim_spec_renew(answer->bytes, answer->length, scale->component_ref, &work->arena);

    if (answer->is_bucket_missing || value == NULL) {
        /* Only the host's own log hears of this. */
        release(host, work);
        sim_work_end(host, work);
        return;
    }
    (void)sim_work_write(host, work, SIM_BUCKET_LINKS,
                         sim_spec_key(scale->component_id, &work->arena), value);
    sim_work_then(host, work, instantiate);
}

static void load(struct sim_host *host, struct sim_work *work)
{
    const struct scale *scale = work->detail;
    const char *refusal = sim_host_refusal(host, scale->component_ref);

    assert(scale->count > 0);
    if (!has_configs(host, work)) {
        return;
    }
    if (refusal != NULL) {
        fail(host, work,
             arena_print(&work->arena, "failed to fetch component: %s",
                         refusal[0] != '\0' ? refusal
                                            : "failed to read component: No such file "
                                              "or directory (os error 2)"));
        return;
    }
    (void)sim_work_read(host, work, SIM_BUCKET_LINKS,
                        sim_spec_key(scale->component_id, &work->arena));
    sim_work_then(host, work, renew_spec);
}

/* The image is here, or not needed: what is to be done depends on what runs now. */
static void decide(struct sim_host *host, struct sim_work *work)
{
    struct scale *scale = work->detail;
    const struct sim_component *running;

    if (!hold(host, work, decide)) {
        return;
    }
    running = sim_table_find(&host->components, scale->component_id);
    if (running != NULL) {
        change_running(host, work, running);
    } else if (scale->count == 0) {
        publish_requested(host, scale, scale->host_id, NULL);
        finish(host, work);
    } else {
        scale->answers = sim_config_ask(host, work, &scale->configs);
        sim_work_then(host, work, load);
    }
}

static const char *acknowledgement(const struct scale *scale,
                                   const struct sim_component *running,
                                   struct arena *arena)
{
    if (running == NULL || strcmp(running->image, scale->component_ref) == 0) {
        return "";
    }
    if (scale->allow_update) {
        return arena_print(arena,
                           "Requested to scale existing component, with a changed image "
                           "reference: %s != %s. The component will be scaled, and the "
                           "image reference will be updated afterwards.",
                           running->image, scale->component_ref);
    }
    return arena_print(arena,
                       "Requested to scale existing component to a different image "
                       "reference: %s != %s. The component will be scaled but the image "
                       "reference will not be updated. If you meant to update this "
                       "component to a new image ref, use the update command.",
                       running->image, scale->component_ref);
}

void sim_component_scale(struct sim_host *host, struct sim_work *work)
{
    const struct tree_node *root = sim_json_read(work->bytes, work->length, &work->arena);
    struct scale *scale = arena_alloc(&work->arena, sizeof *scale);
    const struct sim_component *running;

    *scale = (struct scale){.component_ref = "", .host_id = "", .secrets = ""};
    work->detail = scale;
    if (root == NULL ||
        !sim_json_decode(root, scale_fields, sizeof scale_fields / sizeof *scale_fields,
                         &work->arena, scale)) {
        sim_out_refuse(host, work, "failed to deserialize component scale command");
        sim_work_end(host, work);
        return;
    }
    assert(scale->component_id != NULL);
    running = sim_table_find(&host->components, scale->component_id);
    sim_out_accept(host, work, acknowledgement(scale, running, &work->arena));
    if (running == NULL && scale->count > 0) {
        sim_work_wait(host, work, sim_host_fetch_ms(host, scale->component_ref), decide);
    } else {
        decide(host, work);
    }
}
