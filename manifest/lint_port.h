/*
 * lint_port.h - HTTP servers that listen at one port.
 */
#ifndef MANIFEST_LINT_PORT_H
#define MANIFEST_LINT_PORT_H

#include "manifest/model.h"

/*
 * Warn (http-port) of each address in the count manifests, for one lattice, that the
 * HTTP server of wasmCloud cannot listen at where it runs on one host with another one
 * that listens there: both are named.  An address is read from the config 'address' of a
 * link, or 'default_address' of the provider; what is kept in other configs is not known.
 *
 * Source and allowances of diags are changed.
 */
void lint_ports(const struct manifest *manifests, size_t count, struct diags *diags);

#endif
