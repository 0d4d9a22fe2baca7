#include "manifest/tree_input.h"

#include <assert.h>
#include <string.h>

#include "manifest/limits.h"

void tree_input_mark(struct tree_input *input)
{
    input->event_offset = input->offset;
}

int tree_input_read(void *data, unsigned char *buffer, size_t size, size_t *ret_size)
{
    struct tree_input *input = data;
    const size_t left = input->length - input->offset;
    const size_t count = size < left ? size : left;

    assert(input->event_offset <= input->offset && input->offset <= input->length);

    if (input->offset - input->event_offset > TREE_EVENT_BYTES_MAX) {
        input->is_over = true;
        return 0;
    }
    if (count > 0) {
        memcpy(buffer, input->text + input->offset, count);
    }
    input->offset += count;
    *ret_size = count;
    return 1;
}
