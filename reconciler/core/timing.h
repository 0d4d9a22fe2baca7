/*
 * timing.h - every span of time and every bound the decision rests on, with its reason.
 */
#ifndef RECONCILER_CORE_TIMING_H
#define RECONCILER_CORE_TIMING_H

/* Commands in flight in all, but for those that a host is at work on: beyond 256 nothing
 * is gained (measured, link.put), and what is seen late would be sent again. */
#define FLIGHTS_MAX 256
/* And on one host, which compiles and fetches for each. */
#define HOST_FLIGHTS_MAX 64

/* A link or config is seen in its bucket milliseconds after the answer. */
#define EXPIRY_ENTRY_MS ((int64_t)5 * 1000)
/* A scale up or a start fetches an image, which may be slow. */
#define EXPIRY_START_MS ((int64_t)10 * 60 * 1000)
/* A start of what is not wanted any more is given so long to show before another one is
 * sent after it: with both on their way the images may mix, and nothing would tell later
 * whether the other may still come. */
#define OVERTAKE_MS ((int64_t)2 * 1000)
/* Another image was seen where one is being started: it is not an old message that says
 * so when it is still there then. */
#define CONTRARY_MS ((int64_t)2 * 1000)
/* A scale to 0 or a stop waits for a process to end; hosts kill it after 300 ms. */
#define EXPIRY_STOP_MS ((int64_t)30 * 1000)
/* A question that was not answered and not given up either. */
#define EXPIRY_QUESTION_MS ((int64_t)15 * 1000)

/* A command that was not answered may still be carried out, by a host that was busy; and
 * a start that was, by one that fell silent since: until then its ledger row is kept,
 * though nothing is there. */
#define UNSURE_ENTRY_MS ((int64_t)2 * 60 * 1000)
#define UNSURE_START_MS EXPIRY_START_MS
/* What runs already, says its host, shows in what that tells next: by then it has told,
 * or is taken for gone. */
#define UNSURE_RUNS_MS ((int64_t)2 * 60 * 1000)
/* What its host says has failed may be done all the same: its message came twice, or the
 * answer was not true.  That shows within this, when the host is asked again. */
#define UNSURE_DENIED_MS ((int64_t)2 * 1000)
/* The same of a link's command while it is under way: it may go unanswered first.  No
 * other row says so much, so that one is told by it. */
#define UNSURE_SENT_MS (EXPIRY_ENTRY_MS + UNSURE_ENTRY_MS)
/* The same of what was never seen, for a daemon that has just begun: the clock by which
 * it was sent long ago may have jumped since. */
#define UNSURE_MS_MIN ((int64_t)60 * 1000)
/* The same of what was answered, or seen: a put may come twice, and after its delete; a
 * delete may have been done by somebody else first; and who puts a link at that moment
 * writes back what was deleted.  All within moments: a host that is paused for long may
 * hold a request that nobody answered, and none that was. */
#define UNSURE_TWICE_MS ((int64_t)1000)

/* Back-off of one key: doubled with each failure in a row, up to a quarter more by
 * chance, and never longer than the maximum. */
#define RETRY_MS_FIRST ((int64_t)1000)
#define RETRY_MS_MAX   ((int64_t)5 * 60 * 1000)
/* So many failures in a row, and the key is stuck: from then on it waits longest. */
#define STUCK_FAILURES 5
/* Undone by others so often within so long, a key is contested; until it was left
 * alone for as long. */
#define CONTEST_COUNT 5
#define CONTEST_MS    ((int64_t)10 * 60 * 1000)

/* After somebody else's change of a source's links: let them finish. */
#define QUIET_MS ((int64_t)500)
/* What others lost to a command of ours is told for so long, and not more of them. */
#define LOST_LINK_MS   ((int64_t)24 * 60 * 60 * 1000)
#define LOST_LINKS_MAX 16
/* After a provider was first seen running, unless its health check passes before. */
#define PROVIDER_WINDOW_MS ((int64_t)10 * 1000)

