#!/bin/sh
# usage: man.sh BINARY   the manuals tell of all that the binary knows, and of no more
#
# What --help shows of every verb, the environment that options*.c read and the exit
# statuses of cli.h are compared with trellis.1 and trellis.8.
trellis=$1
pages='man/trellis.1 man/trellis.8'
both=$(mktemp -d) || exit 1
trap 'rm -rf "$both"' EXIT
rc=0

# $1 what it is about; compares the files code and manual
compare() {
    sort -u "$both/code" -o "$both/code"
    sort -u "$both/manual" -o "$both/manual"
    [ -s "$both/code" ] || { echo "man: found no $1 in the code"; rc=1; }
    if ! diff "$both/code" "$both/manual" >"$both/diff"; then
        sed -n "s/^< \(.*\)/man: no page has the $1 '\1'/p
                s/^> \(.*\)/man: only a page has the $1 '\1'/p" "$both/diff"
        rc=1
    fi
}

verbs=$("$trellis" --help | sed -n 's/^  \([a-z]*\)  *[a-z].*/\1/p')
echo "$verbs" >"$both/code"
sed -n 's/^\.It Cm \([a-z]*\).*/\1/p' man/trellis.1 >"$both/manual"
compare verb

# A line of help is "  -s, --server   URL   summary", in columns; one of a page
# ".It Fl s , Fl -server Ar URL".
for verb in $verbs; do "$trellis" "$verb" --help; done |
    sed -n 's/^  \(-.\),\( --[a-z-]*\) *\([A-Z]*\) .*/\1\2 \3/p
            s/^      \(--[a-z-]*\) *\([A-Z]*\) .*/\1 \2/p' |
    sed 's/ $//' >"$both/code"
# shellcheck disable=SC2086 # two words
sed -n 's/^\.It Fl \([a-z]\) , Fl -\([a-z-]*\)/-\1 --\2/p
        s/^\.It Fl -\([a-z-]*\)/--\1/p' $pages | sed 's/ Ar / /' >"$both/manual"
compare option

grep -ohE '"(TRELLIS|WASMCLOUD|WASH|XDG|NO)_[A-Z_]*"' reconciler/run/options*.c |
    tr -d '"' >"$both/code"
# shellcheck disable=SC2086 # two words
sed -n 's/^\.It Ev \([A-Z_]*\)$/\1/p' $pages >"$both/manual"
compare variable

sed -n 's/^    EXIT_[A-Z]* = \([0-9]*\),/\1/p' reconciler/run/cli.h >"$both/code"
sed -n 's/^\.It \([0-9]\)$/\1/p' man/trellis.1 >"$both/manual"
compare 'exit status'
exit $rc
