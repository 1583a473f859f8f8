"""Creates and updates CloudFormation stacks by change sets, unless nothing has changed."""

import json
import time

from botocore.exceptions import ClientError

from infra import replacements, templates
from infra.stage import Stage


# The rollback of a failed update failed, too: CloudFormation permits only to continue the rollback.
_STUCK = "UPDATE_ROLLBACK_FAILED"
# After a rollback a stack is as it was before.
_DEPLOYED = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")


class StackFailed(Exception):
    """A deploy failed; the message has CloudFormation's reasons by resource."""


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
        """The stack's outputs; empty if it does not exist."""
        return _outputs(self.describe())

    def parameters(self) -> dict[str, str]:
        """The stack's parameters; empty if it does not exist."""
        return _parameters(self.describe())

    def template(self) -> dict | None:
        """The deployed template; None if the stack is not deployed."""
        current = self.describe()
        if not current or current["StackStatus"] not in _DEPLOYED:
            return None
        body = self._cloud.get_template(StackName=self.name, TemplateStage="Original")["TemplateBody"]
        return json.loads(body) if isinstance(body, str) else body

    def resources(self) -> list[dict]:
        """Summaries of the stack's resources."""
        pages = self._cloud.get_paginator("list_stack_resources").paginate(StackName=self.name)
        return [resource for page in pages for resource in page["StackResourceSummaries"]]

    def refuse_stuck(self) -> None:
        """Raises if the stack cannot be deployed, with the way to repair it.

        # Errors
        `StackFailed` if the rollback of its last update failed.
        """
        current = self.describe()
        if current and current["StackStatus"] == _STUCK:
            raise StackFailed(self._failure(_STUCK))

    def protect(self) -> None:
        """Enables termination protection."""
        if not self.describe().get("EnableTerminationProtection"):
            self._cloud.update_termination_protection(StackName=self.name, EnableTerminationProtection=True)

    def unprotect(self) -> None:
        """Disables termination protection."""
        self._cloud.update_termination_protection(StackName=self.name, EnableTerminationProtection=False)

    def delete(self) -> None:
        """Deletes the stack, and waits until it is deleted."""
        self._cloud.delete_stack(StackName=self.name)
        self._wait(deleted=True)

    def deploy(self, template: dict, known: dict[str, str], replaceable: frozenset[str] = frozenset()) -> tuple[dict[str, str], bool]:
        """Creates or updates the stack, with parameters from `known` by name.

        Other parameters keep their values. A NoEcho parameter needs another one that changes with it, since CloudFormation does not show its
        current value. Returns the outputs, and whether anything changed.

        # Errors
        `StackFailed` if CloudFormation fails; or, before any change, if the rollback of the last update failed or if a resource with data that
        is not `replaceable` would be replaced or removed.
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
        """The values by name; None keeps a NoEcho parameter."""
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
                raise StackFailed(f"{self.name}: the parameter {name} has no value")
        return values

    def _keep_data(self, template: dict, parameters: dict[str, str | None], current: dict | None, replaceable: frozenset[str]) -> None:
        deployed = self.template()
        if deployed:
            wrong = replacements.refused(deployed, _parameters(current), template, parameters, replaceable)
            if wrong:
                raise StackFailed("\n".join([f"{self.name} is not changed:", *(f"  {line}" for line in wrong)]))

    def _unchanged(self, template: dict, parameters: dict[str, str | None], current: dict) -> bool:
        declared = template.get("Parameters", {})

        def visible(values: dict) -> dict:
            return {name: value for name, value in values.items() if not _is_secret(declared.get(name, {}))}

        return visible(_parameters(current)) == visible(parameters) and self.template() == template

    def _change(self, template: dict, parameters: dict[str, str | None], exists: bool) -> bool:
        """Creates and executes a change set; False if it has no changes."""
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
        # RetainExceptOnCreate: a rollback deletes new resources even if they are retained; otherwise their names block the next deploy.
        self._cloud.execute_change_set(StackName=self.name, ChangeSetName=name, RetainExceptOnCreate=True)
        return True

    def _wait(self, deleted: bool = False) -> None:
        while True:
            current = self.describe()
            if current is None:
                if deleted:
                    return
                raise StackFailed(f"{self.name} was deleted")
            status = current["StackStatus"]
            if not status.endswith("_IN_PROGRESS"):
                if deleted and status == "DELETE_COMPLETE":
                    return
                if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
                    return
                raise StackFailed(self._failure(status))
            time.sleep(self.stage.pause)

    def _failure(self, status: str) -> str:
        """The status and reasons, and for a failed rollback the commands that continue it."""
        message = f"{self.name}: {status}\n{self._reasons()}"
        if status != _STUCK:
            return message
        options = f"--stack-name {self.name} --region {self.stage.stack_region(self.kind)}"
        return f"""{message}
  An update failed, and so did its rollback. No deploy can change the stack until the rollback is complete.
  1. Fix the problems named above.
  2. aws cloudformation continue-update-rollback {options}
     To skip resources that cannot be fixed, add --resources-to-skip NAME.
  3. aws cloudformation wait stack-rollback-complete {options}
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
