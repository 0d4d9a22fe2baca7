/*
 * support_truth.h - is a simulated lattice as the store wants it?
 *
 * Asked of the simulator itself, not of the engine: the two buckets, what every running
 * host runs, and which image really serves.
 */
#ifndef TEST_SUPPORT_TRUTH_H
#define TEST_SUPPORT_TRUTH_H

#include "linkstore/store.h"
#include "manifest/text.h"
#include "reconciler/sim/lattice.h"

/*
 * Append a line for everything that is missing, different, or too much.  What has a
 * name that begins with "theirs" belongs to others and is left out.
 */
void truth_check(const struct sim_lattice *lattice, struct store *store,
                 struct text *problems);

#endif
