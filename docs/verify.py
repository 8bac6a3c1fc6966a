#!/usr/bin/env python3
"""Checks a Keyfold bundle offline, as docs/protocol.md (Proof) says. Python 3.11, and `cryptography` for Ed25519.

    python3 verify.py FILE [--checkpoint FILE] [--keys JWKS]        FILE may be - for standard input

Prints what it finds as JSON. Exit code 0: intact, 1: tampered with, 2: unreadable, or it cannot be told.
"""
import argparse, base64, calendar, hashlib, json, re, sys
from decimal import Decimal
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

class Problem(Exception):
    """What is wrong, and where; with no line: why it cannot be told."""

def need(good, problem, line=None, event=None):
    if not good:
        raise Problem(problem, line, event)

# --- Bytes: JSON, its canonical form (RFC 8785), base64url, digests in hexadecimal ---
def levels(value):
    inside = value.values() if isinstance(value, dict) else value
    return 1 + max(map(levels, inside), default=0) if isinstance(value, (dict, list)) else 0

def parse(data):
    try:  # every number is a double; int refuses NaN and Infinity, which are no JSON
        value = json.loads(data.decode(), parse_int=float, parse_constant=int)
        if levels(value) <= 100:
            return value
    except RecursionError:
        pass
    raise ValueError("it has more than 100 levels")

def canonical(value):
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{canonical(name)}:{canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if not isinstance(value, float):
        return json.dumps(value, ensure_ascii=False)
    if value == 0 or 1e-6 <= abs(value) < 1e21:
        return format(Decimal(repr(value + 0.0)), "f").removesuffix(".0")  # there is no minus zero
    return repr(value).replace("e-0", "e-")

def unbase64(text):
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(data).decode().rstrip("=") != text:
        raise ValueError("an encoder writes it otherwise")
    return data

def sha(text, prefix=b""):
    return hashlib.sha256(prefix + text.encode()).hexdigest()

# --- The tree (RFC 6962) ---
def leaf(**members):
    return sha(canonical(members), b"\0")

def node(left, right):
    return hashlib.sha256(b"\1" + bytes.fromhex(left + right)).hexdigest()

def root_of(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else sha("")
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return node(root_of(leaves[:half]), root_of(leaves[half:]))

def workspace_leaf(name, leaves):
    return leaf(keys=sha(canonical({"count": len(leaves), "root": root_of(leaves)})), workspace=sha(name))

def leads(start, proof, point):  # whether the path leads from there to the checkpoint's root
    index, last = int(proof["index"]), int(proof["size"]) - 1
    places = [(index >> level, last >> level) for level in range(last.bit_length())]
    turns = [at % 2 for at, end in places if at % 2 or at < end]  # the last of a level may have no partner
    for turn, sibling in zip(turns, proof["path"]):
        start = node(sibling, start) if turn else node(start, sibling)
    fitting = index <= last and proof["size"] == point["workspaces"] and len(turns) == len(proof["path"])
    return fitting and start == point["root"]

def stands(proof, leaves, point):  # whether the proof shows that these, or none, are the workspace's keys
    if len(leaves) != proof["count"]:
        return False
    if leaves:
        return root_of(leaves) == proof["root"] and leads(workspace_leaf(proof["id"], leaves), proof, point)
    before, after, name = proof.get("before"), proof.get("after"), sha(proof["id"])
    for each in filter(None, (before, after)):
        if not leads(leaf(keys=each["keys"], workspace=each["workspace"]), each, point):
            return False
    adjacent = (before["index"] + 1 if before else 0) == (after["index"] if after else point["workspaces"])
    return adjacent and (not before or before["workspace"] < name) and (not after or name < after["workspace"])

# --- Forms: a pattern, the least whole number, one of several, a list, members by name, or a function that tells ---
def fits(value, form):
    if isinstance(form, str):
        return isinstance(value, str) and re.fullmatch(form, value, re.DOTALL) is not None
    if isinstance(form, int):
        return isinstance(value, float) and value.is_integer() and form <= value < 2**53
    if isinstance(form, tuple):
        return any(fits(value, each) for each in form)
    if isinstance(form, list):
        return isinstance(value, list) and len(value) <= 64 and all(fits(each, form[0]) for each in value)
    if isinstance(form, dict):
        known = isinstance(value, dict) and value.keys() <= form.keys()
        return known and all(fits(value.get(name, ABSENT), each) for name, each in form.items())
    return form(value) if callable(form) else value is form

def is_time(value):
    pattern = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3])(:[0-5][0-9]){2}\.[0-9]{3}Z"
    return fits(value, pattern) and int(value[8:10]) <= calendar.monthrange(int(value[:4]), int(value[5:7]))[1]

