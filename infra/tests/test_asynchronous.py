"""Whatever is asynchronous ends: its retries have a limit, and what failed is kept."""

import unittest

from infra import templates
from infra.stage import STACKS

DEAD_LETTERS = "DeadLetters"


def logical(reference) -> str:
    """The name that a `!Ref` or `!GetAtt` names."""
    return reference["Ref"] if "Ref" in reference else reference["Fn::GetAtt"][0]


def no_dead_letters(reference) -> bool:
    return not isinstance(reference, dict) or not logical(reference).endswith(DEAD_LETTERS)


def troubles(resources: dict[str, dict]) -> list[str]:
    """What is asynchronous and has no limit or no dead letters, by name."""
    return [*_of_queues(resources), *_of_mappings(resources), *_of_targets(resources)]


def _kind(resources: dict, kind: str) -> dict[str, dict]:
    return {name: r["Properties"] for name, r in resources.items() if r["Type"] == kind}


def _of_queues(resources):
    for name, queue in _kind(resources, "AWS::SQS::Queue").items():
        redrive = queue.get("RedrivePolicy", {})
        if not name.endswith(DEAD_LETTERS) and ("maxReceiveCount" not in redrive or no_dead_letters(redrive.get("deadLetterTargetArn"))):
            yield f"{name}: a queue without dead letters"


def _of_mappings(resources):
    queues = _kind(resources, "AWS::SQS::Queue")
    for name, mapping in _kind(resources, "AWS::Lambda::EventSourceMapping").items():
        if "ReportBatchItemFailures" not in mapping.get("FunctionResponseTypes", []):
            yield f"{name}: repeats whole batches"
        source = mapping["EventSourceArn"]
        if source.get("Fn::GetAtt", [""])[0] in queues:
            continue  # its queue has the limit
        if mapping.get("MaximumRetryAttempts", -1) < 0:
            yield f"{name}: retries without end"
        if no_dead_letters(mapping.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")):
            yield f"{name}: a mapping without dead letters"


def _of_targets(resources):
    functions = _kind(resources, "AWS::Lambda::Function")
    invoked = {logical(c["FunctionName"]): c for c in _kind(resources, "AWS::Lambda::EventInvokeConfig").values()}
    targets = [(n, t) for n, rule in _kind(resources, "AWS::Events::Rule").items() for t in rule["Targets"]]
    schedules = {name: schedule["Target"] for name, schedule in _kind(resources, "AWS::Scheduler::Schedule").items()}
    for name, target in schedules.items():
        if "MaximumRetryAttempts" not in target.get("RetryPolicy", {}):
            yield f"{name}: a schedule that retries for a day"
    for name, target in [*targets, *schedules.items()]:
        if no_dead_letters(target.get("DeadLetterConfig", {}).get("Arn")):
            yield f"{name}: a target without dead letters"
        function = logical(target["Arn"])
        if function not in functions:
            continue
        said = invoked.get(function, {})
        if "MaximumRetryAttempts" not in said:
            yield f"{function}: invoked by {name} without a limit to its retries"
        if no_dead_letters(said.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")):
            yield f"{function}: invoked by {name} without dead letters"


class Asynchronous(unittest.TestCase):
    def setUp(self):
        self.stacks = [templates.load(stack)["Resources"] for stack in STACKS]

    def troubles(self):
        return [trouble for resources in self.stacks for trouble in troubles(resources)]

    def properties(self, name):
        return next(resources[name]["Properties"] for resources in self.stacks if name in resources)

    def missed(self, properties, key, name):
        """Without `key`, exactly one thing is wrong, and it is called `name`."""
        kept = properties.pop(key)
        with self.subTest(key=key, name=name):
            self.assertEqual([trouble.split(":")[0] for trouble in self.troubles()], [name])
        properties[key] = kept

    def test_everything_asynchronous_has_its_limit_and_its_dead_letters(self):
        self.assertEqual(self.troubles(), [])

    def test_what_is_missing_is_named(self):
        self.missed(self.properties("WebpQueue"), "RedrivePolicy", "WebpQueue")
        self.missed(self.properties("WebpMapping"), "FunctionResponseTypes", "WebpMapping")
        for key in ("FunctionResponseTypes", "MaximumRetryAttempts", "DestinationConfig"):
            self.missed(self.properties("ChangesMapping"), key, "ChangesMapping")
        for door, rule in (("Arrivals", "OriginalArrived"), ("Broadcast", "PhotoChanged")):
            for key in ("MaximumRetryAttempts", "DestinationConfig"):
                self.missed(self.properties(f"{door}Retries"), key, door)
            self.missed(self.properties(rule)["Targets"][0], "DeadLetterConfig", rule)
        for key in ("DeadLetterConfig", "RetryPolicy"):
            self.missed(self.properties("SweepSchedule")["Target"], key, "SweepSchedule")


if __name__ == "__main__":
    unittest.main()
