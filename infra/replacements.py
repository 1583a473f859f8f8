"""Which changes of a stack would put an empty resource in the place of one that holds people's data.

CloudFormation replaces a resource when one of the properties changes that its type's schema calls create-only. The one before is
retained, but the site goes on with the empty one.
"""

import functools
import re

HOLDS_DATA = {
    "AWS::Cognito::UserPool",
    "AWS::DynamoDB::Table",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
}
_UNSAID = {
    # By CloudFormation's reference these replace the pool; its schema says nothing of it.
    "AWS::Cognito::UserPool": ("/properties/AliasAttributes", "/properties/UsernameAttributes", "/properties/UsernameConfiguration"),
    # The secret stays, and gets another value.
    "AWS::SecretsManager::Secret": ("/properties/GenerateSecretString", "/properties/SecretString"),
}
_NOTHING = object()


@functools.cache
def create_only(kind: str) -> tuple[str, ...]:
    """The paths of a type's properties that cannot change in place, or not always."""
    # It takes a second, which a deploy that changes nothing need not wait for.
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    # Schemas differ by region in what they offer, not in this; here are all of them.
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    said = [*schema.get("createOnlyProperties", []), *schema.get("conditionalCreateOnlyProperties", [])]
    return (*said, *_UNSAID.get(kind, ()))


class _Stack:
    """A template with its parameters. What only CloudFormation knows stays as it is written."""

    def __init__(self, template: dict, parameters: dict[str, str]):
        self._conditions = template.get("Conditions", {})
        self._parameters = parameters
        self.resources = {
            name: (resource["Type"], self.value(resource.get("Properties", {})))
            for name, resource in template["Resources"].items()
            if "Condition" not in resource or self._holds(resource["Condition"])
        }

    def value(self, written):
        """What stands there with these parameters."""
        if isinstance(written, list):
            return [value for value in map(self.value, written) if value is not _NOTHING]
        if not isinstance(written, dict):
            return written
        if len(written) == 1:
            ((name, argument),) = written.items()
            known = self._function(name, argument)
            if known is not None:
                return known[0]
        values = {name: self.value(inner) for name, inner in written.items()}
        return {name: value for name, value in values.items() if value is not _NOTHING}

    def _function(self, name: str, argument) -> tuple | None:
        """The value of a function, alone in a tuple; nothing where CloudFormation alone knows it."""
        if name == "Ref" and argument == "AWS::NoValue":
            return (_NOTHING,)
        if name == "Ref" and argument in self._parameters:
            return (self._parameters[argument],)
        if name == "Fn::Sub" and isinstance(argument, str):
            return (re.sub(r"\$\{([A-Za-z0-9]+)\}", lambda found: self._parameters.get(found[1], found[0]), argument),)
        if name == "Fn::If":
            return (self.value(argument[1] if self._holds(argument[0]) else argument[2]),)
        return None

    def _holds(self, condition) -> bool:
        """Whether a condition, by its name or as it is written, is true."""
        if isinstance(condition, str):
            return self._holds(self._conditions[condition])
        ((name, argument),) = condition.items()
        if name == "Condition":
            return self._holds(argument)
        if name == "Fn::Not":
            return not self._holds(argument[0])
        if name == "Fn::And":
            return all(map(self._holds, argument))
        if name == "Fn::Or":
            return any(map(self._holds, argument))
        if name == "Fn::Equals":
            one, other = map(self.value, argument)
            return str(one) == str(other)
        raise ValueError(f"{name} is no condition")


def _at(properties, path: list[str]):
    """What stands at a path; of each element where the path says so."""
    if not path:
        return properties
    if path[0] == "*":
        return [_at(each, path[1:]) for each in properties] if isinstance(properties, list) else None
    return _at(properties.get(path[0]), path[1:]) if isinstance(properties, dict) else None


def refused(before: dict, told_before: dict[str, str], after: dict, told: dict[str, str], replaceable: frozenset[str] = frozenset()) -> list[str]:
    """Says of each resource with data that would be replaced or left behind why; those in `replaceable` may be.

    `before` and `after` are templates, each with what it is told.
    """
    old, new = _Stack(before, told_before).resources, _Stack(after, told).resources
    wrong = []
    for name, (kind, properties) in old.items():
        if kind not in HOLDS_DATA or name in replaceable:
            continue
        if name not in new or new[name][0] != kind:
            wrong.append(f"{name} holds data and would be left behind")
            continue
        for path in create_only(kind):
            steps = path.removeprefix("/properties/").split("/")
            if _at(properties, steps) != _at(new[name][1], steps):
                wrong.append(f"{name} holds data and would begin anew with another {'.'.join(steps)}")
    return wrong
