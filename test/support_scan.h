/*
 * support_scan.h - looks at a folder of manifests, and what they find.
 */
#ifndef TEST_SUPPORT_SCAN_H
#define TEST_SUPPORT_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "reconciler/run/folder.h"
#include "test/support_folder.h"

extern const struct instant scan_soon;

struct folder *scan_open(struct folder_state *state);

/* What a look finds at now: "NAME=CONTENT " of what has changed, "NAME! " of what cannot
 * be read and "NAME... " of what is being written. */
const char *scan_at(struct folder_state *state, struct folder *folder,
                    struct instant now);
const char *scan_now(struct folder_state *state, struct folder *folder);

/* How many files a look finds, and how many of them have changed. */
size_t scan_count(struct folder_state *state, struct folder *folder, size_t *ret_changed);

/* Has something been told of the folder that is worth a look before long? */
bool scan_is_told(struct folder *folder, struct instant now);

#endif
