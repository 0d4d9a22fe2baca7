#include "test/support_soak.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nats/nats.h>

#include "test/support_api.h"

/* The second one's component runs on every host. */
#define EVERYWHERE 1

#define SPREAD "spread: [{name: ours, requirements: {" SOAK_LABEL "}}]"

const char *soak_name(const struct soak_slot *slot, unsigned int number,
                      struct arena *arena)
{
    return arena_print(arena, "s%ug%u", number, slot->generation);
}

const char *soak_image(const struct soak_slot *slot, struct arena *arena)
{
    return arena_print(arena, "ghcr.io/acme/web:1.0.%u", slot->variant);
}

const char *soak_manifest(const struct soak_slot *slot, unsigned int number,
                          struct arena *arena)
{
    return arena_print(
        arena,
        "apiVersion: core.oam.dev/v1beta1\n"
        "kind: Application\n"
        "metadata: {name: %s, annotations: {version: v%u}}\n"
        "spec:\n"
        "  components:\n"
        "    - name: web\n"
        "      type: component\n"
        "      properties: {image: '%s'}\n"
        "      traits:\n"
        "        - {type: %s, properties: {instances: 1, " SPREAD "}}\n"
        "        - type: link\n"
        "          properties:\n"
        "            target: {name: kv, config: [{name: bucket, properties: {b: "
        "'%u'}}]}\n"
        "            namespace: wasi\n"
        "            package: keyvalue\n"
        "            interfaces: [store]\n"
        "    - name: http\n"
        "      type: capability\n"
        "      properties: {image: 'ghcr.io/wasmcloud/http-server:0.26.0'}\n"
        "      traits:\n"
        "        - {type: spreadscaler, properties: {instances: 1, " SPREAD "}}\n"
        "        - type: link\n"
        "          properties:\n"
        "            target: {name: web}\n"
        "            source: {config: [{name: address, properties: {a: '%u'}}]}\n"
        "            namespace: wasi\n"
        "            package: http\n"
        "            interfaces: [incoming-handler]\n"
        "    - name: kv\n"
        "      type: capability\n"
        "      properties: {image: 'ghcr.io/acme/kv:1.0.0'}\n"
        "      traits:\n"
        "        - {type: spreadscaler, properties: {instances: 1, " SPREAD "}}\n",
        soak_name(slot, number, arena), slot->version, soak_image(slot, arena),
        number == EVERYWHERE ? "daemonscaler" : "spreadscaler", slot->variant,
        slot->variant);
}

void soak_add_world(const struct soak_slot *slot, unsigned int number, unsigned int hosts,
                    struct lines *lines)
{
    const unsigned int count = number == EVERYWHERE ? hosts : 1;
    struct arena arena = {0};
    const char *name = soak_name(slot, number, &arena);

    lines_add(lines, "component %s-web on %u hosts, %u instances of %s", name, count,
              count, soak_image(slot, &arena));
    lines_add(lines, "config %s-address {\"a\":\"%u\"}", name, slot->variant);
    lines_add(lines, "config %s-bucket {\"b\":\"%u\"}", name, slot->variant);
    lines_add(lines,
              "link %s-http -[default wasi:http/incoming-handler]-> %s-web source "
              "[%s-address] target []",
              name, name, name);
    lines_add(lines,
              "link %s-web -[default wasi:keyvalue/store]-> %s-kv source [] target "
              "[%s-bucket]",
              name, name, name);
    lines_add(lines,
              "provider %s-http on 1 hosts of ghcr.io/wasmcloud/http-server:0.26.0",
              name);
    lines_add(lines, "provider %s-kv on 1 hosts of ghcr.io/acme/kv:1.0.0", name);
    arena_free(&arena);
}

const char *soak_serving(const struct soak_slot *slot, unsigned int number,
                         struct arena *arena)
{
    const char *name = soak_name(slot, number, arena);

    return arena_print(arena, "%s-http -[default wasi:http]-> %s-web: ok %s\n", name,
                       name, soak_image(slot, arena));
}

unsigned int soak_below(struct soak *soak, unsigned int bound)
{
    return (unsigned int)sim_prng_below(&soak->prng, bound);
}

void soak_say(const struct soak *soak, const char *what)
{
    print_message("# %6lld ms: %s\n", (long long)(nats_Now() - soak->begun_ms), what);
}

void soak_order(struct soak *soak, const char *line)
{
    struct process *simulator = soak->stage->simulator;
    const size_t before = strlen(process_output(simulator));
    const int64_t until = nats_Now() + STAGE_MS;
    const char *answer;

    soak_say(soak, line);
    process_tell(simulator, line);
    do {
        (void)poll(NULL, 0, 20);
        assert_true(nats_Now() < until);
        answer = process_output(simulator) + before;
    } while (strstr(answer, "ok\n") == NULL && strstr(answer, "error: ") == NULL);
}

void soak_start_daemon(struct stage *stage)
{
    stage_daemon_with(
        stage, (const char *[]){"--prune-grace", "1s", "--missed-slack", "1s", NULL});
}

static const char *file_name(struct soak *soak, unsigned int number, bool is_renamed)
{
    return arena_print(&soak->arena, "%s%u.yaml", is_renamed ? "other" : "slot", number);
}

static void remove_file(struct soak *soak, unsigned int number, bool is_renamed)
{
    char path[256];

    (void)unlink(
        stage_path(soak->stage, file_name(soak, number, is_renamed), path, sizeof path));
}

void soak_write(struct soak *soak, unsigned int number, const char *text)
{
    stage_write(soak->stage, file_name(soak, number, soak->is_renamed[number]), text);
}

void soak_ask(struct soak *soak, const char *verb, const char *body, bool is_needed)
{
    const char *subject = arena_print(&soak->arena, "trellis.api.default.%s", verb);
    const int64_t until = nats_Now() + STAGE_MS;
    json_t *reply;

    do {
        assert_true(nats_Now() < until);
        reply = reader_ask(soak->stage->reader, subject, body);
        json_decref(reply);
    } while (reply == NULL && is_needed);
}

void soak_declare(struct soak *soak, unsigned int number, bool is_needed)
{
    struct soak_slot *slot = &soak->slots[number];
    const char *name = soak_name(slot, number, &soak->arena);
    const char *text = soak_manifest(slot, number, &soak->arena);

    soak_say(soak, arena_print(&soak->arena, "%s v%u is %swanted", name, slot->version,
                               slot->is_wanted ? "" : "not "));
    if (number != SOAK_API && slot->is_wanted) {
        remove_file(soak, number, !soak->is_renamed[number]);
        soak_write(soak, number, text);
    } else if (number != SOAK_API) {
        remove_file(soak, number, false);
        remove_file(soak, number, true);
    } else if (slot->is_wanted) {
        char *body = api_manifest_body(text, NULL);

        soak_ask(soak, "apply", body, is_needed);
        free(body);
    } else {
        soak_ask(soak, arena_print(&soak->arena, "delete.%s", name), "", is_needed);
    }
}
