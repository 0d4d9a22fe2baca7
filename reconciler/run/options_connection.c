#include "reconciler/run/options_connection.h"

#include <string.h>

#include "reconciler/run/options_context.h"
#include "reconciler/run/options_value.h"

#define USUAL_HOST "127.0.0.1"
#define USUAL_PORT "4222"

static void fill(const char **text, const char *with)
{
    if (*text == NULL) {
        *text = with;
    }
}

static const char *environment(const char *name)
{
    return options_environment(name, NULL, NULL);
}

/* host may be an address of IPv6. */
static const char *join(const char *host, const char *port, struct arena *arena)
{
    const bool is_bare = strchr(host, ':') != NULL && host[0] != '[';

    return arena_print(arena, is_bare ? "nats://[%s]:%s" : "nats://%s:%s", host, port);
}

/* Does it say who connects? */
static bool has_way(const struct connection *connection)
{
    return connection->credentials != NULL || connection->jwt != NULL ||
           connection->jwt_file != NULL || connection->seed != NULL ||
           connection->seed_file != NULL || connection->user != NULL ||
           connection->token != NULL || connection->token_file != NULL ||
           (connection->url != NULL && strchr(connection->url, '@') != NULL);
}

static void fill_seed(struct connection *connection, const struct connection *with)
{
    if (connection->seed == NULL && connection->seed_file == NULL) {
        connection->seed = with->seed;
        connection->seed_file = with->seed_file;
    }
}

static void fill_password(struct connection *connection, const struct connection *with)
{
    if (connection->password == NULL && connection->password_file == NULL) {
        connection->password = with->password;
        connection->password_file = with->password_file;
    }
}

/* Who connects, from with where connection names no way; else what its way lacks. */
static void fill_way(struct connection *connection, const struct connection *with,
                     const char *from)
{
    if (connection->jwt != NULL || connection->jwt_file != NULL) {
        fill_seed(connection, with);
    } else if (connection->user != NULL) {
        fill_password(connection, with);
    } else if (!has_way(connection) && has_way(with)) {
        fill_seed(connection, with);
        fill_password(connection, with);
        connection->credentials = with->credentials;
        connection->jwt = with->jwt;
        connection->jwt_file = with->jwt_file;
        connection->user = with->user;
        connection->token = with->token;
        connection->token_file = with->token_file;
        connection->who_from = from;
    }
}

static void fill_rest(struct connection *connection, const struct connection *with)
{
    fill(&connection->authority, with->authority);
    fill(&connection->certificate, with->certificate);
    fill(&connection->key, with->key);
    fill(&connection->domain, with->domain);
    fill(&connection->control, with->control);
    fill(&connection->inbox, with->inbox);
    connection->is_tls_first = connection->is_tls_first || with->is_tls_first;
}

/* A file where a variable of that name with _FILE says so; not both. */
static struct connection our_environment(void)
{
    return (struct connection){
        .credentials = environment("TRELLIS_CREDS"),
        .jwt = environment("TRELLIS_JWT"),
        .jwt_file = environment("TRELLIS_JWT_FILE"),
        .seed = environment("TRELLIS_NKEY"),
        .seed_file = environment("TRELLIS_NKEY_FILE"),
        .user = environment("TRELLIS_USER"),
        .password = environment("TRELLIS_PASSWORD"),
        .password_file = environment("TRELLIS_PASSWORD_FILE"),
        .token = environment("TRELLIS_TOKEN"),
        .token_file = environment("TRELLIS_TOKEN_FILE"),
        .authority = environment("TRELLIS_TLS_CA"),
        .certificate = environment("TRELLIS_TLS_CERT"),
        .key = environment("TRELLIS_TLS_KEY"),
        .domain = environment("TRELLIS_JS_DOMAIN"),
        .control = environment("TRELLIS_CTL_PREFIX"),
        .inbox = environment("TRELLIS_INBOX_PREFIX"),
    };
}

/* wash calls three of them otherwise in wash up than in wash app. */
static struct connection wash_environment(void)
{
    const char *tls_first =
        options_environment("WASH_CTL_TLS_FIRST", "WASMCLOUD_CTL_TLS_FIRST", "false");

    return (struct connection){
        .credentials =
            options_environment("WASH_CTL_CREDS", "WASMCLOUD_CTL_CREDSFILE", NULL),
        .jwt = environment("WASMCLOUD_CTL_JWT"),
        .seed = environment("WASMCLOUD_CTL_SEED"),
        .authority = options_environment("WASH_CTL_TLS_CA_FILE",
                                         "WASMCLOUD_CTL_TLS_CA_FILE", NULL),
        .is_tls_first = strcmp(tls_first, "true") == 0,
        .domain = environment("WASMCLOUD_JS_DOMAIN"),
        .control = environment("WASMCLOUD_CTL_TOPIC_PREFIX"),
    };
}

static const char *wash_url(struct arena *arena)
{
    const char *host = options_environment("WASMCLOUD_CTL_HOST", NULL, USUAL_HOST);
    const char *port = options_environment("WASMCLOUD_CTL_PORT", NULL, USUAL_PORT);
    const bool is_said = environment("WASMCLOUD_CTL_HOST") != NULL ||
                         environment("WASMCLOUD_CTL_PORT") != NULL;

    return is_said ? join(host, port, arena) : NULL;
}

static void fill_context(struct options *options, const struct wire_context *context,
                         struct arena *arena)
{
    const struct connection with = {
        .credentials = context->credentials,
        .jwt = context->jwt,
        .seed = context->seed,
        .authority = context->authority,
        .is_tls_first = context->is_tls_first,
        .domain = context->domain,
    };
    const char *port = context->port > 0
                           ? arena_print(arena, "%u", (unsigned int)context->port)
                           : USUAL_PORT;

    if (context->host != NULL || context->port > 0) {
        fill(&options->connection.url,
             join(context->host != NULL ? context->host : USUAL_HOST, port, arena));
    }
    fill_way(&options->connection, &with,
             arena_print(arena, "wash context '%s'", context->name));
    fill_rest(&options->connection, &with);
    fill(&options->lattice, context->lattice);
}

enum err_code options_complete(struct options *options, bool is_connecting,
                               struct arena *arena, struct err *err)
{
    const struct connection ours = our_environment();
    const struct connection washs = wash_environment();
    struct connection *connection = &options->connection;
    struct wire_context context;
    enum err_code code;

    fill(&options->context, environment("TRELLIS_CONTEXT"));
    fill(&connection->url, environment("TRELLIS_NATS_URL"));
    fill(&connection->url, wash_url(arena));
    fill_way(connection, &ours, "the environment (TRELLIS_*)");
    fill_way(connection, &washs, "the environment of wash");
    fill_rest(connection, &ours);
    fill_rest(connection, &washs);
    fill(&options->lattice,
         options_environment("TRELLIS_LATTICE", "WASMCLOUD_LATTICE", NULL));
    if (is_connecting) {
        code = options_context(options->context, arena, &context, err);
        if (code != ERR_OK) {
            return code;
        }
        if (context.name != NULL) {
            fill_context(options, &context, arena);
        }
    }
    fill(&connection->url, "nats://" USUAL_HOST ":" USUAL_PORT);
    fill(&options->lattice, "default");
    return ERR_OK;
}
