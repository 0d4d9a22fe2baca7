/*
 * support_permissions.h - the users of trellis-nats(7), as the page has them.
 */
#ifndef TEST_SUPPORT_PERMISSIONS_H
#define TEST_SUPPORT_PERMISSIONS_H

#include <stdbool.h>

#include "manifest/arena.h"

#define PERMISSIONS_USERS_MAX    16
#define PERMISSIONS_SUBJECTS_MAX 48

struct permissions_user {
    const char *name;
    const char *publish[PERMISSIONS_SUBJECTS_MAX]; /* up to NULL */
    const char *subscribe[PERMISSIONS_SUBJECTS_MAX];
};

struct permissions {
    struct permissions_user users[PERMISSIONS_USERS_MAX];
    int count;
};

/* Read the page; the test fails where it is not as it should be. */
void permissions_read(struct arena *arena, struct permissions *ret_permissions);

/* The configuration of a server with just these users, password x, and one called all
 * who may do everything and needs no password. */
const char *permissions_config(const struct permissions *permissions,
                               struct arena *arena);

/* Is subject, which has no wildcard, among patterns? */
bool permissions_match(const char *const *patterns, const char *subject);

#endif
