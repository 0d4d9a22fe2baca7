/*
 * Each request of fixtures/wire/conversation.txt and of conversation-broken.txt, sent to
 * a daemon, gets the reply that stands there.  GOLDEN=rewrite writes the replies anew.
 *
 * That there is one for each request and each code is checked by test/tidy/pairs.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include <nats/nats.h>
#include <sqlite3.h>

#include "manifest/limits.h"
#include "support_connect.h"
#include "support_page.h"
#include "support_samples.h"
#include "support_wash.h"

#define SUBJECT_BYTES 256
#define ULID_BYTES    26
#define LOOK_MS       20

struct conversation {
    struct stage *stage;
    natsConnection *connection;
    struct text *actual; /* the file, with the replies that came */

    /* The request that is being read. */
    char subject[SUBJECT_BYTES];
    char content_type[SUBJECT_BYTES];
    bool is_silent;
    bool is_awaited;
    struct text body;
    struct arena arena; /* of the bodies */
};

static void check(natsStatus status)
{
    if (status != NATS_OK) {
        fail_msg("%s", natsStatus_GetText(status));
    }
}

/* How many bytes at text are a time, as in 2026-11-22T22:36:29.942Z. */
static size_t time_bytes(const char *text)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:dd.dddZ";

    for (size_t i = 0; i < sizeof shape - 1; i++) {
        if (shape[i] == 'd' ? isdigit((unsigned char)text[i]) == 0
                            : text[i] != shape[i]) {
            return 0;
        }
    }
    return sizeof shape - 1;
}

static size_t ulid_bytes(const char *text)
{
    const size_t length = strspn(text, "0123456789ABCDEFGHJKMNPQRSTVWXYZ");

    return length == ULID_BYTES ? length : 0;
}

/* The newest event may be the one that comes at this moment. */
static size_t newest_bytes(const char *text)
{
    static const char key[] = "\"newest\":";
    const size_t length = sizeof key - 1;

    return strncmp(text, key, length) == 0 ? length + strspn(text + length, "0123456789")
                                           : 0;
}

/* What begins at text is another one each time: its name, and how long it is.  NULL: it
 * is the same. */
static const char *find_name(const struct conversation *conversation, const char *text,
                             size_t *ret_length)
{
    const char *directory = conversation->stage->directory;
    const char *server = server_host_port(conversation->stage->server);
    const struct {
        const char *name;
        size_t length;
    } names[] = {
        {"TIME", time_bytes(text)},
        {"ULID", ulid_bytes(text)},
        {"\"newest\":NUMBER", newest_bytes(text)},
        {"DIRECTORY",
         strncmp(text, directory, strlen(directory)) == 0 ? strlen(directory) : 0},
        {"SERVER", strncmp(text, server, strlen(server)) == 0 ? strlen(server) : 0},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].length > 0) {
            *ret_length = names[i].length;
            return names[i].name;
        }
    }
    return NULL;
}

static void append_reply(struct conversation *conversation, const char *reply)
{
    while (*reply != '\0') {
        size_t length = 1;
        const char *name = find_name(conversation, reply, &length);

        if (name == NULL) {
            text_append_bytes(conversation->actual, reply, 1);
        } else {
            text_append(conversation->actual, "%s", name);
        }
        reply += length;
    }
}

/* The reply, in arena. */
static const char *ask(const struct conversation *conversation, natsMsg *request,
                       struct arena *arena)
{
    natsMsg *reply = NULL;
    const char *text;

    check(natsConnection_RequestMsg(&reply, conversation->connection, request, STAGE_MS));
    text =
        arena_text(arena, natsMsg_GetData(reply), (size_t)natsMsg_GetDataLength(reply));
    natsMsg_Destroy(reply);
    return text;
}

/* The same; an awaited one again, until it has something to list. */
static const char *await(const struct conversation *conversation, natsMsg *request,
                         struct arena *arena)
{
    const int64_t until = nats_Now() + STAGE_MS;
    const char *text = ask(conversation, request, arena);

    while (conversation->is_awaited && strstr(text, "[]") != NULL) {
        assert_true(nats_Now() < until);
        (void)poll(NULL, 0, LOOK_MS);
        text = ask(conversation, request, arena);
    }
    return text;
}

