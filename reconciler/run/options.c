#include "reconciler/run/options.h"

#include <assert.h>
#include <getopt.h>
#include <string.h>

#include "manifest/diag.h"
#include "manifest/text.h"
#include "reconciler/run/options_value.h"

#define OPTIONS_MAX    32
#define OPERANDS_MAX   10000
#define NAME_WIDTH     12 /* of an option in the help, at the least */
#define ARGUMENT_WIDTH 5
#define TIMEOUT_MS     ((int64_t)60 * 1000)

enum option_id {
    OPTION_SERVER = 's',
    OPTION_LATTICE = 'x',
    OPTION_OUTPUT = 'o',
    OPTION_IN_PLACE = 'i',
    OPTION_VERBOSE = 'v',
    OPTION_QUIET = 'q',
    OPTION_HELP = 'h',
    OPTION_CREDENTIALS = 256,
    OPTION_STORE,
    OPTION_TIMEOUT,
    OPTION_MANIFESTS,
    OPTION_POLL,
    OPTION_MISSED_HEARTBEATS,
    OPTION_MISSED_SLACK,
    OPTION_LOG,
    OPTION_HTTP,
    OPTION_WAIT,
    OPTION_CHECK,
    OPTION_STRICT,
    OPTION_ALLOW,
    OPTION_COLOR,
    OPTION_HOSTS,
    OPTION_HEARTBEAT,
    OPTION_HEALTH_DELAY,
    OPTION_FETCH_DELAY,
    OPTION_DELAY,
    OPTION_SEED,
    OPTION_LOSE_EVENTS,
    OPTION_REFUSE,
};

struct option_rule {
    int id; /* enum option_id; below 256 its letter, too */
    const char *name;
    const char *argument; /* NULL: takes none */
    unsigned int verbs;
    const char *summary;
};

static const struct option_rule rules[] = {
    {OPTION_SERVER, "server", "URL", VERB_ALL, "NATS server, nats://127.0.0.1:4222"},
    {OPTION_CREDENTIALS, "creds", "FILE", VERB_ALL, "NATS credentials"},
    {OPTION_LATTICE, "lattice", "NAME", VERB_ALL, "lattice, default"},
    {OPTION_STORE, "store", "FILE", VERB_ALL, "where the desired state is kept"},
    {OPTION_OUTPUT, "output", "FORM", VERB_ALL & ~VERB_VALIDATE, "human or json"},
    {OPTION_OUTPUT, "output", "FORM", VERB_VALIDATE, "human, json, sarif or github"},
    {OPTION_TIMEOUT, "timeout", "TIME", VERB_ALL, "give up after, 60s"},
    {OPTION_MANIFESTS, "manifests", "DIR", VERB_DAEMON,
     "apply what is in DIR, and watch"},
    {OPTION_POLL, "poll", "TIME", VERB_DAEMON, "look at DIR every TIME, without inotify"},
    {OPTION_LOG, "log", "FORM", VERB_DAEMON, "auto, plain, journal, logfmt or json"},
    {OPTION_HTTP, "http", "ADDRESS", VERB_DAEMON,
     "serve health and metrics, 127.0.0.1:9180, or off"},
    {OPTION_MISSED_HEARTBEATS, "missed-heartbeats", "N", VERB_DAEMON,
     "a host is gone after N, 2"},
    {OPTION_MISSED_SLACK, "missed-slack", "TIME", VERB_DAEMON, "and after TIME more, 5s"},
    {OPTION_WAIT, "wait", NULL, VERB_APPLY | VERB_DELETE, "until nothing differs"},
    {OPTION_CHECK, "check", NULL, VERB_PLAN | VERB_STATUS, "exit 4 when changes pend"},
    {OPTION_STRICT, "strict", NULL, VERB_VALIDATE, "take warnings for errors"},
    {OPTION_IN_PLACE, "in-place", NULL, VERB_MIGRATE, "write what changed to the files"},
    {OPTION_ALLOW, "allow", "RULE", VERB_VALIDATE | VERB_APPLY | VERB_PLAN,
     "no warnings of this rule"},
    {OPTION_COLOR, "color", "WHEN", VERB_VALIDATE, "auto, always or never"},
    {OPTION_HOSTS, "hosts", "N", VERB_SIMULATE, "how many hosts, 3"},
    {OPTION_HEARTBEAT, "heartbeat", "TIME", VERB_SIMULATE, "between heartbeats, 30s"},
    {OPTION_HEALTH_DELAY, "health-delay", "TIME", VERB_SIMULATE,
     "from a provider's start to its health check, 5s"},
    {OPTION_FETCH_DELAY, "fetch-delay", "TIME", VERB_SIMULATE, "to fetch an image, 0"},
    {OPTION_DELAY, "delay", "TIME", VERB_SIMULATE, "before any answer, 0"},
    {OPTION_SEED, "seed", "N", VERB_SIMULATE, "what all chance follows from, 1"},
    {OPTION_LOSE_EVENTS, "lose-events", NULL, VERB_SIMULATE, "publish no events"},
    {OPTION_REFUSE, "refuse", "IMAGE", VERB_SIMULATE, "an image that cannot be fetched"},
    {OPTION_VERBOSE, "verbose", NULL, VERB_ALL, "say more"},
    {OPTION_QUIET, "quiet", NULL, VERB_ALL, "say only what is wrong"},
    {OPTION_HELP, "help", NULL, VERB_ALL, "show this"},
};

