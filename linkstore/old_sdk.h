/*
 * old_sdk.h - which first-party providers were built with an SDK before 0.13, as data.
 *
 * Such a provider never takes a link back that it has lost, until its process starts
 * anew.  Later releases are good, and so are the built-in ones; of any other image
 * nothing is known.
 *
 * Source: reference real-host section 7.
 */
#ifndef LINKSTORE_OLD_SDK_H
#define LINKSTORE_OLD_SDK_H

#include <stdint.h>

struct old_sdk {
    const char *name;     /* of the image, without registry and path */
    uint32_t last_bad[3]; /* the last release that has the fault; 0.0.0: none has */
};

static const struct old_sdk old_sdk[] = {
    {"blobstore-azure", {0, 5, 1}}, {"blobstore-fs", {0, 10, 2}},
    {"blobstore-nats", {0, 0, 0}},  {"blobstore-s3", {0, 11, 1}},
    {"http-client", {0, 12, 1}},    {"http-server", {0, 25, 0}},
    {"keyvalue-nats", {0, 3, 1}},   {"keyvalue-redis", {0, 28, 2}},
    {"keyvalue-vault", {0, 11, 1}}, {"messaging-kafka", {0, 9, 0}},
    {"messaging-nats", {0, 24, 0}}, {"sqldb-postgres", {0, 7, 2}},
};

#define OLD_SDK_COUNT (sizeof old_sdk / sizeof *old_sdk)

#endif
