"""Whom a stage's mails come from, and what SES lets it do."""

from infra.stacks import Stack, StackFailed
from infra.stage import Stage

NONE = "none"
"""In the place of an address, a domain, a zone or an identity."""
HOME = "photos@shoebox.test"
"""The sender at home. Nothing that the local cloud sends leaves it."""


def told(stage: Stage, asked: str | None, zone: str | None = None) -> dict[str, str]:
    """What the stacks are told of the sender: of the one that is asked for, or else of the one that stands.

    `notices` makes its identity unless that is there without it: of its domain where that lies in the stage's Route 53 zone, which the
    deploy names or `edge` knows, and else of the address.
    """
    stack = Stack(stage, "notices")
    standing = stack.parameters() if stack.template() else {}
    address = asked or (HOME if stage.at_home else standing.get("MailFrom", NONE))
    zone = zone or Stack(stage, "edge").parameters().get("HostedZoneId")
    domain = domain_within(zone_name(stage, zone), address) if zone and address != NONE else NONE
    return {
        "MailFrom": address,
        "MailDomain": domain,
        "MailZone": NONE if domain == NONE else zone,
        "SenderExists": "yes" if exists(address, domain, standing, identities(stage, address)) else "no",
    }


def exists(address: str, domain: str, standing: dict[str, str], there: dict[str, bool]) -> bool:
    """Whether there is an identity to send by that `notices` did not make: it cannot make it again, and must not take it away.

    `standing` is what that stack was told last, `there` what SES knows.
    """
    wanted = address if domain == NONE else domain
    before = standing.get("MailDomain", NONE)
    made = standing.get("MailFrom") if before == NONE else before
    if standing.get("SenderExists", "no") == "no" and made == wanted:
        return False
    # An address that is verified says nothing of its domain, in whose name SES shall sign.
    able = {name: verified for name, verified in there.items() if domain == NONE or name != address}
    return wanted in able or any(able.values())


def identities(stage: Stage, address: str) -> dict[str, bool]:
    """The identities that SES may send from an address by, and whether each is verified: the address', and those of the domains it lies in."""
    if address == NONE:
        return {}
    client, found = stage.client("sesv2"), {}
    labels = address.partition("@")[2].split(".")
    for name in [address, *(".".join(labels[place:]) for place in range(len(labels) - 1))]:
        try:
            found[name] = client.get_email_identity(EmailIdentity=name).get("VerifiedForSendingStatus", False)
        except client.exceptions.NotFoundException:
            continue
    return found


def zone_name(stage: Stage, zone: str) -> str:
    """The domain that a Route 53 zone is of.

    # Errors
    `StackFailed` where there is no such zone.
    """
    client = stage.client("route53")
    try:
        return client.get_hosted_zone(Id=zone)["HostedZone"]["Name"].rstrip(".")
    except client.exceptions.NoSuchHostedZone as error:
        raise StackFailed(f"Route 53 has no zone {zone}") from error


def domain_within(zone: str, address: str) -> str:
    """The domain of an address, where it is a zone's or lies in it; `none` elsewhere, for the zone cannot have its records."""
    domain = address.partition("@")[2].lower()
    return domain if f".{domain}".endswith(f".{zone.lower()}") else NONE
