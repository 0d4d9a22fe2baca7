/*
 * work.h - whatever takes a host more than one moment.
 *
 * A work is an arena of its own and the step that comes next.  A step reads what it
 * waited for and then waits again, asks a bucket, or ends the work: exactly one of
 * these, and last.  Nothing else keeps memory for a request, so that what is done is
 * forgotten.
 */
#ifndef RECONCILER_SIM_WORK_H
#define RECONCILER_SIM_WORK_H

#include "reconciler/sim/agenda.h"

struct sim_host;
struct sim_work;

typedef void (*sim_step)(struct sim_host *host, struct sim_work *work);

/* What a bucket said to a question of a work. */
struct sim_answer {
    const char *bytes; /* NULL: no such entry */
    size_t length;
    bool is_bucket_missing;
    bool is_done; /* what was to be written or purged is */
};

struct sim_work {
    struct arena arena; /* holds the work itself, and all it keeps */
    sim_step step;      /* what comes next */
    void *detail;       /* what its steps keep; in arena */

    const char *subject;  /* of the request it answers; "" when it answers none */
    const char *argument; /* the part of subject after the verb */
    const char *reply;    /* whom it answers; "" nobody */
    const char *bytes;
    size_t length;

    struct sim_answer *answers; /* in the order of the questions */
    size_t answers_count;
    size_t answers_capacity;
    size_t answers_missing;

    struct sim_work *previous; /* in the list of all works of the host */
    struct sim_work *next;
};

/* A question that a bucket has not answered yet. */
struct sim_question {
    uint64_t token;
    struct sim_work *work; /* NULL: answered */
    size_t index;          /* of its answer */
};

/* The works of one host.  All zero is none. */
struct sim_works {
    struct sim_work *head; /* any order */
    struct sim_agenda agenda;
    struct sim_question *questions; /* sorted by token */
    size_t questions_first;         /* those before are answered */
    size_t questions_count;
    size_t questions_capacity;
    uint64_t token_next;
};

enum sim_bucket_kind {
    SIM_BUCKET_LINKS,   /* LATTICEDATA_{lattice} */
    SIM_BUCKET_CONFIGS, /* CONFIGDATA_{lattice} */
};

struct sim_work *sim_work_new(struct sim_host *host);
void sim_work_end(struct sim_host *host, struct sim_work *work);
void sim_work_end_all(struct sim_host *host);

/* Take step when due, or after ms. */
void sim_work_wait_until(struct sim_host *host, struct sim_work *work, struct instant due,
                         sim_step step);
void sim_work_wait(struct sim_host *host, struct sim_work *work, int64_t ms,
                   sim_step step);

/* A bucket can have an entry under key. */
bool sim_work_is_key(const char *key);

/*
 * Ask a bucket, or change it.  The answer will be work->answers[i], i what this
 * returns; sim_work_then waits for it.  A key that no bucket can have is answered as
 * by a bucket that is not there.
 */
size_t sim_work_read(struct sim_host *host, struct sim_work *work,
                     enum sim_bucket_kind bucket, const char *key);
size_t sim_work_write(struct sim_host *host, struct sim_work *work,
                      enum sim_bucket_kind bucket, const char *key, const char *bytes);
size_t sim_work_purge(struct sim_host *host, struct sim_work *work,
                      enum sim_bucket_kind bucket, const char *key);

/* Take step when every question of work is answered: at once when none is open. */
void sim_work_then(struct sim_host *host, struct sim_work *work, sim_step step);

/* The answer to token; the work may have ended in the meantime. */
void sim_work_answer(struct sim_host *host, uint64_t token,
                     const struct sim_answer *answer);

/* The answer to the last question of work. */
const struct sim_answer *sim_work_last(const struct sim_work *work);

#endif
