/*
 * support_models.h - applications as manifest_read would make them, as plain data.
 */
#ifndef TEST_SUPPORT_MODELS_H
#define TEST_SUPPORT_MODELS_H

#include "manifest/model.h"
#include "test/support_linkstore.h"

#define MODEL_LIST(type, ...)                                                            \
    {                                                                                    \
        (const type[]){__VA_ARGS__}, COUNT_OF(((const type[]){__VA_ARGS__}))             \
    }
#define MODEL_NAMES(...)      MODEL_LIST(char *const, __VA_ARGS__)
#define MODEL_CONFIGS(...)    MODEL_LIST(struct oam_config, __VA_ARGS__)
#define MODEL_PROPERTIES(...) MODEL_LIST(struct property, __VA_ARGS__)
#define MODEL_AT(line_number)                                                            \
    {                                                                                    \
        .start = {.line = (line_number), .column = 3 }                                   \
    }

/* As it went over the wire to wadm 0.21.1, where the hosts were of version 1.9.2. */
extern const struct oam_application model_hello;

/* wadm's example simple.yaml. */
extern const struct oam_application model_hello_simple;

/* All that the other two leave out. */
extern const struct oam_application model_mixed;

#endif
