#!/usr/bin/env python3
"""Checks a Keyfold bundle offline, as docs/protocol.md (Proof) says. Python 3.11, and `cryptography` for Ed25519.

    python3 verify.py FILE [--checkpoint FILE] [--keys JWKS]        FILE may be - for standard input

Prints what it finds as JSON. Exit code 0: intact, 1: tampered with, 2: unreadable, or it cannot be told.
"""
import argparse, base64, datetime, decimal, hashlib, json, pathlib, re, sys
from types import SimpleNamespace as Chain
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

def need(good, problem):
    if not good:
        raise ValueError(problem)

# --- Bytes: JSON and its canonical form (RFC 8785), base64url, digests in hexadecimal ---
def parse(data):  # every number is a double; int refuses NaN and Infinity, which are no JSON
    return json.loads(data.decode(), parse_int=float, parse_constant=int)

def canonical(value, levels=100):
    need(levels or not isinstance(value, (dict, list)), "it has more than 100 levels")
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{canonical(name)}:{canonical(value[name], levels - 1)}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(item, levels - 1) for item in value) + "]"
    if not isinstance(value, float):
        return json.dumps(value, ensure_ascii=False)
    if value == 0 or 1e-6 <= abs(value) < 1e21:
        return format(decimal.Decimal(repr(value + 0.0)), "f").removesuffix(".0")  # there is no minus zero
    return repr(value).replace("e-0", "e-")

def base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")

def unbase64url(text):
    data = base64.urlsafe_b64decode(text + "==")
    need(base64url(data) == text, "no encoder writes such base64url")
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

def check_path(start, place, point):  # from a leaf to the checkpoint's root
    index, last, path = int(place["index"]), int(place["size"]) - 1, place["path"]
    need(index <= last and place["size"] == point["workspaces"], "the proof is of no place in the checkpoint's tree")
    levels = [(index >> level, last >> level) for level in range(last.bit_length())]
    rights = [at % 2 for at, end in levels if at % 2 or at < end]  # the last of a level may have no partner
    for right, sibling in zip(rights, path, strict=True):
        start = node(sibling, start) if right else node(start, sibling)
    need(start == point["root"], "the proof does not lead to the checkpoint's root")

def check_proof(proof, leaves, point):  # that these, or none, are the workspace's keys
    need(proof["count"] == len(leaves), "the workspace has another number of keys here")
    if leaves:
        need(proof["root"] == root_of(leaves), "the workspace's root is not that of its keys here")
        return check_path(workspace_leaf(proof["id"], leaves), proof, point)
    for beside in [proof[side] for side in ("before", "after") if side in proof]:
        check_path(leaf(keys=beside["keys"], workspace=beside["workspace"]), beside, point)
    before = proof.get("before", {"index": -1, "workspace": ""})
    after = proof.get("after", {"index": point["workspaces"], "workspace": "~"})
    need(before["index"] + 1 == after["index"], "there is room between the neighbours")
    need(before["workspace"] < sha(proof["id"]) < after["workspace"], "the workspace is not between the neighbours")

# --- The check ---
MAX_LINE = 256 * 1024 * 1024

def read_line(raw):  # its kind (none: it is no line of a bundle), what it says, whether it is canonical
    text = raw.removesuffix(b"\n")
    need(len(text) <= MAX_LINE, f"a line is longer than {MAX_LINE} bytes")
    try:
        said = parse(text)
        written = canonical(said) == text.decode()
        return next(kind for kind in LINES if isinstance(said, dict) and kind in said), said, written
    except (ValueError, RecursionError, StopIteration):
        return None, {}, False

def check_signature(member, keys):
    head, signature = member["signature"].split("..")
    header = parse(unbase64url(head))
    need(fits(header, HEADER), "the header of the signature has another form")
    kid, x = header["kid"], header["jwk"]["x"]
    signed = f"{head}.{base64url(canonical(member['checkpoint']).encode())}".encode()
    Ed25519PublicKey.from_public_bytes(unbase64url(x)).verify(unbase64url(signature), signed)
    need(keys is None or (kid, x) in keys, "the signature is of a key that is not among the known ones")

def check_moment(kind, member, chains, scope, keys):  # a checkpoint, against the heads at its time
    point, proof, behind, workspaces = member["checkpoint"], member.get("workspace"), member.get("behind", {}), {}
    need(scope == (proof and proof["id"]), "it is not of what the bundle is of")
    need(behind.keys() <= chains.keys(), "it names keys that are not in the bundle")
    for key, chain in chains.items():
        version = next(iter(chain.heads)) if kind == "from" else behind.get(key, chain.last)
        need(version in chain.heads and behind.get(key) != chain.last, "it names a version that nothing follows here")
        if version > 0:
            workspaces.setdefault(chain.workspace, []).append(leaf(head=chain.heads[version], key=key, version=version))
    if proof:
        check_proof(proof, workspaces.get(scope, []), point)
    else:
        root = root_of([workspace_leaf(name, workspaces[name]) for name in sorted(workspaces, key=sha)])
        found = (sum(map(len, workspaces.values())), len(workspaces), root)
        need(found == (point["count"], point["workspaces"], point["root"]), "it does not stand for the keys here")
    check_signature(member, keys)

