/*
 * support_connect.h - a connection of nats.c's own, with nothing of ours in between.
 */
#ifndef TEST_SUPPORT_CONNECT_H
#define TEST_SUPPORT_CONNECT_H

#include <nats/nats.h>

/* For as long as a server on a busy machine may take to answer; fails the test. */
natsConnection *support_connect(const char *url);

#endif
