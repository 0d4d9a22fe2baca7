#!/bin/sh
# bench.sh TRELLIS READER BARE [COMPONENTS] - how fast, over a real NATS server and
# simulated hosts: so many components, each with two links and a config, applied at once.
#
# Three hosts, or one for each 1000 components: of some 3000 a host cannot tell any more,
# for its inventory is larger than the server's max_payload.
#
# The commands are counted by a reader on the wire, and those needed from the text of the
# manifest; exit 1 when they differ.  BARE sends as many of the same kinds before and
# after, to as many hosts of a lattice of its own, and does no more: what it takes is the
# mean of both, for a machine is not as fast in every minute.
# shellcheck disable=SC2031 # what the subshell of BARE changes is meant to be its own
set -u
# shellcheck source=test/lattice.sh
. test/lattice.sh

bare=$3
components=${4:-1000}
hosts=$((components > 3000 ? components / 1000 : 3))

# Two providers; component N is linked to both, to one of them with a config.
manifest() {
    declare_application bench
    cat <<EOF
    - name: kv
      type: capability
      properties:
        image: ghcr.io/wasmcloud/keyvalue-nats:0.3.1
    - name: messages
      type: capability
      properties:
        image: ghcr.io/wasmcloud/messaging-nats:0.27.0
EOF
    awk -v components="$components" "$declare_component"'
        function link(namespace, package, interface, target) {
            print "        - type: link"
            print "          properties:"
            print "            namespace: " namespace
            print "            package: " package
            print "            interfaces: [" interface "]"
            print "            target:"
            print "              name: " target
        }
        BEGIN {
            for (n = 1; n <= components; n++) {
                component(n)
                link("wasi", "keyvalue", "store", "kv")
                print "              config:"
                print "                - name: bucket-" n
                print "                  properties:"
                print "                    bucket: bench-" n
                link("wasmcloud", "messaging", "consumer", "messages")
            }
        }'
}

# What a lattice without anything needs: a command for each of these.
needed() {
    grep -cE '^    - name: |- type: link$|- name: bucket-' "$1"
}

# Between the marks of round $1.
sent() {
    between "before$1" "after$1" | grep -c '^command'
}

milliseconds() {
    date +%s%3N
}

has_hosts() {
    [ "$(now | grep -c '^host ')" -eq "$hosts" ]
}

file=$folder/bench.yaml
manifest >"$file"

start_lattice() {
    start_nats
    start_reader
    start_hosts --hosts "$hosts" --health-delay 500ms
    soon 10 has_hosts || die "no hosts"
}

# Alone, in a server of its own that is as empty as the other.
alone() (
    # shellcheck source=test/lattice.sh
    . test/lattice.sh
    start_lattice
    "$bare" "$url" default "$components"
)

before=$(alone "$trellis" "$reader") || die "bare: failed"
start_lattice
"$trellis" daemon -q &
daemon=$!
pids="$daemon $pids"
soon 10 "$trellis" status || die "no daemon"
sleep 3 # nothing is placed on a host that is younger than 2 s

# What it waits for, by how many wait for it.
late() {
    echo "not converged; so many wait for so much:" >&2
    "$trellis" status |
        sed -nE 's/^ +(component|provider|link|config) .* [0-9]+ (ms|s|min|h|d) +/\1 /p' |
        sort | uniq -c | sort -rn | head -n 20 >&2
    exit 1
}

# apply_timed ROUND: what it took in $took, and what was sent in $sent.
apply_timed() {
    mark "before$1"
    started=$(milliseconds)
    "$trellis" apply --wait --timeout 5m "$file" >/dev/null || late
    took=$(($(milliseconds) - started))
    mark "after$1"
    sent=$(sent "$1")
}

printf '%s components, %s links, %s kB of manifest, %s hosts\n' "$components" \
    $((2 * components)) $(($(wc -c <"$file") / 1000)) "$hosts"
apply_timed 1
needed=$(needed "$file")
printf 'converged      in %s ms\n' "$took"
printf 'commands       %s sent, %s needed\n' "$sent" "$needed"
printf 'daemon         %s0 ms of processor, %s kB at most\n' "$(cpu $daemon)" \
    "$(peak $daemon)"
[ "$sent" -eq "$needed" ] || die "the commands are not those needed"
first=$took
apply_timed 2
printf 'applied again  in %s ms, %s commands\n' "$took" "$sent"
[ "$sent" -eq 0 ] || die "nothing was to be sent"
after=$(alone "$trellis" "$reader") || die "bare: failed"
lone=$(((before + after) / 2))
printf 'bare           %s and %s ms; trellis takes %s times as long\n' "$before" \
    "$after" "$(awk "BEGIN { printf \"%.2f\", $first / $lone }")"
