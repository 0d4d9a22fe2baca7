#include "reconciler/run/options.h"

#include <assert.h>
#include <getopt.h>
#include <string.h>

#include "manifest/diag.h"
#include "manifest/text.h"
#include "reconciler/run/option_rule.h"
#include "reconciler/run/options_connection.h"
#include "reconciler/run/options_value.h"
#include "reconciler/wire/subject.h"

#define OPERANDS_MAX   10000
#define LATTICES_MAX   ((size_t)64) /* each has descriptors in the loop */
#define NAME_WIDTH     12           /* of an option in the help, at the least */
#define ARGUMENT_WIDTH 5
#define TIMEOUT_MS     ((int64_t)60 * 1000)

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

static enum err_code set_prune(const struct option_rule *rule, const char *value,
                               struct options *options, struct err *err)
{
    static const char *const words[] = {"guarded", "always", "never", NULL};
    int choice = PRUNE_GUARDED;
    uint64_t number = 0;
    enum err_code code;

    if (rule->id == OPTION_PRUNE_GRACE) {
        return options_value_duration(rule->name, value, &options->prune_grace_ms, err);
    }
    if (rule->id == OPTION_PRUNE_MAX) {
        code = options_value_number(rule->name, value, 100, &number, err);
        options->prune_most_percent = (uint32_t)number;
        return code;
    }
    code = options_value_choice(rule->name, value, words, &choice, err);
    options->prune = (enum prune_mode)choice;
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

static enum err_code set_allowed(const char *value, struct arena *arena,
                                 struct options *options, struct err *err)
{
    const char *rule;
    const enum err_code code = options_value_rule("allow", value, &rule, err);