/* Between heartbeats, until a host has shown its own interval. */
#define HOST_INTERVAL_MS     ((int64_t)30 * 1000)
#define HOST_INTERVAL_MS_MIN ((int64_t)500)
/* A heartbeat is late after its interval, a quarter of it, and this. */
#define HOST_SLACK_MS ((int64_t)1000)
/* Silent for so many intervals and this, a host is gone, whatever the reason; unless
 * engine_options say otherwise. */
#define HOST_MISSED     2
#define HOST_SILENCE_MS ((int64_t)5 * 1000)
/* Asked again after nobody listened there. */
#define HOST_SUSPECT_MS ((int64_t)1000)
/* A host that has just started may not have read the links yet. */
#define HOST_YOUNG_MS       ((int64_t)2 * 1000)
#define HOST_YOUNG_UPTIME_S ((int64_t)5)
/* Hosts first seen within so short a time were started together. */
#define HOST_TOGETHER_MS ((int64_t)250)
/* The ledger of a host that never came back is dropped; but not before we have looked for
 * it for so long: the daemon may have been away that day, or the clock have jumped. */
#define HOST_FORGET_MS      ((int64_t)24 * 60 * 60 * 1000)
#define HOST_FORGET_LOOK_MS ((int64_t)60 * 60 * 1000)

/* From a hint that something happened on a host to the question what; and a millisecond
 * more for so many workloads, all of which it tells each time. */
#define ASK_HINT_MS        ((int64_t)30)
#define ASK_HINT_WORKLOADS 4
/* Beyond so many it costs both sides more than all else: up to a millisecond more for
 * each, which is as long when so much is under way there that one answer tells of. */
#define ASK_MANY_WORKLOADS 100
#define ASK_MANY_FLIGHTS   (HOST_FLIGHTS_MAX / 2)
/* While something is in flight there, whether or not a hint comes. */
#define ASK_STEP_MS_FIRST ((int64_t)400)
#define ASK_STEP_MS_MAX   ((int64_t)10 * 1000)

/* A bucket that was not found may still be on its way to come up again; then it is made.
 */
#define BUCKET_MISSING_MS ((int64_t)5 * 1000)

/* A link that is in the bucket takes milliseconds to the memory of hosts, not this. */
#define HEARING_LAG_MS ((int64_t)3 * 1000)
/* So many answers without it, and over so long, agree that it is not there. */
#define HEARING_ANSWERS 3
#define HEARING_SPAN_MS ((int64_t)10 * 1000)
/* Answers with it that say that it is: as many as there are hosts and some, up to this.
 */
#define HEARING_HEARD_MAX 20
/* Between questions, while something is missing; after so many, with each survey. */
#define HEARING_STEP_MS ((int64_t)5 * 1000)
#define HEARING_LOOKS   8
/* Beyond that the answer is a burden to the host, and asked for with surveys only. */
#define HEARING_LINKS_CHEAP 1000
/* A question that nobody answered, doubled each time, up to this. */
#define HEARING_MS_MAX ((int64_t)60 * 60 * 1000)

/* Where buckets cannot be followed: between questions for links, */
#define ASKING_STEP_MS ((int64_t)2 * 1000)
/* longer where there are many, */
#define ASKING_LINK_MS ((int64_t)5)
/* and until there is room for one more question for a config. */
#define ASKING_ROOM_MS ((int64_t)50)

/* A host that makes the buckets itself has run for less than this then. */
#define HOST_OUTLIVED_MS ((int64_t)5 * 1000)
/* Between puts that move a bucket on for those: 100 a second. */
#define DEAF_MOVE_MS ((int64_t)10)
/* Entries of the links' bucket that are none of links, and are not counted. */
#define DEAF_SLACK 1000

/* After all links vanished at once no config is deleted, though nothing names it. */
#define EMPTIED_MS ((int64_t)60 * 1000)

/* A survey of all hosts; and after its end, how long to wait for inventories. */
#define SURVEY_MS       ((int64_t)60 * 1000)
#define SURVEY_WAIT_MS  ((int64_t)10 * 1000)
#define SURVEY_RETRY_MS ((int64_t)2 * 1000)

#endif
