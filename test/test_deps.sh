#!/bin/sh
# What deps.sh does on machines that lack something: its dpkg-query, apt-get, id and sudo
# are small scripts here.
set -u
top=$(pwd)
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
count=0

# $1 the name of a program, $2 what it does
fake() {
    printf '#!/bin/sh\n%s\n' "$2" >"$folder/bin/$1"
    chmod +x "$folder/bin/$1"
}

# A machine where $1 (a user id) is who we are, apt-get does $2 and sudo does $3; all that
# is asked for is installed but cmocka, which is when there is a file "done".
machine() {
    rm -f "$folder/done"
    mkdir -p "$folder/bin"
    # shellcheck disable=SC2016 # for the script that is written
    fake dpkg-query 'for package; do
        case $package in -*|*"*"*) continue ;; esac
        [ "$package" != libcmocka-dev ] || [ -e "$FOLDER/done" ] || continue
        echo "installed $package"
    done'
    fake id "echo $1"
    fake apt-get "$2"
    fake sudo "$3"
}

# Is $1 what was said?  "" means nothing at all.
is_said() {
    case $1 in
    '') [ -z "$said" ] ;;
    *) echo "$said" | grep -qF -- "$1" ;;
    esac
}

# $1 the name of the test, $2 the exit status, $3 what is said, then the arguments
says() {
    name=$1
    status=$2
    words=$3
    shift 3
    count=$((count + 1))
    said=$(FOLDER=$folder PATH=$folder/bin:$PATH \
        sh "$top/test/deps.sh" "$@" 2>&1 </dev/null)
    rc=$?
    if [ $rc -eq "$status" ] && is_said "$words"; then
        echo "ok $count - $name"
    else
        echo "not ok $count - $name"
        echo "exit $rc: $said" | sed 's/^/# /'
    fi
}

echo 1..9
machine 0 'exit 9' 'exit 9'
says 'what is not asked for is not missed' 0 '' build
says 'a check installs nothing' 1 'install --no-install-recommends libcmocka-dev' \
    --check test
says 'what cannot be installed is an error' 1 'apt-get does not install them' test
# shellcheck disable=SC2016
machine 0 'case "$*" in *" install "*) touch "$FOLDER/done" ;; esac' 'exit 9'
says 'root installs what is missing, and says so' 0 'missing packages: libcmocka-dev' test
says 'a second time nothing is said' 0 '' test
# shellcheck disable=SC2016
machine 0 'case "$*" in
    *" update") touch "$FOLDER/lists" ;;
    *) [ -e "$FOLDER/lists" ] && touch "$FOLDER/done" ;;
    esac' 'exit 9'
says 'lists of packages are fetched where there are none' 0 'missing' test
machine 1000 'exit 9' 'exit 1'
says 'a user whom sudo asks for a password is told' 1 'sudo apt-get install' test
# shellcheck disable=SC2016
machine 1000 'touch "$FOLDER/done"' 'shift; "$@"'
says 'a user with sudo installs through it' 0 'missing' test
says 'a wrong word is refused' 2 'usage: deps.sh' nothing
