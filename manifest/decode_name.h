/*
 * decode_name.h - what names may be made of.  Pure tests of strings.
 */
#ifndef MANIFEST_DECODE_NAME_H
#define MANIFEST_DECODE_NAME_H

#include <stdbool.h>

/*
 * The name of an application: letters, digits, '-' and '_', at least one.  Every
 * character that is not ASCII counts as a letter; wadm looks closer.
 *
 * Source: wadm-types 0.8.3 validation.rs, ^[-\w]+$ in Unicode.
 */
bool decode_name_is_application(const char *name);

/*
 * The key of a label or annotation: an optional prefix of DNS labels and a '/', then up
 * to 63 letters, digits, '-', '_' and '.', of which the first and last are letters or
 * digits.
 *
 * Source: wadm-types 0.8.3 validation.rs, is_valid_label_name.
 */
bool decode_name_is_label(const char *key);

/*
 * A key of a JetStream bucket, where hosts keep components by id and configs by name:
 * letters, digits and -/_=. and no '.' at either end.
 *
 * Source: nats-server, KV.
 */
bool decode_name_is_bucket_key(const char *name);

#endif
