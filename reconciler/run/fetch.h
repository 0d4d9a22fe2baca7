/*
 * fetch.h - a manifest from a URL.
 *
 * The only file that knows libcurl, which is loaded when the first URL is fetched:
 * linked, it and the forty libraries it needs would make every start of the program
 * several milliseconds slower.
 */
#ifndef RECONCILER_RUN_FETCH_H
#define RECONCILER_RUN_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "manifest/arena.h"
#include "manifest/err.h"
#include "reconciler/wire/api.h"

/* Does name begin with a scheme and "://", whatever the scheme? */
bool fetch_is_url(const char *name);

/*
 * Get url, by http or https, also behind redirects, of which a few are followed; within
 * timeout_ms in all.  The source is url without user, password, query and fragment,
 * which may be secret; the messages name it so, too.  Certificates are checked.
 *
 * ERR_USAGE a URL that cannot be, or of another scheme; ERR_NOTFOUND the server has no
 * such page; ERR_UNREACHABLE no server, none that can be trusted, or none that is well;
 * ERR_LIMIT larger than MANIFEST_BYTES_MAX; ERR_IO the server refuses, or libcurl is
 * not there.
 */
enum err_code fetch_url(const char *url, int64_t timeout_ms, struct arena *arena,
                        struct api_manifest *ret_manifest, struct err *err)
    __attribute__((warn_unused_result));

#endif
