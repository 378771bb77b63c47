#!/usr/bin/env python3
"""Reduces botocore's service models of the two Chime APIs to the parts that the simulator needs.

    python3 reduce.py            # writes identity.json and messaging.json beside this file

Needs botocore, whose version is recorded in each file. The files contain every operation of each
API and the shapes that its input or output refers to, with:

  operation  method, uri (with its fixed query), status (of success), input, output, errors
  shape      type, required, members, member/key/value, min, max, pattern, enum
  member     shape, in (uri, querystring, header; left out: the body), name (on the wire), token

Documentation is dropped. Patterns are kept as AWS publishes them, including their errors:
`src/model/pattern.rs` describes how they are read.
"""

import gzip
import json
import pathlib

import botocore

HERE = pathlib.Path(__file__).resolve().parent
DATA = pathlib.Path(botocore.__file__).resolve().parent / "data"


def published(service):
    """The newest model of `service` in this botocore."""
    folder = max(path for path in (DATA / service).iterdir() if path.is_dir())
    packed = folder / "service-2.json.gz"
    text = gzip.decompress(packed.read_bytes()) if packed.exists() else (folder / "service-2.json").read_bytes()
    return json.loads(text)


def member(found):
    """A member of a structure."""
    kept = {"shape": found["shape"]}
    if "location" in found:
        kept["in"] = found["location"]
    if "locationName" in found:
        kept["name"] = found["locationName"]
    if found.get("idempotencyToken"):
        kept["token"] = True
    return kept


def shape(found):
    """A shape without its documentation."""
    kept = {key: found[key] for key in ("type", "required", "min", "max", "pattern", "enum") if key in found}
    if "members" in found:
        kept["members"] = {name: member(value) for name, value in found["members"].items()}
    for part in ("member", "key", "value"):
        if part in found:
            kept[part] = found[part]["shape"]
    return kept


def reached(shapes, name, into):
    """Adds the shape `name`, and the shapes that it refers to, to `into`."""
    if name is None or name in into:
        return
    into[name] = shape(shapes[name])
    for found in into[name].get("members", {}).values():
        reached(shapes, found["shape"], into)
    for part in ("member", "key", "value"):
        reached(shapes, into[name].get(part), into)


def reduced(service):
    """The reduced model of `service`."""
    model = published(service)
    shapes, operations = {}, {}
    for name, found in model["operations"].items():
        sides = {side: found[side]["shape"] for side in ("input", "output") if side in found}
        for side in sides.values():
            reached(model["shapes"], side, shapes)
        operations[name] = {
            "method": found["http"]["method"],
            "uri": found["http"]["requestUri"],
            "status": found["http"].get("responseCode", 200),
            **sides,
            "errors": {
                error["shape"]: model["shapes"][error["shape"]]["error"]["httpStatusCode"]
                for error in found.get("errors", [])
            },
        }
    return {
        "botocore": botocore.__version__,
        "service": service,
        "version": model["metadata"]["apiVersion"],
        "operations": operations,
        "shapes": dict(sorted(shapes.items())),
    }


if __name__ == "__main__":
    for short in ("identity", "messaging"):
        text = json.dumps(reduced(f"chime-sdk-{short}"), indent=1, ensure_ascii=True)
        (HERE / f"{short}.json").write_text(text + "\n")
