"""Deploys a stage, at home or in AWS: packages, stacks in their order, secret, keys, assets; then checks that it took effect.

    python -m infra.deploy STAGE [--build] [--only STACK] [--new-table] [--pages HOST:PORT] [--domain NAME --zone ID]
                                 [--alarm-mail ADDRESS] [--mail-from ADDRESS]
                                 [--text-messages sent|none] [--text-countries CODES] [--texts-a-day N]
                                 [--google CLIENT] [--facebook APP] [--oidc ISSUER CLIENT NAME]
                                 [--architecture arm64] [--new-edge-key] [--dry-run]
"""

import argparse
import re
import sys
from pathlib import Path

from infra import build, check, concurrency, functions, plan, secret, sender, site
from infra.local import gaps
from infra.packages import USUAL_ARCHITECTURE, Artifacts, NotBuilt, package
from infra.stacks import Stack, StackFailed
from infra.stage import STACKS, Stage
from infra.templates import packaged
from infra.timing import fail, step
from infra.wiring import Wiring

# What a stage's stacks say that were deployed before they kept it.
UNKNOWN_REGION = "unknown"


def next_table(stage: Stage) -> str:
    """The generation of a table to come. One that a failed deploy left behind keeps its name."""
    client = stage.client("dynamodb")
    generation = int(Stack(stage, "state").parameters().get("TableGeneration", 0))
    while True:
        generation += 1
        try:
            client.describe_table(TableName=f"shoebox-{stage.name}-{generation}")
        except client.exceptions.ResourceNotFoundException:
            return str(generation)


def recall(stage: Stage, options: argparse.Namespace) -> None:
    """Fills in from the stacks that stand what the command line leaves open.

    # Errors
    `StackFailed` where the stage stands in another region: a second one there would take the site's address from it; and where a stack is
    stuck: the others would be told of it as if it were not there.
    """
    for kind in STACKS:
        Stack(stage, kind).refuse_stuck()
    region = Stack(stage, "edge").parameters().get("StageRegion", stage.region)
    if region not in (stage.region, UNKNOWN_REGION):
        raise StackFailed(f"{stage.name} stands in {region}, not in {stage.region}: set AWS_REGION={region}")
    if options.architecture is None:
        kinds = [options.only, *functions.BY_STACK] if options.only else functions.BY_STACK
        known = (Stack(stage, kind).parameters().get("Architecture") for kind in kinds)
        options.architecture = next(filter(None, known), USUAL_ARCHITECTURE)


def in_order(stage: Stage, only: str | None) -> list[str]:
    """The stacks to deploy. A distribution from before it had a key learns it before `web` wants it.

    # Errors
    `StackFailed` where `web` alone would want it.
    """
    edge = Stack(stage, "edge").outputs()
    has_key = not edge or "EdgeKeyStamp" in edge
    if only == "pages" and not has_key:
        raise StackFailed("the distribution has no key yet, and `web` would refuse all that it sends: deploy `edge` first")
    if only:
        return [only]
    return STACKS if has_key else sorted(STACKS, key=lambda kind: kind not in ("state", "edge"))


def providers(stage: Stage, options: argparse.Namespace) -> dict[str, str]:
    """What `state` is told of other providers; each wants its secret first."""
    given = {}
    if options.google is not None:
        given["GoogleClient"] = options.google
    if options.facebook is not None:
        given["FacebookClient"] = options.facebook
    if options.oidc is not None:
        issuer, client, name = options.oidc if options.oidc != [""] else ("", "", "OpenID")
        given |= {"OidcIssuer": issuer, "OidcClient": client, "OidcName": name}
    wanted = [provider for provider in secret.PROVIDERS if given.get(f"{provider.capitalize()}Client")]
    if wanted:
        secret.want_clients(stage, wanted)
    return given


def texting(stage: Stage, options: argparse.Namespace) -> dict[str, str]:
    """What is told of text messages; what is not stays as it was. At home nothing is paid for, and tests share a day."""
    home = ("sent", "44,49", "100000") if stage.at_home else (None, None, None)
    asked = (options.text_messages, options.text_countries, options.texts_a_day)
    names = ("TextMessages", "TextCountries", "TextsADay")
    return {name: value for name, value in zip(names, (one or other for one, other in zip(asked, home))) if value}


def bring(stage: Stage, options: argparse.Namespace) -> dict[str, str]:
    """Deploys all stacks or the one that is asked for, and tells the others; answers with all their outputs."""
    given = {"Stage": stage.name, "HomePort": str(stage.port or "")}
    given |= {"Architecture": options.architecture, "StageRegion": stage.region}
    if options.domain:
        given |= {"DomainName": options.domain, "HostedZoneId": options.zone}
    if options.new_table:
        given["TableGeneration"] = next_table(stage)
    if options.alarm_mail is not None:
        given["AlarmMail"] = options.alarm_mail
    given |= sender.told(stage, options.mail_from, options.zone)
    given |= texting(stage, options)
    given |= providers(stage, options)
    kinds = in_order(stage, options.only)

    with step("packages") as outcome:
        artifacts = Artifacts(stage)
        wanted = [door for kind in kinds for door in functions.BY_STACK.get(kind, [])]
        packages = {door: artifacts.place(package(stage, door, options.architecture, options.binaries)) for door in wanted}
        outcome.append(f"{len(packages)} doors")
    wiring = Wiring(stage, options.pages)
    replaceable = frozenset({"Table"} if options.new_table else ())
    for kind in kinds:
        with step(f"stack {kind}") as outcome:
            outcome.append("deployed" if wiring.bring(kind, packaged(kind, packages), given, replaceable) else "unchanged")
        if kind == "state" and options.new_edge_key:
            # `web` comes before the distribution, and takes both keys when that sends the new one.
            secret.renew_edge_key(stage, wiring.outputs.get("EdgeKeyStamp"))
    with step("what they know of each other") as outcome:
        told = wiring.settle()
        outcome.append(f"{len(told)} told" if told else "unchanged")
    Stack(stage, "state").protect()
    return wiring.outputs


