"""Deploys a stage, locally or in AWS: packages, stacks in order, secret, keys and assets; then checks that the templates took effect.

    python -m infra.deploy STAGE [--build] [--only STACK] [--new-table] [--pages HOST:PORT] [--domain NAME [--zone ID]]
                                 [--waf on|off] [--access-logs on|off] [--price-class 100|200|all]
                                 [--hsts-subdomains yes|no] [--format-fallback on|off]
                                 [--alarm-mail ADDRESS] [--mail-from ADDRESS]
                                 [--text-messages sent|none] [--text-countries CODES] [--texts-a-day N]
                                 [--google CLIENT] [--facebook APP] [--oidc ISSUER CLIENT NAME]
                                 [--architecture arm64] [--new-edge-key] [--dry-run]
"""

import argparse
import re
import sys
from pathlib import Path

from infra import build, check, concurrency, distribution, functions, plan, secret, sender, site
from infra.local import gaps
from infra.packages import USUAL_ARCHITECTURE, Artifacts, NotBuilt, package
from infra.stack_parameters import StageStacks
from infra.stacks import Stack, StackFailed
from infra.stage import STACKS, Stage
from infra.templates import packaged
from infra.timing import fail, step

# The StageRegion of stacks from before they had that parameter.
UNKNOWN_REGION = "unknown"


def next_table(stage: Stage) -> str:
    """The next free table generation: a failed deploy may have left a table behind."""
    client = stage.client("dynamodb")
    generation = int(Stack(stage, "state").parameters().get("TableGeneration", 0))
    while True:
        generation += 1
        try:
            client.describe_table(TableName=f"shoebox-{stage.name}-{generation}")
        except client.exceptions.ResourceNotFoundException:
            return str(generation)


def complete_options(stage: Stage, options: argparse.Namespace) -> None:
    """Completes the command line's options from the deployed stacks.

    # Errors
    `StackFailed` if the stage is deployed in another region, because a second one would take over its address; and if a stack's rollback
    failed, because the other stacks would be deployed as if it did not exist.
    """
    for kind in STACKS:
        Stack(stage, kind).refuse_stuck()
    region = Stack(stage, "edge").parameters().get("StageRegion", stage.region)
    if region not in (stage.region, UNKNOWN_REGION):
        raise StackFailed(f"{stage.name} is deployed in {region}, not in {stage.region}: set AWS_REGION={region}")
    if options.architecture is None:
        kinds = [options.only, *functions.BY_STACK] if options.only else functions.BY_STACK
        known = (Stack(stage, kind).parameters().get("Architecture") for kind in kinds)
        options.architecture = next(filter(None, known), USUAL_ARCHITECTURE)


def in_order(stage: Stage, only: str | None) -> list[str]:
    """The stacks to deploy, in order. A distribution without a key gets it before `web` requires it.

    # Errors
    `StackFailed` if only `pages` is deployed, but the distribution has no key.
    """
    edge = Stack(stage, "edge").outputs()
    has_key = not edge or "EdgeKeyStamp" in edge
    if only == "pages" and not has_key:
        raise StackFailed("the distribution has no key yet, so `web` would reject all its requests: deploy `edge` first")
    if only:
        return [only]
    return STACKS if has_key else sorted(STACKS, key=lambda kind: kind not in ("state", "edge"))


def provider_parameters(stage: Stage, options: argparse.Namespace) -> dict[str, str]:
    """The parameters of identity providers, whose client secrets must be stored first."""
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
        secret.require_clients(stage, wanted)
    return given


def text_parameters(stage: Stage, options: argparse.Namespace) -> dict[str, str]:
    """The parameters of text messages; omitted ones keep their values. Local stages have a high limit, since messages are free."""
    defaults = ("sent", "44,49", "100000") if stage.is_local else (None, None, None)
    requested = (options.text_messages, options.text_countries, options.texts_a_day)
    names = ("TextMessages", "TextCountries", "TextsADay")
    return {name: value for name, value in zip(names, (one or other for one, other in zip(requested, defaults))) if value}