#define RULES_COUNT (sizeof rules / sizeof *rules)

static enum err_code set_output(const struct option_rule *rule, const char *value,
                                struct options *options, struct err *err)
{
    static const char *const words[] = {"human", "json", NULL};
    static const char *const validate_words[] = {"human", "json", "sarif", "github",
                                                 NULL};
    const bool is_validate = rule->verbs == VERB_VALIDATE;
    int choice = OUTPUT_HUMAN;
    const enum err_code code = options_value_choice(
        rule->name, value, is_validate ? validate_words : words, &choice, err);

    options->output = (enum options_output)choice;
    options->is_json = choice == OUTPUT_JSON;
    return code;
}

static enum err_code set_color(const struct option_rule *rule, const char *value,
                               struct options *options, struct err *err)
{
    static const char *const words[] = {"auto", "always", "never", NULL};
    int choice = COLOR_AUTO;
    const enum err_code code =
        options_value_choice(rule->name, value, words, &choice, err);

    options->color = (enum options_color)choice;
    return code;
}

static enum err_code set_log(const struct option_rule *rule, const char *value,
                             struct options *options, struct err *err)
{
    static const char *const words[] = {"plain", "journal", "logfmt",
                                        "json",  "auto",    NULL}; /* enum log_form */
    int choice = LOG_FORM_AUTO;
    const enum err_code code =
        options_value_choice(rule->name, value, words, &choice, err);

    options->log_form = (enum log_form)choice;
    return code;
}

static void add_name(struct names *names, struct arena *arena, const char *name)
{
    const char **items = arena_array(arena, names->count + 1, sizeof *items);

    if (names->count > 0) {
        memcpy(items, names->items, names->count * sizeof *names->items);
    }
    items[names->count] = name;
    *names = (struct names){items, names->count + 1};
}

static enum err_code set_allowed(const char *value, struct arena *arena,
                                 struct options *options, struct err *err)
{
    const char *rule;
    const enum err_code code = options_value_rule("allow", value, &rule, err);

    if (code == ERR_OK) {
        add_name(&options->allowed, arena, rule);
    }
    return code;
}

static enum err_code set_simulated(const struct option_rule *rule, const char *value,
                                   struct options *options, struct err *err)
{
    uint64_t number = 0;
    enum err_code code;

    switch (rule->id) {
    case OPTION_HOSTS:
        code = options_value_number(rule->name, value, 1000, &number, err);
        options->hosts = (uint32_t)number;
        return code;
    case OPTION_HEARTBEAT:
        return options_value_duration(rule->name, value, &options->heartbeat_ms, err);
    case OPTION_HEALTH_DELAY:
        return options_value_duration(rule->name, value, &options->health_delay_ms, err);
    case OPTION_FETCH_DELAY:
        return options_value_duration(rule->name, value, &options->fetch_ms, err);
    case OPTION_DELAY:
        return options_value_duration(rule->name, value, &options->delay_ms, err);
    case OPTION_SEED:
        return options_value_number(rule->name, value, UINT64_MAX / 16, &options->seed,
                                    err);
    default:
        assert(rule->id == OPTION_LOSE_EVENTS);
        options->is_muted = true;
        return ERR_OK;
    }
}

