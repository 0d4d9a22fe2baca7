#include "reconciler/run/doctor.h"

#include <string.h>

#include "reconciler/run/clock.h"
#include "reconciler/run/report.h"

/* The wall's clock may be set by a little now and then. */
#define CLOCK_JUMP_MS ((int64_t)2000)
/* nats-server's default: the links of one source have to fit. */
#define PAYLOAD_BYTES ((size_t)1024 * 1024)

/* An examination under way. */
struct visit {
    const struct operation *operation;
    const struct engine *engine;
    struct arena *arena;
    struct api_sheet *sheet;
};

static uint64_t count(const struct api_sheet *sheet, const char *word)
{
    uint64_t found = 0;

    for (size_t i = 0; i < sheet->rows_count; i++) {
        found += strcmp(api_sheet_row(sheet, i)[DOCTOR_STATUS], word) == 0;
    }
    return found;
}

void doctor_add(struct api_sheet *sheet, const struct check *check, struct arena *arena)
{
    static const char *const words[] = {"ok", "warning", "error"};
    const char **row = api_sheet_add(sheet, arena);

    row[DOCTOR_CHECK] = check->name;
    row[DOCTOR_STATUS] = words[check->finding];
    row[DOCTOR_TEXT] = check->text;
    row[DOCTOR_ADVICE] = check->advice;
    sheet->head[DOCTOR_ERRORS] = api_sheet_number(count(sheet, "error"), arena);
    sheet->head[DOCTOR_WARNINGS] = api_sheet_number(count(sheet, "warning"), arena);
}

static void add(struct visit *visit, const struct check *check)
{
    doctor_add(visit->sheet, check, visit->arena);
}

static void check_server(struct visit *visit)
{
    const struct bus *bus = reconciler_bus(visit->operation->reconciler);
    const bool is_connected = bus_is_connected(bus);
    const bool is_small = bus_payload_max(bus) < PAYLOAD_BYTES;

    add(visit,
        &(struct check){
            .name = "server",
            .finding = !is_connected ? FINDING_ERROR
                       : is_small    ? FINDING_WARNING
                                     : FINDING_OK,
            .text = arena_print(visit->arena, "%s to NATS at %s, max_payload %zu bytes",
                                is_connected ? "connected" : "no connection",
                                bus_server(bus), bus_payload_max(bus)),
            .advice = !is_connected ? "see that the server runs, that the address is "
                                      "right, and that it takes this user"
                      : is_small    ? "raise max_payload of the server to its default, "
                                      "1 MB, or links and inventories may not fit"
                                    : NULL,
        });
}

static void check_store(struct visit *visit)
{
    const bool is_failing =
        reconciler_driver(visit->operation->reconciler)->is_store_failing;

    add(visit, &(struct check){
                   .name = "store",
                   .finding = is_failing ? FINDING_ERROR : FINDING_OK,
                   .text = is_failing ? "it cannot be written, so nothing is sent"
                                      : "it can be read and written",
                   .advice = is_failing ? "make room on its disk, or see the log for "
                                          "what the system says; then trellis store check"
                                        : NULL,
               });
}

/* The history is stamped with the clock as it was when we began. */
static void check_clock(struct visit *visit)
{
    const int64_t before_ms = reconciler_driver(visit->operation->reconciler)->unix_ms;
    const int64_t moved_ms = clock_unix_ms() - clock_now().ms - before_ms;
    const bool has_jumped = moved_ms > CLOCK_JUMP_MS || moved_ms < -CLOCK_JUMP_MS;

    add(visit,
        &(struct check){
            .name = "clock",
            .finding = has_jumped ? FINDING_WARNING : FINDING_OK,
            .text = has_jumped ? arena_print(visit->arena,
                                             "it was set by %lld s since this began",
                                             (long long)moved_ms / 1000)
                               : "it runs as it did when this began",
            .advice = has_jumped
                          ? "have it kept by NTP, and restart the daemon: times in "
                            "the history are off by as much"
                          : NULL,
        });
}

static void check_writer(struct visit *visit)
{
    struct reconciler *reconciler = visit->operation->reconciler;
    const char *suspension = reconciler_suspension(reconciler);
    const char *unguarded = reconciler_unguarded(reconciler);

    add(visit, &(struct check){
                   .name = "wadm",
                   .finding = suspension[0] != '\0' ? FINDING_ERROR : FINDING_OK,
                   .text = suspension[0] != '\0' ? suspension : "no wadm is heard of",
                   .advice = suspension[0] != '\0' ? "let only one of the two keep this "
                                                     "lattice"
                                                   : NULL,
               });
    add(visit,
        &(struct check){
            .name = "writer",
            .finding = unguarded != NULL ? FINDING_WARNING : FINDING_OK,
            .text =
                unguarded != NULL
                    ? arena_print(visit->arena, "nothing keeps a second trellis away: %s",
                                  unguarded)
                    : "no other trellis writes to this lattice",
            .advice = unguarded != NULL ? "give this user the rights to JetStream that "
                                          "trellis-nats(7) lists"
                                        : NULL,
        });
}