def deploy_stacks(stage: Stage, options: argparse.Namespace) -> dict[str, str]:
    """Deploys all stacks or only one, and updates the others' parameters; returns all outputs."""
    given = {"Stage": stage.name, "HomePort": str(stage.port or "")}
    given |= {"Architecture": options.architecture, "StageRegion": stage.region}
    given |= distribution.parameters(options) | distribution.domain_parameters(stage, options.domain, options.zone)
    if options.new_table:
        given["TableGeneration"] = next_table(stage)
    if options.alarm_mail is not None:
        given["AlarmMail"] = options.alarm_mail
    given |= sender.parameters(stage, options.mail_from, options.zone)
    given |= text_parameters(stage, options)
    given |= provider_parameters(stage, options)
    kinds = in_order(stage, options.only)

    with step("packages") as outcome:
        artifacts = Artifacts(stage)
        wanted = [function for kind in kinds for function in functions.BY_STACK.get(kind, [])]
        hashes = site.hashes(options.site)
        packages = {one: artifacts.place(package(stage, one, options.architecture, options.binaries, hashes)) for one in wanted}
        outcome.append(f"{len(packages)} functions")
    stage_stacks = StageStacks(stage, options.pages)
    replaceable = frozenset({"Table"} if options.new_table else ())
    for kind in kinds:
        if kind == "pages" and not options.pages:
            # Before the pages that name them.
            with step("assets") as outcome:
                outcome.append(f"{site.sync(stage, stage_stacks.outputs['SiteBucket'], options.site)} uploaded")
        with step(f"stack {kind}") as outcome:
            outcome.append("deployed" if stage_stacks.deploy(kind, packaged(kind, packages), given, replaceable) else "unchanged")
        if kind == "state" and options.new_edge_key:
            # `web` is deployed before the distribution, and accepts both keys when that sends the new one.
            secret.rotate_edge_key(stage, stage_stacks.outputs.get("EdgeKeyStamp"))
    with step("parameters from other stacks") as outcome:
        updated = stage_stacks.propagate()
        outcome.append(f"{len(updated)} updated" if updated else "unchanged")
    Stack(stage, "state").protect()
    return stage_stacks.outputs


def deploy(stage: Stage, options: argparse.Namespace) -> None:
    """Deploys every stack, setting and file of the stage, or only one stack."""
    complete_options(stage, options)
    if warning := concurrency.warning(stage):
        print(f"  {warning}")
    known = deploy_stacks(stage, options)
    if stage.is_local:
        gaps.close(stage, known)
    with step("secret and media keys"):
        values = secret.fill(stage)
        if {"MediaKeysArn", "ScheduledJobs", "WorkflowArn"} <= known.keys():
            secret.publish_media_keys(stage, known["ScheduledJobs"])
    if options.only in (None, "pages") and not options.pages:
        with step("assets of earlier builds") as outcome:
            outcome.append(f"{site.retire(stage, known['SiteBucket'], options.site)} will expire")
    if options.only:
        if options.only == "edge":
            distribution.report(Stack(stage, "edge").parameters(), known["DistributionDomain"])
        return
    if options.check:
        with step("check") as outcome:
            # With --pages the watch server serves the pages, so `web` may not be built yet.
            outcome.append(f"{check.run(stage, known, web=not options.pages)} passed")

    print(f"\n  Address      {stage.setting('site-address')}")
    distribution.report(Stack(stage, "edge").parameters(), known["DistributionDomain"])
    if Stack(stage, "notifications").parameters().get("MailFrom", sender.NONE) == sender.NONE:
        print("  Mail         disabled, so nobody can create an account or reset a password: deploy with --mail-from")
    if options.new_table:
        print(f"  The table is new and empty; rebuild its rows: make rebuild STAGE={stage.name}")
    elif code := secret.unclaimed_owner_code(stage, known["TableName"], values):
        print(f"  Owner code   {code}   (the account that signs up with it owns the site)")