def check_key(kind, said, place, chains, ranged):  # a line of a key: its next event or, in a range, where it stands
    if kind == "head":
        key, workspace, before, head = said["key"], said["workspace"], said["version"], said["head"]
    else:
        key, workspace, before, head = said["subject"], said.get("workspaceid", ""), said["version"] - 1, said["prev"]
    newest = next(reversed(chains), "")
    if key > newest:
        need(ranged if before else head == "0" * 64, "what is before it is missing")
        chains[key] = Chain(workspace=workspace, place={**place}, last=before, heads={before: head}, time="")
    else:
        need(key == newest and kind == "event" and len(chains[key].heads) > 1, "its key is on a line before")
    chain = chains[key]
    need(workspace == chain.workspace and (workspace == "") == (key == "keyspaces"), "its workspace is another")
    if kind == "event":
        version = chain.last + 1
        due = {"version": version, "id": f"{key}@{version:.0f}", "prev": chain.heads[chain.last]}
        due["dataschema"] = "urn:keyfold:schema:" + said["type"].removeprefix("keyfold.")
        due["hash"] = sha(canonical({name: said[name] for name in said if name not in ("hash", "personal")}))
        if part := said.get("personal"):
            due["personaldigest"] = sha(canonical(part), base64.urlsafe_b64decode(part["salt"] + "=="))
        wrong = [name for name in due if said[name] != due[name]]
        need(not wrong, f"{', '.join(wrong)}: not what the event and the one before it come to")
        need(said["time"] >= chain.time, "time is before that of the event before")
        chain.last, chain.time, chain.heads[version] = version, said["time"], said["hash"]

def check(file, kept, keys, place):  # place: where it is; what fails is wrong there, and nowhere cannot be told
    line, moments, chains, erased = 0, [], {}, 0
    lines = map(read_line, iter(lambda: file.readline(MAX_LINE + 2), b""))
    for line, (kind, said, written) in enumerate(lines, 1):
        need(kind or line > 1 or any(later[0] for later in lines), "this is no bundle")
        event_id = said["event"].get("id") if isinstance(said.get("event"), dict) else None
        place.update(line=line, eventId=event_id if fits(event_id, ".{1,120}") else None)
        need(kind and fits(said, LINES[kind]), "it is no line of a bundle, or a member has another form")
        need(written, "it is not in canonical form")
        need(not moments or moments[-1][1] != "checkpoint", "it is behind the line of the checkpoint")
        if kind in ("event", "head"):
            check_key(kind, said[kind], place, chains, moments and moments[0][1] == "from")
            erased += kind == "event" and "personal" not in said["event"]
        else:
            in_front = line == len(moments) + 1 and (kind == "older" or line == 1)
            need(kind == "checkpoint" or in_front, "older stands before all keys, and from in the first line")
            moments.append((line, kind, said if kind == "checkpoint" else said[kind]))
        place.clear()
    need(line, "there is nothing in it")
    place.update(line=line + 1, eventId=None)
    need(moments and moments[-1][1] == "checkpoint", "the last line is missing: the bundle was cut off")
    scope = moments[-1][2].get("workspace", {}).get("id")
    for line, kind, member in [moments[-1], *moments[:-1]]:
        place.update(line=line, eventId=None)
        check_moment(kind, member, chains, scope, keys)
        for chain in chains.values():
            place.update(chain.place)
            need(scope in (None, chain.workspace), "it is not of the bundle's workspace")
    for (line, _, older), (_, _, newer) in zip(moments, moments[1:]):
        place.update(line=line, eventId=None)
        then, now = older["checkpoint"], newer["checkpoint"]
        reached = offsets(now["position"])
        onward = all(reached.get(partition, 0) >= offset for partition, offset in offsets(then["position"]).items())
        need(onward and then["number"] < now["number"] and then["time"] <= now["time"], "the next goes back")
        named = now["number"] > then["number"] + 1 or now["previous"] == sha(canonical(then))
        need(named, "the next names another checkpoint as its previous")
    place.clear()
    for line, _, member in moments if kept else ():
        if member["checkpoint"]["number"] == kept["checkpoint"]["number"]:
            place.update(line=line, eventId=None)
            need(member["checkpoint"] == kept["checkpoint"], "it is not the checkpoint that was kept")
    need(place or not kept, "it does not tell what was at the checkpoint that was kept: export it with --checkpoint")
    events = sum(len(chain.heads) - 1 for chain in chains.values())
    summary = {"workspace": scope, "keys": len(chains), "events": events, "erased": erased}
    return {**summary, "checkpoint": moments[-1][2]["checkpoint"]["id"], "known": keys is not None}

