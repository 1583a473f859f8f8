"""A stage's concurrent executions, and whether the account's limit is sufficient."""

from infra import templates
from infra.stage import STACKS, Stage

OTHER_EXECUTIONS = 20
"""Concurrent executions not limited by a queue: pages, sockets, stream and bus consumers, short workflow steps."""


def by_queues() -> int:
    """Concurrent executions during an import: the queues' MaximumConcurrency."""
    resources = (resource for kind in STACKS for resource in templates.load(kind)["Resources"].values())
    mappings = [resource["Properties"] for resource in resources if resource["Type"] == "AWS::Lambda::EventSourceMapping"]
    return sum(mapping.get("ScalingConfig", {}).get("MaximumConcurrency", 0) for mapping in mappings)


def shortage(limit: int) -> str | None:
    """A warning if the account's limit of concurrent executions is too low."""
    imports = by_queues()
    if limit >= imports + OTHER_EXECUTIONS:
        return None
    return (
        f"This account is limited to {limit} concurrent executions of functions, of which an import takes {imports}: pages may fail meanwhile. "
        f'Request at least {imports + OTHER_EXECUTIONS} "Concurrent executions" in the Service Quotas of AWS Lambda, which is free.'
    )


def warning(stage: Stage) -> str | None:
    """The warning for a stage's account."""
    return shortage(stage.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"])
