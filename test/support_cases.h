/*
 * support_cases.h - cases as text files: what goes in, what must come out.
 *
 * A file holds cases, each
 *     # the sentence that names it
 *     input, any number of lines
 *     ----
 *     expected output, any number of lines
 * and ends with a line of "====" (the last one may do without).  Run with --rewrite the
 * test program writes what came out instead of comparing: read the diff then.
 */
#ifndef TEST_SUPPORT_CASES_H
#define TEST_SUPPORT_CASES_H

#include "manifest/text.h"

/*
 * Run every case of every file in folder (relative to the root of the checkout) whose
 * name ends in suffix, as a test each; run appends to output what input leads to.
 * Returns the number of failed tests: what main returns.
 */
int cases_run(int argc, char **argv, const char *folder, const char *suffix,
              void (*run)(const char *input, struct text *output));

#endif
