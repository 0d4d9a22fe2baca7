#!/bin/sh
# Nothing in the tree tells of the machine it was written on, or of how it was written.
#
# The patterns are spelt so that they do not find themselves.
rc=0

# $1 a pattern, $2 what is wrong with it
nowhere() {
    found=$(grep -rnIE "$1" .ci Makefile README.md manifest linkstore reconciler \
        schemas test man 2>/dev/null)
    if [ -n "$found" ]; then
        echo "$found"
        echo "places: $2"
        rc=1
    fi
}

nowhere '(^|[^A-Za-z0-9_.])/(wor[k]|hom[e]|roo[t]|User[s])/[a-z]+/[a-z]+/' \
    'a path of one machine'
nowhere '\b([Aa]gent[s]?|[Cc]hatbo[t]|[Aa]ssistan[t]|[Ll]anguage model[s]?)\b' \
    'who wrote it is in the history'
nowhere '(desig[n]|brie[f]|real-hos[t]|wadm-behaviou[r]|library-fact[s])\.md' \
    'a page that is not in the tree'
nowhere '\b([Ii]ssu[e]|[Tt]icke[t]) #?[0-9]' 'what a number means is known elsewhere'
exit $rc