def offsets(position):
    return dict(map(int, part.split("-")) for part in position.split("_")[1:])

def is_position(value):
    if not fits(value, "p1(_(0|[1-9][0-9]{0,5})-(0|[1-9][0-9]{0,15}))+") or len(value) > 16384:
        return False
    return len(offsets(value)) == value.count("_") and max(offsets(value).values()) < 2**53

def is_checkpoint(value):
    named = fits(value, CHECKPOINT) and value["id"] == f"checkpoint@{value['number']:.0f}"
    return named and (value["previous"] is None) == (value["number"] == 1)

def is_behind(value):
    return isinstance(value, dict) and all(fits(key, KEY) and fits(version, 0) for key, version in value.items())

ABSENT, MAX_LINE = object(), 256 * 1024 * 1024
DIGEST, KEY, WORKSPACE = "[0-9a-f]{64}", "keyspaces|key_[0-9A-Za-z]{22}", "[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
CHECKPOINT = {"id": ".*", "number": 1, "source": "/keyfold", "time": is_time, "count": 0, "workspaces": 0}
CHECKPOINT |= {"root": DIGEST, "position": is_position, "previous": (DIGEST, None)}
PLACE = {"index": 0, "size": 0, "path": [DIGEST]}
BESIDE = ({"keys": DIGEST, "workspace": DIGEST, **PLACE}, ABSENT)
PROOF = {"id": WORKSPACE, "count": 1, "root": DIGEST, **PLACE}
NONE = {"id": WORKSPACE, "count": lambda count: count == 0.0 and count is not False, "before": BESIDE, "after": BESIDE}
SIGNED = {"checkpoint": is_checkpoint, "signature": ".{0,2048}", "workspace": (PROOF, NONE, ABSENT)}
EVENT = {"id": ".{1,120}", "source": "/keyfold", "type": r"keyfold\.[A-Za-z]{1,40}\.v[1-9][0-9]{0,3}", "subject": KEY}
EVENT |= {"time": is_time, "dataschema": "[^\0]{0,120}", "version": 1, "workspaceid": (WORKSPACE, ABSENT)}
EVENT |= {"commandid": "[A-Za-z0-9_-]{1,64}", "requestid": "[^\0]{1,128}", "keyspaceversion": (1, ABSENT)}
EVENT |= {"actor": "(user|key|system):[^\0]{1,256}", "datakeyid": "[^\0]{1,80}", "personaldigest": DIGEST}
EVENT |= {"privatedigest": DIGEST, "prev": DIGEST, "hash": DIGEST, "data": lambda data: isinstance(data, dict)}
EVENT |= {"personal": (lambda part: isinstance(part, dict) and fits(part.get("salt"), "[A-Za-z0-9_-]{22}"), ABSENT)}
HEAD = {"key": KEY, "version": 1, "head": DIGEST, "workspace": (WORKSPACE, "")}
LINES = {"from": {"from": SIGNED}, "older": {"older": {**SIGNED, "behind": is_behind}}, "event": {"event": EVENT}}
LINES |= {"head": {"head": HEAD}, "checkpoint": SIGNED}

# --- The check ---
def check_signature(member, keys, *place):
    head, _, signature = member["signature"].partition("..")
    payload = base64.urlsafe_b64encode(canonical(member["checkpoint"]).encode()).decode().rstrip("=")
    try:
        header = parse(unbase64(head))
        kid, x = header["kid"], header["jwk"]["x"]
        Ed25519PublicKey.from_public_bytes(unbase64(x)).verify(unbase64(signature), f"{head}.{payload}".encode())
        good = fits(header, {"alg": "EdDSA", "kid": ".+", "jwk": {"crv": "Ed25519", "kty": "OKP", "x": ".+"}})
    except (ValueError, LookupError, TypeError, InvalidSignature):
        good = False
    need(good, "the signature is not one of this checkpoint", *place)
    need(keys is None or (kid, x) in keys, "the signature is of a key that is not among the known ones", *place)

