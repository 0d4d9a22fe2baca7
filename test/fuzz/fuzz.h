/*
 * fuzz.h - what a fuzz target is: libFuzzer calls it with bytes of its own making, and
 * replay.c with those of files.
 */
#ifndef TEST_FUZZ_FUZZ_H
#define TEST_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Returns 0; ends the program where something is wrong. */
// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
