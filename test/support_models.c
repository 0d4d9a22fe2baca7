#include "test/support_models.h"

static const struct oam_link hello_links[] = {{
    .name = "default",
    .wit_namespace = "wasi",
    .wit_package = "http",
    .interfaces = MODEL_NAMES("incoming-handler"),
    .target = "http-component",
    .source_config = MODEL_CONFIGS({
        .name = "default-http",
        .has_properties = true,
        .properties = MODEL_PROPERTIES({"address", "127.0.0.1:18080"}),
        .span = MODEL_AT(25),
    }),
    .span = MODEL_AT(18),
}};

static const struct oam_component hello_components[] = {
    {
        .kind = OAM_COMPONENT,
        .name = "http-component",
        .image = "file:///srv/components/hello.wasm",
        .scaler = {.kind = OAM_SCALER_SPREAD, .instances = 2, .span = MODEL_AT(0)},
        .span = MODEL_AT(8),
    },
    {
        .kind = OAM_CAPABILITY,
        .name = "httpserver",
        .image = "wasmcloud+builtin://http-server",
        .scaler = {.kind = OAM_SCALER_SPREAD, .instances = 1, .span = MODEL_AT(0)},
        .links = hello_links,
        .links_count = COUNT_OF(hello_links),
        .span = MODEL_AT(14),
    },
};

const struct oam_application model_hello = {
    .name = "hello",
    .components = hello_components,
    .components_count = COUNT_OF(hello_components),
};

static const struct oam_link hello_simple_links[] = {{
    .name = "default",
    .wit_namespace = "wasi",
    .wit_package = "http",
    .interfaces = MODEL_NAMES("incoming-handler"),
    .target = "hello",
    .source_config = MODEL_CONFIGS({
        .name = "httpaddr",
        .has_properties = true,
        .properties = MODEL_PROPERTIES({"address", "0.0.0.0:8080"}),
        .span = MODEL_AT(40),
    }),
    .span = MODEL_AT(30),
}};

static const struct oam_component hello_simple_components[] = {
    {
        .kind = OAM_COMPONENT,
        .name = "hello",
        .image = "ghcr.io/wasmcloud/components/http-hello-world-rust:0.1.0",
        .id = "http_hello_world",
        .scaler = {.kind = OAM_SCALER_SPREAD, .instances = 4, .span = MODEL_AT(0)},
        .span = MODEL_AT(10),
    },
    {
        .kind = OAM_CAPABILITY,
        .name = "httpserver",
        .image = "ghcr.io/wasmcloud/http-server:0.23.0",
        .id = "http_server",
        .links = hello_simple_links,
        .links_count = COUNT_OF(hello_simple_links),
        .span = MODEL_AT(20),
    },
};

const struct oam_application model_hello_simple = {
    .name = "hello-simple",
    .components = hello_simple_components,
    .components_count = COUNT_OF(hello_simple_components),
};

static const struct oam_link mixed_links[] = {
    {
        .name = "default",
        .wit_namespace = "wasi",
        .wit_package = "keyvalue",
        .interfaces = MODEL_NAMES("store", "atomics", "store"),
        .target = "K\xc3\x84ys & Values",
        .source_config = MODEL_CONFIGS({.name = "outside"}),
        .target_config = MODEL_CONFIGS(
            {
                .name = "Bucket.1",
                .has_properties = true,
                .properties = MODEL_PROPERTIES({"bucket", "shop"}),
                .span = MODEL_AT(33),
            },
            {.name = "outside"}),
        .span = MODEL_AT(30),
    },
    {
        .name = "default",
        .wit_namespace = "wasi",
        .wit_package = "keyvalue",
        .interfaces = MODEL_NAMES("batch"),
        .target = "K\xc3\x84ys & Values",
        .source_config = MODEL_CONFIGS({.name = "outside"}),
        .target_config = MODEL_CONFIGS(
            {
                .name = "Bucket.1",
                .has_properties = true,
                .properties = MODEL_PROPERTIES({"bucket", "shop"}),
                .span = MODEL_AT(43),
            },
            {.name = "outside"}),
        .span = MODEL_AT(40),
    },
    {
        .name = "spare",
        .wit_namespace = "wasi",
        .wit_package = "keyvalue",
        .target = "never-started",
        .span = MODEL_AT(50),
    },
};

static const struct oam_spread east = {.name = "east", .weight = OAM_WEIGHT_DEFAULT};

static const struct oam_component mixed_components[] = {
    {
        .kind = OAM_COMPONENT,
        .name = "web",
        .image = "file://./build/web 1.wasm",
        .configs = MODEL_CONFIGS({.name = "outside"},
                                 {
                                     .name = "limits",
                                     .has_properties = true,
                                     .properties = {0},
                                     .span = MODEL_AT(12),
                                 }),
        .scaler = {.kind = OAM_SCALER_DAEMON,
                   .instances = 3,
                   .spreads = &east,
                   .spreads_count = 1,
                   .span = MODEL_AT(0)},
        .links = mixed_links,
        .links_count = COUNT_OF(mixed_links),
        .span = MODEL_AT(5),
    },
    {
        .kind = OAM_CAPABILITY,
        .name = "K\xc3\x84ys & Values",
        .image = "file:///opt/kv.par.gz",
        .scaler = {.kind = OAM_SCALER_DAEMON, .instances = 1, .span = MODEL_AT(0)},
        .span = MODEL_AT(60),
    },
    {
        .kind = OAM_COMPONENT,
        .name = "never-started",
        .image = "reg/idle:1",
        .configs = MODEL_CONFIGS({
            .name = "idle",
            .has_properties = true,
            .properties = MODEL_PROPERTIES({"a", "1"}),
            .span = MODEL_AT(73),
        }),
        .span = MODEL_AT(70),
    },
};

const struct oam_application model_mixed = {
    .name = "My-Shop",
    .components = mixed_components,
    .components_count = COUNT_OF(mixed_components),
};
