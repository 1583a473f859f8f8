"""`make drill`: a table with photos in it is thrown away and rebuilt from the bucket. Only sessions may be lost. Then a browser sends
three hundred files at once, is opened anew among them, and every photo arrives once. Before it, thousands of damaged files are developed
or refused, and none of them takes the process down or much memory; and deploys fail: the first of the stack that holds the data, the
first of one behind it, and an update once there are photos. Each time the next deploy succeeds, and what holds data is as it was.

    python -m infra.local.drill [--build]

On a local cloud of its own, through the front door. Leaves with 1 when anything else is lost.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal

from boto3.dynamodb.types import TypeDeserializer

from infra import admin, build, check, deploy, proof, replacements, templates
from infra.local import cloud, interrupts, seed, test
from infra.local.broken import broken
from infra.local.listen import Listener
from infra.local.suite import Output, PartFailed
from infra.stacks import Stack, StackFailed
from infra.stage import ROOT, Stage
from infra.timing import fail, step
from infra.wiring import Wiring

STAGE = Stage.named("drill")
OWNER = seed.EMAIL
OTHER = "other@shoebox.test"
PATIENCE = 60
CROWD = 300
MUTATIONS = 300
"""Damaged files of each sort and format."""
SIDECARS = "sidecars/"
# Partitions that are made again from others' rows, and so have no sidecars.
MADE_AGAIN = ("LIBRARY#", "USAGE#")
# What differs of a photo that was on its way: it is developed from the start.
ON_ITS_WAY = {"revision", "state", "history", "generation", "formats"}

Rows = dict[tuple[str, str], dict]


class DrillFailed(Exception):
    """Something is lost, or did not happen in time."""


def waited(what: str, look: Callable[[], object]):
    """What `look` answers once it answers something."""
    deadline = time.monotonic() + PATIENCE
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise DrillFailed(f"in {PATIENCE} seconds it did not come to this: {what}")
        time.sleep(STAGE.pause)
    return seen


def expect(holds: object, what: str) -> None:
    if not holds:
        raise DrillFailed(f"not so: {what}")


def rows() -> Rows:
    """Every row of the table."""
    pages = STAGE.client("dynamodb").get_paginator("scan").paginate(TableName=STAGE.setting("table"))
    plain = TypeDeserializer().deserialize
    items = [{name: plain(value) for name, value in item.items()} for page in pages for item in page["Items"]]
    return {(item["pk"], item["sk"]): item for item in items}


def lasting(every: Rows) -> Rows:
    """Those that must not be lost: a row that ends by itself may be, and numbers begin anew."""
    return {place: row for place, row in every.items() if "ttl" not in row and place[1] != "COUNTER"}


def months(every: Rows) -> Rows:
    """How many photos each day has; a day that had some and has none counts 0."""
    found = {place: row for place, row in every.items() if place[1].startswith("MONTH#")}
    counts = {place: {name: count for name, count in row.items() if count} for place, row in found.items()}
    return {place: row for place, row in counts.items() if row.keys() - {"pk", "sk"}}


def number(every: Rows, library: str) -> int:
    return int(every[f"CHANNEL#library-{library}", "COUNTER"]["number"])


def sidecars() -> Iterator[tuple[str, dict]]:
    s3, bucket = STAGE.client("s3"), STAGE.setting("originals-bucket")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=SIDECARS):
        for item in page.get("Contents", []):
            body = s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
            yield item["Key"], json.loads(body, parse_float=Decimal)


def sidecar_key(pk: str, sk: str) -> str:
    """Where the sidecar of the row at `pk`, `sk` lies."""
    return f"{SIDECARS}{pk.replace('#', '/')}/{sk.replace('#', '/')}.json"


def told(row: dict) -> dict:
    """What its sidecar has of a row: a photo that is being developed is received there."""
    if row["sk"] != "PHOTO" or row["state"]["is"] != "developing":
        return row
    return {name: value for name, value in row.items() if name not in ON_ITS_WAY} | {"state": {"is": "received"}}


def all_told(kept: Rows) -> bool:
    """Whether each row has its sidecar, unless it is made again from others, and each sidecar its row."""
    there = {key: sidecar["row"] for key, sidecar in sidecars()}
    wanted = {sidecar_key(*place): told(row) for place, row in kept.items() if not place[0].startswith(MADE_AGAIN)}
    return wanted.keys() == there.keys() and all(wanted[key].items() <= there[key].items() for key in wanted)


def state(photo: str) -> str:
    return rows()[f"PHOTO#{photo}", "PHOTO"]["state"]["is"]


def let_webp_through(enabled: bool) -> None:
    """Opens or closes the queue of one format's renders."""
    client = STAGE.client("lambda")
    mappings = client.list_event_source_mappings(FunctionName=f"shoebox-{STAGE.name}-render")["EventSourceMappings"]
    mapping = next(mapping for mapping in mappings if "webp" in mapping["EventSourceArn"])
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)