static void send_request(struct conversation *conversation)
{
    natsMsg *request = NULL;
    struct arena arena = {0};

    check(natsMsg_Create(&request, conversation->subject, NULL, conversation->body.bytes,
                         (int)conversation->body.count));
    if (conversation->content_type[0] != '\0') {
        check(natsMsgHeader_Set(request, "Content-Type", conversation->content_type));
    }
    if (conversation->is_silent) {
        check(natsConnection_PublishMsg(conversation->connection, request));
        text_append(conversation->actual, "< nothing\n");
    } else {
        text_append(conversation->actual, "< ");
        append_reply(conversation, await(conversation, request, &arena));
        text_append(conversation->actual, "\n");
    }
    natsMsg_Destroy(request);
    arena_free(&arena);
}

/* A line of the file, which ends a request when it is empty. */
static void take_line(struct conversation *conversation, const char *line)
{
    switch (line[0]) {
    case '>':
    case '!':
    case '?':
        conversation->is_silent = line[0] == '!';
        conversation->is_awaited = line[0] == '?';
        (void)snprintf(conversation->subject, SUBJECT_BYTES, "%s", line + 2);
        break;
    case '~':
        (void)snprintf(conversation->content_type, SUBJECT_BYTES, "%s", line + 2);
        break;
    case '|':
        text_append(&conversation->body, "%s%s", conversation->body.count > 0 ? "\n" : "",
                    line + 2);
        break;
    case '<':
        return;
    case '\0':
        if (conversation->subject[0] != '\0') {
            send_request(conversation);
        }
        conversation->subject[0] = '\0';
        conversation->content_type[0] = '\0';
        text_init(&conversation->body, &conversation->arena, MESSAGE_BYTES_MAX);
        break;
    default:
        assert_int_equal(line[0], '#');
        break;
    }
    text_append(conversation->actual, "%s\n", line);
}

/* Nobody is there to run anything, so that the status stays as it is. */
static int set_up(void **state)
{
    struct stage *stage = stage_start();

    *state = stage;
    stage_daemon(stage);
    page_expect(stage, "/readyz", "the lattice has no hosts");
    wash_expect(stage);
    return 0;
}

/* Send all requests of a file. */
static void converse(struct stage *stage, const char *path)
{
    struct arena arena = {0};
    struct text actual;
    struct conversation conversation = {.stage = stage, .actual = &actual};
    const char *line = samples_file(path, &arena);

    text_init(&actual, &arena, MESSAGE_BYTES_MAX);
    text_init(&conversation.body, &conversation.arena, MESSAGE_BYTES_MAX);
    conversation.connection = support_connect(server_url(stage->server));
    while (*line != '\0') {
        const size_t length = strcspn(line, "\n");

        take_line(&conversation, arena_text(&arena, line, length));
        line += length + (line[length] == '\n');
    }
    natsConnection_Destroy(conversation.connection);
    arena_free(&conversation.arena);
    samples_assert_golden(path, &actual);
    arena_free(&arena);
}

static void every_request_gets_the_reply_it_had(void **state)
{
    converse(*state, "fixtures/wire/conversation.txt");
}

/* A user who may not talk to hosts. */
static int set_up_blind(void **state)
{
    static const char config[] =
        "no_auth_user: all\n"
        "authorization { users: [\n"
        "  {user: all, password: x}\n"
        "  {user: blind, password: x, permissions: {publish: {deny: \"wasmbus.>\"}}}\n"
        "] }\n";
    struct stage *stage = stage_start_with(
        &(struct server_options){.has_jetstream = true, .config = config});
    char url[SUBJECT_BYTES];

    *state = stage;
    (void)snprintf(url, sizeof url, "nats://blind:x@%s", server_host_port(stage->server));
    stage_daemon_with(stage, (const char *[]){"--server", url, NULL});
    page_expect(stage, "/readyz", "the NATS server refuses it");
    wash_expect(stage);
    return 0;
}

/* As a disk does that has no room left, but at once. */
static void break_store(const struct stage *stage)
{
    static const char break_it[] = "CREATE TRIGGER broken BEFORE INSERT ON version"
                                   " BEGIN SELECT RAISE(FAIL, 'the disk is broken'); END";
    sqlite3 *connection = NULL;

    assert_int_equal(sqlite3_open(stage->store, &connection), SQLITE_OK);
    assert_int_equal(sqlite3_busy_timeout(connection, STAGE_MS), SQLITE_OK);
    assert_int_equal(sqlite3_exec(connection, break_it, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(connection), SQLITE_OK);
}

static void what_cannot_be_done_is_said_as_it_was(void **state)
{
    break_store(*state);
    converse(*state, "fixtures/wire/conversation-broken.txt");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_request_gets_the_reply_it_had, set_up,
                                        stage_teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_done_is_said_as_it_was,
                                        set_up_blind, stage_teardown),
    };

    return cmocka_run_group_tests_name("e2e_pairs", tests, NULL, NULL);
}
