#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "reconciler/run/reconciler.h"
#include "test/support_linkstore.h"
#include "test/support_nats.h"

/* As a service that takes its time before it changes what is wanted. */
static void reload_slowly(void *context, const struct mail *mail, struct instant now)
{
    struct reconciler *reconciler = context;
    struct err err;

    (void)mail;
    (void)now;
    (void)poll(NULL, 0, 5);
    assert_int_equal(reconciler_reload(reconciler, NULL, 0, &err), ERR_OK);
}

static void test_slow_service(void **state)
{
    struct server *server = server_start(&(struct server_options){.has_jetstream = true});
    char folder[] = "/tmp/trellis-test-XXXXXX";
    char store[64];
    const struct options options = {
        .connection.url = server_url(server), .lattice = "default", .store = store};
    struct reconciler *reconciler;
    struct err err;

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(store, sizeof store, "%s/default.db", folder);
    assert_int_equal(reconciler_open(&options, RECONCILER_ONE_SHOT, &reconciler, &err),
                     ERR_OK);
    reconciler_serve(reconciler, reload_slowly, NULL, reconciler);

    assert_int_equal(reconciler_admit(reconciler, 40000, &err), ERR_OK);
    assert_int_equal(reconciler_see(reconciler, 40000, &err), ERR_OK);

    reconciler_close(reconciler);
    server_stop(server);
    linkstore_remove_store(store);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"a service may take its time before it changes what is wanted",
         test_slow_service, NULL, NULL, NULL},
    };

    return cmocka_run_group_tests_name("reconciler", tests, NULL, NULL);
}
