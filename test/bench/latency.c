/*
 * latency - how long requests wait for their answer, one after the other.
 *
 *   latency URL SUBJECT APPLICATIONS MILLISECONDS
 *
 * Asks SUBJECT.app0, SUBJECT.app1 and so on, of so many applications, for so long, and
 * prints how many were answered and the times in milliseconds.  It shares no code with
 * trellis.  Exit 1 when one was not answered.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nats/nats.h>

#define ANSWER_MS   10000
#define SAMPLES_MAX 1000000
#define PAUSE_MS    2 /* as many clients that ask now and then, not as one that floods */

static int compare(const void *left, const void *right)
{
    const int64_t a = *(const int64_t *)left;
    const int64_t b = *(const int64_t *)right;

    return (a > b) - (a < b);
}

/* Nanoseconds; ends the program without an answer. */
static int64_t ask(natsConnection *connection, const char *subject)
{
    const int64_t begun = nats_NowInNanoSeconds();
    natsMsg *answer = NULL;
    const natsStatus status =
        natsConnection_RequestString(&answer, connection, subject, "", ANSWER_MS);

    if (status != NATS_OK) {
        (void)fprintf(stderr, "latency: %s: %s\n", subject, natsStatus_GetText(status));
        exit(1); // NOLINT(concurrency-mt-unsafe): nothing is to be done at its end
    }
    natsMsg_Destroy(answer);
    return nats_NowInNanoSeconds() - begun;
}

static double part(const int64_t *sorted, size_t count, size_t thousandth)
{
    const size_t at = (count - 1) * thousandth / 1000;

    return (double)sorted[at] / 1e6;
}

int main(int count, char **words)
{
    static int64_t samples[SAMPLES_MAX];
    natsConnection *connection = NULL;
    int64_t until;
    unsigned long applications;
    size_t asked = 0;

    if (count != 5) {
        (void)fprintf(stderr, "usage: latency URL SUBJECT APPLICATIONS MILLISECONDS\n");
        return 2;
    }
    if (natsConnection_ConnectTo(&connection, words[1]) != NATS_OK) {
        (void)fprintf(stderr, "latency: no connection to %s\n", words[1]);
        return 1;
    }
    applications = strtoul(words[3], NULL, 10);
    until = nats_Now() + strtol(words[4], NULL, 10);
    while (asked < SAMPLES_MAX && nats_Now() < until) {
        char subject[256];

        (void)snprintf(subject, sizeof subject, "%s.app%lu", words[2],
                       (unsigned long)asked % applications);
        samples[asked++] = ask(connection, subject);
        nats_Sleep(PAUSE_MS);
    }
    natsConnection_Destroy(connection);
    qsort(samples, asked, sizeof *samples, compare);
    (void)printf("%zu requests, p50 %.1f ms, p99 %.1f ms, longest %.1f ms\n", asked,
                 part(samples, asked, 500), part(samples, asked, 990),
                 part(samples, asked, 1000));
    return 0;
}
