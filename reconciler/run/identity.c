#include "reconciler/run/identity.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "reconciler/run/files.h"
#include "reconciler/run/nkey.h"

/* What a secret looks like in a file that may hold more. */
enum shape {
    SHAPE_LINE, /* all of the first line */
    SHAPE_JWT,  /* the word that begins like one */
    SHAPE_SEED,
};

#define BLANKS    " \t\r\n"
#define JWT_START "eyJ" /* {" in base64 */

/* Does the word at text, of length bytes, look like it? */
static bool has_shape(const char *text, size_t length, enum shape shape)
{
    switch (shape) {
    case SHAPE_LINE:
        return length > 0;
    case SHAPE_JWT:
        return strncmp(text, JWT_START, strlen(JWT_START)) == 0;
    case SHAPE_SEED:
        return length == NKEY_SEED_LETTERS && nkey_is_seed(text);
    }
    abort();
}

/* The first in text that looks like it, in arena, or NULL. */
static const char *find(const char *text, enum shape shape, struct arena *arena)
{
    const char *ends = shape == SHAPE_LINE ? "\r\n" : BLANKS;

    while (*text != '\0') {
        const size_t length = strcspn(text, ends);

        if (has_shape(text, length, shape)) {
            return arena_text(arena, text, length);
        }
        if (shape == SHAPE_LINE) {
            return NULL; /* the first line is empty */
        }
        text += length;
        text += strspn(text, BLANKS);
    }
    return NULL;
}

static const char *const shape_names[] = {
    [SHAPE_LINE] = "nothing in its first line",
    [SHAPE_JWT] = "no JWT in it",
    [SHAPE_SEED] = "no seed of a user in it (SU...)",
};

/* Where a secret is: given, or in a file; or there is none. */
struct source {
    const char *given;
    const char *file;
    enum shape shape;
};

/* The secret of source; NULL where there is none. */
static enum err_code read_secret(const struct source *source, struct arena *arena,
                                 const char **ret_secret, struct err *err)
{
    const enum shape shape = source->shape;
    const char *given = source->given;
    const char *file = source->file;
    struct api_manifest content;
    enum err_code code;

    *ret_secret = NULL;
    if (given != NULL) {
        *ret_secret = find(given, shape, arena);
        return *ret_secret != NULL
                   ? ERR_OK
                   : err_set(err, ERR_USAGE, "the environment or wash context has %s",
                             shape_names[shape]);
    }
    if (file == NULL) {
        return ERR_OK;
    }
    code = files_read_one(file, arena, &content, err);
    if (code != ERR_OK) {
        return err_set(err, ERR_USAGE,
                       "the file '%s' cannot be read: is it there, and "
                       "may this user read it?",
                       file);
    }
    *ret_secret = find(content.text, shape, arena);
    return *ret_secret != NULL ? ERR_OK
                               : err_set(err, ERR_USAGE, "the file '%s' has %s", file,
                                         shape_names[shape]);
}

static const char *jwt_file(const struct connection *connection)
{
    return connection->credentials != NULL ? connection->credentials
                                           : connection->jwt_file;
}

static const char *seed_file(const struct connection *connection)
{
    return connection->credentials != NULL ? connection->credentials
                                           : connection->seed_file;
}

/* Have all values in place of files. */
static enum err_code read_secrets(struct connection *connection, struct arena *arena,
                                  struct err *err)
{
    const struct {
        struct source source;
        const char **ret_secret;
    } secrets[] = {
        {{connection->jwt, jwt_file(connection), SHAPE_JWT}, &connection->jwt},
        {{connection->seed, seed_file(connection), SHAPE_SEED}, &connection->seed},
        {{connection->password, connection->password_file, SHAPE_LINE},
         &connection->password},
        {{connection->token, connection->token_file, SHAPE_LINE}, &connection->token},
    };
    enum err_code code = ERR_OK;

