"""`make drill`: disaster recovery, end to end, on a separate local cloud.

    python -m infra.local.drill [--build]

1. With --build: thousands of damaged files are processed or rejected, without a crash or much memory.
2. Deploys fail: the first one of the stack with the data, the first one of a later stack, and an update once there are photos. After each,
   the next deploy succeeds and the resources with data are unchanged.
3. The table is deleted and rebuilt from the bucket. Only sessions may be lost.
4. A browser uploads 300 files at once and is reloaded meanwhile; each file becomes exactly one photo.

Exits with 1 if anything fails.
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
from infra.stack_parameters import StageStacks
from infra.stacks import Stack, StackFailed
from infra.stage import ROOT, Stage
from infra.timing import fail, step

STAGE = Stage.named("drill")
OWNER = seed.EMAIL
OTHER = "other@shoebox.test"
TIMEOUT_SECONDS = 60
CROWD = 300
MUTATIONS = 300
"""Damaged files per mutation and format."""
SIDECARS = "sidecars/"
# Partitions derived from other rows: they have no sidecars.
DERIVED = ("LIBRARY#", "USAGE#")
# Attributes that differ for a photo that was being processed, since processing restarts.
PROCESSING_ATTRIBUTES = {"revision", "state", "history", "generation", "formats"}

Rows = dict[tuple[str, str], dict]


class DrillFailed(Exception):
    """Data was lost, or something did not happen in time."""


def wait_for(what: str, poll: Callable[[], object]):
    """The first truthy result of `poll`."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not (result := poll()):
        if time.monotonic() > deadline:
            raise DrillFailed(f"timed out after {TIMEOUT_SECONDS} s, waiting until {what}")
        time.sleep(STAGE.pause)
    return result


def expect(holds: object, what: str) -> None:
    if not holds:
        raise DrillFailed(f"not true: {what}")


def rows() -> Rows:
    """All rows of the table, by key."""
    pages = STAGE.client("dynamodb").get_paginator("scan").paginate(TableName=STAGE.setting("table"))
    plain = TypeDeserializer().deserialize
    items = [{name: plain(value) for name, value in item.items()} for page in pages for item in page["Items"]]
    return {(item["pk"], item["sk"]): item for item in items}


def lasting(every: Rows) -> Rows:
    """The rows that must not be lost: those without a TTL, except counters, which are reset."""
    return {key: row for key, row in every.items() if "ttl" not in row and key[1] != "COUNTER"}


def months(every: Rows) -> Rows:
    """The counts of photos by day, without zeros."""
    found = {key: row for key, row in every.items() if key[1].startswith("MONTH#")}
    counts = {key: {name: count for name, count in row.items() if count} for key, row in found.items()}
    return {key: row for key, row in counts.items() if row.keys() - {"pk", "sk"}}


def last_sequence_number(every: Rows, library: str) -> int:
    return int(every[f"CHANNEL#library-{library}", "COUNTER"]["number"])


def sidecars() -> Iterator[tuple[str, dict]]:
    s3, bucket = STAGE.client("s3"), STAGE.setting("originals-bucket")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=SIDECARS):
        for item in page.get("Contents", []):
            body = s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
            yield item["Key"], json.loads(body, parse_float=Decimal)


def sidecar_key(pk: str, sk: str) -> str:
    """The key of the sidecar of a row."""
    return f"{SIDECARS}{pk.replace('#', '/')}/{sk.replace('#', '/')}.json"


def expected_sidecar(row: dict) -> dict:
    """The row in a sidecar: a photo that is being processed is stored as received."""
    if row["sk"] != "PHOTO" or row["state"]["is"] != "developing":
        return row
    return {name: value for name, value in row.items() if name not in PROCESSING_ATTRIBUTES} | {"state": {"is": "received"}}


def sidecars_complete(kept: Rows) -> bool:
    """Whether each row that is not derived has its sidecar, and each sidecar its row."""
    actual = {key: sidecar["row"] for key, sidecar in sidecars()}
    expected = {sidecar_key(*key): expected_sidecar(row) for key, row in kept.items() if not key[0].startswith(DERIVED)}
    return expected.keys() == actual.keys() and all(expected[key].items() <= actual[key].items() for key in expected)


def state(photo: str) -> str:
    return rows()[f"PHOTO#{photo}", "PHOTO"]["state"]["is"]


def enable_webp(enabled: bool) -> None:
    """Enables or disables the event source mapping of the WebP queue."""
    client = STAGE.client("lambda")
    mappings = client.list_event_source_mappings(FunctionName=f"shoebox-{STAGE.name}-render")["EventSourceMappings"]
    mapping = next(mapping for mapping in mappings if "webp" in mapping["EventSourceArn"])
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)


