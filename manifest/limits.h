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

/* Bytes that libyaml may read for one event, which it keeps in memory up to three times:
 * a value, or the comments before one.  Annotations that hold a whole page have 10 kB. */
#define TREE_EVENT_BYTES_MAX ((size_t)8 * 1024 * 1024)

/* JSON that YAML would read otherwise is copied, with what is put in place of such
 * characters: these keep the copy small, and are far beyond any manifest.  Beyond them it
 * is read as YAML. */
#define TREE_JSON_BYTES_MAX ((size_t)8 * 1024 * 1024)
#define TREE_JSON_EDITS_MAX 65536

/* Nodes of one text, aliases counted each time they are used: what stops an alias
 * bomb.  With all that hangs on it a node takes up to 50 bytes, so that a hostile text
 * gets 64 MB at most; 10,000 components with two links each have 0.8 million. */
#define TREE_NODES_MAX 1200000

/* Documents of one text, each an application: what one folder might hold as files. */
#define TREE_DOCUMENTS_MAX 1000

/* Anchors of one document: they are kept sorted, and each new one moves the others. */
#define TREE_ANCHORS_MAX 10000

/* Components of one application, and traits of all of them: twice of what a lattice was
 * ever measured with.  What is made of one is ten times as large as its node. */
#define COMPONENTS_MAX 20000
#define TRAITS_MAX     60000

/* Items of all lists of one application: 10,000 components with two links have 0.14
 * million.  A config or a spread is twice as large as its node. */
#define ITEMS_MAX 200000

/* Entries of one map of strings: hosts get it as one message, of 1 MB by default. */
#define PROPERTIES_MAX 10000

/* Interfaces of one link; the largest package of WASI has 20. */
#define INTERFACES_MAX 1000

/* Policies of one application: each secret is compared with all of them, and more
 * backends than these nobody has. */
#define POLICIES_MAX 200

/* Pairs of letters compared to find out which component was meant: 0.3 s.  With the
 * most components, and names of 15 letters, that is enough for 20 findings. */
#define SUGGESTIONS_WORK_MAX ((size_t)100 * 1000 * 1000)

/* Findings kept of one text, of each severity; the rest is counted. */
#define DIAGS_MAX 100

/* Comments of one text that allow a warning, and rules in all of them: each is kept, and
 * a text can have millions.  Later ones are not read. */
#define LINT_ALLOWANCES_MAX ((size_t)100000)

/* A name of an application, component, config or link, and an id made of two of them:
 * both become a token of a NATS subject and a key of a JetStream bucket. */
#define NAME_BYTES_MAX 256

/* Events that a daemon keeps for who reads late, of some 350 bytes each: of 1,000
 * components all that their deployment is. */
#define EVENTS_KEPT_MAX       ((size_t)10000)
#define EVENTS_KEPT_BYTES_MAX ((size_t)8 * 1024 * 1024)

/* One JSON text on the wire, in or out.  nats-server allows up to 64 MB a message. */
#define MESSAGE_BYTES_MAX ((size_t)64 * 1024 * 1024)

#endif
