#!/bin/sh
# run.sh TRELLIS READER - the main job from nothing, shown: a NATS server, three simulated
# hosts, the daemon, the quickstart manifest, and three promises, each checked by a reader
# of the buckets, the inventories and the wire that shares no code with trellis.
#
# KEEP=1: stay up, and say what to try.  Exit 1 when a promise is not kept.
set -u
manifest=fixtures/manifests/valid/quickstart.yaml
# shellcheck source=test/lattice.sh
. test/lattice.sh

say() {
    printf '\n== %s\n' "$*"
}

# The daemon's log, without what a demonstration does not need.
tell() {
    sed -u -e 's/^level=\([a-z]*\) at=[^ ]* msg="/  daemon: /' \
        -e 's/" application=.*//' -e 's/"\( [a-z]*=.*\)*$//'
}

kept() {
    echo "  kept: $*"
}

broken() {
    printf '\nNOT KEPT: %s\nThe reader sees:\n' "$*" >&2
    now >&2
    exit 1
}

# --- what the reader sees ------------------------------------------------------------

has_hosts() {
    [ "$(now | grep -c '^host ')" -eq "$1" ]
}

link='hello_world-httpserver hello_world-http_component'
component=hello_world-http_component

has_link() {
    now | grep -qx "link $link/default"
}

# The host of the one instance.
home() {
    now | sed -n "s/^component $component 1 on //p"
}

has_moved() {
    [ -n "$(home)" ] && [ "$(home)" != "$1" ]
}

# By name: before the daemon has read its folder, of nothing all is deployed.
is_converged() {
    "$trellis" status --check hello-world
}

# --- the main job --------------------------------------------------------------------

start_nats
say "nats-server with JetStream: $url"
start_reader
start_hosts --hosts 3 --heartbeat 1s --health-delay 500ms
soon 10 has_hosts 3 || die "no hosts: $(cat "$folder/simulate.log")"
say "three simulated hosts"
now

say "trellis daemon --manifests, with the quickstart in it"
cp "$manifest" "$folder/manifests/quickstart.yaml"
mkfifo "$folder/log"
tell <"$folder/log" &
pids="$pids $!"
"$trellis" daemon --manifests "$folder/manifests" 2>"$folder/log" &
daemon=$!
pids="$daemon $pids"
soon 20 is_converged || broken "the quickstart converges"

say "trellis status"
"$trellis" status

say "the first promise: a link deleted by hand comes back"
has_link || broken "the reader sees the link to begin with"
mark link
order "drop-link $link"
# Gone, and there again: it may be back before anybody could look.
soon 10 grep_after link "entry COMPONENT_hello_world-httpserver" ||
    broken "the link is deleted"
soon 10 has_link || broken "the link comes back"
kept "gone from the bucket, put again, and in the bucket"

say "the second promise: a killed host's components move"
victim=$(home)
[ -n "$victim" ] || broken "the reader sees the component to begin with"
echo "  killing $victim, which runs $component"
order "kill $victim"
soon 20 has_moved "$victim" || broken "the component moves"
soon 20 is_converged || broken "all is as declared again"
kept "$component runs on $(home)"

say "the third promise: apply again sends no command"
mark apply
"$trellis" apply --wait "$folder/manifests/quickstart.yaml" || broken "apply"
mark applied
commands=$(between apply applied | grep -c '^command')
[ "$commands" -eq 0 ] || broken "$commands commands were sent"
kept "0 commands on the wire"

if [ -n "${KEEP:-}" ]; then
    say "all stays up until you press Ctrl-C; in another terminal, try"
    cat <<EOF
  export TRELLIS_NATS_URL=$url
  $trellis status
  $trellis status hello-world --output json
  $trellis plan $manifest
  $trellis delete hello-world --wait
  $trellis apply $manifest --wait
  \$EDITOR $folder/manifests/quickstart.yaml    # the daemon takes it up when you save
  echo 'kill host-1' > $folder/orders
  echo 'serving' > $folder/orders; cat $folder/answers
  $reader $url default now
EOF
    wait "$daemon"
    exit
fi
say "done: three promises kept"
