#!/usr/bin/env python3
"""Drive every operation of wadm's API and of trellis's with a client that is not ours.

usage: nats_py_client.py URL

A daemon with its own lattice of two simulated hosts listens at URL.  Each test begins
and ends without applications.  Writes TAP.
"""

import asyncio
import json
import sys

import nats
import nats.errors
import nats.js.errors

LATTICE = "default"
SECONDS = 30  # how long anything may take at the most
SHOP = """\
apiVersion: core.oam.dev/v1beta1
kind: Application
metadata:
  name: shop
  annotations: {version: %s}
spec:
  components:
  - name: web
    type: component
    properties: {image: 'ghcr.io/acme/web:1.0.0'}
    traits:
    - {type: spreadscaler, properties: {instances: %d}}
"""


class Failure(Exception):
    """A reply is not what it should be."""


def expect(reply, **fields):
    """Fail unless reply has each of these fields."""
    for key, value in fields.items():
        if reply.get(key) != value:
            raise Failure(f"{key} is not {value!r} in {json.dumps(reply)}")
    return reply


class Api:
    """Requests to both interfaces, over one connection."""

    def __init__(self, connection):
        self.connection = connection

    async def request(self, subject, body="", **more):
        if not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        body = body.encode() if isinstance(body, str) else body
        message = await self.connection.request(subject, body, timeout=SECONDS, **more)
        return message.data

    async def wadm(self, tail, body="", **more):
        subject = f"wadm.api.{LATTICE}.model.{tail}"
        return json.loads(await self.request(subject, body, **more))

    async def own(self, tail, body="", **more):
        subject = f"trellis.api.{LATTICE}.{tail}"
        return json.loads(await self.request(subject, body, **more))

    async def until_wadm_says(self, word):
        """Ask for the status of shop until it is this word."""
        async def ask():
            while True:
                reply = expect(await self.wadm("status.shop"), result="ok")
                if reply["status"]["status"]["type"] == word:
                    return reply
                await asyncio.sleep(0.05)
        return await asyncio.wait_for(ask(), SECONDS)

    async def until_own(self, tail, is_so, body=""):
        """Ask until the reply is so."""
        async def ask():
            while True:
                reply = expect(await self.own(tail, body), result="ok")
                if is_so(reply):
                    return reply
                await asyncio.sleep(0.05)
        return await asyncio.wait_for(ask(), SECONDS)

    async def delete_shop(self):
        expect(await self.own("delete.shop"), result="ok", application="shop")
        await self.until_own("status", lambda reply: not reply["applications"])


def manifests(version, instances, **more):
    """The body of apply and plan."""
    text = SHOP % (version, instances)
    return {"schema": 1, "manifests": [{"source": "shop.yaml", "text": text}], **more}


def is_deployed(reply):
    return [item["status"] for item in reply["applications"]] == ["deployed"]


def is_told_gone(reply):
    """Is what happened to manifests last that one was deleted?"""
    told = [event["event"] for event in reply["events"] if event["kind"] == "manifest"]
    return not told or told[-1] == "deleted"


async def wadm_puts_and_shows(api):
    expect(await api.wadm("put", SHOP % ("v1", 1)), result="created", name="shop",
           total_versions=1, current_version="v1")
    expect(await api.wadm("put", SHOP % ("v1", 2)), result="error")
    shown = expect(await api.wadm("get.shop"), result="success")["manifest"]
    shown["metadata"]["annotations"]["version"] = "v2"
    expect(await api.wadm("put", shown, headers={"Content-Type": "application/json"}),
           result="newversion", total_versions=2, current_version="v2")
    expect(await api.wadm("get.shop", {"version": "v3"}), result="notfound")
    listed = await api.wadm("list")
    if [(item["name"], item["version"]) for item in listed] != [("shop", "v2")]:
        raise Failure(f"list: {listed}")
    if expect(await api.wadm("get"), result="success")["models"] != listed:
        raise Failure("the two lists differ")
    versions = expect(await api.wadm("versions.shop"), result="success")["versions"]
    if versions != [{"version": version, "deployed": False} for version in ("v1", "v2")]:
        raise Failure(f"versions: {versions}")
    expect(await api.wadm("history.shop"), result="error")
    expect(await api.wadm("del.shop", {"version": "v2"}), result="deleted")
    expect(await api.wadm("del.shop"), result="deleted")
    expect(await api.wadm("del.shop"), result="noop")


