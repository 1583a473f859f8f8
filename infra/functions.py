"""The Lambda functions, by stack."""

BY_STACK = {
    "pages": ["web"],
    "develop": ["arrivals", "steps", "render"],
    "live": ["live", "changes", "broadcast"],
    "notices": ["notices", "clock"],
    "leaving": ["leaving"],
}
ALL = [name for names in BY_STACK.values() for name in names]
