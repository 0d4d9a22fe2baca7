/*
 * decode_redeliver.h - the words of the annotation trellis.dev/redeliver.
 */
#ifndef MANIFEST_DECODE_REDELIVER_H
#define MANIFEST_DECODE_REDELIVER_H

#include "manifest/model.h"

#define ANNOTATION_REDELIVER "trellis.dev/redeliver"

/* All of them, as a message names them. */
#define REDELIVER_WORDS "'auto', 'link', 'restart' or 'never'"

/* "auto", in the store's columns, too. */
const char *decode_redeliver_word(enum oam_redeliver redeliver);

/* False when word is none of them; then *ret_redeliver is left alone. */
bool decode_redeliver_find(const char *word, enum oam_redeliver *ret_redeliver);

#endif
