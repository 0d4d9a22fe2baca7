#include "reconciler/run/cli.h"
#include "reconciler/run/loop.h"
#include "reconciler/wire/json.h"

/* Before any thread: signals are for the loop to read, and jansson wants its seed. */
int main(int argc, char **argv)
{
    loop_block_signals();
    json_start();
    return cli_run(argc, argv);
}
