"""The Lambda functions, by stack."""

import re

BY_STACK = {
    "pages": ["web"],
    "processing": ["ingest", "workflow-steps", "render"],
    "live": ["websocket", "stream", "broadcast"],
    "notifications": ["notifications", "scheduled-jobs"],
    "account-data": ["account-data"],
}
ALL = [name for names in BY_STACK.values() for name in names]


def of_resource(logical: str) -> str:
    """The name of the function that is this resource of a template: `ScheduledJobs` is `scheduled-jobs`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", logical).lower()