def signed_in(email: str) -> seed.Visitor:
    visitor = seed.Visitor(STAGE.setting("site-address"))
    seed.sign_in(STAGE, visitor, email)
    return visitor


def fill(owner: seed.Visitor) -> dict[str, list[str]]:
    """Creates photos of two accounts, all of them ready, and a grant without an upload."""
    owner.form("accounts/set_open", open="true")
    other = signed_in(OTHER)
    photos = {
        OWNER: [seed.upload(owner, seed.PHOTOS / name) for name in ("dogs.jpg", "cup.png")],
        OTHER: [seed.upload(other, seed.PHOTOS / "stream.webp")],
    }
    seed.grant(other, "fig.jpg", (seed.PHOTOS / "fig.jpg").read_bytes())
    for photo in sum(photos.values(), []):
        wait_for("a photo is ready", lambda photo=photo: state(photo) == "ready")
    owner.json("photos/amend", id=photos[OWNER][0], amendment={"set": "favourite", "on": True})
    owner.json("photos/amend", id=photos[OWNER][1], amendment={"set": "caption", "text": "A cup in a garden"})
    other.json("photos/amend", id=photos[OTHER][0], amendment={"set": "archived", "on": True})
    return photos


def leave_unfinished(owner: seed.Visitor) -> str:
    """A photo with one format rendered and the other pending."""
    enable_webp(False)
    photo = seed.upload(owner, seed.PHOTOS / "cat.png")
    wait_for("a photo has only its JPEGs", lambda: rows()[f"PHOTO#{photo}", "PHOTO"]["formats"] == ["jpeg"])
    return photo


def delete_table() -> None:
    client, table = STAGE.client("dynamodb"), STAGE.setting("table")
    try:
        client.delete_table(TableName=table)
    except client.exceptions.ClientError:
        client.update_table(TableName=table, DeletionProtectionEnabled=False)
        client.delete_table(TableName=table)
    else:
        raise DrillFailed("the table was deleted in spite of its deletion protection")


def compare(before: Rows, after: Rows, unfinished: str) -> None:
    """Checks that every lasting row is unchanged."""
    counted = months(before).keys() | months(after).keys()
    for key in sorted((before.keys() | after.keys()) - counted):
        was, now = ({**table.get(key, {})} for table in (before, after))
        if key == (f"PHOTO#{unfinished}", "PHOTO"):
            was, now = ({name: value for name, value in row.items() if name not in PROCESSING_ATTRIBUTES} for row in (was, now))
        expect(was == now, f"the row {key} is unchanged\n  before {was}\n  after  {now}")


def check_page(visitor: seed.Visitor, photo: str) -> None:
    """Checks that the photo's page and its largest rendition are served."""
    shown = visitor.json("photos/photo", id=photo)
    expect(shown["name"] in visitor.get(f"/photos/{photo}").decode(), f"the page of {shown['name']} shows it")
    media = shown["media"]
    image = visitor.get(f"/media/{media['folder']}/{media['widths'][-1]}?{media['proof']}")
    expect(image[:4] == b"RIFF", f"{shown['name']} is served as WebP")


def finish(owner: seed.Visitor, unfinished: str, last: int) -> None:
    """Lets the unfinished photo become ready. The owner's socket receives it, with consecutive sequence numbers above `last`."""
    listener = Listener(owner)
    enable_webp(True)
    messages = listener.receive(lambda message: _ready(message, unfinished), TIMEOUT_SECONDS)
    listener.close()
    numbers = sorted({message["number"] for message in messages})
    expect(numbers[0] > last, f"sequence number {numbers[0]} is above {last}, which a browser may have seen")
    expect(numbers == list(range(numbers[0], numbers[-1] + 1)), f"sequence numbers {numbers} have no gap")


def _ready(message: dict, photo: str) -> bool:
    changed = message.get("news", {}).get("photo", {})
    return changed.get("id") == photo and changed["state"]["is"] == "ready"


def deploy_stage(*options: str) -> None:
    if deploy.main([STAGE.name, *options]):
        raise DrillFailed("the deploy failed")


def fail_to_deploy(kind: str, status: str, **parameters: str) -> None:
    """Deploys a stack with a resource that CloudFormation fails to create after all others."""
    stack = Stack(STAGE, kind)
    try:
        stack.deploy(broken(stack.template() or templates.packaged(kind, {})), StageStacks(STAGE).outputs | parameters)
    except StackFailed as failed:
        now = stack.describe()["StackStatus"]
        expect(now == status and "Refused: " in str(failed), f"{kind} is {status} because of the resource Refused; it is {now}\n{failed}")
    else:
        raise DrillFailed(f"{kind} was deployed with a resource that must fail")


def data_resources() -> dict[str, str]:
    """Physical ids of the resources that hold user data, by logical id."""
    each = Stack(STAGE, "state").resources()
    return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in each if resource["ResourceType"] in replacements.HOLDS_DATA}


