#include "test/support_linear.h"

#include <stdlib.h>
#include <string.h>

#define VERSIONS_MAX 4
#define POINTS_ROOM  ((size_t)2 * LINEAR_POINTS_MAX)

/* The application. */
struct model {
    int order[VERSIONS_MAX]; /* versions, oldest first */
    int count;
    int deployed;
};

static int find(const struct model *model, int version)
{
    for (int i = 0; i < model->count; i++) {
        if (model->order[i] == version) {
            return i;
        }
    }
    return LINEAR_NONE;
}

static bool put(struct model *model, const struct linear_call *call)
{
    if (find(model, call->version) != LINEAR_NONE) {
        return !call->is_done;
    }
    model->order[model->count++] = call->version;
    return call->is_done && call->told == model->count;
}

static bool deploy(struct model *model, const struct linear_call *call)
{
    const int version = call->version != LINEAR_NONE ? call->version
                        : model->count > 0           ? model->order[model->count - 1]
                                                     : LINEAR_NONE;

    if (find(model, version) == LINEAR_NONE) {
        return !call->is_done;
    }
    model->deployed = version;
    return call->is_done && call->told == version;
}

static bool delete_versions(struct model *model, const struct linear_call *call)
{
    const int at =
        call->version == LINEAR_NONE ? model->count - 1 : find(model, call->version);
    bool is_undeployed;

    if (at < 0) {
        return !call->is_done;
    }
    is_undeployed = call->version == LINEAR_NONE || model->count == 1 ||
                    model->deployed == call->version;
    if (call->version == LINEAR_NONE) {
        model->count = 0;
    } else {
        model->count--;
        memmove(&model->order[at], &model->order[at + 1],
                (size_t)(model->count - at) * sizeof *model->order);
    }
    if (is_undeployed) {
        model->deployed = LINEAR_NONE;
    }
    return call->is_done && call->told == (is_undeployed ? 1 : 0);
}

/* Would call, made of model, have been told what it was told? */
static bool apply(struct model *model, const struct linear_call *call)
{
    switch (call->kind) {
    case LINEAR_PUT:
        return put(model, call);
    case LINEAR_DEPLOY:
        return deploy(model, call);
    case LINEAR_DELETE:
        return delete_versions(model, call);
    }
    abort();
}

/* model as one number. */
static uint64_t pack(const struct model *model)
{
    uint64_t number = (uint64_t)model->deployed + 1;

    for (int i = 0; i < model->count; i++) {
        number = number << 4 | ((uint64_t)model->order[i] + 1);
    }
    return number << 4 | (uint64_t)model->count;
}

#define WORD_BITS 64
#define SET_WORDS (LINEAR_CALLS_MAX / WORD_BITS)

/* Which calls have been put in order, and what they led to. */
struct point {
    uint64_t placed[SET_WORDS];
    uint64_t model;
};

struct search {
    const struct linear_call *calls; /* by hint */
    size_t count;
    struct point here; /* its model is not kept up to date */
    size_t *order;     /* of the calls that are placed */
    size_t placed_count;
    struct point *seen; /* a hash table of where nothing was found */
    bool *is_seen;
    size_t seen_count;
};

static bool is_placed(const struct search *search, size_t call)
{
    return (search->here.placed[call / WORD_BITS] >> call % WORD_BITS & 1) != 0;
}

static void place(struct search *search, size_t call)
{
    search->here.placed[call / WORD_BITS] |= UINT64_C(1) << call % WORD_BITS;
    search->order[search->placed_count++] = call;
}

/* Until only count are placed. */
static void take_back(struct search *search, size_t count)
{
    while (search->placed_count > count) {
        const size_t call = search->order[--search->placed_count];

        search->here.placed[call / WORD_BITS] &= ~(UINT64_C(1) << call % WORD_BITS);
    }
}

static size_t hash(const struct point *point)
{
    uint64_t sum = point->model;

    for (size_t i = 0; i < SET_WORDS; i++) {
        sum = (sum ^ point->placed[i]) * UINT64_C(0x9e3779b97f4a7c15);
        sum ^= sum >> 29;
    }
    return (size_t)sum % POINTS_ROOM;
}

/* Is the search here for the first time?  Never, once it has been at too many points. */
static bool is_new_here(struct search *search, const struct model *model)
{
    size_t at;

    search->here.model = pack(model);
    at = hash(&search->here);
    while (search->is_seen[at]) {
        if (memcmp(&search->seen[at], &search->here, sizeof search->here) == 0) {
            return false;
        }
        at = (at + 1) % POINTS_ROOM;
    }
    if (search->seen_count == LINEAR_POINTS_MAX) {
        return false;
    }
    search->seen[at] = search->here;
    search->is_seen[at] = true;
    search->seen_count++;
    return true;
}

/* Next may be what began before any of the others ended. */
static int64_t first_end(const struct search *search)
{
    int64_t end = INT64_MAX;

    for (size_t i = 0; i < search->count; i++) {
        if (!is_placed(search, i) && search->calls[i].ended < end) {
            end = search->calls[i].ended;
        }
    }
    return end;
}

static bool may_be_next(const struct search *search, size_t call, int64_t end)
{
    return !is_placed(search, call) && search->calls[call].begun <= end;
}

/* Place what may be next and was refused: it changes nothing, so what comes later is as
 * free as before. */
static void place_refused(struct search *search, const struct model *model)
{
    size_t before;

    do {
        const int64_t end = first_end(search);

        before = search->placed_count;
        for (size_t i = 0; i < search->count; i++) {
            struct model next = *model;

            if (may_be_next(search, i, end) && !search->calls[i].is_done &&
                apply(&next, &search->calls[i])) {
                place(search, i);
            }
        }
    } while (search->placed_count > before);
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as there are calls
static bool place_rest(struct search *search, const struct model *model)
{
    const size_t before = search->placed_count;
    size_t count;
    int64_t end;

    place_refused(search, model);
    count = search->placed_count;
    end = first_end(search);
    if (count == search->count) {
        return true;
    }
    for (size_t i = 0, is_new = is_new_here(search, model); is_new && i < search->count;
         i++) {
        struct model next = *model;

        if (may_be_next(search, i, end) && apply(&next, &search->calls[i])) {
            place(search, i);
            if (place_rest(search, &next)) {
                return true;
            }
            take_back(search, count);
        }
    }
    take_back(search, before);
    return false;
}

static int compare_hints(const void *a, const void *b)
{
    const struct linear_call *left = a;
    const struct linear_call *right = b;

    return left->hint < right->hint ? -1 : left->hint > right->hint;
}

static void *get_zeros(size_t count, size_t size)
{
    void *zeros = calloc(count, size);

    if (zeros == NULL) {
        abort();
    }
    return zeros;
}

bool linear_check(struct linear_call *calls, size_t count)
{
    const struct model nothing = {.deployed = LINEAR_NONE};
    struct search search = {
        .calls = calls,
        .count = count,
        .order = get_zeros(count, sizeof *search.order),
        .seen = get_zeros(POINTS_ROOM, sizeof *search.seen),
        .is_seen = get_zeros(POINTS_ROOM, sizeof *search.is_seen),
    };
    bool is_linear;

    if (count > LINEAR_CALLS_MAX) {
        abort();
    }
    qsort(calls, count, sizeof *calls, compare_hints);
    is_linear = place_rest(&search, &nothing);
    free(search.order);
    free(search.seen);
    free(search.is_seen);
    return is_linear;
}
