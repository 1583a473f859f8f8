"""Whether each role may do what is done with it, and no more. Asks stages at home, after all their tests, and another evaluator.

    python -m infra.local.grants STAGE...

What a function does itself is in the calls that the local cloud noted. What services do with a role is in what they were
told to do: the local cloud asks no role for that, so it must be granted exactly.
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

# The conditions that a grant may have: of rows by their partition keys, of mails by their sender.
_JUDGED = (("ForAllValues:StringLike", KEYS), ("StringEquals", SENDER))
# What polls a source, by the source's service.
_POLLING = {
    "sqs": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
    "dynamodb": ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
}
# What Step Functions does to have a machine's logs delivered.
_LOG_DELIVERY = [
    *(f"logs:{verb}LogDelivery" for verb in ("Create", "Get", "Update", "Delete")),
    *("logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups"),
]
# What a state machine's task does: the action, and the parameter that names its resource.
_TASKS = {"lambda:invoke": ("lambda:InvokeFunction", "FunctionName"), "sns:publish": ("sns:Publish", "TopicArn")}

# An action and its resource.
Use = tuple[str, str]
# An operator, what it looks at, and one value.
Condition = tuple[str, str, str]


@dataclass(frozen=True)
class Grant:
    """One action on one resource, and where a condition says so, for partition keys like one pattern or for one sender."""

    sid: str
    action: str
    resource: str
    condition: Condition | None

    def __str__(self) -> str:
        return f"{self.sid}: {self.action} on {self.resource}" + (f" for {self.condition[2]}" if self.condition else "")

    def allows(self, call: dict) -> bool:
        statement = {"Effect": "Allow", "Action": self.action, "Resource": self.resource}
        said = {}
        if self.condition:
            operator, key, value = self.condition
            statement["Condition"] = {operator: {key: value}}
            said[key.lower()] = call["keys"] if operator.startswith("ForAllValues:") else next(iter(call["keys"]), None)
        asked = EvalContext("", "AssumedRole", "", call["action"], call["resource"], "", service_context=said)
        return evaluate(asked, [parse_policy_document({"Statement": statement})]).decision == "Allow"


def grants(policy: dict) -> Iterator[Grant]:
    """A policy's statements, each split into what must be of use by itself. What only denies gives nothing to judge."""
    for statement in policy["Statement"]:
        if statement["Effect"] == "Deny" and "Condition" not in statement:
            continue
        condition = [(operator, key, value) for operator, of in statement.get("Condition", {}).items() for key, value in of.items()]
        judged = not condition or len(condition) == 1 and condition[0][:2] in _JUDGED
        if statement["Effect"] != "Allow" or "Sid" not in statement or not judged:
            raise ValueError(f"grants.py cannot judge the statement {statement}")
        each = [(operator, key, value) for operator, key, values in condition for value in _list(values)] or [None]
        yield from (Grant(statement["Sid"], *part) for part in product(_list(statement["Action"]), _list(statement["Resource"]), each))


def _list(value) -> list:
    return value if isinstance(value, list) else [value]


def unused(granted: list[Grant], services: set[Use], calls: list[dict]) -> dict[int, Grant]:
    """The grants of one role that nothing used, by their place among its grants."""

    def used(grant: Grant) -> bool:
        return (grant.action, grant.resource) in services or any(call["allowed"] and grant.allows(call) for call in calls)

    return {place: grant for place, grant in enumerate(granted) if not used(grant)}


def missing(granted: list[Grant], services: set[Use], calls: list[dict]) -> Iterator[str]:
    """What one role may not do, and a service does with it or its function asked for."""
    for action, resource in sorted(services - {(grant.action, grant.resource) for grant in granted}):
        yield f"missing grant, {action} on {resource}: a service does it with this role"
    for call in calls:
        if not call["allowed"]:
            yield f"missing grant, {described(call)}: was asked for and denied"


