#include "test/support_chaos_manifest.h"

#define STORE "namespace: wasi, package: keyvalue, interfaces: [store]"
#define HTTP  "namespace: wasi, package: http, interfaces: [incoming-handler]"

static unsigned int below(struct sim_prng *prng, unsigned int bound)
{
    return (unsigned int)sim_prng_below(prng, bound);
}

void chaos_manifests_init(struct chaos_manifests *manifests, struct sim_prng *prng)
{
    const uint64_t bits = sim_prng_next(prng);

    manifests->has_spreads = (bits & 1) != 0;
    manifests->has_daemons = (bits & 2) != 0;
    manifests->has_builtins = (bits & 4) != 0;
    manifests->has_redeliver = (bits & 8) != 0;
    manifests->has_rebalance = (bits & 16) != 0;
    manifests->has_secrets = (bits & 32) != 0;
    manifests->has_shared = (bits & 64) != 0;
}

/* The rest of a scaler: where its instances may run. */
static const char *pick_spread(const struct chaos_manifests *manifests,
                               struct sim_prng *prng)
{
    static const char *const spreads[] = {
        "",
        ", spread: [{name: a, requirements: {zone: a}}]",
        ", spread: [{name: a, requirements: {zone: a}}, {name: b, requirements: {zone: "
        "b}}]",
        ", spread: [{name: a, requirements: {zone: a}, weight: 30},"
        " {name: any, requirements: {}, weight: 70}]",
        ", spread: [{name: any, requirements: {}}, {name: b, requirements: {zone: b}}]",
    };

    return manifests->has_spreads
               ? spreads[below(prng, (unsigned int)(sizeof spreads / sizeof *spreads))]
               : "";
}

static void add_head(struct chaos_manifests *manifests, struct sim_prng *prng,
                     unsigned int number, struct text *script)
{
    static const char *const words[] = {"auto", "restart", "link", "never"};
    const char *redeliver = words[below(prng, 4)];

    text_append(script,
                "apply-text /app%u.yaml\n"
                "    apiVersion: core.oam.dev/v1beta1\n"
                "    kind: Application\n"
                "    metadata:\n"
                "      name: app%u\n"
                "      annotations:\n"
                "        version: \"%u\"\n",
                number, number, ++manifests->versions[number]);
    if (manifests->has_redeliver) {
        text_append(script, "        trellis.dev/redeliver: %s\n", redeliver);
    }
    if (manifests->has_rebalance && number == 1) {
        text_append(script, "        trellis.dev/rebalance: \"true\"\n");
    }
    if (manifests->has_shared && number == 0) {
        text_append(script, "        experimental.wasmcloud.dev/shared: \"true\"\n");
    }
    text_append(script, "    spec:\n");
    if (manifests->has_secrets) {
        text_append(script,
                    "      policies:\n"
                    "        - name: vault\n"
                    "          type: policy.secret.wasmcloud.dev/v1alpha1\n"
                    "          properties: {backend: \"vault%u\"}\n",
                    below(prng, 2));
    }
    text_append(script, "      components:\n");
}

static void add_component(const struct chaos_manifests *manifests, struct sim_prng *prng,
                          unsigned int i, struct text *script)
{
    const bool is_daemon = manifests->has_daemons && below(prng, 4) == 0;

    text_append(script,
                "        - name: c%u\n"
                "          type: component\n"
                "          properties:\n"
                "            image: registry.example/c:%u\n"
                "            config: [{name: k%u, properties: {v: \"%u\"}}]\n",
                i, below(prng, 2), i, below(prng, 3));
    if (manifests->has_secrets && below(prng, 2) == 0) {
        text_append(script,
                    "            secrets: [{name: s%u, properties: {policy: vault, key: "
                    "\"%u\"}}]\n",
                    i, below(prng, 2));
    }
    text_append(script,
                "          traits:\n"
                "            - {type: %s, properties: {instances: %u%s}}\n",
                is_daemon ? "daemonscaler" : "spreadscaler", below(prng, 5),
                pick_spread(manifests, prng));
    if (below(prng, 4) > 0) {
        text_append(script,
                    "            - {type: link, properties: {" STORE
                    ", target: {name: kv, config: [{name: t%u, properties: {url: "
                    "\"%u\"}}]%s}}}\n",
                    i, below(prng, 2),
                    manifests->has_secrets && below(prng, 2) == 0
                        ? ", secrets: [{name: s, properties: {policy: vault, key: k}}]"
                        : "");
    }
}

/* A component that calls what another application runs. */
static void add_shared(struct text *script)
{
    text_append(script,
                "        - name: far\n"
                "          type: capability\n"
                "          properties: {application: {name: app0, component: kv}}\n"
                "        - name: caller\n"
                "          type: component\n"
                "          properties: {image: \"registry.example/c:0\"}\n"
                "          traits:\n"
                "            - {type: spreadscaler, properties: {instances: 1}}\n"
                "            - {type: link, properties: {" STORE
                ", target: {name: far}}}\n");
}

void chaos_manifest(struct chaos_manifests *manifests, struct sim_prng *prng,
                    unsigned int number, struct text *script)
{
    const unsigned int components = below(prng, CHAOS_COMPONENTS) + 1;
    const bool is_builtin = manifests->has_builtins && number % 2 == 0;

    add_head(manifests, prng, number, script);
    for (unsigned int i = 0; i < components; i++) {
        add_component(manifests, prng, i, script);
    }
    if (manifests->has_shared && number > 0) {
        add_shared(script);
    }
    text_append(script,
                "        - name: kv\n"
                "          type: capability\n"
                "          properties: {image: \"registry.example/kv:%u\"}\n"
                "        - name: web\n"
                "          type: capability\n"
                "          properties: {image: \"%s\"}\n"
                "          traits:\n"
                "            - {type: spreadscaler, properties: {instances: %u%s}}\n",
                below(prng, 2),
                is_builtin ? "wasmcloud+builtin://http-server"
                           : "registry.example/http:1",
                below(prng, 3), pick_spread(manifests, prng));
    for (unsigned int i = 0; i < components; i++) {
        text_append(script,
                    "            - {type: link, properties: {" HTTP
                    ", name: l%u, target: {name: c%u}}}\n",
                    i, below(prng, components));
    }
}
