#!/bin/sh
# What suite.sh makes of programs that do not end well.
set -u
top=$(pwd)
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
count=0

# A program that does $1 must be counted as $2, and what the suite says must name $3; it
# has $4 seconds.
counts() {
    count=$((count + 1))
    printf '#!/bin/sh\n%s\n' "$1" >"$folder/program"
    chmod +x "$folder/program"
    said=$(cd "$folder" &&
        TEST_SECONDS=${4:-60} sh "$top/test/suite.sh" tap ./program 2>&1)
    status=$?
    last=$(echo "$said" | tail -n 1)
    if [ "$last" = "$2" ] && echo "$said" | grep -qF -- "$3" &&
        case $2 in *' 0 failed') [ $status -eq 0 ] ;; *) [ $status -ne 0 ] ;; esac
    then
        echo "ok $count - $2: $3"
    else
        echo "not ok $count - $2: $3"
        echo "$said" | sed 's/^/# /'
    fi
}

echo 1..12
good='echo 1..2; echo ok 1 - a; echo ok 2 - b'
counts "$good" '2 passed, 0 failed' 'passed'
counts "$good; exit 3" '2 passed, 1 failed' 'ended with 3'
counts 'echo 1..2; echo ok 1 - a; echo not ok 2 - b; exit 1' '1 passed, 1 failed' \
    'not ok 2 - b'
counts 'echo 1..2; echo ok 1 - a' '1 passed, 1 failed' 'reported 1 of 2'
counts 'echo 1..1; echo ok 1 - a; echo ok 2 - b' '2 passed, 1 failed' 'reported 2 of 1'
counts 'exit 0' '0 passed, 1 failed' 'reported 0 of 0'
counts "$good; kill -SEGV \$\$" '2 passed, 1 failed' 'ended with 139'
counts "$good; kill -KILL \$\$" '2 passed, 1 failed' 'was killed'
counts "$good; sleep 60" '2 passed, 1 failed' 'hung' 4
counts 'echo "1..0 # SKIP no network"' '0 passed, 0 failed' 'left out: no network'
counts 'echo 1..0' '0 passed, 1 failed' 'reported 0 of 0'
counts 'echo "1..0 # SKIP no network"; exit 1' '0 passed, 1 failed' 'reported 0 of 0'
