#include "reconciler/sim/work.h"

#include <assert.h>
#include <string.h>

#include "reconciler/sim/host_state.h"

struct sim_work *sim_work_new(struct sim_host *host)
{
    struct arena arena = {0};
    struct sim_work *work = arena_alloc(&arena, sizeof *work);

    *work = (struct sim_work){
        .arena = arena,
        .subject = "",
        .argument = "",
        .reply = "",
        .bytes = "",
        .next = host->works.head,
    };
    if (work->next != NULL) {
        work->next->previous = work;
    }
    host->works.head = work;
    return work;
}

void sim_work_end(struct sim_host *host, struct sim_work *work)
{
    struct arena arena = work->arena;

    assert(work->answers_missing == 0);
    if (work->previous != NULL) {
        work->previous->next = work->next;
    } else {
        assert(host->works.head == work);
        host->works.head = work->next;
    }
    if (work->next != NULL) {
        work->next->previous = work->previous;
    }
    arena_free(&arena);
}

void sim_work_end_all(struct sim_host *host)
{
    struct sim_works *works = &host->works;

    while (works->head != NULL) {
        assert(works->head->previous == NULL);
        works->head->answers_missing = 0;
        sim_work_end(host, works->head);
    }
    works->agenda.count = 0;
    works->questions_first = 0;
    works->questions_count = 0;
}

void sim_work_wait_until(struct sim_host *host, struct sim_work *work, struct instant due,
                         sim_step step)
{
    assert(work->answers_missing == 0 && step != NULL);
    work->step = step;
    sim_agenda_put(&host->works.agenda, &host->arena, due, work);
}

void sim_work_wait(struct sim_host *host, struct sim_work *work, int64_t ms,
                   sim_step step)
{
    assert(ms >= 0);
    sim_work_wait_until(host, work, (struct instant){host->now.ms + ms}, step);
}

/* Room for one more question: what is answered makes way before the array grows. */
static struct sim_question *add_question(struct sim_host *host)
{
    struct sim_works *works = &host->works;

    if (works->questions_count == works->questions_capacity &&
        works->questions_first > works->questions_count / 2) {
        works->questions_count -= works->questions_first;
        memmove(works->questions, works->questions + works->questions_first,
                works->questions_count * sizeof *works->questions);
        works->questions_first = 0;
    }
    works->questions = arena_grow(&host->arena, works->questions, works->questions_count,
                                  &works->questions_capacity, sizeof *works->questions);
    return &works->questions[works->questions_count++];
}

bool sim_work_is_key(const char *key)
{
    static const char letters[] = "-/_=.0123456789abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const size_t length = strspn(key, letters);

    return length > 0 && key[length] == '\0' && key[0] != '.' && key[length - 1] != '.';
}

/* Send effect on behalf of work, and expect an answer. */
static size_t ask(struct sim_host *host, struct sim_work *work, struct sim_effect *effect)
{
    work->answers = arena_grow(&work->arena, work->answers, work->answers_count,
                               &work->answers_capacity, sizeof *work->answers);
    if (!sim_work_is_key(effect->key)) {
        work->answers[work->answers_count] =
            (struct sim_answer){.is_bucket_missing = true};
        return work->answers_count++;
    }
    effect->token = host->works.token_next++;
    *add_question(host) = (struct sim_question){
        .token = effect->token,
        .work = work,
        .index = work->answers_count,
    };
    work->answers[work->answers_count] = (struct sim_answer){0};
    work->answers_missing++;
    sim_outbox_push(&host->outbox, effect);
    return work->answers_count++;
}

size_t sim_work_read(struct sim_host *host, struct sim_work *work,
                     enum sim_bucket_kind bucket, const char *key)
{
    struct sim_effect effect = {
        .kind = SIM_READ, .bucket = host->buckets[bucket], .key = key};

    return ask(host, work, &effect);
}

size_t sim_work_write(struct sim_host *host, struct sim_work *work,
                      enum sim_bucket_kind bucket, const char *key, const char *bytes)
{
    struct sim_effect effect = {
        .kind = SIM_WRITE,
        .bucket = host->buckets[bucket],
        .key = key,
        .bytes = bytes,
        .length = strlen(bytes),
    };

    return ask(host, work, &effect);
}

size_t sim_work_purge(struct sim_host *host, struct sim_work *work,
                      enum sim_bucket_kind bucket, const char *key)
{
    struct sim_effect effect = {
        .kind = SIM_PURGE, .bucket = host->buckets[bucket], .key = key};

    return ask(host, work, &effect);
}

void sim_work_then(struct sim_host *host, struct sim_work *work, sim_step step)
{
    assert(step != NULL && work->answers_missing <= work->answers_count);
    work->step = step;
    if (work->answers_missing == 0) {
        step(host, work);
    }
}

/* The open question with token; NULL when there is none. */
static struct sim_question *find_question(struct sim_works *works, uint64_t token)
{
    size_t low = works->questions_first;
    size_t high = works->questions_count;

    assert(low <= high && high <= works->questions_capacity);
    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (works->questions[middle].token < token) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == works->questions_count || works->questions[low].token != token ||
        works->questions[low].work == NULL) {
        return NULL;
    }
    return &works->questions[low];
}

void sim_work_answer(struct sim_host *host, uint64_t token,
                     const struct sim_answer *answer)
{
    struct sim_works *works = &host->works;
    struct sim_question *question = find_question(works, token);
    struct sim_work *work;
    struct sim_answer *kept;

    if (question == NULL) {
        return;
    }
    work = question->work;
    assert(question->index < work->answers_count);
    kept = &work->answers[question->index];
    question->work = NULL;
    while (works->questions_first < works->questions_count &&
           works->questions[works->questions_first].work == NULL) {
        works->questions_first++;
    }
    *kept = *answer;
    if (answer->bytes != NULL) {
        kept->bytes = arena_text(&work->arena, answer->bytes, answer->length);
    }
    assert(work->answers_missing > 0);
    if (--work->answers_missing == 0) {
        work->step(host, work);
    }
}

const struct sim_answer *sim_work_last(const struct sim_work *work)
{
    assert(work->answers_count > 0 && work->answers_missing == 0);
    return &work->answers[work->answers_count - 1];
}
