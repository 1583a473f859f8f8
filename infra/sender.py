"""Whom a stage's mails come from, and what SES lets it do."""

from infra.stacks import Stack
from infra.stage import Stage

NONE = "none"
"""In the place of an address: no mail is sent."""
HOME = "photos@shoebox.test"
"""The sender at home. Nothing that the local cloud sends leaves it."""


def told(stage: Stage, asked: str | None) -> dict[str, str]:
    """What the stacks are told of the sender: of the one that is asked for, or else of the one that stands.

    `notices` makes its identity unless that is there without it. `state` has Cognito mail from it, once SES has verified it and lets it
    mail anybody; until then Cognito mails by itself, fifty codes a day.
    """
    stack = Stack(stage, "notices")
    standing = stack.parameters() if stack.template() else {}
    address = asked or (HOME if stage.at_home else standing.get("MailFrom", NONE))
    name, verified = identity(stage, address) or (None, False)
    made = standing.get("MailFrom") == address and standing.get("SenderExists", "no") == "no"
    exists = not made and (verified or name == address)
    anybody = verified and stage.client("sesv2").get_account()["ProductionAccessEnabled"]
    return {"MailFrom": address, "SenderExists": "yes" if exists else "no", "SenderIdentity": name if anybody else NONE}


def identity(stage: Stage, address: str) -> tuple[str, bool] | None:
    """The identity that SES would send from an address by, and whether it is verified: the address', or that of a domain it lies in."""
    if address == NONE:
        return None
    client = stage.client("sesv2")
    labels = address.partition("@")[2].split(".")
    for name in [address, *(".".join(labels[place:]) for place in range(len(labels) - 1))]:
        try:
            return name, client.get_email_identity(EmailIdentity=name).get("VerifiedForSendingStatus", False)
        except client.exceptions.NotFoundException:
            continue
    return None
