#include "reconciler/run/library.h"

#include <assert.h>
#include <dlfcn.h>
#include <string.h>

/* The pointer to a function, which C does not let be made from one to data. */
static int find(void *handle, const struct library_function *function)
{
    const void *symbol = dlsym(handle, function->name);

    static_assert(sizeof symbol == sizeof(void (*)(void)), "POSIX has them alike");
    memcpy(function->ret_function, &symbol, sizeof symbol);
    return symbol != NULL;
}

enum err_code library_load(const struct library *library,
                           const struct library_function *functions, size_t count,
                           struct err *err)
{
    void *handle = NULL;

    for (size_t i = 0; library->files[i] != NULL && handle == NULL; i++) {
        handle = dlopen(library->files[i], RTLD_NOW | RTLD_LOCAL);
    }
    if (handle == NULL) {
        return err_set(err, ERR_IO, "%s with %s, which is not there: install %s",
                       library->purpose, library->files[0], library->package);
    }
    for (size_t i = 0; i < count; i++) {
        if (!find(handle, &functions[i])) {
            return err_set(err, ERR_IO, "the %s that is there has no %s",
                           library->files[0], functions[i].name);
        }
    }
    return ERR_OK;
}
