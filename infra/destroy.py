"""Destroys a stage: its stacks, and on request all of its data.

    python -m infra.destroy STAGE --data keep|delete [--name STAGE]

asks for the stage's name, unless `--name` gives it. `keep` leaves the stack `state` with table, buckets, user pool and secret; a later
deploy brings the site back. `delete` leaves nothing that costs. It can be repeated, and then continues.
"""

import argparse
import re
import sys
from collections.abc import Iterator

from botocore.exceptions import ClientError

from infra import distribution
from infra.packages import Artifacts
from infra.stacks import Stack, StackFailed
from infra.stage import EDGE_REGION, STACKS, Stage
from infra.timing import fail, step

# Alarms first, so that the rest sends none; pages before what they use.
SERVICES = ["watch", "edge", *(kind for kind in reversed(STACKS) if kind not in ("watch", "edge", "state"))]
_BATCH = 1000
"""The limit of DeleteObjects."""


def _emptied(s3, bucket: str) -> int:
    """Deletes all versions and unfinished uploads of a bucket; returns the number of versions.

    # Errors
    `StackFailed` if S3 refuses one.
    """
    deleted = 0
    for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        for upload in page.get("Uploads", []):
            s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, MaxKeys=_BATCH):
        objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for kind in ("Versions", "DeleteMarkers") for one in page.get(kind, [])]
        if objects:
            errors = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True}).get("Errors")
            if errors:
                raise StackFailed(f"{bucket} cannot be emptied: {errors[0].get('Key')}: {errors[0].get('Message')}")
            deleted += len(objects)
    return deleted


