"""The sender of a stage's mails, and its SES identity."""

from infra.stacks import Stack, StackFailed
from infra.stage import Stage

NONE = "none"
"""Stands for no address, domain, zone or identity."""
LOCAL = "photos@shoebox.test"
"""The sender of local stages. The local cloud delivers no mails."""


def parameters(stage: Stage, requested: str | None, zone: str | None = None) -> dict[str, str]:
    """The stacks' parameters for the requested sender, or else for the current one.

    The stack `notifications` creates its SES identity unless one exists outside the stack: for the domain if that is in the stage's Route 53 zone
    (from the command line or the stack `edge`), otherwise for the address.
    """
    stack = Stack(stage, "notifications")
    current = stack.parameters() if stack.template() else {}
    address = requested or (LOCAL if stage.is_local else current.get("MailFrom", NONE))
    zone = zone or Stack(stage, "edge").parameters().get("HostedZoneId")
    domain = domain_within(zone_name(stage, zone), address) if zone and address != NONE else NONE
    return {
        "MailFrom": address,
        "MailDomain": domain,
        "MailZone": NONE if domain == NONE else zone,
        "SenderExists": "yes" if exists(address, domain, current, identities(stage, address)) else "no",
    }


def exists(address: str, domain: str, current: dict[str, str], known: dict[str, bool]) -> bool:
    """Whether there is a usable identity outside the stack `notifications`, which could not create it again and must not delete it.

    `current` are that stack's parameters, `known` SES' identities and whether each is verified.
    """
    wanted = address if domain == NONE else domain
    before = current.get("MailDomain", NONE)
    created = current.get("MailFrom") if before == NONE else before
    if current.get("SenderExists", "no") == "no" and created == wanted:
        return False
    # A verified address does not verify its domain, for which SES signs (DKIM).
    usable = {name: verified for name, verified in known.items() if domain == NONE or name != address}
    return wanted in usable or any(usable.values())


def identities(stage: Stage, address: str) -> dict[str, bool]:
    """The SES identities for an address and its domains, and whether each is verified."""
    if address == NONE:
        return {}
    client, found = stage.client("sesv2"), {}
    labels = address.partition("@")[2].split(".")
    for name in [address, *(".".join(labels[start:]) for start in range(len(labels) - 1))]:
        try:
            found[name] = client.get_email_identity(EmailIdentity=name).get("VerifiedForSendingStatus", False)
        except client.exceptions.NotFoundException:
            continue
    return found


def zone_name(stage: Stage, zone: str) -> str:
    """A Route 53 zone's domain.

    # Errors
    `StackFailed` if the zone does not exist.
    """
    client = stage.client("route53")
    try:
        return client.get_hosted_zone(Id=zone)["HostedZone"]["Name"].rstrip(".")
    except client.exceptions.NoSuchHostedZone as error:
        raise StackFailed(f"Route 53 has no zone {zone}") from error


def domain_within(zone: str, address: str) -> str:
    """An address' domain if it is in the zone, so that the zone can have its records, otherwise `none`."""
    domain = address.partition("@")[2].lower()
    return domain if f".{domain}".endswith(f".{zone.lower()}") else NONE
