/*
 * arena.h - memory that is allocated piece by piece and freed at once.
 *
 * Everything a manifest, a plan or a request needs lives and dies with one
 * arena.  arena_alloc never returns NULL: sizes are bounded by limits.h before
 * we get here, so running out is the machine's failure and aborts.  Under
 * AddressSanitizer every object is a block of its own, so that an overrun
 * between neighbours is seen.
 */
#ifndef MANIFEST_ARENA_H
#define MANIFEST_ARENA_H

#include <stdarg.h>
#include <stddef.h>

/* Is every object to be a block of its own? */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_IS_CHECKED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_IS_CHECKED 1
#endif

struct arena_block;

/* All zero is an empty arena, ready for use. */
struct arena {
    struct arena_block *blocks; /* newest first; owned */
};

/* size bytes, zeroed, aligned for any object; size must be over 0. */
void *arena_alloc(struct arena *arena, size_t size)
    __attribute__((malloc, returns_nonnull, alloc_size(2)));

/* A zeroed array; aborts where count * size would overflow.  count may be 0. */
void *arena_array(struct arena *arena, size_t count, size_t size)
    __attribute__((malloc, returns_nonnull, alloc_size(2, 3)));

/*
 * Room for one more item in an array that grows by doubling: the array, or a
 * larger copy of it when *capacity items are in use.  Only the copy may be used.
 */
void *arena_grow(struct arena *arena, void *items, size_t count, size_t *capacity,
                 size_t size) __attribute__((returns_nonnull));

/* A NUL-terminated copy of the first length bytes of text. */
char *arena_text(struct arena *arena, const char *text, size_t length)
    __attribute__((returns_nonnull));

/* A copy of a NUL-terminated text. */
char *arena_copy(struct arena *arena, const char *text) __attribute__((returns_nonnull));

/* Text made by a format; never cut. */
char *arena_print(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3), returns_nonnull));

char *arena_vprint(struct arena *arena, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0), returns_nonnull));

/* What its blocks hold, used or not. */
size_t arena_bytes(const struct arena *arena);

/* Frees every block; the arena can be used again. */
void arena_free(struct arena *arena);

#endif
