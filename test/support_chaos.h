/*
 * support_chaos.h - a seed as a script of the world's language.
 *
 * Applications come, change and go on a lattice on which, besides, happens what the
 * seed's switches allow: hosts crash, start again, lose labels, fall silent and are cut
 * off; the network drops, doubles, delays and reorders, and acknowledgements lie; others
 * add, change and delete what is theirs and what is ours, also while our commands for it
 * are on their way; the daemon dies at any command, and wall clocks jump.
 */
#ifndef TEST_SUPPORT_CHAOS_H
#define TEST_SUPPORT_CHAOS_H

#include <stdint.h>

#include "manifest/text.h"

/* Append the script of seed: so many steps, the end of all faults, and the questions
 * whether all is as wanted then, and stays so. */
void chaos_write(uint64_t seed, uint32_t steps, struct text *script);

/* Where the end of script begins: what comes before may be left out, line by line. */
const char *chaos_end(const char *script);

#endif
