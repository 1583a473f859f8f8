"""Detects stack updates that would replace a resource with user data by an empty one.

CloudFormation replaces a resource if a create-only property of its type's schema changes. The previous one is retained, but the site
would use the empty one.
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
_NOT_IN_SCHEMA = {
    # According to CloudFormation's reference these replace the user pool, though its schema does not say so.
    "AWS::Cognito::UserPool": ("/properties/AliasAttributes", "/properties/UsernameAttributes", "/properties/UsernameConfiguration"),
    # The secret is kept, but its value is overwritten.
    "AWS::SecretsManager::Secret": ("/properties/GenerateSecretString", "/properties/SecretString"),
}
_NOTHING = object()


@functools.cache
def create_only(kind: str) -> tuple[str, ...]:
    """The paths of a type's properties whose change always or sometimes replaces the resource."""
    # Imported here because it takes a second, which a deploy without changes does not need.
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    # Create-only properties do not differ by region; us-east-1 has all types.
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    paths = [*schema.get("createOnlyProperties", []), *schema.get("conditionalCreateOnlyProperties", [])]
    return (*paths, *_NOT_IN_SCHEMA.get(kind, ()))


class _Stack:
    """A template evaluated with parameters. Functions that only CloudFormation can evaluate are left as they are."""

    def __init__(self, template: dict, parameters: dict[str, str]):
        self._conditions = template.get("Conditions", {})
        self._parameters = parameters
        self.resources = {
            name: (resource["Type"], self.value(resource.get("Properties", {})))
            for name, resource in template["Resources"].items()
            if "Condition" not in resource or self._holds(resource["Condition"])
        }

    def value(self, expression):
        """The value of a template expression."""
        if isinstance(expression, list):
            return [value for value in map(self.value, expression) if value is not _NOTHING]
        if not isinstance(expression, dict):
            return expression
        if len(expression) == 1:
            ((name, argument),) = expression.items()
            known = self._function(name, argument)
            if known is not None:
                return known[0]
        values = {name: self.value(inner) for name, inner in expression.items()}
        return {name: value for name, value in values.items() if value is not _NOTHING}

    def _function(self, name: str, argument) -> tuple | None:
        """The value of a function in a 1-tuple; None if only CloudFormation can evaluate it."""
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
        """Whether a condition, given by name or expression, is true."""
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
        raise ValueError(f"{name} is not a condition function")


def _at(properties, path: list[str]):
    """The value at a path, in which `*` means each element."""
    if not path:
        return properties
    if path[0] == "*":
        return [_at(each, path[1:]) for each in properties] if isinstance(properties, list) else None
    return _at(properties.get(path[0]), path[1:]) if isinstance(properties, dict) else None


def refused(
    before: dict, parameters_before: dict[str, str], after: dict, parameters: dict[str, str], replaceable: frozenset[str] = frozenset()
) -> list[str]:
    """The resources with data that an update would replace or remove, with the reasons, except those in `replaceable`.

    `before` and `after` are templates.
    """
    old, new = _Stack(before, parameters_before).resources, _Stack(after, parameters).resources
    wrong = []
    for name, (kind, properties) in old.items():
        if kind not in HOLDS_DATA or name in replaceable:
            continue
        if name not in new or new[name][0] != kind:
            wrong.append(f"{name} has data and would be removed from the stack")
            continue
        for path in create_only(kind):
            steps = path.removeprefix("/properties/").split("/")
            if _at(properties, steps) != _at(new[name][1], steps):
                wrong.append(f"{name} has data and would be replaced by an empty one, because {'.'.join(steps)} changes")
    return wrong
