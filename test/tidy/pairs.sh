#!/bin/sh
# Each request of both APIs, each result and each code of an error has a pair in
# fixtures/wire/conversation*.txt, which test_e2e_pairs sends.
pairs=$(mktemp) || exit 1
trap 'rm -f "$pairs"' EXIT
rc=0

# "SUBJECT REPLY" a line
awk '/^[>?] / { subject = $2 } /^< / { print subject, substr($0, 3) }' \
    fixtures/wire/conversation*.txt >"$pairs"

# $1 what there must be, $2 a pattern of its pair
expect() {
    grep -qE "^$2" "$pairs" || { echo "pairs: none of fixtures/wire has $1"; rc=1; }
}

# $1 what it is, $2 where, $3 how many there are: this script must not be blind
found() {
    [ "$3" -gt 0 ] || { echo "pairs: found no $1 in $2"; rc=1; }
}

file=reconciler/run/service_api.c
verbs=$(sed -n 's/^    {"\([a-z]*\)", \(OF_[A-Z]*\), .*/\1 \2/p' $file)
found request $file "${#verbs}"
for verb in $(echo "$verbs" | sed 's/ .*//'); do
    ok=' \{"schema":1,"result":"ok"'
    case $(echo "$verbs" | sed -n "s/^$verb //p") in
    OF_NONE) expect "a $verb" "trellis\.api\.default\.$verb$ok" ;;
    OF_ONE) expect "a $verb of one" "trellis\.api\.default\.$verb\.[a-z]*$ok" ;;
    *)
        expect "a $verb" "trellis\.api\.default\.$verb$ok"
        expect "a $verb of one" "trellis\.api\.default\.$verb\.[a-z]*$ok"
        ;;
    esac
done
expect 'a part' 'trellis\.api\.default\.part\.'
expect 'a fetch' 'trellis\.api\.default\.fetch\.'

file=reconciler/wire/wadm.c
operations=$(grep -oE '\{"[a-z]*", (true|false), WADM_' $file |
    sed 's/^{"\([a-z]*\)", true.*/\1.shop/; s/^{"\([a-z]*\)", false.*/\1/')
found operation $file "${#operations}"
for operation in $operations; do
    expect "wadm's $operation" "wadm\.api\.default\.model\.$operation "
done
results=$(sed -n '/^static const char \*result_word/,/};/p' $file |
    sed -n 's/^        \[WADM_[A-Z]*\] = "\([a-z]*\)",/\1/p')
found result $file "${#results}"
for result in $results; do
    expect "wadm's result '$result'" "wadm\.api\.default\..*\"result\":\"$result\""
done

# Daemons say that they are busy only in a flood, which test_e2e_flood makes; that
# something took too long only verbs say.
file=manifest/err.c
codes=$(sed -n 's/^    \[ERR_[A-Z]*\] = "\([a-z-]*\)",/\1/p' $file |
    grep -vxE 'ok|busy|timeout')
found code $file "${#codes}"
for code in $codes; do
    expect "the code '$code'" "trellis\.api\..*\"result\":\"error\",\"code\":\"$code\""
done
exit $rc
