"""Prints a stage's last scheduled jobs, and the number of messages in its dead-letter queues.

    python -m infra.status STAGE
"""

import json
import sys
from datetime import UTC, datetime

from boto3.dynamodb.types import TypeDeserializer

from infra.stage import Stage
from infra.timing import fail


def runs(stage: Stage) -> list[dict]:
    """The last run of each scheduled job."""
    response = stage.client("dynamodb").query(
        TableName=stage.setting("table"),
        KeyConditionExpression="pk = :clock",
        ExpressionAttributeValues={":clock": {"S": "CLOCK"}},
    )
    plain = TypeDeserializer().deserialize
    return [{name: plain(value) for name, value in item.items()} for item in response["Items"]]


def dead_letters(stage: Stage) -> dict[str, int]:
    """The number of messages in each dead-letter queue."""
    client = stage.client("sqs")
    urls = client.list_queues(QueueNamePrefix=f"shoebox-{stage.name}-").get("QueueUrls", [])
    wanted = [url for url in urls if url.endswith("-dead-letters")]
    name = "ApproximateNumberOfMessages"
    return {url.rsplit("/", 1)[1]: int(client.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name]) for url in wanted}


def show(stage: Stage) -> bool:
    """Prints the status; returns whether there is no failure."""
    healthy = True
    for run in sorted(runs(stage), key=lambda run: run["sk"]):
        began = datetime.fromtimestamp(int(run["began_at"]) / 1000, UTC).isoformat(" ", "seconds")
        took = (int(run["ended_at"]) - int(run["began_at"])) / 1000
        print(f"  {run['sk']:<12}{'ok' if run['ok'] else 'FAILED':<8}{began}  {took:6.1f} s  {json.dumps(run['result'], default=int)}")
        healthy &= run["ok"]
    for queue, count in sorted(dead_letters(stage).items()):
        print(f"  {queue:<48}{count:>6}")
        healthy &= not count
    return healthy


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        return fail(__doc__)
    return 0 if show(Stage.named(arguments[0])) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
