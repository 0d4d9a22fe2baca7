#!/bin/sh
# load.sh TRELLIS READER HOSTS COMPONENTS [SECONDS] - what the daemon costs when all is as
# it is wanted: so many hosts that beat every 30 s and tell all they run each time, and so
# many components among them.
#
# Exit 1 when messages were lost, when memory grew by more than a tenth, or when daemon or
# simulated hosts ever took more of it than so many hosts and components may.
set -u
# shellcheck source=test/lattice.sh
. test/lattice.sh

hosts=$3
components=$4
seconds=${5:-60}

manifest() {
    declare_application load
    awk -v components="$components" "$declare_component"'BEGIN {
        for (n = 1; n <= components; n++) {
            component(n)
        }
    }'
}

resident() {
    sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$daemon/status"
}

# The value of metric $1.
metric() {
    curl -s "http://127.0.0.1:$port/metrics" | sed -n "s/^trellis_$1 //p"
}

has_hosts() {
    [ "$("$reader" "$url" default now | grep -c '^host ')" -eq "$hosts" ]
}

is_ready() {
    curl -sf "http://127.0.0.1:$port/readyz"
}

port=$((20000 + $$ % 10000))
command -v curl >/dev/null || die "load.sh reads the daemon's metrics with curl"
manifest >"$folder/load.yaml"
start_nats
start_hosts --hosts "$hosts"
simulator=$!
soon 60 has_hosts || die "no hosts"
"$trellis" daemon -q --http "127.0.0.1:$port" &
daemon=$!
pids="$daemon $pids"
soon 60 is_ready || die "no daemon"
"$trellis" apply --wait --timeout 5m "$folder/load.yaml" >/dev/null || die "not converged"

# The hosts were asked a moment ago; what follows is what goes on for ever.
sleep 15
used=$(cpu $daemon)
before=$(resident)
most=0
for _ in $(seq "$seconds"); do
    waiting=$(metric mailbox_messages)
    [ "$waiting" -le "$most" ] || most=$waiting
    sleep 1
done
used=$(($(cpu $daemon) - used))
after=$(resident)
lost=$(metric mailbox_losses_total)
allowed=$((64 * 1024 + 10 * (hosts + components))) # not a product of the two

printf '%s hosts, %s components, %s s: %s %% of a processor, %s kB (%s before), ' \
    "$hosts" "$components" "$seconds" \
    "$(awk "BEGIN { printf \"%.2f\", $used / $seconds }")" "$after" "$before"
printf 'at most %s messages waiting, %s lost\n' "$most" "$lost"
printf 'at most: the daemon %s kB, the simulated hosts %s kB of %s\n' \
    "$(peak $daemon)" "$(peak $simulator)" "$allowed"
[ "$lost" -eq 0 ] || die "messages were lost"
[ "$after" -le $((before + before / 10)) ] || die "memory grew"
for pid in $daemon $simulator; do
    [ "$(peak "$pid")" -le "$allowed" ] || die "that is too much memory"
done