def left_behind() -> list[str]:
    """Tables, secrets and user pools, whose names would make the next deploy fail."""
    tables = STAGE.client("dynamodb").list_tables()["TableNames"]
    secrets = [secret["Name"] for secret in STAGE.client("secretsmanager").list_secrets()["SecretList"]]
    pools = [pool["Name"] for pool in STAGE.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]]
    return [*tables, *secrets, *pools]


def fail_at_first() -> None:
    """A stage's first deploy fails in the stack with the data, and in a later one."""
    parameters = {"Stage": STAGE.name, "HomePort": str(STAGE.port)}
    with step("a first deploy that fails"):
        fail_to_deploy("state", "ROLLBACK_COMPLETE", **parameters)
        expect(not left_behind(), f"nothing is left behind; found {left_behind()}")
    deploy_stage("--only", "state")
    made = data_resources()
    with step("a first deploy that fails in a later stack"):
        # A stack without functions, since only a deploy uploads their packages.
        fail_to_deploy("watch", "ROLLBACK_COMPLETE", **parameters)
        expect(data_resources() == made, "the resources with data are unchanged")
    deploy_stage()
    print()
    expect(data_resources() == made, "the next deploy keeps the resources with data")


def fail_with_photos() -> None:
    """An update fails once there is data, and the next deploy succeeds."""
    with step("an update that fails"):
        made, before = data_resources(), lasting(rows())
        fail_to_deploy("state", "UPDATE_ROLLBACK_COMPLETE")
        expect(data_resources() == made, "the resources with data are unchanged")
        expect(before.keys() <= rows().keys(), f"no row is lost; missing {before.keys() - rows().keys()}")
    deploy_stage()
    print()
    expect(data_resources() == made, "the next deploy keeps the resources with data")


def upload_many() -> None:
    account = {"SHOEBOX_EMAIL": OWNER, "SHOEBOX_PASSWORD": seed.PASSWORD, "SHOEBOX_CROWD": str(CROWD)}
    command = ["npx", "playwright", "test", "many-uploads.spec.ts"]
    environment = os.environ | proof.environment(STAGE) | account
    done = subprocess.run(command, cwd=ROOT / "end2end", env=environment, capture_output=True, text=True)
    expect(not done.returncode, f"each of {CROWD} files is exactly one photo\n{done.stdout}")


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
    with step("an unfinished photo"):
        unfinished = leave_unfinished(owner)
    with step("sidecars") as outcome:
        before = lasting(rows())
        wait_for("each lasting row has its sidecar", lambda: sidecars_complete(before))
        outcome.append(f"{len(before)} rows")
    library = before[f"PHOTO#{unfinished}", "PHOTO"]["library"]
    last = last_sequence_number(rows(), library)
    with step("delete the table"):
        delete_table()
    print()
    # The check fails for the disabled event source mapping.
    deploy_stage("--new-table", "--no-check")
    print()
    expect(admin.run(STAGE, "rebuild", "--strict") == 0, "the rebuild finds no problem")
    print()
    with step("compare") as outcome:
        # They are counted from the stream of the rebuilt rows.
        wait_for("the counts by day are as before", lambda: months(rows()) == months(before))
        every = rows()
        compare(before, lasting(every), unfinished)
        expect(not [key for key in every if key[0].startswith("SESSION#")], "sessions are gone")
        expect(owner.form("accounts/me") == "null", "nobody is signed in")
        outcome.append(f"{len(before)} rows")
    with step("sign-in, pages and renditions"):
        for email, theirs in photos.items():
            visitor = signed_in(email)
            for photo in theirs:
                check_page(visitor, photo)
    with step("the unfinished photo"):
        owner = signed_in(OWNER)
        finish(owner, unfinished, last)
        check_page(owner, unfinished)
    with step("concurrent uploads") as outcome:
        upload_many()
        outcome.append(str(CROWD))
    with step("check") as outcome:
        outcome.append(f"{check.run(STAGE, StageStacks(STAGE).outputs)} passed")


def main(arguments: list[str]) -> int:
    interrupts.handle()
    try:
        if "--build" in arguments:
            build.for_stage(STAGE, "x86_64")
            build.admin()
            with step("damaged files") as outcome:
                test.damaged_files(Output("drill"), SHOEBOX_MUTATIONS=str(MUTATIONS))
                outcome.append(f"{MUTATIONS} per mutation")
        drill()
    except (build.Failed, check.Failed, PartFailed, DrillFailed, seed.NotMailed, seed.Refused, OSError) as error:
        return fail(f"\n{error}\nThe cloud's log is .local/{STAGE.name}/log")
    except KeyboardInterrupt:
        return 130
    finally:
        cloud.stop(STAGE)
    print("\n  Nothing was lost except sessions.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
