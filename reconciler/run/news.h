/*
 * news.h - what a daemon decides and what changes, on trellis.event.{lattice}, as it
 * happens: see wire/api_event.h.
 *
 * Some are kept for who was not there, and the numbers tell how many are not: see
 * kept_events.h.
 */
#ifndef RECONCILER_RUN_NEWS_H
#define RECONCILER_RUN_NEWS_H

#include "reconciler/core/host_news.h"
#include "reconciler/core/status.h"
#include "reconciler/run/bus.h"
#include "reconciler/wire/api_event.h"
#include "reconciler/wire/api_sheet.h"

struct news;

/* A run of a daemon begins; bus and lattice are borrowed. */
struct news *news_new(struct bus *bus, const char *lattice);
void news_free(struct news *news);

/* Those that are kept and that params ask for, in arena; of another run than this one
 * all were missed. */
struct api_events news_kept(const struct news *news, const struct api_params *params,
                            struct arena *arena);

/* All of what follows may be given NULL, and does nothing then: verbs have no news. */

/* Take in mail, of which there is some for all. */
void news_take(struct news *news, const struct mail *mail);

/* Publish event, of which run, sequence and at are filled in. */
void news_tell(struct news *news, const struct api_event *event);
/* Questions are no news. */
void news_tell_command(struct news *news, const struct command *command);
/* They are logged, too: those that came before the lattice had been looked at as one
 * line, when it has. */
void news_tell_hosts(struct news *news, const struct host_news *hosts, size_t count,
                     bool has_looked);

#endif
