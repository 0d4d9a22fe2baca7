#include "manifest/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Small at first, for the many arenas that hold one link; then doubling. */
#define BLOCK_BYTES_FIRST ((size_t)256)
#define BLOCK_BYTES_MAX   ((size_t)64 * 1024)

/* Most of what is printed fits, and is printed once. */
#define PRINT_BYTES ((size_t)256)

struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t size;
    max_align_t bytes[];
};

/* The size of the block that follows previous and holds at least need bytes. */
static size_t block_size(const struct arena_block *previous, size_t need)
{
#ifdef ARENA_IS_CHECKED
    (void)previous;
    return need;
#else
    size_t size = BLOCK_BYTES_FIRST;

    if (previous != NULL) {
        size =
            previous->size < BLOCK_BYTES_MAX / 2 ? previous->size * 2 : BLOCK_BYTES_MAX;
    }
    return need > size ? need : size;
#endif
}

static struct arena_block *block_new(size_t size)
{
    struct arena_block *block = calloc(1, sizeof *block + size);

    if (block == NULL) {
        abort();
    }
    block->size = size;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    const size_t align = _Alignof(max_align_t);
    struct arena_block *block = arena->blocks;
    size_t need;
    char *start;

    assert(size > 0);
    assert(size < SIZE_MAX / 2);

    need = (size + align - 1) / align * align;
    if (block == NULL || block->size - block->used < need) {
        block = block_new(block_size(arena->blocks, need));
        block->next = arena->blocks;
        arena->blocks = block;
    }
    start = (char *)block->bytes + block->used;
    block->used += need;
    return start;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        abort();
    }
    return arena_alloc(arena, bytes > 0 ? bytes : 1);
}

void *arena_grow(struct arena *arena, void *items, size_t count, size_t *capacity,
                 size_t size)
{
    void *larger;

    assert(count <= *capacity);

    if (count < *capacity) {
        return items;
    }
    *capacity = *capacity > 0 ? *capacity * 2 : 4;
    larger = arena_array(arena, *capacity, size);
    if (count > 0) {
        memcpy(larger, items, count * size);
    }
    return larger;
}

char *arena_text(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_alloc(arena, length + 1);

    if (length > 0) {
        memcpy(copy, text, length);
    }
    return copy;
}

char *arena_copy(struct arena *arena, const char *text)
{
    return arena_text(arena, text, strlen(text));
}

char *arena_vprint(struct arena *arena, const char *format, va_list arguments)
{
    char start[PRINT_BYTES];
    va_list again;
    char *text;
    int length;

    va_copy(again, arguments);
    length = vsnprintf(start, sizeof start, format, again);
    va_end(again);
    assert(length >= 0);

    if ((size_t)length < sizeof start) {
        return arena_text(arena, start, (size_t)length);
    }
    text = arena_alloc(arena, (size_t)length + 1);
    (void)vsnprintf(text, (size_t)length + 1, format, arguments);
    return text;
}

char *arena_print(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    text = arena_vprint(arena, format, arguments);
    va_end(arguments);
    return text;
}

size_t arena_bytes(const struct arena *arena)
{
    size_t bytes = 0;

    for (const struct arena_block *block = arena->blocks; block != NULL;
         block = block->next) {
        bytes += sizeof *block + block->size;
    }
    return bytes;
}

void arena_free(struct arena *arena)
{
    while (arena->blocks != NULL) {
        struct arena_block *next = arena->blocks->next;

        free(arena->blocks);
        arena->blocks = next;
    }
}
