/*
 * show.h - reports as people read them.
 */
#ifndef RECONCILER_RUN_SHOW_H
#define RECONCILER_RUN_SHOW_H

#include "manifest/text.h"
#include "reconciler/wire/api_sheet.h"

/* A line an application; with details a table of its resources, each with its place. */
void show_status(const struct api_status_report *report, bool has_details,
                 struct text *text);

/* What is explained, a line for each side of it; or what may be meant. */
void show_explain(const struct api_explain_report *report, struct text *text);

/* The commands in order, the obstacles, and a summary. */
void show_plan(const struct api_plan_report *report, struct text *text);

/* A line for each difference, with why; and how often there was one so far. */
void show_drift(const struct api_sheet *sheet, const char *lattice, struct text *text);

void show_apply(const struct api_apply_report *report, struct text *text);

#endif