def signed_in(email: str) -> seed.Visitor:
    visitor = seed.Visitor(STAGE.setting("site-address"))
    seed.sign_in(STAGE, visitor, email)
    return visitor


def fill(owner: seed.Visitor) -> dict[str, list[str]]:
    """Photos of two accounts, all of them developed, and one that was granted and never sent."""
    owner.form("accounts/set_open", open="true")
    other = signed_in(OTHER)
    photos = {
        OWNER: [seed.upload(owner, seed.PHOTOS / name) for name in ("dogs.jpg", "cup.png")],
        OTHER: [seed.upload(other, seed.PHOTOS / "stream.webp")],
    }
    seed.grant(other, "fig.jpg", (seed.PHOTOS / "fig.jpg").read_bytes())
    for photo in sum(photos.values(), []):
        waited("a photo is ready", lambda photo=photo: state(photo) == "ready")
    owner.json("photos/amend", id=photos[OWNER][0], amendment={"set": "favourite", "on": True})
    owner.json("photos/amend", id=photos[OWNER][1], amendment={"set": "caption", "text": "A cup in a garden"})
    other.json("photos/amend", id=photos[OTHER][0], amendment={"set": "archived", "on": True})
    return photos


def leave_half_way(owner: seed.Visitor) -> str:
    """A photo of which one format is done, and the other not."""
    let_webp_through(False)
    photo = seed.upload(owner, seed.PHOTOS / "cat.png")
    waited("a photo is half way", lambda: rows()[f"PHOTO#{photo}", "PHOTO"]["formats"] == ["jpeg"])
    return photo


def throw_away() -> None:
    client, table = STAGE.client("dynamodb"), STAGE.setting("table")
    try:
        client.delete_table(TableName=table)
    except client.exceptions.ClientError:
        client.update_table(TableName=table, DeletionProtectionEnabled=False)
        client.delete_table(TableName=table)
    else:
        raise DrillFailed("the table could be deleted as it was")


def compare(before: Rows, after: Rows, half_way: str) -> None:
    """Every row that must last is there, as it was."""
    counted = months(before).keys() | months(after).keys()
    for place in sorted((before.keys() | after.keys()) - counted):
        was, now = ({**table.get(place, {})} for table in (before, after))
        if place == (f"PHOTO#{half_way}", "PHOTO"):
            was, now = ({name: value for name, value in row.items() if name not in ON_ITS_WAY} for row in (was, now))
        expect(was == now, f"the row {place} is as it was\n  before {was}\n  now    {now}")


def look_at(visitor: seed.Visitor, photo: str) -> None:
    """The photo's page, and its largest rendition, come through the front door."""
    there = visitor.json("photos/photo", id=photo)
    expect(there["name"] in visitor.get(f"/photos/{photo}").decode(), f"the page of {there['name']} shows it")
    media = there["media"]
    picture = visitor.get(f"/media/{media['folder']}/{media['widths'][-1]}?{media['proof']}")
    expect(picture[:4] == b"RIFF", f"{there['name']} is served")


def finish(owner: seed.Visitor, half_way: str, last: int) -> None:
    """The photo that was half way becomes ready, and the owner's window hears it: numbers go on, without a gap."""
    listener = Listener(owner)
    let_webp_through(True)
    messages = listener.hear(lambda message: _ready(message, half_way), PATIENCE)
    listener.close()
    numbers = sorted({message["number"] for message in messages})
    expect(numbers[0] > last, f"{numbers[0]} is above {last}, which a browser may have seen")
    expect(numbers == list(range(numbers[0], numbers[-1] + 1)), f"{numbers} has no gap")


def _ready(message: dict, photo: str) -> bool:
    changed = message.get("news", {}).get("photo", {})
    return changed.get("id") == photo and changed["state"]["is"] == "ready"


def deploy_stage(*options: str) -> None:
    if deploy.main([STAGE.name, *options]):
        raise DrillFailed("the deploy failed")


def fail_to_deploy(kind: str, status: str, **parameters: str) -> None:
    """Deploys a stack, with a resource that CloudFormation refuses after it has made all others."""
    stack = Stack(STAGE, kind)
    try:
        stack.deploy(broken(stack.template() or templates.packaged(kind, {})), Wiring(STAGE).outputs | parameters)
    except StackFailed as failed:
        now = stack.describe()["StackStatus"]
        expect(now == status and "Refused: " in str(failed), f"{kind} is {status} by the resource that was refused, not {now}\n{failed}")
    else:
        raise DrillFailed(f"{kind} could be deployed with a resource that is refused")


def holding_data() -> dict[str, str]:
    """What holds people's data, by its names in the template."""
    each = Stack(STAGE, "state").resources()
    return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in each if resource["ResourceType"] in replacements.HOLDS_DATA}