    if (code == ERR_OK) {
        options_add_name(&options->allowed, arena, rule);
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

static enum err_code set_daemon(const struct option_rule *rule, const char *value,
                                struct options *options, struct err *err)
{
    switch (rule->id) {
    case OPTION_MANIFESTS:
        options->manifests = value;
        return ERR_OK;
    case OPTION_MISSED_HEARTBEATS:
        return options_value_count(rule->name, value, 2, &options->missed_heartbeats,
                                   err);
    case OPTION_MISSED_SLACK:
        return options_value_duration(rule->name, value, &options->heartbeat_slack_ms,
                                      err);
    case OPTION_STANDBY:
        options->is_standby = true;
        return ERR_OK;
    case OPTION_API_PREFIX:
        return options_value_prefix(rule->name, value, &options->api_prefix, err);
    case OPTION_POLL:
        return options_value_duration(rule->name, value, &options->poll_ms, err);
    case OPTION_HTTP:
        options->http = strcmp(value, "off") != 0 ? value : NULL;
        options->is_http_asked_for = true;
        return ERR_OK;
    case OPTION_LOG:
        return set_log(rule, value, options, err);
    default:
        return set_prune(rule, value, options, err);
    }
}

/* false: the rule is not about the connection. */
static bool set_connection(const struct option_rule *rule, const char *value,
                           struct options *options)
{
    struct connection *connection = &options->connection;
    const struct {
        int id;
        const char **where;
    } texts[] = {
        {OPTION_SERVER, &connection->url},
        {OPTION_CREDENTIALS, &connection->credentials},
        {OPTION_NKEY, &connection->seed_file},
        {OPTION_JWT, &connection->jwt_file},
        {OPTION_USER, &connection->user},
        {OPTION_PASSWORD_FILE, &connection->password_file},
        {OPTION_TOKEN_FILE, &connection->token_file},
        {OPTION_TLS_CA, &connection->authority},
        {OPTION_TLS_CERT, &connection->certificate},
        {OPTION_TLS_KEY, &connection->key},
        {OPTION_JS_DOMAIN, &connection->domain},
        {OPTION_CTL_PREFIX, &connection->control},
        {OPTION_INBOX_PREFIX, &connection->inbox},
        {OPTION_CONTEXT, &options->context},
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i].id == rule->id) {
            *texts[i].where = value;
            return true;
        }
    }
    return false;
}

static enum err_code set(const struct option_rule *rule, const char *value,
                         struct arena *arena, struct options *options, struct err *err)
{
    switch (rule->id) {
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
    case OPTION_CONFIRM:
        options->is_confirmed = true;
        return ERR_OK;
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
    case OPTION_FROM_WADM:
    case OPTION_TO_WADM:
        options->is_wadm = true;
        return ERR_OK;
    case OPTION_DRY_RUN:
        options->is_dry_run = true;
        return ERR_OK;
    case OPTION_STATE:
    case OPTION_IF_VERSION:
    case OPTION_IF_DIGEST:
        return options_value_filter(rule, value, arena, options, err);
    case OPTION_SINCE:
        return options_value_event(value, arena, options, err);
    case OPTION_REFUSE:
        options_add_name(&options->refused, arena, value);
        return ERR_OK;
    default:
        break;
    }
    if (set_connection(rule, value, options)) {
        return ERR_OK;
    }
    return (rule->verbs & VERB_DAEMON) != 0 ? set_daemon(rule, value, options, err)
                                            : set_simulated(rule, value, options, err);
}

static struct options defaults(void)
{
    return (struct options){
        .store = options_environment("TRELLIS_STORE", NULL, NULL),
        .api_prefix =
            options_environment("TRELLIS_API_PREFIX", "WADM_API_PREFIX", "wadm.api"),
        .timeout_ms = TIMEOUT_MS,
        .prune_grace_ms = (int64_t)30 * 1000,
        .prune_most_percent = 50,
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

    while (option_rules[i].id != id ||
           (option_rules[i].verbs & (unsigned int)verb) == 0) {
        i++;
        assert(i < option_rules_count);
    }
    return &option_rules[i];
}

/* getopt's two descriptions of the options that verb knows. */
static void describe(enum verb verb, char *letters, struct option *longs)
{
    size_t count = 0;

    *letters++ = ':';
    for (size_t i = 0; i < option_rules_count; i++) {
        if ((option_rules[i].verbs & (unsigned int)verb) == 0) {
            continue;
        }
        longs[count++] = (struct option){
            .name = option_rules[i].name,
            .has_arg = option_rules[i].argument != NULL ? required_argument : no_argument,
            .val = option_rules[i].id,
        };
        if (option_rules[i].id < 256) {
            *letters++ = (char)option_rules[i].id;
            if (option_rules[i].argument != NULL) {
                *letters++ = ':';
            }
        }
    }
    *letters = '\0';
    longs[count] = (struct option){0};
}

static bool has_name(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* The names in options->lattice; more than one with commas only for a daemon. */
static enum err_code take_lattices(enum verb verb, struct arena *arena,
                                   struct options *options, struct err *err)
{
    const char *at = options->lattice;
    size_t length;

    do {
        const char *name;

        length = verb == VERB_DAEMON ? strcspn(at, ",") : strlen(at);
        name = arena_text(arena, at, length);
        if (!subject_is_lattice(name)) {
            return err_set(err, ERR_USAGE,
                           "lattice '%s' cannot be: only letters, digits, - and _ in it",
                           name);
        }
        if (has_name(&options->lattices, name)) {
            return err_set(err, ERR_USAGE, "lattice '%s' is named twice", name);
        }
        if (options->lattices.count == LATTICES_MAX) {
            return err_set(err, ERR_USAGE,
                           "over %zu lattices are too many for one daemon", LATTICES_MAX);
        }
        options_add_name(&options->lattices, arena, name);
        at += length;
    } while (*at++ == ',');
    return ERR_OK;
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
    return ERR_OK;
}

/* The option of verb that word may have been meant to be, or NULL. */
static const char *near_option(enum verb verb, const char *word)
{
    const char *names[OPTION_RULES_MAX];
    size_t count = 0;

    for (size_t i = 0; i < option_rules_count; i++) {
        if ((option_rules[i].verbs & (unsigned int)verb) != 0) {
            names[count++] = option_rules[i].name;
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
    struct options options = defaults();
    char letters[2 * OPTION_RULES_MAX];
    struct option longs[OPTION_RULES_MAX];
    enum err_code code;
    int id;

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
    code = options_complete(&options, (verb & VERB_CONNECTING) != 0 && !options.is_help,
                            arena, err);
    if (code == ERR_OK) {
        code = take_lattices(verb, arena, &options, err);
    }
    if (code == ERR_OK) {
        code = take_operands(count, words, arena, &options, err);
    }
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
    for (size_t i = 0; i < option_rules_count; i++) {
        const int name = (int)strlen(option_rules[i].name);
        const int argument =
            option_rules[i].argument != NULL ? (int)strlen(option_rules[i].argument) : 0;

        if ((option_rules[i].verbs & (unsigned int)verb) != 0) {
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
    for (size_t i = 0; i < option_rules_count; i++) {
        const struct option_rule *rule = &option_rules[i];
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
