#!/bin/sh
# usage: deps.sh [--check] build|test|lint   installs the Debian packages that are missing
#
# The names hold on Debian 12 and Ubuntu 24.04.  Nothing is said when nothing is missing.
# As root, or through sudo; when neither can be had, or with --check, the command to run
# is shown and the exit status is 1.
set -u

build='gcc make libc6-dev libyaml-dev libsqlite3-dev libjansson-dev libnats-dev libmd-dev'
build="$build libcurl4-openssl-dev libmicrohttpd-dev"
tests="$build libcmocka-dev nats-server"
lint="$tests clang libclang-rt-dev clang-format clang-tidy cppcheck mandoc shellcheck \
python3-jsonschema python3-yaml"

is_check=false
if [ "${1:-}" = --check ]; then
    is_check=true
    shift
fi
case ${1:-} in
build) wanted=$build ;;
test) wanted=$tests ;;
lint) wanted=$lint ;;
*)
    sed -n '2s/^# //p' "$0" >&2
    exit 2
    ;;
esac

# A package is there under its name, or, for what follows clang's version, under one
# with a number in it.
if ! command -v dpkg-query >/dev/null; then
    echo "deps: this is no Debian: trusting that there is what these hold: $wanted" >&2
    exit 0
fi
# shellcheck disable=SC2016,SC2086 # dpkg's own variables; many words
installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' $wanted \
    'libclang-rt-*-dev' 2>/dev/null | sed -n 's/^installed //p' | tr '\n' ' ')
missing=
for package in $wanted; do
    case " $installed" in
    *" $package "*) continue ;;
    *' libclang-rt-'[0-9]*) [ "$package" != libclang-rt-dev ] || continue ;;
    esac
    missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "deps: missing packages:$missing" >&2

# $1 what is in the way
give_up() {
    if [ "$(id -u)" -eq 0 ]; then by=; else by='sudo '; fi
    echo "deps: $1; install them with:" >&2
    echo "    ${by}apt-get update &&" \
        "${by}apt-get install --no-install-recommends$missing" >&2
    exit 1
}

if $is_check; then
    give_up 'they are needed here'
elif [ "$(id -u)" -eq 0 ]; then
    as_root=
elif ! command -v sudo >/dev/null; then
    give_up 'only root can install them, and there is no sudo'
elif [ -t 0 ]; then
    as_root=sudo
else
    as_root='sudo -n'
    $as_root true 2>/dev/null ||
        give_up 'only root can install them, and sudo wants a password'
fi

log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
apt() {
    # shellcheck disable=SC2086 # two words, or none
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 \
        -o DPkg::Lock::Timeout=120 "$@" >"$log" 2>&1
}

# The lists of packages are empty on a fresh machine, and may be old.
echo "deps: installing them with apt-get" >&2
# shellcheck disable=SC2086 # many words
if ! apt install --yes --no-install-recommends $missing; then
    if ! apt update || ! apt install --yes --no-install-recommends $missing; then
        tail -n 15 "$log" >&2
        give_up 'apt-get does not install them (see above)'
    fi
fi
# What apt calls a success may be another package of that name.
exec sh "$0" --check "$1"
