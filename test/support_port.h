/*
 * support_port.h - ports of the loopback that no other test program is given meanwhile.
 *
 * A port that the kernel found free is free only until somebody else is given it, too:
 * two servers on one port are one server, which both tests then take for their own.  So
 * a port is kept by a name that the kernel knows until the test program ends, and lies
 * below those that clients go out from.
 */
#ifndef TEST_SUPPORT_PORT_H
#define TEST_SUPPORT_PORT_H

#include <netinet/in.h>

/* 127.0.0.1 and this port. */
struct sockaddr_in port_address(in_port_t port);

/* One that nobody listens on, kept by *ret_lock until that is closed.  Fails the test
 * where there is none. */
in_port_t port_take(int *ret_lock);

#endif