static void check_lattice(struct visit *visit)
{
    const bool is_blind = engine_is_blind(visit->engine);
    const bool is_polling = engine_is_polling(visit->engine);

    add(visit,
        &(struct check){
            .name = "lattice",
            .finding = is_blind     ? FINDING_ERROR
                       : is_polling ? FINDING_WARNING
                                    : FINDING_OK,
            .text = engine_lattice_status(visit->engine, visit->arena),
            .advice = is_blind
                          ? "start hosts with this lattice's name, and see that they "
                            "and this user reach the same account of the server"
                      : is_polling ? "give this user the rights to JetStream that "
                                     "trellis-nats(7) lists: changes are noticed late"
                                   : NULL,
        });
}

/* Hosts of another major version speak another protocol. */
static void check_hosts(struct visit *visit)
{
    const struct event *events;
    const char *odd = NULL;
    size_t events_count;
    size_t hosts = 0;

    engine_export(visit->engine, visit->arena, &events, &events_count);
    for (size_t i = 0; i < events_count; i++) {
        const struct inventory *host = events[i].u.inventory;

        if (events[i].kind != EVENT_INVENTORY) {
            continue;
        }
        hosts++;
        if (strncmp(host->version, "1.", 2) != 0 && odd == NULL) {
            odd = arena_print(visit->arena, "host %s is of version %s", host->name,
                              host->version);
        }
    }
    add(visit,
        &(struct check){
            .name = "hosts",
            .finding = hosts == 0    ? FINDING_ERROR
                       : odd != NULL ? FINDING_WARNING
                                     : FINDING_OK,
            .text = odd != NULL
                        ? odd
                        : arena_print(visit->arena, "%zu told what they run", hosts),
            .advice = hosts == 0 ? "start a host, or look into the log of one that runs"
                      : odd != NULL ? "run hosts of wasmCloud 1.0 to 1.9"
                                    : NULL,
        });
}

/* What is worth saying of resources that no command would heal. */
static const char *first_remark(const struct api_status_report *report,
                                struct arena *arena)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct application_status *status = &report->items[i].status;

        for (size_t j = 0; j < status->resources_count; j++) {
            const struct resource_status *resource = &status->resources[j];

            if (resource->kind == LEDGER_LINK && resource->word == STATUS_DEPLOYED &&
                resource->reason[0] != '\0') {
                return arena_print(arena, "%s: %s: %s", status->application,
                                   resource->name, resource->reason);
            }
        }
    }
    return NULL;
}

static void check_applications(struct visit *visit,
                               const struct api_status_report *report)
{
    const struct application_status *worst = NULL;
    const char *remark = first_remark(report, visit->arena);
    size_t deployed = 0;

    for (size_t i = 0; i < report->count; i++) {
        const struct application_status *status = &report->items[i].status;

        deployed += status->word == STATUS_DEPLOYED || status->word == STATUS_UNDEPLOYED;
        if (status->word != STATUS_UNDEPLOYED &&
            (worst == NULL || status->word > worst->word)) {
            worst = status;
        }
    }
    add(visit,
        &(struct check){
            .name = "applications",
            .finding = deployed < report->count ? FINDING_WARNING : FINDING_OK,
            .text =
                deployed < report->count
                    ? arena_print(visit->arena, "%zu of %zu are as wanted; %s is %s: %s",
                                  deployed, report->count, worst->application,
                                  status_word_name(worst->word), worst->reason)
                    : arena_print(visit->arena, "%zu, all as wanted", report->count),
            .advice = deployed < report->count ? "trellis drift shows the rest, trellis "
                                                 "explain why each is so"
                                               : NULL,
        });
    add(visit, &(struct check){
                   .name = "links",
                   .finding = remark != NULL ? FINDING_WARNING : FINDING_OK,
                   .text = remark != NULL ? remark : "none is known to be lost",
                   .advice = remark != NULL ? "trellis status shows all of these" : NULL,
               });
}

enum err_code operate_doctor(const struct operation *operation, struct api_sheet *sheet,
                             struct err *err)
{
    struct visit visit = {
        .operation = operation,
        .engine = reconciler_engine(operation->reconciler),
        .arena = operation->arena,
        .sheet = sheet,
    };
    struct api_status_report report = {0};
    const enum err_code code = report_status(visit.engine, operation->claims.store, NULL,
                                             operation->arena, &report, err);

    if (code != ERR_OK) {
        return code;
    }
    sheet->head[DOCTOR_SERVER] = operation->server;
    check_server(&visit);
    check_store(&visit);
    check_clock(&visit);
    check_writer(&visit);
    check_lattice(&visit);
    check_hosts(&visit);
    check_applications(&visit, &report);
    for (size_t i = 0; i < operation->notes.count; i++) {
        add(&visit, &(struct check){.name = "folder",
                                    .finding = FINDING_WARNING,
                                    .text = operation->notes.items[i],
                                    .advice = "trellis validate says where and why"});
    }
    return ERR_OK;
}
