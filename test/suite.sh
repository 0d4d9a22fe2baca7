#!/bin/sh
# usage: suite.sh DIRECTORY PROGRAM...   runs test programs side by side and counts
#
# Every program writes TAP: a line "ok ..." or "not ok ..." a test.  One that ends
# otherwise than by exit 0, or that reports nothing, counts as a failure of its own.
# Output goes to DIRECTORY, and to the terminal where something failed.  The last line
# is "N passed, N failed".  JOBS says how many run at a time (default: the processors).
set -u
out=$1
shift
rm -rf "$out"
mkdir -p "$out"

# $1 the program, $2 the directory
one='log=$2/$(basename "$1").tap
case $1 in *.sh) run="sh $1" ;; *) run=$1 ;; esac
CMOCKA_MESSAGE_OUTPUT=TAP timeout "${TEST_SECONDS:-300}" $run >"$log" 2>&1
rc=$?
if ! grep -qE "^(not )?ok " "$log" || { [ $rc -ne 0 ] && ! grep -q "^not ok " "$log"; }
then echo "not ok - $1 ended with $rc" >>"$log"
fi
if grep -q "^not ok " "$log"; then echo "--- $1"; cat "$log"; fi'
printf '%s\n' "$@" | xargs -P "${JOBS:-$(nproc)}" -I{} sh -c "$one" sh {} "$out"

passed=$(cat "$out"/*.tap | grep -c '^ok ')
failed=$(cat "$out"/*.tap | grep -c '^not ok ')
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
