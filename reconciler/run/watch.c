#include "reconciler/run/watch.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "manifest/arena.h"
#include "reconciler/run/log.h"
#include "reconciler/run/walk.h"

#define WRITING_MS ((int64_t)5 * 1000)

#define IN_FOLDER                                                                        \
    (IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE |  \
     IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_MASK_ADD)
#define IN_FOLDER_ABOVE (IN_MOVED_TO | IN_CREATE | IN_ONLYDIR | IN_MASK_ADD)

/* A folder that the kernel tells of by a number. */
struct followed {
    int number;
    struct arena arena; /* of path */
    const char *path;
};

/* A file that somebody writes to. */
struct writing {
    struct arena arena; /* of itself */
    struct writing *next;
    struct instant until; /* unless it is closed before */
    const char *path;
};

struct watch {
    struct arena arena;
    int fd;
    const char *name_above; /* of the folder that root is in */
    const char *name;       /* root's own, in there */
    int above;              /* its number, -1 none */
    bool is_incomplete;
    struct followed *followed; /* ascending, as the kernel gives numbers */
    size_t count;
    size_t capacity;
    struct writing *writings;
};

struct watch *watch_new(const char *root)
{
    const int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    struct arena arena = {0};
    struct watch *watch;
    const char *slash;
    char *bare;

    if (fd < 0) {
        return NULL;
    }
    bare = arena_text(&arena, root, strlen(root) - 1);
    slash = strrchr(bare, '/');
    watch = arena_alloc(&arena, sizeof *watch);
    *watch = (struct watch){.fd = fd, .above = -1, .name = bare};
    if (slash != NULL) {
        watch->name = slash + 1;
        watch->name_above = arena_text(&arena, bare, (size_t)(slash - bare) + 1);
    }
    watch->arena = arena;
    return watch;
}

static void end_writing(struct writing **at)
{
    struct writing *writing = *at;
    struct arena arena = writing->arena;

    *at = writing->next;
    arena_free(&arena);
}

void watch_free(struct watch *watch)
{
    struct arena arena;

    if (watch == NULL) {
        return;
    }
    while (watch->writings != NULL) {
        end_writing(&watch->writings);
    }
    for (size_t i = 0; i < watch->count; i++) {
        arena_free(&watch->followed[i].arena);
    }
    (void)close(watch->fd);
    arena = watch->arena;
    arena_free(&arena);
}

int watch_fd(const struct watch *watch)
{
    return watch->fd;
}

bool watch_is_incomplete(const struct watch *watch)
{
    return watch->is_incomplete;
}

static int followed_compare(const void *a, const void *b)
{
    const int left = ((const struct followed *)a)->number;
    const int right = ((const struct followed *)b)->number;

    return (left > right) - (left < right);
}

static struct followed *find_followed(const struct watch *watch, int number)
{
    const struct followed key = {.number = number};

    return watch->count == 0 ? NULL
                             : bsearch(&key, watch->followed, watch->count, sizeof key,
                                       followed_compare);
}

static void set_path(struct followed *followed, const char *path)
{
    arena_free(&followed->arena);
    followed->path = arena_copy(&followed->arena, path);
}

static void append(struct watch *watch, int number, const char *path)
{
    watch->followed = arena_grow(&watch->arena, watch->followed, watch->count,
                                 &watch->capacity, sizeof *watch->followed);
    watch->followed[watch->count] = (struct followed){.number = number};
    set_path(&watch->followed[watch->count++], path);
    if (watch->count > 1 && watch->followed[watch->count - 2].number > number) {
        /* the kernel starts again after two thousand million */
        qsort(watch->followed, watch->count, sizeof *watch->followed, followed_compare);
    }
}

/* True when it is new, or is to be found elsewhere now. */
static bool follow(struct watch *watch, const char *path)
{
    const int number = inotify_add_watch(watch->fd, path, IN_FOLDER);
    struct followed *followed;

    if (number < 0) {
        /* one that has gone meanwhile is told of by the folder it was in */
        watch->is_incomplete |= errno != ENOENT && errno != ENOTDIR;
        return false;
    }
    followed = find_followed(watch, number);
    if (followed == NULL) {
        append(watch, number, path);
    } else if (strcmp(followed->path, path) != 0) {
        set_path(followed, path);
    } else {
        return false;
    }
    return true;
}

