#include "test/support_cases.h"
#include "test/support_script.h"

int main(int argc, char **argv)
{
    return cases_run(argc, argv, "fixtures/engine", ".txt", script_run);
}
