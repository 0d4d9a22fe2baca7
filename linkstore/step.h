/*
 * step.h - places at which a process can be made to die, in builds for tests only.
 *
 * Built with TRELLIS_STEPS, TRELLIS_DIE_AT=N in the environment ends the process with
 * SIGKILL at the N-th step it comes to, counted from 1.  Release builds have none of it.
 */
#ifndef LINKSTORE_STEP_H
#define LINKSTORE_STEP_H

#ifdef TRELLIS_STEPS
void step_pass(void);

/* Call watch at each step from now on; NULL: nobody. */
void step_watch(void (*watch)(void *context), void *context);
#else
static inline void step_pass(void)
{
}
#endif

#endif
