"""How many functions a stage runs at once, and whether the account has room for them."""

from infra import templates
from infra.stage import STACKS, Stage

BESIDE_QUEUES = 20
"""Functions at once that no queue holds back: pages and sockets, what the stream and the bus tell, the workflow's short steps."""


def by_queues() -> int:
    """Functions that an import takes at once: as many as the mappings of queues let."""
    resources = (resource for kind in STACKS for resource in templates.load(kind)["Resources"].values())
    mappings = [resource["Properties"] for resource in resources if resource["Type"] == "AWS::Lambda::EventSourceMapping"]
    return sum(mapping.get("ScalingConfig", {}).get("MaximumConcurrency", 0) for mapping in mappings)


def shortage(limit: int) -> str | None:
    """What to say of an account that runs at most `limit` functions at once, where that is little."""
    taken = by_queues()
    if limit >= taken + BESIDE_QUEUES:
        return None
    return (
        f"This account runs {limit} functions at once, and an import takes {taken} of them: pages may fail meanwhile. "
        f'Ask for at least {taken + BESIDE_QUEUES} "Concurrent executions" in the Service Quotas of AWS Lambda, which is free.'
    )


def warning(stage: Stage) -> str | None:
    """The same of a stage's account, as Lambda tells it."""
    return shortage(stage.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"])
