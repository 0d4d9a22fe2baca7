/*
 * Any bytes as JSON of others: refused with a code and words, or every field can be asked
 * for as everything it is not.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "reconciler/wire/json.h"
#include "test/fuzz/fuzz.h"

static void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

/* Ask the reader of one more thing; an error is set together with its words. */
static void check_reader(const struct json_reader *reader)
{
    require((reader->code == ERR_OK) == (reader->err->message[0] == '\0'));
}

static void ask(json_t *object, const char *key, struct arena *arena)
{
    struct err err = {0};
    struct json_reader reader = {.arena = arena, .err = &err};

    (void)json_find_bool(&reader, object, key);
    (void)json_find_text(&reader, object, key, "");
    check_reader(&reader);
    for (int i = 0; i < 5; i++) {
        struct err other = {0};
        struct json_reader again = {.arena = arena, .err = &other};

        switch (i) {
        case 0:
            require(json_find_integer(&again, object, key, 9) <= 9);
            break;
        case 1:
            require(json_find_text(&again, object, key, "") != NULL);
            break;
        case 2:
            (void)json_find_token(&again, object, key);
            break;
        case 3:
            (void)json_find_names(&again, object, key);
            break;
        default:
            (void)json_find_properties(&again, object, key);
            break;
        }
        check_reader(&again);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct err err = {0};
    struct json_reader reader = {.arena = &arena, .err = &err};
    json_t *root = json_read(&reader, (const char *)data, size);

    require((root == NULL) == (reader.code != ERR_OK));
    check_reader(&reader);
    if (json_is_object(root)) {
        const char *key;
        json_t *value;

        json_object_foreach(root, key, value)
        {
            ask(root, key, &arena);
            if (json_is_object(value)) {
                ask(value, "name", &arena);
            }
        }
        ask(root, "no such key", &arena);
    }
    json_decref(root);
    arena_free(&arena);
    return 0;
}