class Deployed:
    """A stage's resources, and what services do with its roles."""

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
        """The roles' stacks and names in the templates, by the names they got. Two stacks may use one name."""
        return {physical: f"{kind} {logical}" for kind, logical, type_, physical in self._resources if type_ == "AWS::IAM::Role"}

    def policies(self, role: str) -> list[dict]:
        """A role's policies, as CloudFormation has resolved them."""
        client = self._stage.client("iam")
        if client.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
            raise ValueError(f"grants.py cannot judge the managed policies of {role}")
        names = client.list_role_policies(RoleName=role)["PolicyNames"]
        return [client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names]

    def services(self) -> dict[str, set[Use]]:
        """What services do by each role."""
        uses: dict[str, set[Use]] = {role: set() for role in self.roles()}
        for arn, action, resource in [*self._functions(), *self._mappings(), *self._machines(), *self._schedules()]:
            uses[arn.split("/")[-1]].add((action, resource))
        return uses

    def _functions(self) -> Iterator[tuple[str, str, str]]:
        """Lambda writes a function's logs and traces, and its dead letters when it was called by an event."""
        client = self._stage.client("lambda")
        for name in self._each("Lambda::Function"):
            function = client.get_function_configuration(FunctionName=name)
            role, place = function["Role"], function["FunctionArn"].split(":")
            logs = f"arn:aws:logs:{place[3]}:{place[4]}:log-group:{function['LoggingConfig']['LogGroup']}:*"
            yield from ((role, action, logs) for action in ("logs:CreateLogStream", "logs:PutLogEvents"))
            if function["TracingConfig"]["Mode"] == "Active":
                yield from ((role, action, "*") for action in ("xray:PutTraceSegments", "xray:PutTelemetryRecords"))
            for config in client.list_function_event_invoke_configs(FunctionName=name)["FunctionEventInvokeConfigs"]:
                yield from _dead_letters(role, config)

    def _mappings(self) -> Iterator[tuple[str, str, str]]:
        """Lambda polls what a function is mapped to, and leaves there the dead letters of streams."""
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
        """Step Functions does a machine's tasks, and has its logs delivered."""
        client = self._stage.client("stepfunctions")
        for kind, logical, type_, arn in self._resources:
            if type_ != "AWS::StepFunctions::StateMachine":
                continue
            machine = client.describe_state_machine(stateMachineArn=arn)
            # The local cloud does not say of a machine that it logs.
            if "LoggingConfiguration" in templates.load(kind)["Resources"][logical]["Properties"]:
                yield from ((machine["roleArn"], action, "*") for action in _LOG_DELIVERY)
            for state in _tasks(json.loads(machine["definition"])):
                task = state["Resource"].removeprefix("arn:aws:states:::").removesuffix(".waitForTaskToken")
                action, parameter = _TASKS[task]
                yield machine["roleArn"], action, state["Parameters"][parameter]

    def _schedules(self) -> Iterator[tuple[str, str, str]]:
        """The scheduler calls a schedule's function, and leaves its dead letters."""
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
class Judged:
    """One stage's roles, by their stacks and names in the templates."""

    unused: dict[str, dict[int, Grant]]
    wrong: list[str]


def judge(stage: Stage) -> Judged:
    """Compares the roles of a stage with what was done with them."""
    deployed = Deployed(stage)
    calls: dict[str, list[dict]] = {}
    for line in cloud.calls(stage).read_text().splitlines():
        call = json.loads(line)
        calls.setdefault(call["role"], []).append(call)
    services, judged, roles = deployed.services(), Judged({}, []), []
    for role, logical in sorted(deployed.roles().items(), key=lambda pair: pair[1]):
        policies = deployed.policies(role)
        told = [grant for policy in policies for grant in grants(policy)], services[role], calls.get(role, [])
        judged.unused[logical] = unused(*told)
        judged.wrong += [f"{logical}: {fault}" for fault in missing(*told)]
        roles.append(Role(logical, policies, calls.get(role, [])))
    judged.wrong += evaluator.disputed(roles)
    return judged


def check(stages: list[Stage]) -> list[str]:
    """What is wrong with the roles of stages that were deployed from the same templates, a line each. A grant that one of them used is used."""
    return merged([judge(stage) for stage in stages])


def merged(judged: list[Judged]) -> list[str]:
    """What is wrong with the same roles on several stages."""
    first, *others = judged
    never = [
        f"{logical}: unused grant, {grant}"
        for logical, grants_left in first.unused.items()
        for place, grant in grants_left.items()
        if all(place in other.unused[logical] for other in others)
    ]
    return never + [fault for one in judged for fault in one.wrong]


def main(stages: list[Stage]) -> int:
    wrong = check(stages)
    print("\n".join(wrong) or "What is granted is used, and what is used is granted.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main([Stage.named(name) for name in sys.argv[1:]]))
