/*
 * support_truth_delivery.h - did running providers get what their links and configs say?
 */
#ifndef TEST_SUPPORT_TRUTH_DELIVERY_H
#define TEST_SUPPORT_TRUTH_DELIVERY_H

#include "linkstore/desired.h"
#include "reconciler/sim/lattice.h"

/*
 * Append a line for each provider that a link of desired should have reached and did not,
 * or reached with other contents of configs than the bucket has now, and for each that
 * was started with other contents of its own.  What the application does not want to be
 * redelivered is left out.
 */
void truth_check_delivery(const struct sim_lattice *lattice,
                          const struct desired *desired, struct text *problems);

#endif
