#!/bin/sh
# usage: mutants.sh [PATCH]...   do the tests notice when the engine is wrong?
#
# Each of test/mutants/*.patch makes one line of reconciler/core or wire wrong, in the way
# that its first lines say.  It is applied to a copy of the sources, the pure tests are
# built and run, and one of them has to fail.  Exit 1 when a mutant survives, or does not
# apply or build any more.
set -u

copy=build/mutants
log=$copy/log
tests='test_engine test_sent test_place test_place_parts test_provider_image test_request'
tests="$tests test_event_decode test_reply test_subject test_plan test_scenario"
tests="$tests test_simulation"
limit=300 # seconds for one test: some mutants never come to an end
caught=0
survived=0
broken=0

# $1 a test; the simulation runs only the seeds that failed once
fails() {
    # shellcheck disable=SC2046 # names without blanks
    ! (cd "$copy" && timeout $limit "build/dev/test/$1" \
        $([ "$1" != test_simulation ] || echo fixtures/seeds/*)) >>"$log" 2>&1
}

build() {
    programs=
    for test in $tests; do programs="$programs build/dev/test/$test"; done
    # shellcheck disable=SC2086 # words
    ${MAKE:-make} -s -C "$copy" MODE=dev WERROR= CC="${CC:-gcc}" $programs >>"$log" 2>&1
}

# $1 a patch: which test notices it, in $by
run() {
    by=
    for test in $tests; do
        if fails "$test"; then
            by=$test
            return
        fi
    done
}

[ $# -gt 0 ] || set -- test/mutants/*.patch
mkdir -p "$copy"
: >"$log"
for part in Makefile manifest linkstore reconciler schemas fixtures test; do
    rm -rf "${copy:?}/$part"
    cp -Rp "$part" "$copy/"
done
build || { tail "$log"; echo "mutants: the sources do not build"; exit 1; }
run
[ -z "$by" ] || { tail "$log"; echo "mutants: $by fails without any"; exit 1; }

for patch; do
    name=$(basename "$patch" .patch)
    : >"$log"
    if ! patch -s -p1 -d "$copy" <"$patch" >>"$log" 2>&1 || ! build; then
        echo "broken    $name: it does not apply, or not build"
        broken=$((broken + 1))
    else
        run
        if [ -n "$by" ]; then
            echo "caught    $name, by $by"
            caught=$((caught + 1))
        else
            echo "survived  $name: $(head -n 1 "$patch")"
            survived=$((survived + 1))
        fi
    fi
    rm -rf "$copy/reconciler/core" "$copy/reconciler/wire"
    cp -Rp reconciler/core reconciler/wire "$copy/reconciler/"
    # shellcheck disable=SC2046 # names without blanks
    (cd "$copy" && touch $(sed -n 's|^+++ b/||p' "../../$patch"))
done
echo "$caught of $# mutants caught, $survived survived, $broken broken"
[ "$caught" -eq $# ]
