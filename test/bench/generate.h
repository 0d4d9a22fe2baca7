/*
 * generate.h - a manifest as large as one likes.
 */
#ifndef TEST_BENCH_GENERATE_H
#define TEST_BENCH_GENERATE_H

#include <stddef.h>

/*
 * A valid manifest of count components with two links each, 45 lines and 1.4 kB a
 * component, as people write them; the caller's to free.
 */
char *generate_manifest(size_t count, size_t *ret_length);

#endif
