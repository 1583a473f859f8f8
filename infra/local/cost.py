"""What a stage costs: a month in which nobody comes, and a thousand photos in their first month. By templates, and by calls that the
local cloud counted.

    python -m infra.local.bench cost

A month that is idle is billed within what each account has free for ever; photos are priced as if that were used up. Functions take
the time that they took on this machine. What CloudFront, Cognito, logs and traces take of either stays within what is free.
"""

import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from infra import functions, templates
from infra.local import cloud, seed, tally
from infra.stage import ROOT, STACKS, Stage

MONTH_DAYS = 30.4
IDLE_LIMIT_USD = 1.00
PHOTOS_LIMIT_USD = 0.10
POLLERS = {True: 5, False: 2}
"""Long polls that Lambda keeps at an idle queue, with and without a maximum of concurrency (Lambda's guide, on scaling for SQS)."""
POLL_SECONDS = 20
SETTLE_SECONDS = 2
THOUSAND = 1000
LEAST_BYTES = 500_000
PATIENCE_SECONDS = 600
GB = 10**9
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_DAYS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1}
_REPORT = re.compile(r"Billed Duration: ([\d.]+) ms\tMemory Size: (\d+) MB")


class NotMeasured(Exception):
    """Photos that did not become ready, or calls that failed."""


def table() -> dict:
    """The dated table of prices."""
    return json.loads((ROOT / "infra/prices.json").read_text())


def price(usage: dict[str, float], free: bool) -> dict[str, float]:
    """Dollars by the prices' names, with or without what is free each month."""
    prices = table()["prices"]
    return {name: max(0.0, amount - (prices[name]["free"] if free else 0)) * prices[name]["usd"] / prices[name]["for"] for name, amount in usage.items()}


def _resources(kind: str) -> Iterator[dict]:
    for stack in STACKS:
        for resource in templates.load(stack)["Resources"].values():
            if resource["Type"] == kind:
                yield resource["Properties"]


def schedules() -> list[tuple[str, float]]:
    """What each schedule hands to the clock, and how often a month.

    # Errors
    `ValueError` where a schedule says when in a form that is not read here.
    """
    found = []
    for schedule in _resources("AWS::Scheduler::Schedule"):
        rate = _RATE.fullmatch(schedule["ScheduleExpression"])
        if not rate:
            raise ValueError(f"{schedule['ScheduleExpression']} is no rate")
        found.append((schedule["Target"]["Input"], MONTH_DAYS / (int(rate[1]) * _DAYS[rate[2]])))
    return found


def polls() -> float:
    """Requests a month by which Lambda asks idle queues."""
    # The other mappings follow the table's stream, which Lambda reads for nothing.
    mappings = [mapping for mapping in _resources("AWS::Lambda::EventSourceMapping") if "Queue" in json.dumps(mapping["EventSourceArn"])]
    pollers = sum(POLLERS["MaximumConcurrency" in mapping.get("ScalingConfig", {})] for mapping in mappings)
    return pollers * MONTH_DAYS * 86400 / POLL_SECONDS


def standing() -> Counter:
    """What a month takes by what stands there alone."""
    alarms = _resources("AWS::CloudWatch::Alarm")
    return Counter(
        secrets=len(list(_resources("AWS::SecretsManager::Secret"))),
        alarm_metrics=sum(sum("MetricStat" in query for query in alarm.get("Metrics", [])) or 1 for alarm in alarms),
        dashboards=len(list(_resources("AWS::CloudWatch::Dashboard"))),
        queue_requests=polls(),
        scheduled_calls=sum(times for _, times in schedules()),
    )


class Meter:
    """What the functions of a local stage take from when it was made."""

    def __init__(self, stage: Stage):
        self._stage = stage
        self._logs = stage.client("logs")
        self._began = int(time.time() * 1000)
        self._calls = cloud.tally(stage)
        _, self._place = tally.read(self._calls)

    def taken(self) -> Counter:
        """What it was, by the prices' names."""
        total, _ = tally.read(self._calls, self._place)
        for door in functions.ALL:
            for milliseconds, megabytes in self.runs(door):
                total["function_calls"] += 1
                total["function_gb_seconds"] += milliseconds / 1000 * megabytes / 1024
                if door == "web":
                    total["page_requests"] += 1
        return total

    def settled(self) -> Counter:
        """The same once nothing is added any more: logs follow what they tell of, and so do those who hear of it."""
        before = None
        while (now := self.taken()) != before:
            before = now
            time.sleep(SETTLE_SECONDS)
        return now

    def runs(self, door: str) -> Iterator[tuple[float, int]]:
        """How long a function's calls took, in milliseconds, and its memory in megabytes."""
        group = f"/aws/lambda/shoebox-{self._stage.name}-{door}"
        pages = self._logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=self._began)
        for page in pages:
            for line in page["events"]:
                report = _REPORT.search(line["message"])
                if report:
                    yield float(report[1]), int(report[2])


def scheduled(stage: Stage) -> Counter:
    """What a month's calls by the schedules take, each called once here."""
    total: Counter = Counter()
    for payload, times in schedules():
        meter = Meter(stage)
        answer = stage.client("lambda").invoke(FunctionName=f"shoebox-{stage.name}-clock", Payload=payload)
        if "FunctionError" in answer:
            raise NotMeasured(f"the clock failed at {payload}")
        total.update({name: amount * times for name, amount in meter.settled().items()})
    return total


