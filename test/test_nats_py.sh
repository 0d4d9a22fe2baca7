#!/bin/sh
# trellis as a client sees it that is not ours: nats-py, from PyPI, kept in build/nats-py.
# Where that cannot be had, nothing of this runs, and the suite says so.
set -u
out=${OUT:-build/dev}
version=2.16.0
environment=build/nats-py-$version
python=$environment/bin/python

leave_out() {
    echo "1..0 # SKIP nats-py: $*"
    exit 0
}

# What is there only in part is made anew.
if ! $python -c 'import nats' 2>/dev/null; then
    command -v python3 >/dev/null || leave_out 'there is no python3'
    rm -rf "$environment"
    timeout 60 python3 -m venv "$environment" >"$environment.log" 2>&1 ||
        leave_out "python3 -m venv does not work: is python3-venv installed?"
    timeout 60 $python -m pip install --quiet --disable-pip-version-check --no-deps \
        --only-binary :all: --timeout 5 --retries 0 "nats-py==$version" \
        >>"$environment.log" 2>&1 ||
        leave_out 'PyPI is not reachable'
fi

set -- "$out/trellis" none
# shellcheck source=test/lattice.sh
. test/lattice.sh
start_nats
start_hosts --hosts 2 --heartbeat 500ms --health-delay 100ms
"$trellis" daemon --server "$url" --http 0 2>"$folder/daemon.log" &
pids="$! $pids"
# By the daemon itself, and when it has seen the hosts: then the rows of a status come.
is_well() {
    said=$("$trellis" doctor) && ! echo "$said" | grep -q 'none answers'
}
soon 40 is_well || die "no daemon: $(cat "$folder/daemon.log")"
PYTHONDONTWRITEBYTECODE=1 $python test/nats_py_client.py "$url"
