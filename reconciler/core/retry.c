#include "reconciler/core/retry.h"

/* splitmix64 */
static uint64_t random_next(struct engine *engine)
{
    uint64_t z = engine->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Doubled with each of so many failures in a row, as long as may be when it is stuck, and
 * up to a quarter more by chance. */
static int64_t backoff_ms(struct engine *engine, uint32_t failures)
{
    int64_t ms = RETRY_MS_FIRST;

    for (uint32_t i = 1; i < failures && i < STUCK_FAILURES; i++) {
        ms *= 2;
    }
    if (failures >= STUCK_FAILURES) {
        ms = RETRY_MS_MAX * 4 / 5;
    }
    return ms + (int64_t)(random_next(engine) % (uint64_t)(ms / 4));
}

const struct trouble *retry_look(const struct retry *retry)
{
    static const struct trouble none;

    return retry->trouble != NULL ? retry->trouble : &none;
}

/* To be written to. */
static struct trouble *trouble_of(struct engine *engine, struct retry *retry)
{
    if (retry->trouble == NULL) {
        retry->trouble = pool_new(&engine->pool, sizeof *retry->trouble);
    }
    return retry->trouble;
}

static void set_text(struct engine *engine, struct trouble *trouble, const char *text)
{
    const char *kept = pool_keep(&engine->pool, text);

    pool_drop(&engine->pool, trouble->text);
    trouble->text = kept;
}

void retry_fail(struct engine *engine, struct retry *retry, const char *text)
{
    struct trouble *trouble = trouble_of(engine, retry);

    trouble->failures++;
    trouble->is_final = refusal_is_final(text);
    trouble->moots = 0;
    trouble->at = instant_after(engine->now, backoff_ms(engine, trouble->failures));
    set_text(engine, trouble, text);
}

void retry_moot(struct engine *engine, struct retry *retry, const char *text)
{
    struct trouble *trouble = trouble_of(engine, retry);

    trouble->is_final = false;
    if (trouble->moots < UINT8_MAX) {
        trouble->moots++;
    }
    trouble->at = instant_after(engine->now,
                                backoff_ms(engine, trouble->failures + trouble->moots));
    set_text(engine, trouble, text);
}

struct instant retry_seldom(struct engine *engine)
{
    return instant_after(engine->now, backoff_ms(engine, STUCK_FAILURES));
}

void retry_after(struct engine *engine, struct retry *retry, int64_t ms)
{
    trouble_of(engine, retry)->at = instant_after(engine->now, ms);
}

void retry_clear(struct engine *engine, struct retry *retry)
{
    struct trouble *trouble = retry->trouble;

    if (trouble == NULL) {
        return;
    }
    pool_drop(&engine->pool, trouble->text);
    if (trouble->contest != NULL) {
        *trouble = (struct trouble){.contest = trouble->contest};
        return;
    }
    pool_delete(&engine->pool, trouble, sizeof *trouble);
    retry->trouble = NULL;
}

void retry_reset(struct engine *engine, struct retry *retry)
{
    if (retry->trouble != NULL) {
        pool_delete(&engine->pool, retry->trouble->contest,
                    sizeof *retry->trouble->contest);
        retry->trouble->contest = NULL;
    }
    retry_clear(engine, retry);
}

bool retry_must_wait(struct engine *engine, struct item *item, const struct retry *retry)
{
    const struct instant at = retry_look(retry)->at;

    if (!instant_is_before(engine->now, at)) {
        return false;
    }
    state_wake(engine, item, at);
    return true;
}

/* For as long as it is counted, nobody has undone it. */
static bool is_over(const struct engine *engine, const struct contest *contest)
{
    return instant_is_before(instant_after(contest->last, CONTEST_MS), engine->now);
}

static struct contest *contest_begin(struct engine *engine)
{
    struct contest *contest = pool_new(&engine->pool, sizeof *contest);

    contest->first = engine->now;
    return contest;
}

/* Has it been undone so often within so long? */
static bool is_often(const struct engine *engine, const struct contest *contest)
{
    const uint32_t oldest = contest->count % CONTEST_COUNT;

    return contest->count >= CONTEST_COUNT &&
           !instant_is_before(instant_after(contest->times[oldest], CONTEST_MS),
                              engine->now);
}

void retry_undone(struct engine *engine, struct retry *retry)
{
    struct contest *contest = retry_look(retry)->contest;

    if (contest != NULL && is_over(engine, contest)) {
        retry_reset(engine, retry);
        contest = NULL;
    }
    if (contest == NULL) {
        contest = contest_begin(engine);
        trouble_of(engine, retry)->contest = contest;
    }
    contest->times[contest->count % CONTEST_COUNT] = engine->now;
    contest->count++;
    contest->last = engine->now;
    contest->is_on |= is_often(engine, contest);
    if (contest->is_on) {
        retry_after(engine, retry, backoff_ms(engine, contest->count));
    }
}

const struct contest *retry_contest(const struct engine *engine,
                                    const struct retry *retry)
{
    const struct contest *contest = retry_look(retry)->contest;

    return contest != NULL && contest->is_on && !is_over(engine, contest) ? contest
                                                                          : NULL;
}

/* text contains word, which is in lower case, in whatever case. */
static bool has_word(const char *text, const char *word)
{
    for (; *text != '\0'; text++) {
        size_t i = 0;

        while (word[i] != '\0' && text[i] != '\0' &&
               (text[i] | ' ') == word[i]) { /* as lower case */
            i++;
        }
        if (word[i] == '\0') {
            return true;
        }
    }
    return false;
}

bool refusal_is_final(const char *text)
{
    /* Of a registry, of a file, of a policy server, of the host itself, and of a NATS
     * server that denies us the subject (see translate_denial); names that
     * cannot be resolved and servers that do not answer are none of these. */
    static const char *const words[] = {
        "manifest unknown",
        "name unknown",
        "no such image",
        "no such file",
        "not found: ",
        "unauthorized",
        "not authorized",
        "policy denied",
        "file loading is disabled",
        "unknown builtin name",
        "is not enabled",
        "failed to parse provider reference",
        "failed to deserialize",
        "nats server refuses",
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (has_word(text, words[i])) {
            return true;
        }
    }
    return false;
}
