#!/bin/sh
# usage: pure.sh OBJECT...   fails where a pure object reaches for the outside
#
# Read from the objects, not trusted: what they do not define themselves must be ours,
# and pure too, or one of these.
allow='^(mem(cpy|cmp|move|set|chr)|str(cmp|ncmp|len|nlen|chr|rchr|cspn|spn|str)|v?snprintf|__v?snprintf_chk|__mem[a-z]*_chk|qsort|bsearch|abort|__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_)$'
defined=$(nm --defined-only "$@" | awk 'NF == 3 {print $3}' | sort -u)
ours='^(arena|err|text|diags?|digest|tree|names|link|desired|ledger|expand)_'
bad=$(for o in "$@"; do nm -u "$o" | awk -v o="$o" '{print $2, o}'; done |
    awk -v allow="$allow" -v ours="$ours" -v defined="$defined" '
        BEGIN { n = split(defined, d, "\n"); for (i = 1; i <= n; i++) own[d[i]] = 1 }
        !($1 in own) && $1 !~ allow && $1 !~ ours')
[ -z "$bad" ] || { echo "impure:"; echo "$bad"; exit 1; }
