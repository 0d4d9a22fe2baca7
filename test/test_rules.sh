#!/bin/sh
# The table of fixtures/scenarios/README.md against the traces: what it names is there,
# it names every trace, and a number that it gives to a trace stands in a title of that
# trace, and the other way round.
set -u
folder=fixtures/scenarios
table=$folder/README.md
count=0

# $1 the name of the test, $2 what is wrong, a line each; "" nothing
tell() {
    count=$((count + 1))
    if [ -z "$2" ]; then
        echo "ok $count - $1"
    else
        echo "$2" | sed 's/^/# /'
        echo "not ok $count - $1"
    fi
}

# "KEY NAME" for each name in the last column of each row; the key is the first column,
# with dashes for blanks.
pairs() {
    awk -F ' *[|] *' '/^[|]/ && $2 != "rule" && $2 != "number" && $2 !~ /^-/ {
        key = $2
        gsub(/ /, "-", key)
        names = split($(NF - 1), name, " ")
        if (names == 0) print key, "-"
        for (i = 1; i <= names; i++) print key, name[i]
    }' $table
}

# "NUMBER NAME" for each number in each title of a trace.
numbers() {
    for trace in "$folder"/*.trace; do
        sed -n 's/^# //p' "$trace" |
            grep -oE '8\.[A-E]\.[0-9]+|\b[CL][1-9]\b' |
            sed "s|\$| $(basename "$trace" .trace)|"
    done | sort -u
}

# What there has to be a row for.
all_numbers() {
    awk 'BEGIN {
        split("A 1 11 B 12 20 C 21 30 D 31 35 E 36 41", part, " ")
        for (i = 1; i <= 15; i += 3)
            for (n = part[i + 1]; n <= part[i + 2]; n++) print "8." part[i] "." n
        for (n = 1; n <= 9; n++) print "C" n
        for (n = 1; n <= 7; n++) print "L" n
    }'
}

is_number='^(8\.[A-E]\.[0-9]+|[CL][1-9]) '
rows=$(pairs)

tell 'every trace and table that is named is there' "$(echo "$rows" |
    while read -r key name; do
        case $name in
        engine/*) file=fixtures/$name.txt ;;
        *) file=$folder/$name.trace ;;
        esac
        [ -f "$file" ] || echo "$key names $name"
    done)"
tell 'every trace is named' "$(for trace in "$folder"/*.trace; do
    name=$(basename "$trace" .trace)
    echo "$rows" | grep -qE " $name\$" || echo "$name"
done)"
tell 'every weakness and pain has a row' "$(all_numbers | while read -r number; do
    echo "$rows" | grep -qF "$number " || echo "$number"
done)"
tell 'titles and rows name the same numbers' "$(
    { echo "$rows" | grep -E "$is_number" | sort -u; numbers; } | sort | uniq -u)"
echo "1..$count"