def parsed(arguments: list[str]) -> argparse.Namespace:
    """Parses the command line."""
    parser = argparse.ArgumentParser(prog="infra.deploy")
    parser.add_argument("stage")
    parser.add_argument("--only", choices=STACKS, help="deploy only this stack; the others keep their templates")
    parser.add_argument("--new-table", action="store_true", help="create an empty table in place of a lost one")
    parser.add_argument("--pages", metavar="HOST:PORT", help="a server for the pages, in place of the HTTP API")
    distribution.add_flags(parser)
    parser.add_argument("--alarm-mail", metavar="ADDRESS", help="the address that alarms are sent to, from now on; none if empty")
    parser.add_argument("--mail-from", metavar="ADDRESS", help="the sender of mails, from now on; verified by DNS records in the zone, else by a mail from SES")
    parser.add_argument("--text-messages", choices=["sent", "none"], help="whether text messages are sent, from now on; each costs a few cents")
    parser.add_argument("--text-countries", metavar="CODES", help="their countries, from now on: calling codes such as 44,49, or 'all'; prices vary widely")
    parser.add_argument("--texts-a-day", metavar="N", help="the daily limit of the whole site, from now on; initially 100")
    parser.add_argument("--google", metavar="CLIENT", help="sign-in with Google, from now on; disabled if empty")
    parser.add_argument("--facebook", metavar="APP", help="sign-in with Facebook, likewise")
    parser.add_argument("--oidc", nargs="+", metavar=("ISSUER", "CLIENT"), help="sign-in with an OpenID provider, likewise, with its display name")
    parser.add_argument("--architecture", choices=["x86_64", "arm64"], help="the functions' architecture, from now on; initially x86_64")
    parser.add_argument("--new-edge-key", action="store_true", help="rotate the key by which `web` recognises the distribution's requests")
    parser.add_argument("--binaries", type=Path, help="the folder of the functions' binaries")
    parser.add_argument("--site", type=Path, default=site.BUILT, help="the folder of the site's files")
    parser.add_argument("--build", action="store_true", help="build the functions and the site first")
    parser.add_argument("--no-check", dest="check", action="store_false")
    parser.add_argument("--dry-run", action="store_true", help="package, lint, and print what would be deployed where")
    options = parser.parse_args(arguments)
    if options.zone and not options.domain:
        parser.error("--zone requires --domain")
    if options.mail_from and options.mail_from != sender.NONE and "@" not in options.mail_from:
        parser.error(f"--mail-from takes an address, or '{sender.NONE}'")
    if options.text_messages == "sent" and not options.text_countries:
        parser.error("--text-messages sent requires --text-countries")
    if options.text_countries and not re.fullmatch(r"all|[1-9]\d{0,6}(,[1-9]\d{0,6})*", options.text_countries):
        parser.error("--text-countries takes calling codes such as 44,49, or 'all'")
    if options.texts_a_day and not re.fullmatch(r"\d{1,6}", options.texts_a_day):
        parser.error("--texts-a-day takes a number")
    if options.oidc is not None and options.oidc != [""] and len(options.oidc) != 3:
        parser.error("--oidc takes an issuer, a client and a name, or ''")
    if options.only and options.new_table:
        parser.error("--new-table and --only exclude each other: a new table affects every stack")
    if options.only and options.new_edge_key:
        parser.error("--new-edge-key and --only exclude each other: a new key affects more than one stack")
    return options


def main(arguments: list[str]) -> int:
    options = parsed(arguments)
    stage = Stage.named(options.stage)
    try:
        if options.dry_run:
            return plan.show(stage, options)
        if options.build:
            complete_options(stage, options)
            build.for_stage(stage, options.architecture)
        deploy(stage, options)
    except (NotBuilt, StackFailed, secret.NotPublished, secret.Missing, check.Failed, build.Failed) as error:
        return fail(f"Not deployed: {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
