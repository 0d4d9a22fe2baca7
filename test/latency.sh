#!/bin/sh
# latency.sh TRELLIS LATENCY [APPLICATIONS COMPONENTS] - how long wadm's model.status and
# our own status wait for their answer, with so many applications of so many components
# each, on ten hosts: while all of it converges, and while nothing changes.
set -u
latency=$2
applications=${3:-100}
components=${4:-100}
set -- "$1" none
# shellcheck source=test/lattice.sh
. test/lattice.sh

# The manifest of application $1.
manifest() {
    awk -v name="app$1" -v components="$components" 'BEGIN {
        print "apiVersion: core.oam.dev/v1beta1\nkind: Application\nmetadata:"
        print "  name: " name "\n  annotations: {version: v1}\nspec:\n  components:"
        for (n = 1; n <= components; n++) {
            print "  - name: c" n "\n    type: component"
            print "    properties: {image: \"ghcr.io/acme/web:1.0.0\"}"
            print "    traits:"
            print "    - {type: spreadscaler, properties: {instances: 1}}"
        }
    }'
}

# $1 what is so, $2 for so many seconds
measure() {
    for subject in wadm.api.default.model.status trellis.api.default.status; do
        printf '%s, %s: ' "$1" "$subject"
        "$latency" "$url" "$subject" "$applications" "$(($2 * 1000))" || exit 1
    done
}

n=0
while [ "$n" -lt "$applications" ]; do
    manifest "$n" >"$folder/app$n.yaml"
    n=$((n + 1))
done
start_nats
start_hosts --hosts 10
"$trellis" daemon -q --http 0 &
pids="$! $pids"
soon 30 "$trellis" doctor || die "no daemon"
printf '%s applications of %s components; the machine has a load of %s\n' \
    "$applications" "$components" "$(cut -d ' ' -f 1 /proc/loadavg)"
"$trellis" apply --timeout 5m "$folder"/app*.yaml >/dev/null || die "not applied"
measure converging 3
if "$trellis" status --check >/dev/null; then
    echo "it had converged before that was over: take more applications"
fi
# Seldom: telling of all costs more than what it is that is measured.
until "$trellis" status --check >/dev/null; do
    sleep 2
done
sleep 3
measure quiet 3
