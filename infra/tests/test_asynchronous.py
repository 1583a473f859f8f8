"""Everything asynchronous has limited retries and dead letters."""

import unittest

from infra import templates
from infra.stage import STACKS

DEAD_LETTERS = "DeadLetters"


def logical(reference) -> str:
    """The logical id of a `!Ref` or `!GetAtt`."""
    return reference["Ref"] if "Ref" in reference else reference["Fn::GetAtt"][0]


def no_dead_letters(reference) -> bool:
    return not isinstance(reference, dict) or not logical(reference).endswith(DEAD_LETTERS)


def faults(resources: dict[str, dict]) -> list[str]:
    """Faults of asynchronous resources, as `LOGICAL-ID: fault`."""
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
            yield f"{name}: retries whole batches"
        source = mapping["EventSourceArn"]
        if source.get("Fn::GetAtt", [""])[0] in queues:
            continue  # the limit is in the queue's redrive policy
        if mapping.get("MaximumRetryAttempts", -1) < 0:
            yield f"{name}: retries without a limit"
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
        config = invoked.get(function, {})
        if "MaximumRetryAttempts" not in config:
            yield f"{function}: invoked by {name} without a retry limit"
        if no_dead_letters(config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")):
            yield f"{function}: invoked by {name} without dead letters"


class Asynchronous(unittest.TestCase):
    def setUp(self):
        self.stacks = [templates.load(stack)["Resources"] for stack in STACKS]

    def faults(self):
        return [fault for resources in self.stacks for fault in faults(resources)]

    def properties(self, name):
        return next(resources[name]["Properties"] for resources in self.stacks if name in resources)

    def assert_fault(self, properties, key, name):
        """Without `key`, the only fault is of the resource `name`."""
        kept = properties.pop(key)
        with self.subTest(key=key, name=name):
            self.assertEqual([fault.split(":")[0] for fault in self.faults()], [name])
        properties[key] = kept

    def test_everything_asynchronous_has_limits_and_dead_letters(self):
        self.assertEqual(self.faults(), [])

    def test_missing_limits_and_dead_letters_are_found(self):
        self.assert_fault(self.properties("WebpQueue"), "RedrivePolicy", "WebpQueue")
        self.assert_fault(self.properties("WebpMapping"), "FunctionResponseTypes", "WebpMapping")
        for key in ("FunctionResponseTypes", "MaximumRetryAttempts", "DestinationConfig"):
            self.assert_fault(self.properties("StreamMapping"), key, "StreamMapping")
        for function, rule in (("Ingest", "OriginalArrived"), ("Broadcast", "PhotoChanged")):
            for key in ("MaximumRetryAttempts", "DestinationConfig"):
                self.assert_fault(self.properties(f"{function}Retries"), key, function)
            self.assert_fault(self.properties(rule)["Targets"][0], "DeadLetterConfig", rule)
        for key in ("DeadLetterConfig", "RetryPolicy"):
            self.assert_fault(self.properties("SweepSchedule")["Target"], key, "SweepSchedule")


if __name__ == "__main__":
    unittest.main()