# --- Forms: also of what is hashed and signed, since whoever signs with a key of their own may write anything ---
def fits(value, form):  # a text's pattern, a whole number's least, an object's members (? may be absent), or a test
    if isinstance(form, str):
        return isinstance(value, str) and re.fullmatch(form, value, re.DOTALL)
    if isinstance(form, int):
        return isinstance(value, float) and value.is_integer() and form <= value < 2**53
    if not isinstance(form, dict):
        return form(value)
    forms = {name.rstrip("?"): each for name, each in form.items()}
    whole = isinstance(value, dict) and form.keys() & forms.keys() <= value.keys() <= forms.keys()
    return whole and all(fits(value[name], forms[name]) for name in value)

def is_time(text):
    text = re.sub("^0000", "2000", text)  # has the same days, and Python's calendar begins with 0001
    return len(text) == 24 and datetime.datetime.fromisoformat(text[:-1]).isoformat("T", "milliseconds") + "Z" == text

def offsets(position):
    found = dict(map(int, part.split("-")) for part in position.split("_")[1:])
    need(max(found) < 10**6 and max(found.values()) < 2**53 and len(position) <= 16384, "the position is too large")
    need(position == "p1" + "".join(f"_{partition}-{found[partition]}" for partition in found), "it is no position")
    return found

def is_checkpoint(point):
    form = {"number": 1, "count": 0, "workspaces": 0, "root": DIGEST, "position": offsets, "time": is_time}
    form["previous"] = DIGEST if point["number"] > 1 else lambda digest: digest is None
    return fits(point, {**form, "id": f"checkpoint@{point['number']:.0f}", "source": "/keyfold"})

DIGEST, KEY, WORKSPACE = "[0-9a-f]{64}", "keyspaces|key_[0-9A-Za-z]{22}", "[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
PATH = {"path": lambda path: isinstance(path, list) and len(path) <= 64 and all(fits(item, DIGEST) for item in path)}
PLACE = {"index": 0, "size": 0, **PATH}
KEYS = {"id": WORKSPACE, "count": 1, "root": DIGEST, **PLACE}
BESIDE = {"keys": DIGEST, "workspace": DIGEST, **PLACE}
NO_KEYS = {"id": WORKSPACE, "count": 0, "before?": BESIDE, "after?": BESIDE}
SIGNED = {"checkpoint": is_checkpoint, "signature": ".{0,2048}"}
SIGNED |= {"workspace?": lambda proof: fits(proof, KEYS if proof["count"] else NO_KEYS)}
OLDER = {**SIGNED, "behind": lambda behind: all(fits(key, KEY) and fits(behind[key], 0) for key in behind)}
EVENT = {"id": ".*", "source": "/keyfold", "type": r"keyfold\.[A-Za-z]{1,40}\.v[1-9][0-9]{0,3}", "subject": KEY}
EVENT |= {"version": 1, "time": is_time, "dataschema": ".*", "workspaceid?": WORKSPACE, "keyspaceversion?": 1}
EVENT |= {"actor": "(user|key|system):[^\0]{1,256}", "commandid": "[A-Za-z0-9_-]{1,64}", "requestid": "[^\0]{1,128}"}
EVENT |= {"datakeyid": "[^\0]{1,80}", "personaldigest": DIGEST, "privatedigest": DIGEST, "prev": DIGEST, "hash": DIGEST}
EVENT |= {"data": lambda of: isinstance(of, dict), "personal?": lambda part: fits(part["salt"], "[A-Za-z0-9_-]{22}")}
HEAD = {"key": KEY, "version": 1, "head": DIGEST, "workspace": f"({WORKSPACE})?"}
LINES = {"from": {"from": SIGNED}, "older": {"older": OLDER}, "event": {"event": EVENT}, "head": {"head": HEAD}}
LINES |= {"checkpoint": SIGNED}
HEADER = {"alg": "EdDSA", "kid": ".+", "jwk": {"crv": "Ed25519", "kty": "OKP", "x": ".+"}}

# --- The command ---
def main(argv=None):
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("file", "--checkpoint", "--keys"):
        options.add_argument(name)
    args, place = options.parse_args(argv), {}
    try:
        kept, keys = (path and parse(pathlib.Path(path).read_bytes()) for path in (args.checkpoint, args.keys))
        if args.keys is not None:
            keys = [(key.get("kid"), key.get("x")) for key in keys["keys"] if key.get("crv") == "Ed25519"]
            need(keys, f"{args.keys} has no Ed25519 key")
        if args.checkpoint is not None:
            need(fits(kept, SIGNED), f"{args.checkpoint} is not a signed checkpoint")
            check_signature(kept, keys)
        with open(0 if args.file == "-" else args.file, "rb") as file:
            code, said = 0, {"kind": "intact", "summary": check(file, kept, keys, place)}
    except Exception as error:  # by need, or by Python where a member has another form
        wrong = place and not isinstance(error, MemoryError)
        code, said = (1, {"kind": "tampered", **place}) if wrong else (2, {"kind": "untold"})
        said["problem"] = str(error) if type(error) is ValueError else f"{type(error).__name__} {error}"
    print(json.dumps(said))
    return code

if __name__ == "__main__":
    sys.exit(main())
