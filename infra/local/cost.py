"""Estimates what a stage costs: an idle month, and a thousand photos in their first month; from the templates and from calls that the
local cloud recorded.

    python -m infra.local.bench cost

The idle month is priced within AWS's permanent free tier, photos as if it were used up. Functions are billed for the time that they took
on this machine. CloudFront, Cognito, logs and traces are not counted: both stay within the free tier.
"""

import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from infra import functions, prices, templates
from infra.local import cloud, seed, tally
from infra.stage import STACKS, Stage

MONTH_DAYS = 30.4
IDLE_LIMIT_USD = 1.00
PHOTOS_LIMIT_USD = 0.10
POLLERS = {True: 5, False: 2}
"""Concurrent long polls of Lambda on an idle queue, with and without MaximumConcurrency (AWS Lambda Developer Guide, "Scaling … SQS")."""
POLL_SECONDS = 20
SETTLE_SECONDS = 2
THOUSAND = 1000
LARGE_BYTES = 500_000
TIMEOUT_SECONDS = 600
GB = 10**9
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_DAYS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1}
_REPORT = re.compile(r"Billed Duration: ([\d.]+) ms\tMemory Size: (\d+) MB")


class NotMeasured(Exception):
    """Photos did not become ready, or calls failed."""


def price(usage: dict[str, float], free: bool) -> dict[str, float]:
    """US dollars by price name, with or without the monthly free tier."""
    listed = prices.table()["prices"]
    return {name: max(0.0, amount - (listed[name]["free"] if free else 0)) * listed[name]["usd"] / listed[name]["for"] for name, amount in usage.items()}


def _resources(kind: str) -> Iterator[dict]:
    for stack in STACKS:
        for resource in templates.load(stack)["Resources"].values():
            if resource["Type"] == kind:
                yield resource["Properties"]


def schedules() -> list[tuple[str, float]]:
    """Each schedule's input for the function `scheduled-jobs`, and how often it runs in a month.

    # Errors
    `ValueError` if a schedule is not a rate expression.
    """
    found = []
    for schedule in _resources("AWS::Scheduler::Schedule"):
        rate = _RATE.fullmatch(schedule["ScheduleExpression"])
        if not rate:
            raise ValueError(f"{schedule['ScheduleExpression']} is not a rate expression")
        found.append((schedule["Target"]["Input"], MONTH_DAYS / (int(rate[1]) * _DAYS[rate[2]])))
    return found


def polls() -> float:
    """Requests a month by which Lambda polls idle queues."""
    # The other mappings read the table's stream, which is free for Lambda.
    mappings = [mapping for mapping in _resources("AWS::Lambda::EventSourceMapping") if "Queue" in json.dumps(mapping["EventSourceArn"])]
    pollers = sum(POLLERS["MaximumConcurrency" in mapping.get("ScalingConfig", {})] for mapping in mappings)
    return pollers * MONTH_DAYS * 86400 / POLL_SECONDS


def idle_usage() -> Counter:
    """What the deployed resources use in a month without traffic."""
    alarms = _resources("AWS::CloudWatch::Alarm")
    return Counter(
        secrets=len(list(_resources("AWS::SecretsManager::Secret"))),
        alarm_metrics=sum(sum("MetricStat" in query for query in alarm.get("Metrics", [])) or 1 for alarm in alarms),
        dashboards=len(list(_resources("AWS::CloudWatch::Dashboard"))),
        queue_requests=polls(),
        scheduled_calls=sum(times for _, times in schedules()),
    )


class Meter:
    """Measures the usage of a local stage since the meter was created."""

    def __init__(self, stage: Stage):
        self._stage = stage
        self._logs = stage.client("logs")
        self._began = int(time.time() * 1000)
        self._calls = cloud.tally(stage)
        _, self._offset = tally.read(self._calls)

    def usage(self) -> Counter:
        """The usage so far, by price name."""
        total, _ = tally.read(self._calls, self._offset)
        for function in functions.ALL:
            for milliseconds, megabytes in self.runs(function):
                total["function_calls"] += 1
                total["function_gb_seconds"] += milliseconds / 1000 * megabytes / 1024
                if function == "web":
                    total["page_requests"] += 1
        return total

    def settled(self) -> Counter:
        """The usage once it no longer grows: logs and event consumers lag behind."""
        before = None
        while (now := self.usage()) != before:
            before = now
            time.sleep(SETTLE_SECONDS)
        return now

    def runs(self, function: str) -> Iterator[tuple[float, int]]:
        """Each invocation's billed milliseconds and memory in megabytes."""
        group = f"/aws/lambda/shoebox-{self._stage.name}-{function}"
        pages = self._logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=self._began)
        for page in pages:
            for line in page["events"]:
                report = _REPORT.search(line["message"])
                if report:
                    yield float(report[1]), int(report[2])


def scheduled(stage: Stage) -> Counter:
    """What a month of scheduled invocations uses; each is invoked once to measure it."""
    total: Counter = Counter()
    for payload, times in schedules():
        meter = Meter(stage)
        response = stage.client("lambda").invoke(FunctionName=f"shoebox-{stage.name}-scheduled-jobs", Payload=payload)
        if "FunctionError" in response:
            raise NotMeasured(f"the function scheduled-jobs failed for {payload}")
        total.update({name: amount * times for name, amount in meter.settled().items()})
    return total