    for (size_t i = 0; i < sizeof secrets / sizeof *secrets && code == ERR_OK; i++) {
        code = read_secret(&secrets[i].source, arena, secrets[i].ret_secret, err);
    }
    return code;
}

/* A way to say who connects, whether it was chosen, and what it cannot be without. */
struct way {
    const char *name;
    bool is_chosen;
    bool is_whole;
    const char *missing;
};

#define WAYS_COUNT ((size_t)6)

static void find_ways(const struct connection *connection,
                      struct way ret_ways[WAYS_COUNT])
{
    const bool has_jwt = connection->jwt != NULL || connection->jwt_file != NULL;
    const bool has_seed = connection->seed != NULL || connection->seed_file != NULL;
    const bool has_password =
        connection->password != NULL || connection->password_file != NULL;
    const bool has_token = connection->token != NULL || connection->token_file != NULL;
    const struct way ways[WAYS_COUNT] = {
        {"a user in the URL", strchr(connection->url, '@') != NULL, true, ""},
        {"a credentials file", connection->credentials != NULL, true, ""},
        {"a JWT", has_jwt, has_seed,
         "the JWT wants its seed: --nkey FILE or TRELLIS_NKEY"},
        {"an nkey", has_seed && !has_jwt, true, ""},
        {"a user with a password", connection->user != NULL || has_password,
         connection->user != NULL && has_password,
         "a user and a password go together: --user NAME and --password-file FILE, or "
         "TRELLIS_USER and TRELLIS_PASSWORD"},
        {"a token", has_token, true, ""},
    };

    memcpy(ret_ways, ways, sizeof ways);
}

static enum err_code check_ways(const struct connection *connection, struct err *err)
{
    struct way ways[WAYS_COUNT];
    const struct way *chosen = NULL;

    find_ways(connection, ways);
    for (size_t i = 0; i < WAYS_COUNT; i++) {
        if (!ways[i].is_chosen) {
            continue;
        }
        if (chosen != NULL) {
            return err_set(err, ERR_USAGE,
                           "%s and %s are two ways to say who connects: leave one out",
                           chosen->name, ways[i].name);
        }
        if (!ways[i].is_whole) {
            return err_set(err, ERR_USAGE, "%s", ways[i].missing);
        }
        chosen = &ways[i];
    }
    return ERR_OK;
}

/* Who connects, as may be shown; NULL nobody. */
static const char *show(const struct connection *connection, struct arena *arena)
{
    if (connection->credentials != NULL) {
        return arena_print(arena, "the user of credentials file '%s'",
                           connection->credentials);
    }
    if (connection->jwt_file != NULL) {
        return arena_print(arena, "the user of the JWT in '%s'", connection->jwt_file);
    }
    if (connection->jwt != NULL) {
        return "the user of the JWT";
    }
    if (connection->seed != NULL) {
        char public[NKEY_PUBLIC_LETTERS + 1];

        return nkey_public(connection->seed, public, NULL) == ERR_OK
                   ? arena_print(arena, "nkey %s", public)
                   : "the nkey";
    }
    if (connection->user != NULL) {
        return arena_print(arena, "user '%s'", connection->user);
    }
    if (connection->token != NULL) {
        return "the token";
    }
    return strchr(connection->url, '@') != NULL ? "the user of the URL" : NULL;
}

static const char *copy(const char *text, struct arena *arena)
{
    return text != NULL ? arena_copy(arena, text) : NULL;
}

enum err_code identity_read(const struct connection *connection, struct arena *arena,
                            struct identity *ret_identity, struct err *err)
{
    struct identity identity = {
        .connection = {
            .url = arena_copy(arena, connection->url),
            .credentials = copy(connection->credentials, arena),
            .jwt = connection->jwt,
            .jwt_file = copy(connection->jwt_file, arena),
            .seed = connection->seed,
            .seed_file = copy(connection->seed_file, arena),
            .user = copy(connection->user, arena),
            .password = connection->password,
            .password_file = copy(connection->password_file, arena),
            .token = connection->token,
            .token_file = copy(connection->token_file, arena),
        }};
    enum err_code code = check_ways(connection, err);

