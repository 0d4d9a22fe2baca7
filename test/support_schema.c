#include "test/support_schema.h"

#include <assert.h>
#include <regex.h>
#include <stdbool.h>
#include <string.h>

#include <jansson.h>

#include "test/support_samples.h"

#define DEFINITIONS "#/$defs/"

/* A value that is still to be held against a schema. */
struct task {
    json_t *schema;
    json_t *value;
    const char *place; /* a JSON pointer to value */
};

struct check {
    struct arena *arena;
    json_t *root; /* of the schema */
    struct task *tasks;
    size_t count;
    size_t capacity;
    const char *problem; /* the first; NULL: none yet */
};

static void add_task(struct check *check, json_t *schema, json_t *value,
                     const char *place)
{
    check->tasks = arena_grow(check->arena, check->tasks, check->count, &check->capacity,
                              sizeof *check->tasks);
    check->tasks[check->count++] = (struct task){schema, value, place};
}

static void blame(struct check *check, const struct task *task, const char *problem)
{
    if (check->problem == NULL) {
        check->problem = arena_print(check->arena, "%s: %s", task->place, problem);
    }
}

static bool has_type(const json_t *value, const char *type)
{
    static const struct {
        const char *name;
        json_type type;
    } names[] = {{"object", JSON_OBJECT}, {"array", JSON_ARRAY},
                 {"string", JSON_STRING}, {"integer", JSON_INTEGER},
                 {"boolean", JSON_TRUE},  {"boolean", JSON_FALSE},
                 {"null", JSON_NULL}};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (json_typeof(value) == names[i].type && strcmp(type, names[i].name) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_one_of(const json_t *value, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (json_equal(value, json_array_get(list, i)) != 0) {
            return true;
        }
    }
    return false;
}

static json_t *follow(struct check *check, const struct task *task,
                      const json_t *reference)
{
    const char *name = json_string_value(reference);
    json_t *found = NULL;

    if (name != NULL && strncmp(name, DEFINITIONS, strlen(DEFINITIONS)) == 0) {
        found = json_object_get(json_object_get(check->root, "$defs"),
                                name + strlen(DEFINITIONS));
    }
    if (found == NULL) {
        blame(check, task, "the schema refers to what is not there");
    }
    return found;
}

static void check_required(struct check *check, const struct task *task,
                           const json_t *list)
{
    for (size_t i = 0; json_is_object(task->value) && i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));

        if (json_object_get(task->value, name) == NULL) {
            blame(check, task, arena_print(check->arena, "no '%s'", name));
        }
    }
}

static void check_properties(struct check *check, const struct task *task,
                             const json_t *properties)
{
    const bool is_open =
        !json_is_false(json_object_get(task->schema, "additionalProperties"));
    const char *key;
    json_t *value;

    json_object_foreach(task->value, key, value)
    {
        json_t *schema = json_object_get(properties, key);

        if (schema != NULL) {
            add_task(check, schema, value,
                     arena_print(check->arena, "%s/%s", task->place, key));
        } else if (!is_open) {
            blame(check, task, arena_print(check->arena, "'%s' is not foreseen", key));
        }
    }
}

static void check_items(struct check *check, const struct task *task, json_t *schema)
{
    for (size_t i = 0; i < json_array_size(task->value); i++) {
        add_task(check, schema, json_array_get(task->value, i),
                 arena_print(check->arena, "%s/%zu", task->place, i));
    }
}

/* What does not constrain: names, and words for people. */
static bool is_annotation(const char *keyword)
{
    static const char *const keywords[] = {
        "$schema", "$id", "title", "$defs", "description", "additionalProperties"};

    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        if (strcmp(keyword, keywords[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* type is one of the names of types, or a list of them. */
static void check_type(struct check *check, const struct task *task, const json_t *type)
{
    bool has_any = json_is_string(type) && has_type(task->value, json_string_value(type));

    for (size_t i = 0; i < json_array_size(type); i++) {
        has_any |= has_type(task->value, json_string_value(json_array_get(type, i)));
    }
    if (!has_any) {
        blame(check, task,
              arena_print(check->arena, "no %s",
                          json_is_string(type) ? json_string_value(type)
                                               : "value of these types"));
    }
}

static void check_pattern(struct check *check, const struct task *task,
                          const json_t *pattern)
{
    regex_t regex;
    int rc = regcomp(&regex, json_string_value(pattern), REG_EXTENDED | REG_NOSUB);

    assert(rc == 0);
    if (json_is_string(task->value)) {
        rc = regexec(&regex, json_string_value(task->value), 0, NULL, 0);
        if (rc != 0) {
            blame(check, task, "not of the pattern");
        }
    }
    regfree(&regex);
}

static void check_keyword(struct check *check, const struct task *task,
                          const char *keyword, json_t *rule)
{
    if (strcmp(keyword, "type") == 0) {
        check_type(check, task, rule);
    } else if (strcmp(keyword, "pattern") == 0) {
        check_pattern(check, task, rule);
    } else if (strcmp(keyword, "enum") == 0) {
        if (!is_one_of(task->value, rule)) {
            blame(check, task, "none of the values there are");
        }
    } else if (strcmp(keyword, "minimum") == 0) {
        if (json_integer_value(task->value) < json_integer_value(rule)) {
            blame(check, task, "too small");
        }
    } else if (strcmp(keyword, "required") == 0) {
        check_required(check, task, rule);
    } else if (strcmp(keyword, "properties") == 0) {
        check_properties(check, task, rule);
    } else if (strcmp(keyword, "items") == 0) {
        check_items(check, task, rule);
    } else if (strcmp(keyword, "$ref") == 0) {
        json_t *schema = follow(check, task, rule);

        if (schema != NULL) {
            add_task(check, schema, task->value, task->place);
        }
    } else if (!is_annotation(keyword)) {
        blame(check, task,
              arena_print(check->arena, "nobody checks the keyword '%s'", keyword));
    }
}

static void run_task(struct check *check, const struct task *task)
{
    const char *keyword;
    json_t *rule;

    json_object_foreach(task->schema, keyword, rule)
    {
        check_keyword(check, task, keyword, rule);
    }
}

const char *schema_check(const char *path, const char *text, struct arena *arena)
{
    struct check check = {.arena = arena};
    json_t *schema = json_loads(samples_file(path, arena), JSON_REJECT_DUPLICATES, NULL);
    json_t *value = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

    assert(schema != NULL);
    check.root = schema;
    if (value == NULL) {
        check.problem = "not JSON";
    } else {
        add_task(&check, schema, value, "");
    }
    while (check.count > 0 && check.problem == NULL) {
        const struct task task = check.tasks[--check.count];

        run_task(&check, &task);
    }
    json_decref(value);
    json_decref(schema);
    return check.problem;
}