def deploy(stage: Stage, options: argparse.Namespace) -> None:
    """Brings every stack, setting and file of the stage up to date, or one stack alone."""
    recall(stage, options)
    if warning := concurrency.warning(stage):
        print(f"  {warning}")
    known = bring(stage, options)
    if stage.at_home:
        gaps.close(stage, known)
    with step("secret and media keys"):
        values = secret.fill(stage)
        if {"MediaKeysArn", "Clock", "WorkflowArn"} <= known.keys():
            secret.publish_media_keys(stage, known["Clock"])
    if options.only in (None, "pages") and not options.pages:
        with step("assets") as outcome:
            outcome.append(f"{site.sync(stage, known['SiteBucket'], options.site)} sent")
    if options.only:
        return
    if options.check:
        with step("check") as outcome:
            # In development the watch server gives the pages, and `web` need not be built yet.
            outcome.append(f"{check.run(stage, known, web=not options.pages)} facts")

    print(f"\n  Address      {stage.setting('site-address')}")
    if Stack(stage, "notices").parameters().get("MailFrom", sender.NONE) == sender.NONE:
        print("  Mail         none is sent, so nobody can create an account or set another password: deploy with --mail-from")
    if options.new_table:
        print(f"  The table is new and empty: make rebuild STAGE={stage.name}")
    elif code := secret.unclaimed_owner_code(stage, known["TableName"], values):
        print(f"  Owner code   {code}   (the account that signs up with it owns the site)")


def parsed(arguments: list[str]) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="infra.deploy")
    parser.add_argument("stage")
    parser.add_argument("--only", choices=STACKS, help="this stack alone; the others keep their templates")
    parser.add_argument("--new-table", action="store_true", help="an empty table in the place of one that is lost")
    parser.add_argument("--pages", metavar="HOST:PORT", help="a server that gives the pages instead of the HTTP API")
    parser.add_argument("--domain", help="the site's own name")
    parser.add_argument("--zone", help="the Route 53 zone of that name")
    parser.add_argument("--alarm-mail", metavar="ADDRESS", help="who is told of alarms, from now on; nobody when empty")
    parser.add_argument("--mail-from", metavar="ADDRESS", help="the address that mails are sent from, from now on; in a domain of the zone records prove it, else SES asks it first, unless it knows it or its domain")
    parser.add_argument("--text-messages", choices=["sent", "none"], help="whether text messages are sent, from now on; each costs some cents")
    parser.add_argument("--text-countries", metavar="CODES", help="where they go, from now on: calling codes as 44,49, or 'all'; some countries cost many times what others do")
    parser.add_argument("--texts-a-day", metavar="N", help="how many the whole site sends in a day, from now on; 100 at first")
    parser.add_argument("--google", metavar="CLIENT", help="let people in by Google, from now on; no longer when empty")
    parser.add_argument("--facebook", metavar="APP", help="the same by Facebook")
    parser.add_argument("--oidc", nargs="+", metavar=("ISSUER", "CLIENT"), help="the same by an OpenID provider, and its name")
    parser.add_argument("--architecture", choices=["x86_64", "arm64"], help="what functions run on, from now on; x86_64 at first")
    parser.add_argument("--new-edge-key", action="store_true", help="another key that shows `web` what comes through the distribution")
    parser.add_argument("--binaries", type=Path, help="the folder of the doors' binaries")
    parser.add_argument("--site", type=Path, default=site.BUILT, help="the folder of the site's files")
    parser.add_argument("--build", action="store_true", help="build the doors and the site first")
    parser.add_argument("--no-check", dest="check", action="store_false")
    parser.add_argument("--dry-run", action="store_true", help="package, lint, and say what would go where")
    options = parser.parse_args(arguments)
    if bool(options.domain) != bool(options.zone):
        parser.error("--domain and --zone go together")
    if options.mail_from and options.mail_from != sender.NONE and "@" not in options.mail_from:
        parser.error(f"--mail-from takes an address, or '{sender.NONE}'")
    if options.text_messages == "sent" and not options.text_countries:
        parser.error("--text-messages sent wants --text-countries, too")
    if options.text_countries and not re.fullmatch(r"all|[1-9]\d{0,6}(,[1-9]\d{0,6})*", options.text_countries):
        parser.error("--text-countries takes calling codes as 44,49, or 'all'")
    if options.texts_a_day and not re.fullmatch(r"\d{1,6}", options.texts_a_day):
        parser.error("--texts-a-day takes a number")
    if options.oidc is not None and options.oidc != [""] and len(options.oidc) != 3:
        parser.error("--oidc takes an issuer, a client and a name, or ''")
    if options.only and options.new_table:
        parser.error("a new table concerns every stack")
    if options.only and options.new_edge_key:
        parser.error("a new key concerns more than one stack")
    return options


def main(arguments: list[str]) -> int:
    options = parsed(arguments)
    stage = Stage.named(options.stage)
    try:
        if options.dry_run:
            return plan.show(stage, options)
        if options.build:
            recall(stage, options)
            build.for_stage(stage, options.architecture)
        deploy(stage, options)
    except (NotBuilt, StackFailed, secret.NotPublished, secret.Missing, check.Failed, build.Failed) as error:
        return fail(f"Not deployed: {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
