"""Checks least privilege: each role has every permission that is used, and no other. Runs on local stages after all their tests.

    python -m infra.local.grants STAGE...

A function's own calls are those that the local cloud recorded. What AWS services do with a role follows from the deployed resources: the
local cloud does not check it, so the grant must match exactly.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from infra import templates
from infra.local import cloud, evaluator
from infra.local.evaluator import KEYS, SENDER, Role, described
from infra.stacks import Stack
from infra.stage import STACKS, Stage

# The supported conditions: partition keys, and a mail's sender.
_CONDITIONS = (("ForAllValues:StringLike", KEYS), ("StringEquals", SENDER))
# Actions of an event source mapping, by the source's service.
_POLLING = {
    "sqs": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
    "dynamodb": ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
}
# Actions of Step Functions to deliver a state machine's logs.
_LOG_DELIVERY = [
    *(f"logs:{verb}LogDelivery" for verb in ("Create", "Get", "Update", "Delete")),
    *("logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups"),
]
# A state machine task's action, and the parameter with its resource.
_TASKS = {"lambda:invoke": ("lambda:InvokeFunction", "FunctionName"), "sns:publish": ("sns:Publish", "TopicArn")}

# An action and its resource.
Use = tuple[str, str]
# Operator, condition key and one value.
Condition = tuple[str, str, str]


@dataclass(frozen=True)
class Grant:
    """One action on one resource, optionally limited to one pattern of partition keys or one sender."""

    sid: str
    action: str
    resource: str
    condition: Condition | None

    def __str__(self) -> str:
        return f"{self.sid}: {self.action} on {self.resource}" + (f" for {self.condition[2]}" if self.condition else "")

    def allows(self, call: dict) -> bool:
        statement = {"Effect": "Allow", "Action": self.action, "Resource": self.resource}
        values = {}
        if self.condition:
            operator, key, value = self.condition
            statement["Condition"] = {operator: {key: value}}
            values[key.lower()] = call["keys"] if operator.startswith("ForAllValues:") else next(iter(call["keys"]), None)
        context = EvalContext("", "AssumedRole", "", call["action"], call["resource"], "", service_context=values)
        return evaluate(context, [parse_policy_document({"Statement": statement})]).decision == "Allow"


def grants(policy: dict) -> Iterator[Grant]:
    """A policy's statements, each split into single grants. Unconditional denies are skipped."""
    for statement in policy["Statement"]:
        if statement["Effect"] == "Deny" and "Condition" not in statement:
            continue
        condition = [(operator, key, value) for operator, of in statement.get("Condition", {}).items() for key, value in of.items()]
        supported = not condition or len(condition) == 1 and condition[0][:2] in _CONDITIONS
        if statement["Effect"] != "Allow" or "Sid" not in statement or not supported:
            raise ValueError(f"grants.py does not support the statement {statement}")
        each = [(operator, key, value) for operator, key, values in condition for value in _list(values)] or [None]
        yield from (Grant(statement["Sid"], *part) for part in product(_list(statement["Action"]), _list(statement["Resource"]), each))


def _list(value) -> list:
    return value if isinstance(value, list) else [value]


def unused(granted: list[Grant], services: set[Use], calls: list[dict]) -> dict[int, Grant]:
    """The unused grants of one role, by their index among its grants."""

    def used(grant: Grant) -> bool:
        return (grant.action, grant.resource) in services or any(call["allowed"] and grant.allows(call) for call in calls)

    return {index: grant for index, grant in enumerate(granted) if not used(grant)}


def missing(granted: list[Grant], services: set[Use], calls: list[dict]) -> Iterator[str]:
    """Permissions that one role lacks: used by a service, or requested and denied."""
    for action, resource in sorted(services - {(grant.action, grant.resource) for grant in granted}):
        yield f"missing grant, {action} on {resource}: an AWS service uses it with this role"
    for call in calls:
        if not call["allowed"]:
            yield f"missing grant, {described(call)}: was requested and denied"


