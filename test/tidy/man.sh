#!/bin/sh
# usage: man.sh BINARY   the manuals tell of all that the binary knows, and of no more
#
# What --help shows of every verb, the actions of trellis store, the environment that
# options*.c read and the exit statuses of cli.h are compared with trellis.1 and
# trellis.8; the daemon's signals, metrics, pages and files with trellis.8.
trellis=$1
pages='man/trellis.1 man/trellis.8'
both=$(mktemp -d) || exit 1
trap 'rm -rf "$both"' EXIT
rc=0

# $1 what it is about; compares the files code and manual
compare() {
    sort -u "$both/code" -o "$both/code"
    sort -u "$both/manual" -o "$both/manual"
    [ -s "$both/code" ] || { echo "man: found no $1 in the code"; rc=1; }
    if ! diff "$both/code" "$both/manual" >"$both/diff"; then
        sed -n "s/^< \(.*\)/man: no page has the $1 '\1'/p
                s/^> \(.*\)/man: only a page has the $1 '\1'/p" "$both/diff"
        rc=1
    fi
}

verbs=$("$trellis" --help | sed -n 's/^  \([a-z]*\)  *[a-z].*/\1/p')
echo "$verbs" >"$both/code"
sed -n 's/^\.It Cm \([a-z]*\).*/\1/p' man/trellis.1 >"$both/manual"
compare verb

# A line of help is "  -s, --server   URL   summary", in columns; one of a page
# ".It Fl s , Fl -server Ar URL".
for verb in $verbs; do "$trellis" "$verb" --help; done |
    sed -n 's/^  \(-.\),\( --[a-z-]*\) *\([A-Z]*\) .*/\1\2 \3/p
            s/^      \(--[a-z-]*\) *\([A-Z]*\) .*/\1 \2/p' |
    sed 's/ $//' >"$both/code"
# shellcheck disable=SC2086 # two words
sed -n 's/^\.It Fl \([a-z]\) , Fl -\([a-z-]*\)/-\1 --\2/p
        s/^\.It Fl -\([a-z-]*\)/--\1/p' $pages | sed 's/ Ar / /' >"$both/manual"
compare option

grep -ohE '"(TRELLIS|WASMCLOUD|WASH|XDG|NO)_[A-Z_]*"' reconciler/run/options*.c |
    tr -d '"' >"$both/code"
# shellcheck disable=SC2086 # two words
sed -n 's/^\.It Ev \([A-Z_]*\)$/\1/p' $pages >"$both/manual"
compare variable

sed -n 's/^    EXIT_[A-Z]* = \([0-9]*\),/\1/p' reconciler/run/cli.h >"$both/code"
sed -n 's/^\.It \([0-9]\)$/\1/p' man/trellis.1 >"$both/manual"
compare 'exit status'
# ".It Nm Cm store check", with an argument or without.
"$trellis" --help | sed -n 's/^  store .*: //p' | tr -d ' ' | tr ',' '\n' >"$both/code"
sed -n 's/^\.It Nm Cm store \([a-z]*\).*/\1/p' man/trellis.1 >"$both/manual"
compare 'action of store'

grep -ohE '\bSIG(HUP|TERM|INT|USR1|USR2|QUIT)\b' reconciler/run/loop.c \
    reconciler/run/cmd_daemon.c >"$both/code"
sed -n 's/^\.It Dv //p' man/trellis.8 | tr -d ' ' | tr ',' '\n' >"$both/manual"
compare signal

# By its name, and what kind it is.
grep -ohE '"[a-z_]+", "(gauge|counter|histogram)"' reconciler/run/metrics.c |
    sed 's/"\([a-z_]*\)".*/trellis_\1/' >"$both/code"
sed -n '/^\.Ss Health and metrics/,/^\.S[sh] Hosts/s/^\.It Va //p' man/trellis.8 |
    tr -d ' ' | tr ',' '\n' >"$both/manual"
compare metric

grep -ohE '"/[a-z]+"' reconciler/run/health.c | tr -d '"' | grep -vx / >"$both/code"
sed -n '/^\.Ss Health and metrics/,/^\.S[sh] Hosts/s/^\.It Pa //p' man/trellis.8 \
    >"$both/manual"
compare page

# What make install puts anywhere but where programs and manuals are, and what those read.
sed -n 's/^EnvironmentFile=-*//p' reconciler/run/dist/*.service >"$both/code"
for file in reconciler/run/dist/*; do
    case $file in
    *.service*) echo PREFIX/lib/systemd/system/trellis.service ;;
    *sysusers* | *.conf) echo PREFIX/lib/sysusers.d/trellis.conf ;;
    esac
done >>"$both/code"
sed -n '/^\.Sh FILES/,/^\.Sh EXIT/s/^\.It Pa //p' man/trellis.8 >"$both/manual"
compare file
exit $rc
