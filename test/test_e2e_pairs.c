/*
 * Each request of fixtures/wire/conversation.txt, sent to a daemon, gets the reply that
 * stands there.  GOLDEN=rewrite writes the replies anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <nats/nats.h>

#include "manifest/limits.h"
#include "support_connect.h"
#include "support_page.h"
#include "support_samples.h"
#include "support_wash.h"

#define PATH          "fixtures/wire/conversation.txt"
#define SUBJECT_BYTES 256
#define ULID_BYTES    26

struct conversation {
    struct stage *stage;
    natsConnection *connection;
    struct text *actual; /* the file, with the replies that came */

    /* The request that is being read. */
    char subject[SUBJECT_BYTES];
    char content_type[SUBJECT_BYTES];
    bool is_silent;
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

static void send_request(struct conversation *conversation)
{
    natsMsg *request = NULL;
    natsMsg *reply = NULL;
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
        check(natsConnection_RequestMsg(&reply, conversation->connection, request,
                                        STAGE_MS));
        text_append(conversation->actual, "< ");
        append_reply(conversation, arena_text(&arena, natsMsg_GetData(reply),
                                              (size_t)natsMsg_GetDataLength(reply)));
        text_append(conversation->actual, "\n");
        natsMsg_Destroy(reply);
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
        conversation->is_silent = line[0] == '!';
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

static void every_request_gets_the_reply_it_had(void **state)
{
    struct arena arena = {0};
    struct text actual;
    struct conversation conversation = {.stage = *state, .actual = &actual};
    const char *line = samples_file(PATH, &arena);

    text_init(&actual, &arena, MESSAGE_BYTES_MAX);
    text_init(&conversation.body, &conversation.arena, MESSAGE_BYTES_MAX);
    conversation.connection = support_connect(server_url(conversation.stage->server));
    while (*line != '\0') {
        const size_t length = strcspn(line, "\n");

        take_line(&conversation, arena_text(&arena, line, length));
        line += length + (line[length] == '\n');
    }
    natsConnection_Destroy(conversation.connection);
    arena_free(&conversation.arena);
    samples_assert_golden(PATH, &actual);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_request_gets_the_reply_it_had, set_up,
                                        stage_teardown),
    };

    return cmocka_run_group_tests_name("e2e_pairs", tests, NULL, NULL);
}
