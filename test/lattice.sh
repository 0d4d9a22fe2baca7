# shellcheck shell=sh
# lattice.sh - a lattice of one's own in a shell script: nats-server, simulated hosts,
# the daemon and a reader, in a folder of their own, ended when the script ends.
#
# Sourced by run.sh, bench.sh and load.sh, whose first arguments are the two programs.

trellis=$1
reader=$2
folder=$(mktemp -d "${TMPDIR:-/tmp}/trellis.XXXXXX") || exit 1
mkdir "$folder/manifests"
mkfifo "$folder/orders"
pids=

# XDG_STATE_HOME: where the daemon, and verbs without one, keep their store.
XDG_STATE_HOME=$folder/state
export XDG_STATE_HOME

end() {
    code=$?
    trap - EXIT
    trap '' INT TERM
    for pid in $pids; do
        kill "$pid" 2>/dev/null
    done
    for pid in $pids; do
        wait "$pid" 2>/dev/null
    done
    rm -rf "$folder"
    exit "$code"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

die() {
    echo "$*" >&2
    exit 1
}

# soon SECONDS COMMAND...: until it succeeds, and no longer than that.
soon() {
    last=$(($(date +%s) + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$(date +%s)" -le "$last" ] || return 1
        sleep 0.05
    done
}

# Hundredths of a second of processor, used by process $1.
cpu() {
    sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'
}

# The most memory that process $1 ever had, in kB.
peak() {
    sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status"
}

# nats-server on a port that it chooses, and tells in a file.
start_nats() {
    nats-server -a 127.0.0.1 -p -1 -js -sd "$folder/jetstream" \
        --ports_file_dir "$folder" -l "$folder/nats.log" &
    pids="$! $pids"
    soon 40 test -s "$folder/nats-server_$!.ports" || {
        cat "$folder/nats.log" >&2
        die "nats-server did not start"
    }
    url=$(sed -n 's/.*"\(nats:[^"]*\)".*/\1/p' "$folder/nats-server_$!.ports")
    TRELLIS_NATS_URL=$url
    export TRELLIS_NATS_URL
}

# OPTION...: of simulate; its orders are read from the pipe, which stays open as fd 9.
start_hosts() {
    "$trellis" simulate "$@" <"$folder/orders" >"$folder/answers" \
        2>"$folder/simulate.log" &
    pids="$! $pids"
    exec 9>"$folder/orders"
}

order() {
    echo "$*" >&9
}

start_reader() {
    "$reader" "$url" default watch >"$folder/wire" &
    pids="$! $pids"
    soon 40 grep -q watching "$folder/wire" || die "the reader did not start"
}

now() {
    "$reader" "$url" default now
}

mark() {
    "$reader" "$url" default mark "$1"
    soon 40 grep -qx "mark $1" "$folder/wire" || die "the reader is deaf"
}

# What the reader saw between two marks.
between() {
    sed -n "/^mark $1\$/,/^mark $2\$/p" "$folder/wire"
}

# grep_after MARK LINE: the reader saw this line, whole, after the mark.
grep_after() {
    sed "1,/^mark $1\$/d" "$folder/wire" | grep -qx "$2"
}

# The head of a manifest of application $1; the text of its components follows.
declare_application() {
    cat <<END
apiVersion: core.oam.dev/v1beta1
kind: Application
metadata:
  name: $1
  annotations:
    version: v1
spec:
  components:
END
}

# For awk: the text of component number n, to which more traits may be added.
# shellcheck disable=SC2034 # whoever sources this has use for it
declare_component='
    function component(n) {
        print "    - name: c" n
        print "      type: component"
        print "      properties:"
        print "        image: ghcr.io/wasmcloud/components/echo:0.1." n % 10
        print "      traits:"
        print "        - type: spreadscaler"
        print "          properties:"
        print "            instances: 1"
    }
'
