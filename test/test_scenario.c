#include "test/support_cases.h"
#include "test/support_world.h"

int main(int argc, char **argv)
{
    return cases_run(argc, argv, "fixtures/scenarios", ".trace", world_run);
}
