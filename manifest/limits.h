/*
 * limits.h - every bound of the program, with its unit and its reason.
 *
 * Sizes are checked against these before memory is asked for, which is why
 * running out of memory may abort (see arena.h).
 */
#ifndef MANIFEST_LIMITS_H
#define MANIFEST_LIMITS_H

/* One source text.  The largest manifest known has 24 traits and is 10 kB; 10,000
 * components with two links each make 14 MB. */
#define MANIFEST_BYTES_MAX ((size_t)64 * 1024 * 1024)

/* libyaml is quadratic in the depth of flow collections; real manifests reach 10. */
#define TREE_DEPTH_MAX 64

/* Nodes of one text, aliases counted each time they are used: what stops an alias
 * bomb.  10,000 components with two links each have 0.7 million. */
#define TREE_NODES_MAX 4000000

/* Anchors of one document: they are kept sorted, and each new one moves the others. */
#define TREE_ANCHORS_MAX 10000

/* Findings kept of one text, of each severity; the rest is counted. */
#define DIAGS_MAX 100

/* Comments of one text that allow a warning, and rules in all of them: each is kept, and
 * a text can have millions.  Later ones are not read. */
#define LINT_ALLOWANCES_MAX ((size_t)100000)

/* A name of an application, component, config or link, and an id made of two of them:
 * both become a token of a NATS subject and a key of a JetStream bucket. */
#define NAME_BYTES_MAX 256

/* One JSON text on the wire, in or out.  nats-server allows up to 64 MB a message. */
#define MESSAGE_BYTES_MAX ((size_t)64 * 1024 * 1024)

#endif
