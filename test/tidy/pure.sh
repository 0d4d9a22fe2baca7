#!/bin/sh
# usage: pure.sh DIRECTORY   fails where a pure object of that build reaches outside
#
# No clock, no I/O, no allocation of its own.  Read from the objects, not trusted: what
# they do not define themselves must be ours, and pure too, or one of these.
out=$1
allow='^(mem(cpy|cmp|move|set|chr)|str(cmp|ncmp|len|nlen|chr|rchr|cspn|spn|str)'
allow="$allow|v?snprintf|__v?snprintf_chk|__mem[a-z]*_chk|qsort|bsearch"
allow="$allow|abort|__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_)\$"
ours='^(arena|pool|err|text|diags?|digest|tree|names|properties|spread|link|desired)_'
ours="$ours|^(ledger|expand|hash|key_text)_"

set --
for source in reconciler/core/*.c reconciler/sim/*.c linkstore/desired*.c \
    linkstore/expand*.c linkstore/across*.c linkstore/ledger.c manifest/decode*.c \
    manifest/validate*.c manifest/lint*.c manifest/render*.c
do
    set -- "$@" "$out/${source%.c}.o"
done
defined=$(nm --defined-only "$@" | awk 'NF == 3 {print $3}' | sort -u) || exit 1
[ -n "$defined" ] || { echo "pure: there are no objects in $out"; exit 1; }
bad=$(for o in "$@"; do nm -u "$o" | awk -v o="$o" '{print $2, o}'; done |
    awk -v allow="$allow" -v ours="$ours" -v defined="$defined" '
        BEGIN { n = split(defined, d, "\n"); for (i = 1; i <= n; i++) own[d[i]] = 1 }
        !($1 in own) && $1 !~ allow && $1 !~ ours')
[ -z "$bad" ] || { echo "pure: these reach outside:"; echo "$bad"; exit 1; }