def delete_bucket(stage: Stage, bucket: str, region: str | None = None) -> None:
    """Empties and deletes a bucket, if it exists."""
    s3 = stage.client("s3", region)
    with step(f"bucket {bucket}") as outcome:
        try:
            outcome.append(f"{_emptied(s3, bucket)} objects")
            s3.delete_bucket(Bucket=bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchBucket":
                raise
            outcome.append("was deleted")


def buckets(stage: Stage, kind: str, *names: str) -> list[str]:
    """The retained buckets of a stack, by their names in the template."""
    pattern = re.compile(rf"shoebox-{re.escape(stage.name)}-{kind}-({'|'.join(names)})-[a-z0-9]+", re.I)
    return [one["Name"] for one in stage.client("s3").list_buckets()["Buckets"] if pattern.fullmatch(one["Name"])]


def tables(stage: Stage) -> list[str]:
    """The stage's tables, of all generations."""
    pages = stage.client("dynamodb").get_paginator("list_tables").paginate()
    return [name for page in pages for name in page["TableNames"] if re.fullmatch(rf"shoebox-{re.escape(stage.name)}-[1-9]\d*", name)]


def delete_tables(stage: Stage) -> None:
    client = stage.client("dynamodb")
    for name in tables(stage):
        with step(f"table {name}"):
            client.update_table(TableName=name, DeletionProtectionEnabled=False)
            client.get_waiter("table_exists").wait(TableName=name)
            client.delete_table(TableName=name)


def delete_pools(stage: Stage) -> None:
    client = stage.client("cognito-idp")
    pages = client.get_paginator("list_user_pools").paginate(MaxResults=60)
    for pool in [one["Id"] for page in pages for one in page["UserPools"] if one["Name"] == f"shoebox-{stage.name}"]:
        with step(f"user pool {pool}"):
            client.update_user_pool(UserPoolId=pool, DeletionProtection="INACTIVE")
            if domain := client.describe_user_pool(UserPoolId=pool)["UserPool"].get("Domain"):
                client.delete_user_pool_domain(UserPoolId=pool, Domain=domain)
            client.delete_user_pool(UserPoolId=pool)


def delete_secret(stage: Stage) -> None:
    """Deletes the secret at once: while it waits for deletion, its name is taken."""
    client = stage.client("secretsmanager")
    with step("secret"):
        try:
            client.delete_secret(SecretId=f"shoebox/{stage.name}", ForceDeleteWithoutRecovery=True)
        except client.exceptions.ResourceNotFoundException:
            pass


def delete_edge_functions(stage: Stage) -> list[str]:
    """Deletes the functions of Lambda@Edge; returns those of which CloudFront still has replicas, which it deletes within hours."""
    client, left = stage.client("lambda", EDGE_REGION), []
    pages = client.get_paginator("list_functions").paginate()
    prefix = f"shoebox-{stage.name}-edge-FormatFallbackFunction-"
    for name in [one["FunctionName"] for page in pages for one in page["Functions"] if one["FunctionName"].startswith(prefix)]:
        try:
            client.delete_function(FunctionName=name)
        except ClientError as error:
            if "replicated function" not in str(error):
                raise
            left.append(name)
    return left


def _other_stages(stage: Stage) -> Iterator[str]:
    """The stacks of other stages in the region."""
    for page in stage.client("cloudformation").get_paginator("describe_stacks").paginate():
        names = (stack["StackName"] for stack in page["Stacks"] if stack["StackStatus"] != "DELETE_COMPLETE")
        yield from (name for name in names if name.startswith("shoebox-") and name not in map(stage.stack, STACKS))


def delete_data(stage: Stage) -> None:
    """Deletes the stack `state` and all that it retains. What is left after a failure is found by its name."""
    state = Stack(stage, "state")
    outputs = state.outputs()
    if state.describe():
        with step("stack state"):
            state.unprotect()
            state.delete()
    named = {outputs[name] for name in ("OriginalsBucket", "MediaBucket", "SiteBucket") if name in outputs}
    for bucket in sorted(named | set(buckets(stage, "state", "originals", "media", "site"))):
        delete_bucket(stage, bucket)
    delete_tables(stage)
    delete_pools(stage)
    delete_secret(stage)
    with step("certificates") as outcome:
        outcome.append(f"{distribution.delete_certificates(stage)} deleted")
    if not any(_other_stages(stage)):
        delete_bucket(stage, Artifacts(stage).bucket)


def destroy(stage: Stage, with_data: bool) -> None:
    """Deletes the stacks, and `with_data` everything.

    # Errors
    `StackFailed` if the stage is in another region, or if a stack or bucket cannot be deleted.
    """
    region = Stack(stage, "edge").parameters().get("StageRegion", stage.region)
    if region not in (stage.region, "unknown"):
        raise StackFailed(f"{stage.name} is deployed in {region}, not in {stage.region}: set AWS_REGION={region}")
    for kind in SERVICES:
        stack = Stack(stage, kind)
        if stack.describe():
            with step(f"stack {kind}", usual=600 if kind == "edge" and not stage.is_local else None):
                stack.delete()
    for bucket in buckets(stage, "edge", "accesslogsbucket"):
        delete_bucket(stage, bucket, EDGE_REGION)
    if with_data:
        delete_data(stage)
    if left := delete_edge_functions(stage):
        print(f"\n  CloudFront still has replicas of {', '.join(left)}, and deletes them within hours. Unused, they cost nothing; to delete")
        print("  the function, too, run this again tomorrow.")


def parsed(arguments: list[str]) -> argparse.Namespace:
    """Parses the command line."""
    parser = argparse.ArgumentParser(prog="infra.destroy")
    parser.add_argument("stage")
    parser.add_argument("--data", choices=["keep", "delete"], required=True, help="what happens to photos, accounts and keys")
    parser.add_argument("--name", help="the stage's name again, in place of the question")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    options = parsed(arguments)
    stage = Stage.named(options.stage)
    lost = "EVERYTHING, including all photos, accounts and keys" if options.data == "delete" else "the site; photos, accounts and keys are kept"
    print(f"This deletes {lost}, of the stage {stage.name} in {stage.region}.")
    if (options.name or input("Type the stage's name to continue: ")).strip() != stage.name:
        return fail("That is not its name: nothing is deleted.")
    try:
        destroy(stage, options.data == "delete")
    except (StackFailed, ClientError) as error:
        return fail(f"Not everything is deleted: {error}\nFix that, and run it again: it continues.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