async def wadm_deploys_and_undeploys(api):
    heard = await api.connection.subscribe(f"wadm.status.{LATTICE}.shop")
    expect(await api.wadm("put", SHOP % ("v1", 2)), result="created")
    expect(await api.wadm("deploy.shop", {"version": "v1"}), result="acknowledged",
           name="shop", version="v1")
    reply = await api.until_wadm_says("deployed")
    expect(reply["status"], version="v1")
    word = None
    while word != "deployed":
        word = json.loads((await heard.next_msg(timeout=SECONDS)).data)["status"]["type"]
    await heard.unsubscribe()
    if (await api.wadm("list"))[0]["deployed_version"] != "v1":
        raise Failure("the list does not say what is deployed")
    expect(await api.wadm("undeploy.shop"), result="acknowledged")
    await api.until_wadm_says("undeployed")
    expect(await api.wadm("del.shop"), result="deleted")


async def the_last_status_is_kept(api):
    expect(await api.wadm("put", SHOP % ("v1", 1)), result="created")
    expect(await api.wadm("deploy.shop"), result="acknowledged")
    await api.until_wadm_says("deployed")

    async def look():
        word = None
        while word != "deployed":
            try:
                kept = await api.connection.jetstream(timeout=SECONDS).get_last_msg(
                    "wadm_status", f"wadm.status.{LATTICE}.shop")
            except nats.js.errors.NotFoundError:  # who asks may be told before it is kept
                await asyncio.sleep(0.05)
                continue
            word = json.loads(kept.data)["status"]["type"]
    await asyncio.wait_for(look(), SECONDS)
    await api.delete_shop()


async def a_request_with_an_id_is_carried_out_once(api):
    body = SHOP % ("v1", 1)
    for identity, result in (("a", "created"), ("a", "created"), ("b", "error")):
        expect(await api.wadm("put", body, headers={"Nats-Msg-Id": identity}),
               result=result)
    expect(await api.wadm("del.shop"), result="deleted")


async def an_inbox_of_its_own_is_answered(api):
    expect(await api.own("ping", old_style=True), result="ok")
    if await api.wadm("list", old_style=True) != []:
        raise Failure("there are applications")


async def own_applies_and_deletes(api):
    expect(await api.own("ping"), result="ok")
    expect(await api.own("apply", manifests("v1", 2, dry_run=True)), result="ok",
           dry_run=True)
    if expect(await api.own("status"), result="ok")["applications"]:
        raise Failure("a dry run stored something")
    planned = expect(await api.own("plan", manifests("v1", 2)), result="ok")["commands"]
    if {command["kind"] for command in planned} != {"scale-component"}:
        raise Failure(f"plan: {planned}")
    gone = manifests("v1", 2, expected=[{"name": "shop", "version": "v0"}])
    expect(await api.own("apply", gone), result="error", code="conflict")
    fresh = manifests("v1", 2, expected=[{"name": "shop", "version": ""}])
    reply = expect(await api.own("apply", fresh), result="ok", dry_run=False)
    expect(reply["applications"][0], name="shop", version="v1", change="created")
    await api.until_own("status.shop", is_deployed)
    asked = {"schema": 1, "states": ["failed", "stuck"]}
    if expect(await api.own("status", asked), result="ok")["applications"]:
        raise Failure("states leaves what is deployed")
    asked = {"schema": 1, "states": ["deployed"], "brief": True}
    expect(await api.own("status", asked), result="ok")
    await api.delete_shop()
    expect(await api.own("status.shop"), result="error", code="not-found")


async def own_explains_and_looks(api):
    expect(await api.own("apply", manifests("v1", 1)), result="ok")
    await api.until_own("status.shop", is_deployed)
    reply = expect(await api.own("explain", {"schema": 1, "key": "shop/web"}),
                   result="ok")
    expect(reply["explanation"], status="deployed")
    expect(await api.own("explain", {"schema": 1, "key": "nothing"}), result="error",
           code="not-found")
    checks = expect(await api.own("doctor"), result="ok", errors=0)["checks"]
    if not checks:
        raise Failure("nothing was checked")
    if expect(await api.own("drift"), result="ok")["differences"]:
        raise Failure("what is deployed differs")
    done = expect(await api.own("history.shop"), result="ok")["history"]
    if not {"put", "deployed"} <= {item["kind"] for item in done}:
        raise Failure(f"history: {done}")
    expect(await api.own("resync"), result="ok")
    expect(await api.own("prune"), result="ok")
    await api.delete_shop()


