#include "reconciler/run/removal.h"

#include "reconciler/run/report.h"

enum err_code remove_application(struct reconciler *reconciler, const char *application,
                                 struct arena *arena, struct api_removal *ret_removal,
                                 struct err *err)
{
    struct store *store = reconciler_store(reconciler);
    struct api_removal removal = {.application = application};
    enum err_code code = store_delete(store, application, NULL, err);
    const bool is_unknown = code == ERR_NOTFOUND;
    struct err unknown = {0};

    if (is_unknown) {
        unknown = *err;
    }
    if (code == ERR_OK || is_unknown) { /* there may be remains that were not asked for */
        code = reconciler_reload(reconciler, &application, 1, err);
    }
    if (code == ERR_OK) {
        code = store_waiting(store, application, arena, &removal.users, err);
    }
    if (code != ERR_OK) {
        return code;
    }
    removal.waits = report_removal(reconciler_engine(reconciler), application, arena);
    if (is_unknown && removal.waits[0] == '\0') {
        *err = unknown;
        return err->code;
    }
    *ret_removal = removal;
    return ERR_OK;
}