def _ended(stage: Stage, photos: set[str]) -> list[str]:
    """The executions for these photos, once all have succeeded."""
    client, workflow = stage.client("stepfunctions"), stage.setting("workflow")
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while True:
        pages = client.get_paginator("list_executions").paginate(stateMachineArn=workflow)
        # An execution's name is PHOTO-GENERATION.
        ours = [one for page in pages for one in page["executions"] if one["name"].rsplit("-", 1)[0] in photos]
        if len(ours) >= len(photos) and all(one["status"] == "SUCCEEDED" for one in ours):
            return [one["executionArn"] for one in ours]
        if time.monotonic() > deadline:
            raise NotMeasured(f"{len(ours)} executions for {len(photos)} photos, and not all succeeded")
        time.sleep(stage.pause)


def _transitions(stage: Stage, execution: str) -> Iterator[str]:
    """The names of the states that an execution entered."""
    pages = stage.client("stepfunctions").get_paginator("get_execution_history").paginate(executionArn=execution)
    for page in pages:
        for event in page["events"]:
            if event["type"].endswith("StateEntered"):
                yield event["stateEnteredEventDetails"]["name"]


def _bytes(stage: Stage, setting: str, prefix: str, photos: set[str]) -> int:
    """The bytes that a bucket stores for these photos."""
    pages = stage.client("s3").get_paginator("list_objects_v2").paginate(Bucket=stage.setting(setting), Prefix=prefix)
    return sum(item["Size"] for page in pages for item in page.get("Contents", []) if photos & set(re.split(r"[/.]", item["Key"])))


@dataclass(frozen=True)
class Photos:
    """What a thousand photos use, by price name."""

    megabytes: float
    """The average original's size."""
    developed: dict[str, float]
    """For uploading and processing."""
    first_month: dict[str, float]
    """For storage in the first month, after which the originals move to the archive storage class."""
    each_month: dict[str, float]
    """For storage in each month after that."""


def kept(originals: float, renditions: float, moved: float) -> tuple[dict[str, float], dict[str, float]]:
    """The storage usage in the first month and in each later month; in between, `moved` objects move to the archive storage class."""
    return (
        {"store_gb": (originals + renditions) / GB, "store_moves": moved},
        {"store_gb": renditions / GB, "archive_gb": originals / GB},
    )


def photos(stage: Stage) -> Photos:
    """Uploads some photos, and extrapolates their usage to a thousand."""
    visitor = seed.Visitor(stage.setting("site-address"))
    seed.sign_in(stage, visitor, "cost@shoebox.test")
    files = [path for path in sorted(seed.PHOTOS.glob("*.jpg")) if path.stat().st_size >= LARGE_BYTES]
    meter = Meter(stage)
    sent = {seed.upload(visitor, path) for path in files}
    entered = [name for execution in _ended(stage, sent) for name in _transitions(stage, execution)]
    each = THOUSAND / len(sent)
    usage = meter.settled()
    orders = sum(1 for _ in meter.runs("render"))
    usage.update(
        # The local cloud's histories leave out the iterations of a Map state, in which each order is a transition; so is the one to inspect.
        workflow_transitions=sum(name not in ("Format", "Inspect") for name in entered) + orders,
        topic_messages=orders,
        # Each order is sent, received and deleted, in a message group (fair queue), which costs extra.
        queue_requests=3 * orders,
        fair_queue_requests=3 * orders,
    )
    originals = _bytes(stage, "originals-bucket", "originals/", sent)
    renditions = _bytes(stage, "media-bucket", "media/", sent)
    first_month, each_month = kept(originals * each, renditions * each, THOUSAND)
    developed = {name: amount * each for name, amount in usage.items()}
    return Photos(originals / len(sent) / 10**6, developed, first_month, each_month)


def _print(title: str, usage: dict[str, float], free: bool) -> float:
    listed, dollars = prices.table()["prices"], price(usage, free)
    print(f"\n  {title}")
    for name in sorted(usage, key=lambda name: -dollars[name]):
        print(f"  {dollars[name]:9.4f} USD  {usage[name]:14,.1f} {listed[name]['unit']}")
    total = sum(dollars.values())
    print(f"  {total:9.4f} USD")
    return total


def measure(stage: Stage, figures: Path) -> None:
    """Prints all costs, and writes `cost.json`.

    # Errors
    `NotMeasured` if photos or calls failed.
    """
    listed = prices.table()
    print(f"  Prices of {listed['date']} in {listed['region']}: {listed['source']}")
    idle = idle_usage()
    idle.update(scheduled(stage))
    thousand = photos(stage)
    title = f"1,000 photos of {thousand.megabytes:.1f} MB"
    costs = {
        "idle_month_usd": _print("An idle month, within the free tier", idle, free=True),
        "thousand_photos_developed_usd": _print(f"{title}: upload and processing", thousand.developed, free=False),
        "thousand_photos_kept_usd": _print("Their storage in the first month", thousand.first_month, free=False),
        "thousand_photos_later_month_usd": _print("Their storage in each later month", thousand.each_month, free=False),
    }
    costs["thousand_photos_usd"] = costs["thousand_photos_developed_usd"] + costs["thousand_photos_kept_usd"]
    print(f"\n  {title}: upload, processing and the first month's storage: {costs['thousand_photos_usd']:.4f} USD\n")
    for name, limit in (("idle_month_usd", IDLE_LIMIT_USD), ("thousand_photos_usd", PHOTOS_LIMIT_USD)):
        print(f"  {name:<30}{costs[name]:7.3f}   {'below' if costs[name] < limit else 'NOT BELOW'} {limit:.2f}")
    figures.mkdir(parents=True, exist_ok=True)
    rounded = {name: float(f"{value:.3g}") for name, value in costs.items()}
    (figures / "cost.json").write_text(json.dumps(rounded | {"prices_of": listed["date"]}, indent=2) + "\n")
