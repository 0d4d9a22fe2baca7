#include "test/support_many.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

void many_write(struct stage *stage)
{
    char text[32768];
    size_t length;

    length = (size_t)snprintf(text, sizeof text,
                              "apiVersion: core.oam.dev/v1beta1\n"
                              "kind: Application\n"
                              "metadata: {name: many, annotations: {version: v1}}\n"
                              "spec:\n"
                              "  components:\n"
                              "    - name: kv\n"
                              "      type: capability\n"
                              "      properties: {image: 'ghcr.io/acme/kv:1.0.0'}\n");
    for (int i = 0; i < MANY; i++) {
        length += (size_t)snprintf(
            text + length, sizeof text - length,
            "    - name: c%02d\n"
            "      type: component\n"
            "      properties: {image: 'ghcr.io/acme/c:1.0.0'}\n"
            "      traits:\n"
            "        - {type: spreadscaler, properties: {instances: 1}}\n"
            "        - type: link\n"
            "          properties:\n"
            "            {target: {name: kv, config: [{name: bucket%02d, properties: "
            "{bucket: 'b%02d'}}]},\n"
            "             namespace: wasi, package: keyvalue, interfaces: [store]}\n",
            i, i, i);
        assert_true(length < sizeof text);
    }
    stage_write(stage, "many.yaml", text);
}

const char *many_world(char *text, size_t size)
{
    size_t length = 0;

    for (int i = 0; i < MANY; i++) {
        length += (size_t)snprintf(text + length, size - length,
                                   "component many-c%02d on 1 hosts, 1 instances of "
                                   "ghcr.io/acme/c:1.0.0\n",
                                   i);
    }
    for (int i = 0; i < MANY; i++) {
        length +=
            (size_t)snprintf(text + length, size - length,
                             "config many-bucket%02d {\"bucket\":\"b%02d\"}\n", i, i);
    }
    for (int i = 0; i < MANY; i++) {
        length += (size_t)snprintf(text + length, size - length,
                                   "link many-c%02d -[default wasi:keyvalue/store]-> "
                                   "many-kv source [] target [many-bucket%02d]\n",
                                   i, i);
    }
    length += (size_t)snprintf(text + length, size - length,
                               "provider many-kv on 1 hosts of ghcr.io/acme/kv:1.0.0\n");
    assert_true(length < size);
    return text;
}
