#include "test/bench/generate.h"

#include <stdio.h>
#include <stdlib.h>

#define COMPONENT_BYTES_MAX ((size_t)2048)

static const char head[] = "apiVersion: core.oam.dev/v1beta1\n"
                           "kind: Application\n"
                           "metadata:\n"
                           "  name: large-application\n"
                           "  annotations:\n"
                           "    version: v0.0.1\n"
                           "    description: an application of many components\n"
                           "spec:\n"
                           "  components:\n";

static const char component[] =
    "    - name: component-%zu\n"
    "      type: component\n"
    "      properties:\n"
    "        image: ghcr.io/example/components/component-%zu:0.1.0\n"
    "        config:\n"
    "          - name: component-config-%zu\n"
    "            properties:\n"
    "              log_level: info\n"
    "      traits:\n"
    "        - type: spreadscaler\n"
    "          properties:\n"
    "            instances: 3\n"
    "            spread:\n"
    "              - name: eastern-hosts\n"
    "                weight: 80\n"
    "                requirements:\n"
    "                  zone: us-east-1\n"
    "        - type: link\n"
    "          properties:\n"
    "            target:\n"
    "              name: component-%zu\n"
    "              config:\n"
    "                - name: target-config-%zu\n"
    "                  properties:\n"
    "                    url: redis://127.0.0.1:6379/%zu\n"
    "            namespace: wasi\n"
    "            package: keyvalue\n"
    "            interfaces:\n"
    "              - atomics\n"
    "              - store\n"
    "              - batch\n"
    "        - type: link\n"
    "          properties:\n"
    "            name: messages\n"
    "            target: component-%zu\n"
    "            namespace: wasmcloud\n"
    "            package: messaging\n"
    "            interfaces: [consumer, handler]\n"
    "            source:\n"
    "              config:\n"
    "                - name: source-config-%zu\n"
    "                  properties:\n"
    "                    subscriptions: >-\n"
    "                      wasmcloud.example.%zu.*,\n"
    "                      wasmcloud.other.%zu.>\n"
    "                    cluster_uris: 'nats://127.0.0.1:4222'\n";

char *generate_manifest(size_t count, size_t *ret_length)
{
    char *text = malloc(sizeof head + count * COMPONENT_BYTES_MAX);
    size_t length = sizeof head - 1;

    if (text == NULL) {
        abort();
    }
    (void)snprintf(text, sizeof head, "%s", head);
    for (size_t i = 0; i < count; i++) {
        const size_t next = (i + 1) % count;
        const int written = snprintf(text + length, COMPONENT_BYTES_MAX, component, i, i,
                                     i, next, i, i, next, i, i, i);

        if (written < 0 || (size_t)written >= COMPONENT_BYTES_MAX) {
            abort();
        }
        length += (size_t)written;
    }
    *ret_length = length;
    return text;
}
