#!/bin/sh
# The rules of test/tidy as tests: the tree keeps them, and what breaks one is found.
#
# OUT is where a build without sanitizers is.
set -u
out=${OUT:-build/dev}
top=$(pwd)
copy=$(mktemp -d) || exit 1
trap 'rm -rf "$copy"' EXIT
count=0

# $1 the name of the test, $2 0 when it passed, $3 what was said
report() {
    count=$((count + 1))
    if [ "$2" -eq 0 ]; then
        echo "ok $count - $1"
    else
        echo "not ok $count - $1"
        echo "$3" | sed 's/^/# /'
    fi
}

# $1 a script, $2 its argument, $3 what it says of the tree
keeps() {
    said=$(sh "test/tidy/$1.sh" "$2" 2>&1)
    report "$3" $? "$said"
}

# Where file $1 of a copy of the tree has $2 in addition, script $3 with argument $4 must
# fail and say $5.
finds() {
    [ ! -e "$1" ] || cp "$1" "$copy/saved"
    echo "$2" >>"$copy/$1"
    if said=$(cd "$copy" && sh "$top/test/tidy/$3.sh" "$4" 2>&1); then
        said="nothing was found: $said"
        rc=1
    else
        echo "$said" | grep -qF "$5"
        rc=$?
    fi
    if [ -e "$copy/saved" ]; then mv "$copy/saved" "$copy/$1"; else rm "$copy/$1"; fi
    report "$3 finds: $5" $rc "$said"
}

# $1 lines of a function's body
function_of() {
    printf 'void f(void)\n{\n'
    yes '    g();' | head -n "$1"
    printf '}\n'
}

echo 1..29
cp -R .ci Makefile manifest linkstore reconciler schemas test man "$copy"
mkdir "$copy/fixtures"
cp -R fixtures/wire "$copy/fixtures"

keeps layers . 'folders include only what is below them'
keeps pure "$out" 'the decision and the simulator are pure'
keeps sizes . 'functions, files and lines are short'
keeps banned . 'no function is called that is banned'
keeps man "$out/trellis" 'the manuals tell of all options, verbs and statuses'
keeps places . 'nothing tells of one machine'
keeps pairs . 'each request and each error has a pair'

finds manifest/text.c '#include "reconciler/run/bus.h"' layers . manifest/text.c:
finds reconciler/core/plan.h '#include <nats/nats.h>' layers . '<nats/nats.h>'
finds reconciler/sim/host.c '#include "reconciler/core/engine.h"' layers . \
    'only event.h and instant.h'

finds manifest/long.c "$(function_of 68)" sizes . 'a function of 71 lines'
finds test/test_long.c "$(yes '/* */' | head -n 501)" sizes . 'has 501 lines'
finds linkstore/long.h "$(yes '/* */' | head -n 201)" sizes . 'has 201 lines'
finds README.md "$(yes . | head -n 201)" sizes . 'README.md has '
finds manifest/text.c "$(printf '/*%089d*/' 0)" sizes . '93 columns'

finds manifest/text.c 'int f(void) { return time(NULL) > 0; }' banned . 'gettimeofday'
finds test/test_arena.c 'void f(char *s) { strcpy(s, "x"); }' banned . strcpy
finds reconciler/run/bus.c '/* why */ int x = g("*/", rand());' banned . srand
finds reconciler/core/flight.c 'void f(void) { g(); abort(); }' banned . abort
finds manifest/diag.c 'char *f(void) { return malloc(1); }' banned . 'use an arena'

finds man/trellis.1 '.It Fl -nothing Ar FILE' man "$top/$out/trellis" \
    "only a page has the option '--nothing FILE'"
finds reconciler/run/options.c '"TRELLIS_X"' man "$top/$out/trellis" \
    "no page has the variable 'TRELLIS_X'"
finds man/trellis.1 '.It 9' man "$top/$out/trellis" "the exit status '9'"

finds reconciler/run/service_api.c '    {"dance", OF_ONE, serve_dance, NULL, NULL},' \
    pairs . 'has a dance of one'
finds reconciler/wire/wadm.c '    {"dance", false, WADM_DANCE},' pairs . \
    "has wadm's dance"
finds manifest/err.c '    [ERR_DANCE] = "dance",' pairs . "has the code 'dance'"

finds Makefile "# /ho${nothing-}me/someone/src/x.c" places . 'a path of one machine'
finds test/suite.sh "# iss${nothing-}ue 12 has it" places . 'what a number means'

# An object that allocates, in the place of one that must not.
for object in $(cd "$out" && find manifest linkstore reconciler -name '*.o'); do
    mkdir -p "$copy/objects/$(dirname "$object")"
    ln -s "$top/$out/$object" "$copy/objects/$object"
done
ln -sf "$top/$out/manifest/arena.o" "$copy/objects/reconciler/core/plan_host.o"
said=$(sh test/tidy/pure.sh "$copy/objects" 2>&1)
echo "$said" | grep -q '^calloc .*plan_host\.o'
report 'pure finds: calloc' $? "$said"