def left_behind() -> list[str]:
    """What would stand in the way of the next deploy: tables, secrets and user pools, whose names are taken."""
    tables = STAGE.client("dynamodb").list_tables()["TableNames"]
    secrets = [secret["Name"] for secret in STAGE.client("secretsmanager").list_secrets()["SecretList"]]
    pools = [pool["Name"] for pool in STAGE.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]]
    return [*tables, *secrets, *pools]


def fail_at_first() -> None:
    """Both ways in which a stage's first deploy fails: in the stack that holds the data, and behind it."""
    told = {"Stage": STAGE.name, "HomePort": str(STAGE.port)}
    with step("a first deploy that fails"):
        fail_to_deploy("state", "ROLLBACK_COMPLETE", **told)
        expect(not left_behind(), f"nothing is left of it, but {left_behind()}")
    deploy_stage("--only", "state")
    made = holding_data()
    with step("one that fails behind what holds data"):
        # Of the stacks without functions, whose packages a deploy brings.
        fail_to_deploy("edge", "ROLLBACK_COMPLETE", **told)
        expect(holding_data() == made, "what holds data is as it was")
    deploy_stage()
    print()
    expect(holding_data() == made, "the deploy that succeeds goes on with what holds data")


def fail_with_photos() -> None:
    """An update that fails once there is something to lose, and a deploy after it."""
    with step("an update that fails"):
        made, before = holding_data(), lasting(rows())
        fail_to_deploy("state", "UPDATE_ROLLBACK_COMPLETE")
        expect(holding_data() == made, "what holds data is as it was")
        expect(before.keys() <= rows().keys(), f"no row is lost, but {before.keys() - rows().keys()}")
    deploy_stage()
    print()
    expect(holding_data() == made, "what holds data is as it was after the deploy that follows")


def send_a_crowd() -> None:
    account = {"SHOEBOX_EMAIL": OWNER, "SHOEBOX_PASSWORD": seed.PASSWORD, "SHOEBOX_CROWD": str(CROWD)}
    command = ["npx", "playwright", "test", "crowd.spec.ts"]
    environment = os.environ | proof.environment(STAGE) | account
    told = subprocess.run(command, cwd=ROOT / "end2end", env=environment, capture_output=True, text=True)
    expect(not told.returncode, f"each of {CROWD} files is a photo once\n{told.stdout}")


def drill() -> None:
    with step("local cloud"):
        cloud.forget(STAGE)
        cloud.start(STAGE)
    fail_at_first()
    with step("accounts and photos") as outcome:
        owner = signed_in(OWNER)
        photos = fill(owner)
        outcome.append(f"{sum(map(len, photos.values()))}")
    fail_with_photos()
    with step("a photo half way"):
        half_way = leave_half_way(owner)
    with step("sidecars") as outcome:
        before = lasting(rows())
        waited("each row that must last has its sidecar", lambda: all_told(before))
        outcome.append(f"{len(before)} rows")
    library = before[f"PHOTO#{half_way}", "PHOTO"]["library"]
    last = number(rows(), library)
    with step("the table is thrown away"):
        throw_away()
    print()
    # A closed queue is not what its check looks for.
    deploy_stage("--new-table", "--no-check")
    print()
    expect(admin.run(STAGE, "rebuild", "--strict") == 0, "the rebuild finds no problem")
    print()
    with step("what came back") as outcome:
        # They are counted from the stream of the rows that were written again.
        waited("the days are counted as before", lambda: months(rows()) == months(before))
        every = rows()
        compare(before, lasting(every), half_way)
        expect(not [place for place in every if place[0].startswith("SESSION#")], "sessions are gone")
        expect(owner.form("accounts/me") == "null", "nobody is signed in")
        outcome.append(f"{len(before)} rows")
    with step("signing in, pages and renditions"):
        for email, theirs in photos.items():
            visitor = signed_in(email)
            for photo in theirs:
                look_at(visitor, photo)
    with step("the photo that was half way"):
        owner = signed_in(OWNER)
        finish(owner, half_way, last)
        look_at(owner, half_way)
    with step("files at once") as outcome:
        send_a_crowd()
        outcome.append(str(CROWD))
    with step("check") as outcome:
        outcome.append(f"{check.run(STAGE, Wiring(STAGE).outputs)} facts")


def main(arguments: list[str]) -> int:
    interrupts.handle()
    try:
        if "--build" in arguments:
            build.for_stage(STAGE, "x86_64")
            build.admin()
            with step("damaged files") as outcome:
                test.damaged_files(Output("drill"), SHOEBOX_MUTATIONS=str(MUTATIONS))
                outcome.append(f"{MUTATIONS} of each sort")
        drill()
    except (build.Failed, check.Failed, PartFailed, DrillFailed, seed.NotMailed, seed.Refused, OSError) as error:
        return fail(f"\n{error}\nThe cloud's log is .local/{STAGE.name}/log")
    except KeyboardInterrupt:
        return 130
    finally:
        cloud.stop(STAGE)
    print("\n  Nothing is lost but sessions.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