class Deployed:
    """A stage's resources, and what AWS services do with its roles."""

    def __init__(self, stage: Stage):
        self._stage = stage
        self._resources = [
            (kind, resource["LogicalResourceId"], resource["ResourceType"], resource["PhysicalResourceId"])
            for kind in STACKS
            for resource in Stack(stage, kind).resources()
        ]

    def _each(self, kind: str) -> list[str]:
        return [physical for _, _, type_, physical in self._resources if type_ == f"AWS::{kind}"]

    def roles(self) -> dict[str, str]:
        """`STACK LOGICAL-ID` of each role, by its physical name. Two stacks may use the same logical id."""
        return {physical: f"{kind} {logical}" for kind, logical, type_, physical in self._resources if type_ == "AWS::IAM::Role"}

    def policies(self, role: str) -> list[dict]:
        """A role's policies, resolved by CloudFormation."""
        client = self._stage.client("iam")
        if client.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
            raise ValueError(f"grants.py does not support managed policies, which {role} has")
        names = client.list_role_policies(RoleName=role)["PolicyNames"]
        return [client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names]

    def services(self) -> dict[str, set[Use]]:
        """What AWS services do with each role."""
        uses: dict[str, set[Use]] = {role: set() for role in self.roles()}
        for arn, action, resource in [*self._functions(), *self._mappings(), *self._machines(), *self._schedules()]:
            uses[arn.split("/")[-1]].add((action, resource))
        return uses

    def _functions(self) -> Iterator[tuple[str, str, str]]:
        """Lambda writes a function's logs and traces, and dead letters of asynchronous invocations."""
        client = self._stage.client("lambda")
        for name in self._each("Lambda::Function"):
            function = client.get_function_configuration(FunctionName=name)
            role, arn = function["Role"], function["FunctionArn"].split(":")
            logs = f"arn:aws:logs:{arn[3]}:{arn[4]}:log-group:{function['LoggingConfig']['LogGroup']}:*"
            yield from ((role, action, logs) for action in ("logs:CreateLogStream", "logs:PutLogEvents"))
            if function["TracingConfig"]["Mode"] == "Active":
                yield from ((role, action, "*") for action in ("xray:PutTraceSegments", "xray:PutTelemetryRecords"))
            for config in client.list_function_event_invoke_configs(FunctionName=name)["FunctionEventInvokeConfigs"]:
                yield from _dead_letters(role, config)

    def _mappings(self) -> Iterator[tuple[str, str, str]]:
        """Lambda polls event sources, and writes dead letters of streams."""
        client = self._stage.client("lambda")
        for identity in self._each("Lambda::EventSourceMapping"):
            mapping = client.get_event_source_mapping(UUID=identity)
            role = client.get_function_configuration(FunctionName=mapping["FunctionArn"])["Role"]
            source = mapping["EventSourceArn"]
            service = source.split(":")[2]
            yield from ((role, action, source) for action in _POLLING[service])
            if service == "dynamodb":
                yield role, "dynamodb:ListStreams", "*"
            yield from _dead_letters(role, mapping)

    def _machines(self) -> Iterator[tuple[str, str, str]]:
        """Step Functions runs a state machine's tasks, and delivers its logs."""
        client = self._stage.client("stepfunctions")
        for kind, logical, type_, arn in self._resources:
            if type_ != "AWS::StepFunctions::StateMachine":
                continue
            machine = client.describe_state_machine(stateMachineArn=arn)
            # The local cloud does not return the logging configuration.
            if "LoggingConfiguration" in templates.load(kind)["Resources"][logical]["Properties"]:
                yield from ((machine["roleArn"], action, "*") for action in _LOG_DELIVERY)
            for state in _tasks(json.loads(machine["definition"])):
                task = state["Resource"].removeprefix("arn:aws:states:::").removesuffix(".waitForTaskToken")
                action, parameter = _TASKS[task]
                yield machine["roleArn"], action, state["Parameters"][parameter]

    def _schedules(self) -> Iterator[tuple[str, str, str]]:
        """EventBridge Scheduler invokes a schedule's function, and writes its dead letters."""
        client = self._stage.client("scheduler")
        for name in self._each("Scheduler::Schedule"):
            target = client.get_schedule(Name=name)["Target"]
            yield target["RoleArn"], "lambda:InvokeFunction", target["Arn"]
            if "DeadLetterConfig" in target:
                yield target["RoleArn"], "sqs:SendMessage", target["DeadLetterConfig"]["Arn"]


def _dead_letters(role: str, config: dict) -> Iterator[tuple[str, str, str]]:
    failed = config.get("DestinationConfig", {}).get("OnFailure", {})
    if failed:
        yield role, "sqs:SendMessage", failed["Destination"]


def _tasks(machine: dict) -> Iterator[dict]:
    for state in machine["States"].values():
        if state["Type"] == "Task":
            yield state
        for inner in [*state.get("Branches", []), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])]:
            yield from _tasks(inner)


@dataclass
class Report:
    """The unused grants of one stage by role (`STACK LOGICAL-ID`), and other faults."""

    unused: dict[str, dict[int, Grant]]
    wrong: list[str]


def inspect_stage(stage: Stage) -> Report:
    """Compares a stage's roles with their use."""
    deployed = Deployed(stage)
    calls: dict[str, list[dict]] = {}
    for line in cloud.calls(stage).read_text().splitlines():
        call = json.loads(line)
        calls.setdefault(call["role"], []).append(call)
    services, report, roles = deployed.services(), Report({}, []), []
    for role, logical in sorted(deployed.roles().items(), key=lambda pair: pair[1]):
        policies = deployed.policies(role)
        granted, recorded = [grant for policy in policies for grant in grants(policy)], calls.get(role, [])
        report.unused[logical] = unused(granted, services[role], recorded)
        report.wrong += [f"{logical}: {fault}" for fault in missing(granted, services[role], recorded)]
        roles.append(Role(logical, policies, recorded))
    report.wrong += evaluator.disputed(roles)
    return report


def check(stages: list[Stage]) -> list[str]:
    """Faults of the roles of stages with the same templates, a line each. A grant is used if one stage used it."""
    return merged([inspect_stage(stage) for stage in stages])


def merged(reports: list[Report]) -> list[str]:
    """The faults of the same roles on several stages."""
    first, *others = reports
    never = [
        f"{logical}: unused grant, {grant}"
        for logical, grants_left in first.unused.items()
        for index, grant in grants_left.items()
        if all(index in other.unused[logical] for other in others)
    ]
    return never + [fault for report in reports for fault in report.wrong]


def main(stages: list[Stage]) -> int:
    wrong = check(stages)
    print("\n".join(wrong) or "Every grant is used, and every use is granted.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main([Stage.named(name) for name in sys.argv[1:]]))