bool watch_follow(struct watch *watch, const struct names *folders)
{
    const bool was_incomplete = watch->is_incomplete;
    bool is_any_new = false;

    watch->is_incomplete = false;
    if (watch->name_above != NULL) {
        watch->above = inotify_add_watch(watch->fd, watch->name_above, IN_FOLDER_ABOVE);
    }
    for (size_t i = 0; i < folders->count; i++) {
        is_any_new |= follow(watch, folders->items[i]);
    }
    if (watch->is_incomplete && !was_incomplete) {
        log_say(LOG_LEVEL_WARNING,
                "changes of some folders are noticed late: the kernel watches no more "
                "of them (fs.inotify.max_user_watches)",
                NULL);
    }
    return is_any_new;
}

static void forget(struct watch *watch, struct followed *followed)
{
    const size_t after = (size_t)(&watch->followed[watch->count] - followed) - 1;

    arena_free(&followed->arena);
    memmove(followed, followed + 1, after * sizeof *followed);
    watch->count--;
}

static struct writing **find_writing(struct watch *watch, const char *path)
{
    struct writing **at = &watch->writings;

    while (*at != NULL && strcmp((*at)->path, path) != 0) {
        at = &(*at)->next;
    }
    return at;
}

static void begin_writing(struct watch *watch, const char *path, struct instant now)
{
    struct writing **at = find_writing(watch, path);

    if (*at == NULL) {
        struct arena arena = {0};
        struct writing *writing = arena_alloc(&arena, sizeof *writing);

        writing->path = arena_copy(&arena, path);
        writing->arena = arena;
        *at = writing;
    }
    (*at)->until = instant_after(now, WRITING_MS);
}

bool watch_is_written(struct watch *watch, const char *path, struct instant now,
                      struct instant *ret_until)
{
    struct writing **at = find_writing(watch, path);

    if (*at != NULL && instant_is_due((*at)->until, now)) {
        end_writing(at);
    }
    if (*at == NULL) {
        return false;
    }
    *ret_until = (*at)->until;
    return true;
}

/* Of what happens to a file, only who is in the middle of writing it matters. */
static void take_of_file(struct watch *watch, const char *path, uint32_t mask,
                         struct instant now)
{
    struct writing **at;

    if ((mask & IN_MODIFY) != 0) {
        begin_writing(watch, path, now);
        return;
    }
    at = find_writing(watch, path);
    if (*at != NULL && (mask & (IN_CREATE | IN_ATTRIB)) == 0) {
        end_writing(at);
    }
}

static bool take(struct watch *watch, const struct inotify_event *event,
                 struct instant now)
{
    struct followed *followed = find_followed(watch, event->wd);
    struct arena arena = {0};

    if (followed == NULL) {
        return (event->mask & IN_Q_OVERFLOW) != 0 ||
               (event->wd == watch->above && event->len > 0 &&
                strcmp(event->name, watch->name) == 0);
    }
    if ((event->mask & IN_IGNORED) != 0) {
        forget(watch, followed);
    } else if (event->len > 0 && walk_is_manifest(event->name)) {
        take_of_file(watch, walk_join(followed->path, event->name, &arena), event->mask,
                     now);
        arena_free(&arena);
    }
    return true;
}

bool watch_take(struct watch *watch, struct instant now)
{
    _Alignas(struct inotify_event) char buffer[4096];
    bool is_worth_it = false;
    ssize_t count;

    while ((count = read(watch->fd, buffer, sizeof buffer)) > 0) {
        for (const char *at = buffer; at < buffer + count;) {
            const struct inotify_event *event = (const void *)at;

            is_worth_it |= take(watch, event, now);
            at += sizeof *event + event->len;
        }
    }
    return is_worth_it;
}