async def own_pauses_and_goes_back(api):
    expect(await api.own("apply", manifests("v1", 1)), result="ok")
    await api.until_own("status.shop", is_deployed)
    expect(await api.own("pause.shop"), result="ok")
    expect(await api.own("apply", manifests("v2", 2)), result="ok")
    expect(await api.own("resume.shop"), result="ok")
    await api.until_own("status.shop", is_deployed)
    reply = expect(await api.own("rollback.shop", {"schema": 1, "version": "v1"}),
                   result="ok")
    expect(reply["applications"][0], version="v1", before="v2")
    await api.until_own("status.shop", is_deployed)
    await api.delete_shop()


async def own_events_are_numbered(api):
    # What is deleted and applied again between two looks has not changed.
    await api.until_own("events", is_told_gone)
    heard = await api.connection.subscribe(f"trellis.event.{LATTICE}")
    expect(await api.own("apply", manifests("v1", 1)), result="ok")
    events = []
    while not events or (events[-1]["resource"], events[-1]["event"]) != (
            "application", "deployed"):
        events.append(json.loads((await heard.next_msg(timeout=SECONDS)).data))
    await heard.unsubscribe()
    first = events[0]["sequence"]
    if [event["sequence"] for event in events] != list(range(first, first + len(events))):
        raise Failure(f"events: {events}")
    if not {"manifest", "command", "status"} <= {event["kind"] for event in events}:
        raise Failure(f"events: {events}")
    asked = {"schema": 1, "run": events[0]["run"], "since": first, "limit": 2}
    kept = expect(await api.own("events", asked), result="ok", run=events[0]["run"])
    if kept["events"] != events[1:3]:
        raise Failure(f"kept events: {kept}")
    await api.delete_shop()


async def what_is_large_goes_in_pieces(api):
    body = manifests("v1", 1)
    body["manifests"][0]["text"] += "#" + "x" * 1_500_000 + "\n"
    body = json.dumps(body).encode()
    size = api.connection.max_payload
    pieces = [body[at:at + size] for at in range(0, len(body), size)]
    if len(pieces) != 2:
        raise Failure(f"{len(pieces)} pieces")
    for index, piece in enumerate(pieces):
        expect(await api.own(f"part.ours.{index}.{len(pieces)}", piece), result="ok")
    expect(await api.own("plan", {"schema": 1, "upload": "ours"}), result="ok")
    expect(await api.own("apply", {"schema": 1, "upload": "other"}), result="error",
           code="not-found")


async def it_is_discovered(api):
    for what, kind in (("PING", "ping"), ("INFO", "info"), ("STATS", "stats")):
        reply = json.loads(await api.request(f"$SRV.{what}.trellis"))
        expect(reply, type=f"io.nats.micro.v1.{kind}_response", name="trellis")


async def what_is_wrong_is_said(api):
    expect(await api.wadm("put", b"\xff\x00"), result="error")
    expect(await api.wadm("put", "kind: Application\n"), result="error")
    expect(await api.wadm("deploy.nobody"), result="notfound")
    expect(await api.own("apply", "{"), result="error", code="syntax")
    expect(await api.own("nothing"), result="error", code="usage")
    try:
        await api.request("wadm.api.elsewhere.model.list")
    except nats.errors.NoRespondersError:
        return
    raise Failure("somebody answers for another lattice")


TESTS = [
    wadm_puts_and_shows,
    wadm_deploys_and_undeploys,
    the_last_status_is_kept,
    a_request_with_an_id_is_carried_out_once,
    an_inbox_of_its_own_is_answered,
    own_applies_and_deletes,
    own_explains_and_looks,
    own_pauses_and_goes_back,
    own_events_are_numbered,
    what_is_large_goes_in_pieces,
    it_is_discovered,
    what_is_wrong_is_said,
]


async def main():
    connection = await nats.connect(sys.argv[1], name="a client that is not ours",
                                    connect_timeout=SECONDS)
    print(f"1..{len(TESTS)}")
    for number, test in enumerate(TESTS, 1):
        try:
            await test(Api(connection))
            print(f"ok {number} - {test.__name__}", flush=True)
        except (Failure, nats.errors.Error, asyncio.TimeoutError, LookupError,
                ValueError) as problem:
            print(f"not ok {number} - {test.__name__}")
            print(f"# {type(problem).__name__}: {problem}", flush=True)
    await connection.close()


asyncio.run(main())
