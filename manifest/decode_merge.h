/*
 * decode_merge.h - links that were written as several and are one.
 */
#ifndef MANIFEST_DECODE_MERGE_H
#define MANIFEST_DECODE_MERGE_H

#include "manifest/model.h"

/*
 * Give application, which is valid, one link for those of one component that have the
 * same target, name, namespace and package: the first of them, with the interfaces of
 * all.  A host keeps one of them, the last, and would serve only its interfaces.
 */
void decode_merge_links(struct oam_application *application, struct arena *arena);

#endif