def _ended(stage: Stage, photos: set[str]) -> list[str]:
    """The executions for these photos, once all have ended."""
    client, workflow = stage.client("stepfunctions"), stage.setting("workflow")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        pages = client.get_paginator("list_executions").paginate(stateMachineArn=workflow)
        # An execution is named by its photo and its generation.
        ours = [one for page in pages for one in page["executions"] if one["name"].rsplit("-", 1)[0] in photos]
        if len(ours) >= len(photos) and all(one["status"] == "SUCCEEDED" for one in ours):
            return [one["executionArn"] for one in ours]
        if time.monotonic() > deadline:
            raise NotMeasured(f"{len(ours)} executions for {len(photos)} photos, and not all succeeded")
        time.sleep(stage.pause)


def _transitions(stage: Stage, execution: str) -> Iterator[str]:
    """The states that an execution entered, by their names."""
    pages = stage.client("stepfunctions").get_paginator("get_execution_history").paginate(executionArn=execution)
    for page in pages:
        for event in page["events"]:
            if event["type"].endswith("StateEntered"):
                yield event["stateEnteredEventDetails"]["name"]


def _bytes(stage: Stage, setting: str, prefix: str, photos: set[str]) -> int:
    """How many bytes a bucket has of these photos."""
    pages = stage.client("s3").get_paginator("list_objects_v2").paginate(Bucket=stage.setting(setting), Prefix=prefix)
    return sum(item["Size"] for page in pages for item in page.get("Contents", []) if photos & set(re.split(r"[/.]", item["Key"])))


@dataclass(frozen=True)
class Photos:
    """What a thousand photos take, by the prices' names."""

    megabytes: float
    """What one original has."""
    developed: dict[str, float]
    """To be sent and developed."""
    first_month: dict[str, float]
    """To be kept for the month in which they came, at whose end the originals move to the archive."""
    each_month: dict[str, float]
    """To be kept for any month after that."""


def kept(originals: float, renditions: float, moved: float) -> tuple[dict[str, float], dict[str, float]]:
    """What bytes take in their first month, and in each after it: `moved` objects go to the archive in between."""
    return (
        {"store_gb": (originals + renditions) / GB, "store_moves": moved},
        {"store_gb": renditions / GB, "archive_gb": originals / GB},
    )


def photos(stage: Stage) -> Photos:
    """Sends some photos, and counts what a thousand like them take."""
    visitor = seed.Visitor(stage.setting("site-address"))
    seed.sign_in(stage, visitor, "cost@shoebox.test")
    files = [path for path in sorted(seed.PHOTOS.glob("*.jpg")) if path.stat().st_size >= LEAST_BYTES]
    meter = Meter(stage)
    sent = {seed.upload(visitor, path) for path in files}
    entered = [name for execution in _ended(stage, sent) for name in _transitions(stage, execution)]
    each = THOUSAND / len(sent)
    once = meter.settled()
    orders = sum(1 for _ in meter.runs("render"))
    once.update(
        # The local cloud's histories leave out what a map does; there each order is a transition, as the one to inspect is.
        workflow_transitions=sum(name not in ("Format", "Inspect") for name in entered) + orders,
        topic_messages=orders,
        # Each order is put into a queue, taken and deleted, and has a message group, which costs more.
        queue_requests=3 * orders,
        fair_queue_requests=3 * orders,
    )
    originals = _bytes(stage, "originals-bucket", "originals/", sent)
    renditions = _bytes(stage, "media-bucket", "media/", sent)
    first_month, each_month = kept(originals * each, renditions * each, THOUSAND)
    developed = {name: amount * each for name, amount in once.items()}
    return Photos(originals / len(sent) / 10**6, developed, first_month, each_month)


def _print(title: str, usage: dict[str, float], free: bool) -> float:
    told, dollars = table()["prices"], price(usage, free)
    print(f"\n  {title}")
    for name in sorted(usage, key=lambda name: -dollars[name]):
        print(f"  {dollars[name]:9.4f} USD  {usage[name]:14,.1f} {told[name]['unit']}")
    total = sum(dollars.values())
    print(f"  {total:9.4f} USD")
    return total


def measure(stage: Stage, figures: Path) -> None:
    """Prints what all costs, and writes `cost.json`.

    # Errors
    `NotMeasured` where photos or calls failed.
    """
    known = table()
    print(f"  Prices of {known['date']} in {known['region']}: {known['source']}")
    idle = standing()
    idle.update(scheduled(stage))
    thousand = photos(stage)
    title = f"A thousand photos of {thousand.megabytes:.1f} MB"
    told = {
        "idle_month_usd": _print("A month in which nobody comes, within what is free", idle, free=True),
        "thousand_photos_developed_usd": _print(f"{title}, sent and developed", thousand.developed, free=False),
        "thousand_photos_kept_usd": _print("The same, kept for their first month", thousand.first_month, free=False),
        "thousand_photos_later_month_usd": _print("The same, kept for each month after it", thousand.each_month, free=False),
    }
    told["thousand_photos_usd"] = told["thousand_photos_developed_usd"] + told["thousand_photos_kept_usd"]
    print(f"\n  {title}, developed and kept for their first month: {told['thousand_photos_usd']:.4f} USD\n")
    for name, limit in (("idle_month_usd", IDLE_LIMIT_USD), ("thousand_photos_usd", PHOTOS_LIMIT_USD)):
        print(f"  {name:<30}{told[name]:7.3f}   {'below' if told[name] < limit else 'NOT BELOW'} {limit:.2f}")
    figures.mkdir(parents=True, exist_ok=True)
    rounded = {name: float(f"{value:.3g}") for name, value in told.items()}
    (figures / "cost.json").write_text(json.dumps(rounded | {"prices_of": known["date"]}, indent=2) + "\n")
