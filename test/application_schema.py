#!/usr/bin/env python3
"""Hold schemas/application.schema.json against trellis.

usage: application_schema.py TRELLIS MANUAL FOLDER...

By both verdicts on every manifest below the folders, the schema refuses nothing that
trellis accepts, and what it misses is broken by rules that the manual lists under
"Editors".  An independent validator reads the schema (Debian's python3-jsonschema).
Writes TAP.
"""

import json
import pathlib
import re
import subprocess
import sys

import jsonschema
import yaml

SCHEMA = "schemas/application.schema.json"
FINDING = re.compile(r"^.*:\d+:\d+: error: .* \[([a-z-]+)\]$", re.MULTILINE)
NULL = re.compile(r"^(?:|~|null|Null|NULL)$")
BOOL = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
INTEGER = re.compile(r"^[-+]?(?:0x[0-9a-fA-F]+|0o[0-7]+|0b[01]+|0|[1-9][0-9]*)$")
FLOAT = re.compile(r"^[-+]?[0-9]*\.?[0-9]*(?:[eE][-+]?[0-9]+)?$")
ZERO_LED = re.compile(r"^[-+]?0[0-9]+$")
INFINITY = re.compile(r"^[-+]?\.(?:inf|Inf|INF)$")
NOT_A_NUMBER = re.compile(r"^\.(?:nan|NaN|NAN)$")
# Not about a document alone: what a version does not do yet, and what is between them.
BESIDES = {"unsupported", "shared-cycle", "shared-reference"}


TAG = "tag:yaml.org,2002:"


def is_float(text):
    """Is it a number with a point or an exponent, or one without either for a tag?"""
    if INFINITY.match(text) or NOT_A_NUMBER.match(text):
        return True
    return (FLOAT.match(text) is not None and not ZERO_LED.match(text)
            and text.lstrip("+-").split("e")[0].split("E")[0].strip(".") != "")


def scalar(event):
    """What serde_yaml makes of a scalar, which is not what PyYAML would."""
    text = event.value
    tag = event.tag if event.tag not in (None, "!") else None
    if tag is None and event.style not in (None, ""):
        return text
    if tag in (None, TAG + "null") and NULL.match(text):
        return None
    if tag in (None, TAG + "bool") and BOOL.match(text):
        return text[0] in "tT"
    if tag in (None, TAG + "int") and INTEGER.match(text):
        return int(text, 0)
    if tag in (None, TAG + "float") and is_float(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


class Reader:
    """Documents from the events of libyaml; a key that is there twice counts once."""

    def __init__(self, text):
        self.events = yaml.parse(text, Loader=getattr(yaml, "CLoader", yaml.Loader))
        self.anchors = {}

    def documents(self):
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                self.anchors = {}
                first = next(self.events)
                value = self.value(first)
                if not (isinstance(first, yaml.ScalarEvent) and first.value == ""):
                    yield value

    def value(self, event):
        if isinstance(event, yaml.AliasEvent):
            return self.anchors[event.anchor]
        if isinstance(event, yaml.ScalarEvent):
            value = scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self.items(yaml.SequenceEndEvent)
        else:
            pairs = self.items(yaml.MappingEndEvent, is_mapping=True)
            value = dict(zip(pairs[::2], pairs[1::2]))
        if event.anchor is not None:
            self.anchors[event.anchor] = value
        return value

    def items(self, end, is_mapping=False):
        values = []
        event = next(self.events)
        while not isinstance(event, end):
            is_key = is_mapping and len(values) % 2 == 0
            if is_key and isinstance(event, yaml.ScalarEvent):
                values.append(event.value)
                if event.anchor is not None:
                    self.anchors[event.anchor] = event.value
            else:
                value = self.value(event)
                values.append(json.dumps(value) if is_key else value)
            event = next(self.events)
        return values


def documents(text):
    """What is JSON is read as JSON."""
    try:
        return [json.loads(text)]
    except json.JSONDecodeError:
        return Reader(text).documents()


def fault_by_schema(validator, path):
    """What the schema has against a manifest; None: nothing."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        for document in documents(text):
            fault = jsonschema.exceptions.best_match(validator.iter_errors(document))
            if fault is not None:
                return "/".join(map(str, fault.absolute_path)) + ": " + fault.message
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, RecursionError):
        return None  # there is nothing to hold against a schema
    return None


def rules_by_trellis(trellis, path):
    """The rules that a manifest breaks, by trellis."""
    run = subprocess.run([trellis, "validate", "--quiet", path], capture_output=True,
                         text=True, errors="replace", check=False)
    return set(FINDING.findall(run.stdout + run.stderr)) - BESIDES


def rules_of_manual(path):
    """Those that JSON Schema cannot say, or not all of."""
    text = pathlib.Path(path).read_text(encoding="utf-8")
    section = re.split(r"\n\.S[hs] ", text.split(".Ss Editors\n")[1])[0]
    return set(re.findall(r"^\.Sy ([a-z-]+)", section, re.MULTILINE))


def main():
    trellis, manual, *folders = sys.argv[1:]
    schema = json.loads(pathlib.Path(SCHEMA).read_text(encoding="utf-8"))
    kind = jsonschema.Draft202012Validator
    kind.check_schema(schema)
    validator = kind(schema)
    beyond = rules_of_manual(manual)
    missed = set()
    paths = sorted(path for folder in folders for path in pathlib.Path(folder).rglob("*")
                   if path.suffix in (".yaml", ".yml", ".json"))

    print(f"1..{len(paths) + 2}")
    for number, path in enumerate(paths, 1):
        fault = fault_by_schema(validator, path)
        rules = rules_by_trellis(trellis, path)
        problem = None
        if fault is not None and not rules:
            problem = f"trellis accepts it, and the schema says {fault}"
        elif fault is None:
            missed |= rules
            if not rules <= beyond:
                problem = f"the schema accepts {' '.join(sorted(rules - beyond))}"
        print(f"{'not ok' if problem else 'ok'} {number} - {path}: both verdicts agree")
        if problem:
            print(f"# {problem}")
    needless = " ".join(sorted(beyond - missed))
    print(f"{'not ok' if needless else 'ok'} {len(paths) + 1} - the manual lists no rule "
          f"that the schema never missed {needless}")
    example = validator.is_valid(schema["examples"][0])
    print(f"{'ok' if example else 'not ok'} {len(paths) + 2} - the example of the schema "
          "is valid")


main()
