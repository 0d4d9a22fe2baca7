/*
 * migrate_link.h - a linkdef of 0.82 as the links that it is now.  Part of migrate.c.
 */
#ifndef MANIFEST_MIGRATE_LINK_H
#define MANIFEST_MIGRATE_LINK_H

#include "manifest/decode_old.h"
#include "manifest/migrate_edit.h"

/* A value of the linkdef as a property of a config. */
struct migrate_value {
    const struct old_value *value;
    const char *comments; /* lines before it, each with its end; "" none */
    const char *text;     /* as it is written; a scalar on one line */
    const char *rest;     /* a comment behind it, with the blanks before; "" none */
    const char *string;   /* what it says */
    bool is_last;         /* of the linkdef: a comment behind it stays behind the link */
};

struct migrate_link {
    const struct old_contract *contract;
    const char *component;
    const char *provider;
    const char *name;     /* NULL: default */
    const char *comments; /* of the linkdef, lines with their ends; only with imports */
    struct migrate_value *values;
    size_t values_count;
};

/* Whether the provider calls the component through link. */
bool migrate_link_is_reversed(const struct migrate_link *link);

/*
 * Append the trait from the component to the provider, or from the provider to it, as a
 * block: the first line goes on where it stands, the others are indented by column, the
 * last has no end.
 */
void migrate_link_print(const struct migrate_link *link, bool is_reversed, size_t column,
                        const char *line_end, struct text *text);

/* The same as JSON, on one line, without comments. */
void migrate_link_print_json(const struct migrate_link *link, bool is_reversed,
                             struct text *text);

#endif
