#!/bin/sh
# usage: suite.sh DIRECTORY PROGRAM...   runs test programs side by side and counts
#
# Every program writes TAP: "1..N", then a line "ok ..." or "not ok ..." for each of N
# tests.  One that crashes, hangs, ends otherwise than by exit 0, or reports more or
# fewer tests than it planned counts as a failure of its own.  One that plans "1..0 # SKIP
# WHY", as TAP has it, counts as nothing.  Output goes to DIRECTORY, and to the terminal
# where something failed.  The last line is "N passed, N failed", and before it stands a
# line "left out: WHY" for each that counted as nothing.
#
# JOBS says how many run at a time (default: three for each processor, for most wait for
# servers and clocks), TEST_SECONDS how long one may take; how long it took is its last
# line.  A program finds in TRELLIS the binary that was built as it was.
set -u

# Run program $1, and leave what it said in directory $2.
run_one() {
    log=$2/$(echo "$1" | sed 's,^\./,,; s,^build/,,' | tr / -).tap
    program=$1
    start=$(date +%s)
    case $program in
    *.sh) by='sh' ;;
    # The sanitizer cannot work with all layouts of memory that a kernel deals out.
    */tsan/*) by=$(setarch -R echo setarch -R 2>/dev/null) ;;
    *) by= ;;
    esac
    # shellcheck disable=SC2086 # several words, or none
    TRELLIS=${program%%/test/*}/trellis CMOCKA_MESSAGE_OUTPUT=TAP \
        timeout -k 5 "${TEST_SECONDS:-300}" $by "$program" >"$log" 2>&1 &
    wait $!
    rc=$?
    # What it started and left behind is in the process group that timeout made.
    kill -KILL -- "-$!" 2>/dev/null
    planned=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$log" |
        awk '{ n += $1 } END { print n + 0 }')
    reported=$(grep -cE '^(not )?ok ' "$log")
    if [ $rc -eq 0 ] && [ "$reported" -eq 0 ] && grep -q '^1\.\.0 # SKIP .' "$log"; then
        : # it says why
    elif [ $rc -eq 124 ] || [ $rc -eq 137 ]; then
        echo "not ok - $program hung or was killed" >>"$log"
    elif [ "$reported" -eq 0 ] || [ "$reported" -ne "$planned" ]; then
        echo "not ok - $program reported $reported of $planned tests, exit $rc" >>"$log"
    elif [ $rc -ne 0 ] && ! grep -q '^not ok ' "$log"; then
        echo "not ok - $program ended with $rc" >>"$log"
    fi
    echo "# $(($(date +%s) - start)) s" >>"$log"
    if grep -q '^not ok ' "$log"; then
        { echo "--- $program"; grep -v '^ok ' "$log"; } | tail -n 300
    fi
}

if [ "$1" = --one ]; then
    run_one "$3" "$2"
    exit 0
fi
out=$1
shift
rm -rf "$out"
mkdir -p "$out"
# A program that is killed cannot clear up.
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/suite.XXXXXX") || exit 1
export TMPDIR
# What whoever runs this has set up for wash is no part of the tests.
WASH_CONTEXT_DIR=/nonexistent
export WASH_CONTEXT_DIR
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 1' INT TERM HUP

printf '%s\n' "$@" | xargs -P "${JOBS:-$(($(nproc) * 4))}" -I{} sh "$0" --one "$out" {}

passed=$(cat "$out"/*.tap | grep -c '^ok ')
failed=$(cat "$out"/*.tap | grep -c '^not ok ')
unseen=$(($# - $(find "$out" -name '*.tap' | wc -l)))
if [ $unseen -ne 0 ]; then
    echo "$unseen programs left no report"
    failed=$((failed + unseen))
fi
cat "$out"/*.tap | sed -n 's/^1\.\.0 # SKIP /left out: /p'
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