static enum err_code set(const struct option_rule *rule, const char *value,
                         struct arena *arena, struct options *options, struct err *err)
{
    switch (rule->id) {
    case OPTION_SERVER:
        options->server = value;
        return ERR_OK;
    case OPTION_CREDENTIALS:
        options->credentials = value;
        return ERR_OK;
    case OPTION_LATTICE:
        options->lattice = value;
        return ERR_OK;
    case OPTION_STORE:
        options->store = value;
        return ERR_OK;
    case OPTION_OUTPUT:
        return set_output(rule, value, options, err);
    case OPTION_TIMEOUT:
        return options_value_duration(rule->name, value, &options->timeout_ms, err);
    case OPTION_MANIFESTS:
        options->manifests = value;
        return ERR_OK;
    case OPTION_MISSED_HEARTBEATS:
        return options_value_count(rule->name, value, 2, &options->missed_heartbeats,
                                   err);
    case OPTION_MISSED_SLACK:
        return options_value_duration(rule->name, value, &options->heartbeat_slack_ms,
                                      err);
    case OPTION_POLL:
        return options_value_duration(rule->name, value, &options->poll_ms, err);
    case OPTION_HTTP:
        options->http = strcmp(value, "off") != 0 ? value : NULL;
        options->is_http_asked_for = true;
        return ERR_OK;
    case OPTION_LOG:
        return set_log(rule, value, options, err);
    case OPTION_WAIT:
        options->is_waiting = true;
        return ERR_OK;
    case OPTION_CHECK:
        options->is_check = true;
        return ERR_OK;
    case OPTION_STRICT:
        options->is_strict = true;
        return ERR_OK;
    case OPTION_IN_PLACE:
        options->is_in_place = true;
        return ERR_OK;
    case OPTION_ALLOW:
        return set_allowed(value, arena, options, err);
    case OPTION_COLOR:
        return set_color(rule, value, options, err);
    case OPTION_VERBOSE:
        options->verbosity = 1;
        return ERR_OK;
    case OPTION_QUIET:
        options->verbosity = -1;
        return ERR_OK;
    case OPTION_HELP:
        options->is_help = true;
        return ERR_OK;
    case OPTION_REFUSE:
        add_name(&options->refused, arena, value);
        return ERR_OK;
    default:
        return set_simulated(rule, value, options, err);
    }
}

/* What wash's environment says of the server, when ours says nothing. */
static const char *default_server(struct arena *arena)
{
    const char *host = options_environment("WASMCLOUD_CTL_HOST", NULL, "127.0.0.1");
    const char *port = options_environment("WASMCLOUD_CTL_PORT", NULL, "4222");

    return options_environment("TRELLIS_NATS_URL", NULL,
                               arena_print(arena, "nats://%s:%s", host, port));
}

static struct options defaults(struct arena *arena)
{
    return (struct options){
        .server = default_server(arena),
        .credentials = options_environment("TRELLIS_CREDS", "WASH_CTL_CREDS", NULL),
        .lattice = options_environment("TRELLIS_LATTICE", "WASMCLOUD_LATTICE", "default"),
        .store = options_environment("TRELLIS_STORE", NULL, NULL),
        .timeout_ms = TIMEOUT_MS,
        .http = "127.0.0.1:9180",
        .log_form = LOG_FORM_AUTO,
        .color = options_environment("NO_COLOR", NULL, NULL) != NULL ? COLOR_NEVER
                                                                     : COLOR_AUTO,
        .missed_heartbeats = 2,
        .heartbeat_slack_ms = (int64_t)5 * 1000,
        .hosts = 3,
        .heartbeat_ms = (int64_t)30 * 1000,
        .health_delay_ms = (int64_t)5 * 1000,
        .seed = 1,
    };
}

/* The rule of verb for id, which getopt has from there. */
static const struct option_rule *find_rule(enum verb verb, int id)
{
    size_t i = 0;

    while (rules[i].id != id || (rules[i].verbs & (unsigned int)verb) == 0) {
        i++;
        assert(i < RULES_COUNT);
    }
    return &rules[i];
}

/* getopt's two descriptions of the options that verb knows. */
static void describe(enum verb verb, char *letters, struct option *longs)
{
    size_t count = 0;

    *letters++ = ':';
    for (size_t i = 0; i < RULES_COUNT; i++) {
        if ((rules[i].verbs & (unsigned int)verb) == 0) {
            continue;
        }
        longs[count++] = (struct option){
            .name = rules[i].name,
            .has_arg = rules[i].argument != NULL ? required_argument : no_argument,
            .val = rules[i].id,
        };
        if (rules[i].id < 256) {
            *letters++ = (char)rules[i].id;
            if (rules[i].argument != NULL) {
                *letters++ = ':';
            }
        }
    }
    *letters = '\0';
    longs[count] = (struct option){0};
}

static bool is_token(const char *text)
{
    return text[0] != '\0' && strpbrk(text, ".*> \t\n") == NULL;
}

