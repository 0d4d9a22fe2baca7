/*
 * support_page.h - the pages that a stage's daemon serves over HTTP.
 */
#ifndef TEST_SUPPORT_PAGE_H
#define TEST_SUPPORT_PAGE_H

#include "support_stage.h"

/* The daemon's page at path, status line and all, until the next call. */
const char *page_read(struct stage *stage, const char *path);

/* Wait until the daemon's page at path, status line and all, holds words. */
void page_expect(struct stage *stage, const char *path, const char *words);

#endif
