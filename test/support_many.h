/*
 * support_many.h - an application that takes its time: forty components, each linked to
 * one provider, with a config of its own.
 */
#ifndef TEST_SUPPORT_MANY_H
#define TEST_SUPPORT_MANY_H

#include "support_stage.h"

#define MANY 40

/* Write its manifest into the folder of manifests. */
void many_write(struct stage *stage);

/* The whole of it, as the reader has it; returns text. */
const char *many_world(char *text, size_t size);

#endif
