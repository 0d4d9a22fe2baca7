#include "reconciler/run/removal.h"

#include "reconciler/run/report.h"

enum err_code remove_application(struct reconciler *reconciler, const char *application,
                                 struct arena *arena, const char **ret_waits,
                                 struct err *err)
{
    const char *waits;
    enum err_code code =
        store_delete(reconciler_store(reconciler), application, NULL, err);

    if (code == ERR_OK) {
        code = reconciler_reload(reconciler, &application, 1, err);
    }
    if (code != ERR_OK && code != ERR_NOTFOUND) {
        return code;
    }
    waits = report_removal(reconciler_engine(reconciler), application, arena);
    if (code == ERR_NOTFOUND && waits[0] == '\0') {
        return code;
    }
    *ret_waits = waits;
    return ERR_OK;
}
