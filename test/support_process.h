/*
 * support_process.h - programs that a test starts, tells something, and ends.
 *
 * What they write is kept whole, and no program outlives the test.  Everything fails
 * the test where it cannot be done, or is not done in time; process_free ends what is
 * left then, from the test's teardown.
 */
#ifndef TEST_SUPPORT_PROCESS_H
#define TEST_SUPPORT_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

struct process;

/* build/MODE/trellis of the build that the test program itself is of. */
void process_find_trellis(char *ret_path, size_t size);

/* Where files of the test's own go: $TMPDIR, or /tmp. */
const char *process_temporary(void);

/* Start words[0] with the arguments that follow, up to NULL. */
struct process *process_start(const char *const *words);
/* SIGKILL it if it still runs; NULL is fine. */
void process_free(struct process *process);

/* Write line and a newline to its standard input. */
void process_tell(struct process *process, const char *line);
void process_signal(struct process *process, int number);
void process_kill(struct process *process);    /* SIGKILL, and gone */
int process_id(const struct process *process); /* while it runs */
bool process_is_running(struct process *process);

/* Wait for its end, for ms at the most: the exit status, or 128 and the signal. */
int process_wait(struct process *process, int ms);

/* SIGTERM, unless it has ended, and SIGKILL after ms; the same, and fails no test. */
int process_end(struct process *process, int ms);

/* All that it has written so far; until the next call. */
const char *process_output(struct process *process);
const char *process_errors(struct process *process);

/* Wait until words stand in what it wrote after the first skip bytes. */
void process_expect_output(struct process *process, size_t skip, const char *words,
                           int ms);
void process_expect_errors(struct process *process, const char *words, int ms);
/* Wait until words stand there so many times. */
void process_expect_errors_count(struct process *process, const char *words, int count,
                                 int ms);

#endif