    if (code == ERR_OK) {
        code = read_secrets(&identity.connection, arena, err);
    }
    if (code != ERR_OK) {
        return code;
    }
    identity.shown = show(&identity.connection, arena);
    if (connection->who_from != NULL && identity.shown != NULL) {
        identity.shown =
            arena_print(arena, "%s, from %s", identity.shown, connection->who_from);
    }
    *ret_identity = identity;
    return ERR_OK;
}

/* The secret in file at this moment, or else as it was.  A pipe is read only once. */
static const char *renew(const char *file, enum shape shape, const char *otherwise,
                         struct arena *arena)
{
    const struct source source = {NULL, file, shape};
    struct stat status;
    const char *secret = NULL;

    if (file == NULL || stat(file, &status) != 0 || !S_ISREG(status.st_mode) ||
        read_secret(&source, arena, &secret, NULL) != ERR_OK) {
        return otherwise;
    }
    return secret;
}

/* nats.c asks at every connect, and frees what it gets. */
static natsStatus give_jwt(char **ret_jwt, char **ret_error, void *closure)
{
    const struct identity *identity = closure;
    struct arena arena = {0};

    (void)ret_error;
    *ret_jwt = strdup(renew(jwt_file(&identity->connection), SHAPE_JWT,
                            identity->connection.jwt, &arena));
    arena_free(&arena);
    return *ret_jwt != NULL ? NATS_OK : NATS_NO_MEMORY;
}

static natsStatus sign(char **ret_error, unsigned char **ret_signature, int *ret_length,
                       const char *nonce, void *closure)
{
    const struct identity *identity = closure;
    struct arena arena = {0};
    natsStatus status;

    (void)ret_error;
    status = nats_Sign(renew(seed_file(&identity->connection), SHAPE_SEED,
                             identity->connection.seed, &arena),
                       nonce, ret_signature, ret_length);
    arena_free(&arena);
    return status;
}

/* Have nats.c use connection, which is that of identity but for secrets that are newer.
 */
static enum err_code set(const struct connection *connection, struct identity *identity,
                         natsOptions *options, struct err *err)
{
    char public[NKEY_PUBLIC_LETTERS + 1];
    natsStatus status = NATS_OK;
    enum err_code code;

    if (connection->jwt != NULL) {
        status = natsOptions_SetUserCredentialsCallbacks(options, give_jwt, identity,
                                                         sign, identity);
    } else if (connection->seed != NULL) {
        code = nkey_public(connection->seed, public, err);
        if (code != ERR_OK) {
            return code;
        }
        status = natsOptions_SetNKey(options, public, sign, identity);
    } else if (connection->user != NULL) {
        status = natsOptions_SetUserInfo(options, connection->user, connection->password);
    } else if (connection->token != NULL) {
        status = natsOptions_SetToken(options, connection->token);
    }
    /* not in its own words: they may hold a secret */
    return status == NATS_OK
               ? ERR_OK
               : err_set(err, ERR_USAGE, "nats.c does not take %s", identity->shown);
}

enum err_code identity_set(struct identity *identity, natsOptions *options,
                           struct err *err)
{
    return set(&identity->connection, identity, options, err);
}

void identity_renew(struct identity *identity, natsOptions *options)
{
    struct connection connection = identity->connection;
    struct arena arena = {0};

    if (connection.jwt == NULL) { /* else it is asked for at every connect */
        connection.seed =
            renew(connection.seed_file, SHAPE_SEED, connection.seed, &arena);
        connection.password =
            renew(connection.password_file, SHAPE_LINE, connection.password, &arena);
        connection.token =
            renew(connection.token_file, SHAPE_LINE, connection.token, &arena);
        (void)set(&connection, identity, options, NULL); /* or it stays as it was */
    }
    arena_free(&arena);
}
