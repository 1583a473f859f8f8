"""Creates and updates stacks by change sets, and leaves alone what has not changed."""

import json
import time

from botocore.exceptions import ClientError

from infra import replacements, templates
from infra.stage import Stage


# Where an update failed and then what it had changed could not all be taken back: CloudFormation takes nothing but a rollback that goes on.
_STUCK = "UPDATE_ROLLBACK_FAILED"
# A stack whose update was rolled back stands as it did before.
_STANDING = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")


class StackFailed(Exception):
    """CloudFormation could not do it; the message has what it said of each resource."""


class Stack:
    def __init__(self, stage: Stage, kind: str):
        self.stage = stage
        self.kind = kind
        self.name = stage.stack(kind)
        self._cloud = stage.client("cloudformation", stage.stack_region(kind))

    def describe(self) -> dict | None:
        try:
            return self._cloud.describe_stacks(StackName=self.name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise

    def outputs(self) -> dict[str, str]:
        """What the stack tells the others; nothing while it does not stand."""
        return _outputs(self.describe())

    def parameters(self) -> dict[str, str]:
        """What the stack was told."""
        return _parameters(self.describe())

    def template(self) -> dict | None:
        """The template that the stack stands by; nothing while it does not stand."""
        current = self.describe()
        if not current or current["StackStatus"] not in _STANDING:
            return None
        there = self._cloud.get_template(StackName=self.name, TemplateStage="Original")["TemplateBody"]
        return json.loads(there) if isinstance(there, str) else there

    def resources(self) -> list[dict]:
        """What the stack is made of."""
        pages = self._cloud.get_paginator("list_stack_resources").paginate(StackName=self.name)
        return [resource for page in pages for resource in page["StackResourceSummaries"]]

    def refuse_stuck(self) -> None:
        """Says what to do where the stack takes no deploy.

        # Errors
        `StackFailed` where its last update could not be taken back.
        """
        current = self.describe()
        if current and current["StackStatus"] == _STUCK:
            raise StackFailed(self._failure(_STUCK))

    def protect(self) -> None:
        """Keeps the stack from being deleted."""
        if not self.describe().get("EnableTerminationProtection"):
            self._cloud.update_termination_protection(StackName=self.name, EnableTerminationProtection=True)

    def delete(self) -> None:
        """Takes the stack away, and waits until it is gone."""
        self._cloud.delete_stack(StackName=self.name)
        self._wait(gone=True)

    def deploy(self, template: dict, known: dict[str, str], replaceable: frozenset[str] = frozenset()) -> tuple[dict[str, str], bool]:
        """Brings the stack to `template`, its parameters taken from `known` by name.

        A parameter that nobody knows keeps its value. One that is secret must have another beside it that changes with it, since
        CloudFormation does not show which value is there. Answers with the outputs, and whether anything was done.

        # Errors
        `StackFailed` where CloudFormation fails, and before it is asked where the last update could not be taken back, or where a resource
        that holds data would be replaced or left behind, unless it is one of the `replaceable`.
        """
        self.refuse_stuck()
        current = self.describe()
        if current and current["StackStatus"] in ("ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS", "CREATE_FAILED"):
            self.delete()
            current = None
        parameters = self._parameters(template, known, current)
        if current and self._unchanged(template, parameters, current):
            return _outputs(current), False
        self._keep_data(template, parameters, current, replaceable)
        if not self._change(template, parameters, exists=bool(current)):
            return _outputs(current), False
        self._wait()
        return self.outputs(), True

    def _parameters(self, template: dict, known: dict[str, str], current: dict | None) -> dict[str, str | None]:
        """The values by name; nothing for a secret one that stays."""
        values = {}
        previous = _parameters(current)
        for name, declared in template.get("Parameters", {}).items():
            if name in known:
                values[name] = str(known[name])
            elif name in previous:
                values[name] = None if _is_secret(declared) else previous[name]
            elif "Default" in declared:
                values[name] = str(declared["Default"])
            else:
                raise StackFailed(f"{self.name}: nobody knows the parameter {name}")
        return values

    def _keep_data(self, template: dict, parameters: dict[str, str | None], current: dict | None, replaceable: frozenset[str]) -> None:
        standing = self.template()
        if standing:
            wrong = replacements.refused(standing, _parameters(current), template, parameters, replaceable)
            if wrong:
                raise StackFailed("\n".join([f"{self.name} is left as it is:", *(f"  {line}" for line in wrong)]))

    def _unchanged(self, template: dict, parameters: dict[str, str | None], current: dict) -> bool:
        declared = template.get("Parameters", {})

        def shown(values: dict) -> dict:
            return {name: value for name, value in values.items() if not _is_secret(declared.get(name, {}))}

        return shown(_parameters(current)) == shown(parameters) and self.template() == template

    def _change(self, template: dict, parameters: dict[str, str | None], exists: bool) -> bool:
        """Makes and starts a change set; False when CloudFormation sees nothing to do."""
        name = f"deploy-{int(time.time() * 1000)}"
        self._cloud.create_change_set(
            StackName=self.name,
            ChangeSetName=name,
            ChangeSetType="UPDATE" if exists else "CREATE",
            TemplateBody=templates.body(template),
            Parameters=[
                {"ParameterKey": key} | ({"UsePreviousValue": True} if value is None else {"ParameterValue": value})
                for key, value in parameters.items()
            ],
            Capabilities=["CAPABILITY_IAM"],
        )
        while True:
            change = self._cloud.describe_change_set(StackName=self.name, ChangeSetName=name)
            if change["Status"] == "CREATE_COMPLETE":
                break
            if change["Status"] == "FAILED":
                reason = change.get("StatusReason", "")
                self._cloud.delete_change_set(StackName=self.name, ChangeSetName=name)
                if "didn't contain changes" in reason or "No updates" in reason:
                    return False
                raise StackFailed(f"{self.name}: {reason}")
            time.sleep(self.stage.pause)
        # What this makes and has to take back goes, retained or not: under its name the next try would make it again.
        self._cloud.execute_change_set(StackName=self.name, ChangeSetName=name, RetainExceptOnCreate=True)
        return True

    def _wait(self, gone: bool = False) -> None:
        while True:
            current = self.describe()
            if current is None:
                if gone:
                    return
                raise StackFailed(f"{self.name} is gone")
            status = current["StackStatus"]
            if not status.endswith("_IN_PROGRESS"):
                if gone and status == "DELETE_COMPLETE":
                    return
                if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
                    return
                raise StackFailed(self._failure(status))
            time.sleep(self.stage.pause)

    def _failure(self, status: str) -> str:
        """What happened to the stack, and what to do about it where a deploy cannot."""
        said = f"{self.name}: {status}\n{self._reasons()}"
        if status != _STUCK:
            return said
        where = f"--stack-name {self.name} --region {self.stage.stack_region(self.kind)}"
        return f"""{said}
  An update failed, and what it had changed could not all be taken back. Until that is done no deploy can change the stack.
  1. Mend what is named above.
  2. aws cloudformation continue-update-rollback {where}
     What cannot be mended stays as it is by --resources-to-skip NAME.
  3. aws cloudformation wait stack-rollback-complete {where}
  4. Deploy again."""

    def _reasons(self) -> str:
        events = self._cloud.describe_stack_events(StackName=self.name)["StackEvents"]
        return "\n".join(
            f"  {event['LogicalResourceId']}: {event['ResourceStatusReason']}"
            for event in reversed(events)
            if "FAILED" in event["ResourceStatus"] and event.get("ResourceStatusReason")
        )


def _is_secret(declared: dict) -> bool:
    return str(declared.get("NoEcho")).lower() == "true"


def _parameters(stack: dict | None) -> dict[str, str]:
    return {p["ParameterKey"]: p["ParameterValue"] for p in (stack or {}).get("Parameters", [])}


def _outputs(stack: dict | None) -> dict[str, str]:
    return {o["OutputKey"]: o["OutputValue"] for o in (stack or {}).get("Outputs", [])}
