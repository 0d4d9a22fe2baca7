#!/bin/sh
# usage: cover.sh OUT [PERCENT]   branches of reconciler/core that were taken, by file
#
# By gcov, over what the tests of `make cover` ran in the build OUT.  Left out, by rule,
# are the branches of a line with an assertion, which no test may take, and of abort() at
# the end of a switch over an enum, which nothing can reach.  Exit 1 when fewer than
# PERCENT of all were taken.
out=$1
least=${2:-0}

folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
for source in reconciler/core/*.c; do
    gcov --branch-probabilities --branch-counts --stdout \
        --object-directory "$out/reconciler/core" "$source" \
        >"$folder/$(basename "$source").gcov" 2>>"$folder/errors" || {
        cat "$folder/errors"
        exit 1
    }
done

# A line is "COUNT:NUMBER:TEXT", and its branches follow it; what headers add is left out.
awk -v least="$least" '
    function show(name, taken, all) {
        if (all == 0) return
        printf "%6.1f %%  %5d of %5d  %s\n", 100 * taken / all, taken, all, name
    }
    FNR == 1 {
        show(name, taken, all)
        name = FILENAME
        sub(/.*\//, "", name); sub(/\.gcov$/, "", name)
        taken = 0; all = 0; is_ours = 1
    }
    /^ *-: *0:Source:/ {
        is_ours = index($0, "/" name) > 0
    }
    /^ *[-0-9#=*]+: *[0-9]+:/ { is_counted = is_ours && !/assert\(|abort\(\)/ }
    /^branch/ && is_counted {
        all++; sum_all++
        if ($3 == "taken" && $4 > 0) { taken++; sum_taken++ }
    }
    END {
        show(name, taken, all)
        show("all of reconciler/core", sum_taken, sum_all)
        exit 100 * sum_taken < least * sum_all
    }' "$folder"/*.gcov
