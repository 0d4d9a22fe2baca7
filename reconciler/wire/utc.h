/*
 * utc.h - moments on the wall's clock as text.
 */
#ifndef RECONCILER_WIRE_UTC_H
#define RECONCILER_WIRE_UTC_H

#include <stdbool.h>
#include <stdint.h>

/* unix_ms, milliseconds since 1970, as 2026-11-22T22:36:29.942Z; the year has four
 * digits. */
#define UTC_TEXT_BYTES 32
void utc_print(int64_t unix_ms, char ret_text[static UTC_TEXT_BYTES]);

/* The other way round.  False: text is not such a moment. */
bool utc_read(const char *text, int64_t *ret_unix_ms);

#endif