def check_moment(kind, member, chains, scope, keys, line):  # a checkpoint, against the heads at its time
    behind, point, workspaces = member.get("behind", {}), member["checkpoint"], {}
    need(behind.keys() <= chains.keys(), "it names keys that are not in the bundle", line)
    for key, chain in chains.items():
        version = chain["first"] if kind == "from" else behind.get(key, chain["last"])
        followed = version in chain["heads"] and (key not in behind or version < chain["last"])
        need(followed, "it names a version that nothing follows here", line)
        if version > 0:
            head = leaf(head=chain["heads"][version], key=key, version=version)
            workspaces.setdefault(chain["workspace"], []).append(head)
    proof = member.get("workspace")
    need(scope == (proof and proof["id"]), "it is not of what the bundle is of", line)
    if proof:
        need(stands(proof, workspaces.get(scope, []), point), "it does not stand for the workspace's keys here", line)
    else:
        root = root_of([workspace_leaf(name, workspaces[name]) for name in sorted(workspaces, key=sha)])
        found = (sum(map(len, workspaces.values())), len(workspaces), root)
        need(found == (point["count"], point["workspaces"], point["root"]), "it does not stand for the keys here", line)
    check_signature(member, keys, line)

def check_event(event, chain, place):
    version = event["version"]
    need(event["id"] == f"{event['subject']}@{version:.0f}", "id is not subject@version", *place)
    need(event["dataschema"] == "urn:keyfold:schema:" + event["type"][8:], "dataschema is not that of type", *place)
    need(version == chain["last"] + 1, "events before it are missing", *place)
    need(event["prev"] == chain["heads"][chain["last"]], "prev is not the hash of the event before", *place)
    need(event.get("workspaceid", "") == chain["workspace"], "workspaceid is another than before", *place)
    need(event["time"] >= chain["time"], "time is before that of the event before", *place)
    covered = {name: value for name, value in event.items() if name not in ("hash", "personal")}
    need(event["hash"] == sha(canonical(covered)), "hash does not match the content", *place)
    if part := event.get("personal"):
        commitment = sha(canonical(part), base64.urlsafe_b64decode(part["salt"] + "=="))
        need(event["personaldigest"] == commitment, "personaldigest does not match the personal part", *place)
    chain["heads"][version] = event["hash"]
    chain.update(last=version, time=event["time"])

