#include "test/support_scan.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

const struct instant scan_soon = {1000};

struct folder *scan_open(struct folder_state *state)
{
    struct folder *folder = NULL;

    assert_int_equal(folder_open(state->path, 0, &folder, &state->err), ERR_OK);
    return folder;
}

const char *scan_at(struct folder_state *state, struct folder *folder, struct instant now)
{
    const size_t root = strlen(folder_root(folder));
    struct folder_view view;
    struct text text;

    assert_int_equal(folder_scan(folder, now, &state->arena, &view, &state->err), ERR_OK);
    text_init(&text, &state->arena, 4096);
    for (size_t i = 0; i < view.count; i++) {
        const struct folder_file *file = &view.files[i];

        if (file->finding == FOLDER_CHANGED) {
            text_append(&text, "%s=%s ", file->path + root, file->manifest.text);
        } else if (file->finding != FOLDER_SAME) {
            text_append(&text, "%s%s ", file->path + root,
                        file->finding == FOLDER_UNREADABLE ? "!" : "...");
        }
    }
    return text.bytes;
}

const char *scan_now(struct folder_state *state, struct folder *folder)
{
    return scan_at(state, folder, scan_soon);
}

size_t scan_count(struct folder_state *state, struct folder *folder, size_t *ret_changed)
{
    struct folder_view view;

    assert_int_equal(folder_scan(folder, scan_soon, &state->arena, &view, &state->err),
                     ERR_OK);
    *ret_changed = 0;
    for (size_t i = 0; i < view.count; i++) {
        *ret_changed += view.files[i].finding == FOLDER_CHANGED;
    }
    return view.count;
}

bool scan_is_told(struct folder *folder, struct instant now)
{
    struct pollfd descriptor = {.fd = folder_fd(folder), .events = POLLIN};

    if (poll(&descriptor, 1, 0) != 1) {
        return false;
    }
    folder_take(folder, now);
    return folder_deadline(folder).ms <= now.ms + 100;
}
