/*
 * beside.h - built-in providers, and what must run beside them.  Internal to core/.
 *
 * A built-in provider is part of its host and reaches only components there.  Where it is
 * the source of a link, each host that runs it is to run the component; where it is the
 * target, each host that runs the component is to run it.  Of each such pair the provider
 * is placed first, where the component may run at all, and the component follows: so the
 * two never chase each other.
 *
 * Any application's links count, if they are wanted.  Who wants no instance binds nobody.
 *
 * Source: wasmCloud 1.9.2 as run; reference real-host section 2.
 */
#ifndef RECONCILER_CORE_BESIDE_H
#define RECONCILER_CORE_BESIDE_H

#include "reconciler/core/candidate.h"

/* The other side of such a pair. */
struct partner {
    struct workload_item *workload;
    bool is_source; /* the built-in is the source of a link between the two */
    bool is_target; /* and, or, the target of one */
};

struct partners {
    const struct partner *items; /* sorted by id */
    size_t count;
};

/* Whom workload, which is wanted, is to run beside; in the scratch of engine. */
void beside_find(struct engine *engine, const struct workload_item *workload,
                 struct partners *ret_partners);

/* Let partners say which candidates are better, and what stays for their sake; then sort
 * the candidates. */
void beside_bind(const struct workload_item *workload, const struct partners *partners,
                 const struct candidates *candidates);

/*
 * Are workload and its partners where they need each other, as planned now?  NULL if so,
 * else why not, in the scratch of engine, and in *ret_reason which kind of reason it is.
 */
const char *beside_judge(struct engine *engine, const struct workload_item *workload,
                         const struct partners *partners,
                         const struct candidates *candidates, enum reason *ret_reason);

/* What other runs, or is to run, on the host of candidate; NULL when it is nothing. */
const struct placement *beside_there(const struct workload_item *other,
                                     const struct candidate *candidate);

/* Plan again whoever may have to run beside workload. */
void beside_mark(struct engine *engine, const struct workload_item *workload);

/* Plan again the built-in providers among them. */
void beside_mark_builtins(struct engine *engine, const struct workload_item *workload);

/* The same of both ends of link, if one of them is a built-in provider. */
void beside_mark_link(struct engine *engine, const struct link_item *link);

/* Is row a built-in provider?  NULL is none. */
bool beside_is_builtin(const struct workload_row *row);

#endif
