#include "reconciler/run/manifests_log.h"

#include <string.h>

#include "reconciler/run/log.h"

void manifests_log_findings(const char *findings, struct arena *arena)
{
    const char *line = findings;

    while (*line != '\0') {
        const size_t length = strcspn(line, "\n");
        const char *finding = arena_text(arena, line, length);

        log_say(strstr(finding, ": warning: ") != NULL ? LOG_LEVEL_WARNING
                                                       : LOG_LEVEL_ERROR,
                finding, NULL);
        line += length + (line[length] == '\n');
    }
}

void manifests_log_applied(const struct claims_outcome *outcome)
{
    const struct api_apply_report *report = &outcome->deployment.report;

    for (size_t i = 0; i < report->count; i++) {
        log_say(LOG_LEVEL_INFO, "applied", "application", report->items[i].application,
                "version", report->items[i].version, "change", report->items[i].result,
                NULL);
    }
    for (size_t i = 0; i < outcome->gone.count; i++) {
        log_say(LOG_LEVEL_INFO, "removed, for its file declares it no more",
                "application", outcome->gone.items[i], NULL);
    }
}

void manifests_log_held(const struct names *held, const char *reason)
{
    for (size_t i = 0; i < held->count; i++) {
        log_say(LOG_LEVEL_ERROR,
                "an application whose file is gone is held: put the file back, or say "
                "trellis prune --confirm",
                "application", held->items[i], "reason", reason, NULL);
    }
}
