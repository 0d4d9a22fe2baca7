#!/bin/sh
# The sizes of the house style: what does not fit on a screen does not fit in a head.
#
# Functions are counted from the first line of their head to the closing brace; where
# they start and end is plain to see, for clang-format puts both braces in column 1.
rc=0

# $1 what it is about, $2 the most lines, then files
at_most() {
    what=$1
    most=$2
    shift 2
    wc -l "$@" | awk -v most="$most" -v what="$what" '
        $2 != "total" && $1 > most {
            print "sizes: " $2 " has " $1 " lines, a " what " at most " most
            bad = 1
        }
        END { exit bad }' || rc=1
}

sources=$(find manifest linkstore reconciler test -name '*.c')
headers=$(find manifest linkstore reconciler test -name '*.h')
scripts=$(find .ci test -name '*.sh' -o -path .ci/run)

# shellcheck disable=SC2086 # no blanks in our names
{
    at_most '.c file' 500 $sources
    at_most header 200 $headers
    [ ! -e README.md ] || at_most README 200 README.md

    awk '
    FNR == 1 { head = 1 }
    length($0) > 90 {
        print "sizes: " FILENAME ":" FNR ": " length($0) " columns, at most 90"
        bad = 1
    }
    /^$/ || /^[^a-z {]/ || /^ \*\// { head = FNR + 1 }
    /^}/ {
        if (body && FNR - start + 1 > 70) {
            print "sizes: " FILENAME ":" start ": a function of " FNR - start + 1 \
                " lines, at most 70"
            bad = 1
        }
        body = 0
    }
    /^{/ { body = 1; start = head }
    END { exit bad }' $sources $headers $scripts Makefile || rc=1
}
exit $rc
