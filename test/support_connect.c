#include "support_connect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define CONNECT_MS_MAX 20000

static void check(natsStatus status)
{
    if (status != NATS_OK) {
        fail_msg("%s", natsStatus_GetText(status));
    }
}

natsConnection *support_connect(const char *url)
{
    natsConnection *connection = NULL;
    natsOptions *options = NULL;

    check(natsOptions_Create(&options));
    check(natsOptions_SetURL(options, url));
    check(natsOptions_SetTimeout(options, CONNECT_MS_MAX));
    check(natsConnection_Connect(&connection, options));
    natsOptions_Destroy(options);
    return connection;
}
