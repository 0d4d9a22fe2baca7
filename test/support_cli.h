/*
 * support_cli.h - command lines run in the test's own process, and what they print.
 */
#ifndef TEST_SUPPORT_CLI_H
#define TEST_SUPPORT_CLI_H

#include "test/support_folder.h"

/* What goes to a stream, and is put back by capture_end. */
struct capture {
    int stream;
    int kept;
    const char *path;
};

/* Send stream to a file of this name in folder. */
struct capture capture_begin(struct folder_state *folder, int stream, const char *name);
/* What went there. */
const char *capture_end(struct folder_state *folder, const struct capture *capture);

/* How a command line ended. */
struct ending {
    int status;
    const char *output;
    const char *errors;
};

/* Run words, apart by blanks; those with a dot are files of folder. */
struct ending run_line(struct folder_state *folder, const char *line);

#endif
