/*
 * support_contract.h - what the clients of wadm's API take, as a table.
 *
 * Of each reply: which fields must be there, which have a default but may not be null,
 * which may be null, and which words there are; unknown fields are ignored outside of a
 * manifest.
 *
 * Source: wadm-types 0.8.3; reference wash-client 1.4.  fixtures/wire/
 * client-reply-cases.tsv holds the verdicts of the types themselves.
 */
#ifndef TEST_SUPPORT_CONTRACT_H
#define TEST_SUPPORT_CONTRACT_H

#include <stdbool.h>

/*
 * Would a client take json as a reply of kind?  Kinds, as in the file: put, list,
 * envlist (the list in an envelope), get, ver, del, dep, status, rawstatus.
 */
bool contract_accepts(const char *kind, const char *json);

/* Is there such a kind? */
bool contract_has(const char *kind);

#endif