static enum err_code take_operands(int count, char **words, struct arena *arena,
                                   struct options *options, struct err *err)
{
    const size_t operands = (size_t)(count - optind);
    const char **items = arena_array(arena, operands, sizeof *items);

    if (operands > OPERANDS_MAX) {
        return err_set(err, ERR_USAGE, "%zu arguments are too many, %d at the most",
                       operands, OPERANDS_MAX);
    }
    for (size_t i = 0; i < operands; i++) {
        items[i] = words[optind + (int)i];
    }
    options->operands = (struct names){items, operands};
    if (!is_token(options->lattice)) {
        return err_set(err, ERR_USAGE,
                       "lattice '%s' cannot be: no dots, blanks, * or > in it",
                       options->lattice);
    }
    return ERR_OK;
}

/* The option of verb that word may have been meant to be, or NULL. */
static const char *near_option(enum verb verb, const char *word)
{
    const char *names[RULES_COUNT];
    size_t count = 0;

    for (size_t i = 0; i < RULES_COUNT; i++) {
        if ((rules[i].verbs & (unsigned int)verb) != 0) {
            names[count++] = rules[i].name;
        }
    }
    return diag_near(word + strspn(word, "-"), names, count);
}

/* word is where getopt stopped; of several letters in it, it names one. */
static enum err_code refuse_option(enum verb verb, const char *word, struct err *err)
{
    const char *near;

    if (optopt == 0) {
        near = near_option(verb, word);
        return near != NULL
                   ? err_set(err, ERR_USAGE,
                             "there is no option '%s' here: did you mean '--%s'?", word,
                             near)
                   : err_set(err, ERR_USAGE, "there is no option '%s' here: see --help",
                             word);
    }
    if (optopt < 256) {
        return err_set(err, ERR_USAGE, "there is no option '-%c' here: see --help",
                       optopt);
    }
    return err_set(err, ERR_USAGE, "option '--%s' takes no value",
                   find_rule(verb, optopt)->name);
}

// NOLINTNEXTLINE(readability-function-size): count and words are one thing
enum err_code options_read(enum verb verb, int count, char **words, struct arena *arena,
                           struct options *ret_options, struct err *err)
{
    struct options options = defaults(arena);
    char letters[2 * OPTIONS_MAX];
    struct option longs[OPTIONS_MAX];
    enum err_code code;
    int id;

    static_assert(RULES_COUNT < OPTIONS_MAX, "grow OPTIONS_MAX");
    describe(verb, letters, longs);
    opterr = 0;
    optind = 0; /* begin anew: with 1 getopt goes on inside the word it stopped in */
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread
    while ((id = getopt_long(count, words, letters, longs, NULL)) != -1) {
        if (id == ':') {
            return err_set(err, ERR_USAGE, "option '%s' wants a value",
                           words[optind - 1]);
        }
        if (id == '?') {
            return refuse_option(verb, words[optind - 1], err);
        }
        code = set(find_rule(verb, id), optarg, arena, &options, err);
        if (code != ERR_OK) {
            return code;
        }
    }
    code = take_operands(count, words, arena, &options, err);
    if (code == ERR_OK) {
        *ret_options = options;
    }
    return code;
}

/* Of the columns of the help of verb. */
static void measure(enum verb verb, int *ret_name, int *ret_argument)
{
    *ret_name = NAME_WIDTH;
    *ret_argument = ARGUMENT_WIDTH;
    for (size_t i = 0; i < RULES_COUNT; i++) {
        const int name = (int)strlen(rules[i].name);
        const int argument =
            rules[i].argument != NULL ? (int)strlen(rules[i].argument) : 0;

        if ((rules[i].verbs & (unsigned int)verb) != 0) {
            *ret_name = name > *ret_name ? name : *ret_name;
            *ret_argument = argument > *ret_argument ? argument : *ret_argument;
        }
    }
}

void options_print(enum verb verb, struct text *text)
{
    int name_width;
    int argument_width;

    measure(verb, &name_width, &argument_width);
    for (size_t i = 0; i < RULES_COUNT; i++) {
        const struct option_rule *rule = &rules[i];
        const char *argument = rule->argument != NULL ? rule->argument : "";

        if ((rule->verbs & (unsigned int)verb) == 0) {
            continue;
        }
        if (rule->id < 256) {
            text_append(text, "  -%c, ", rule->id);
        } else {
            text_append(text, "      ");
        }
        text_append(text, "--%-*s %-*s %s\n", name_width, rule->name, argument_width,
                    argument, rule->summary);
    }
}
