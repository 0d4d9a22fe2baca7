#!/bin/sh
# Which folder may include which, and where each library is at home.
rc=0

# $1 a folder, then the folders whose headers it may include
may_include() {
    folder=$1
    shift
    allowed=$(echo "$@" | tr ' ' '|')
    if grep -nE '^#include "' "$folder"/*.[ch] |
        grep -vE "#include \"($allowed)/[a-z0-9_-]+\\.(h|sql\\.h)\""
    then
        echo "layers: $folder may include only: $*"
        rc=1
    fi
}

# $1 a header of a library, $2 a pattern of the files that may include it
home() {
    if grep -rnE "^#include <$1>" manifest linkstore reconciler | grep -vE "^($2):"; then
        echo "layers: <$1> belongs to $2"
        rc=1
    fi
}

may_include manifest manifest
may_include linkstore manifest linkstore schemas
may_include reconciler/core manifest linkstore reconciler/core
may_include reconciler/wire manifest linkstore reconciler/core reconciler/wire
may_include reconciler/sim manifest linkstore reconciler/core reconciler/sim
may_include reconciler/run manifest linkstore reconciler/core reconciler/wire \
    reconciler/sim reconciler/run

# The simulator shares declarations with core, and not one function.
if grep -nE '^#include "reconciler/core/' reconciler/sim/*.[ch] |
    grep -vE '"reconciler/core/(event|instant)\.h"'
then
    echo "layers: reconciler/sim may include of core only event.h and instant.h"
    rc=1
fi
# The decision knows rows and the ledger, not the file they are kept in.
if grep -nE '^#include "linkstore/(store|sql)' reconciler/core/*.[ch] \
    reconciler/wire/*.[ch] reconciler/sim/*.[ch]
then
    echo "layers: only reconciler/run may open the store"
    rc=1
fi

home yaml.h 'manifest/tree\.c'
home sha256.h 'manifest/digest\.c'
home sqlite3.h 'linkstore/(sql|store[a-z_]*)\.[ch]'
home jansson.h 'reconciler/wire/[a-z_]+\.[ch]'
home nats/nats.h 'reconciler/run/[a-z_]+\.[ch]'
home curl/curl.h 'reconciler/run/fetch\.c'
exit $rc