def check(file, kept, keys):
    line, alien, last, chains, moments, events, erased = 0, 0, ("", 0), {}, [], 0, 0
    for line, raw in enumerate(iter(lambda: file.readline(MAX_LINE + 2), b""), 1):
        raw = raw.removesuffix(b"\n")
        need(len(raw) <= MAX_LINE, f"a line is longer than {MAX_LINE} bytes")
        try:
            said = parse(raw)
            kind = next((name for name in LINES if name in said), None) if isinstance(said, dict) else None
        except ValueError:
            kind = None
        if not (kind or chains or moments):  # nothing says yet that this is a bundle
            alien = alien or line
            continue
        need(kind and not alien, "it is no line of a bundle", alien or line)
        event = said["event"].get("id") if isinstance(said.get("event"), dict) else None
        place = (line, event if fits(event, EVENT["id"]) else None)
        need(fits(said, LINES[kind]), "a member is missing, is not known, or has another form", *place)
        need(canonical(said) == raw.decode(), "it is not in canonical form", *place)
        need(not moments or moments[-1][0] != "checkpoint", "it is behind the line of the checkpoint", *place)
        item = said if kind == "checkpoint" else said[kind]
        if kind not in ("event", "head"):
            need(kind != "from" or line == 1, '"from" is only in the first line', *place)
            need(kind != "older" or line == len(moments) + 1, '"older" stands before all keys', *place)
            moments.append((kind, item, line))
            continue
        key, version = item["subject" if kind == "event" else "key"], item["version"]
        workspace = item.get("workspaceid" if kind == "event" else "workspace", "")
        need((key, version) > last, "it is out of order, or there a second time", *place)
        need((key == "keyspaces") == (workspace == ""), "every key has a workspace, and keyspaces has none", *place)
        need(key not in chains or kind == chains[key]["kind"] == "event", "its key is on a line before", *place)
        last = (key, version)
        if key not in chains:
            before, head = (version, item["head"]) if kind == "head" else (version - 1, item["prev"])
            need(before == 0 or moments and moments[0][0] == "from", "what is before it is missing", *place)
            need(before > 0 or head == "0" * 64, "prev of the first event must be zeros", *place)
            chain = {"kind": kind, "place": place, "workspace": workspace, "time": "", "heads": {before: head}}
            chains[key] = {**chain, "first": before, "last": before}
        if kind == "event":
            check_event(item, chains[key], place)
            events, erased = events + 1, erased + ("personal" not in item)
    need(line, "there is nothing in it")
    need(chains or moments, "this is no bundle")
    need(moments and moments[-1][0] == "checkpoint", "the last line is missing: the bundle was cut off", line + 1)
    *earlier, (kind, final, line) = moments
    scope = final["workspace"]["id"] if "workspace" in final else None
    check_moment(kind, final, chains, scope, keys, line)
    for chain in chains.values():
        need(scope in (None, chain["workspace"]), "it is not of the bundle's workspace", *chain["place"])
    for kind, member, line in earlier:
        check_moment(kind, member, chains, scope, keys, line)
    for (_, older, line), (_, newer, _) in zip(moments, moments[1:]):
        then, now = older["checkpoint"], newer["checkpoint"]
        reached = offsets(now["position"])
        onward = all(reached.get(partition, 0) >= offset for partition, offset in offsets(then["position"]).items())
        need(onward and then["number"] < now["number"] and then["time"] <= now["time"], "the next goes back", line)
        named = now["number"] > then["number"] + 1 or now["previous"] == sha(canonical(then))
        need(named, "the next names another checkpoint as its previous", line)
    if kept:
        same = [each for each in moments if each[1]["checkpoint"]["number"] == kept["checkpoint"]["number"]]
        need(same, "the bundle does not tell what was at the checkpoint that was kept: export it with --checkpoint")
        need(same[0][1]["checkpoint"] == kept["checkpoint"], "it is not the checkpoint that was kept", same[0][2])
    counts = {"keys": len(chains), "events": events, "erased": erased}
    return {"workspace": scope, **counts, "checkpoint": final["checkpoint"]["id"], "known": keys is not None}

# --- The command ---
def read(path):
    with open(path, "rb") as file:
        return parse(file.read())

def known_keys(jwks):
    listed = jwks.get("keys") if isinstance(jwks, dict) else None
    usable = [key for key in listed if isinstance(key, dict)] if isinstance(listed, list) else []
    return [(key.get("kid"), key.get("x")) for key in usable if key.get("crv") == "Ed25519"]

def main(argv=None):
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("file", "--checkpoint", "--keys"):
        options.add_argument(name)
    args = options.parse_args(argv)
    try:
        kept = read(args.checkpoint) if args.checkpoint else None
        need(not args.checkpoint or fits(kept, SIGNED), f"{args.checkpoint} is not a signed checkpoint")
        keys = known_keys(read(args.keys)) if args.keys else None
        need(keys != [], f"{args.keys} has no Ed25519 key")
        if kept:
            check_signature(kept, keys)
        with sys.stdin.buffer if args.file == "-" else open(args.file, "rb") as file:
            code, said = 0, {"kind": "intact", "summary": check(file, kept, keys)}
    except Problem as found:
        problem, line, event = found.args
        code, said = (1, {"kind": "tampered", "line": line, "eventId": event}) if line else (2, {"kind": "untold"})
        said["problem"] = problem
    except (OSError, ValueError) as error:
        code, said = 2, {"kind": "untold", "problem": str(error)}
    print(json.dumps(said))
    return code

if __name__ == "__main__":
    sys.exit(main())
