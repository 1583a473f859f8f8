"""Deploys a stage, at home or in AWS: packages, stacks in their order, secret, keys, assets; then checks that it took effect.

    python -m infra.deploy STAGE [--build] [--pages HOST:PORT] [--domain NAME --zone ID] [--architecture arm64] [--dry-run]
"""

import argparse
import sys
from pathlib import Path

from infra import build, check, plan, secret, site
from infra.local import gaps
from infra.packages import Artifacts, NotBuilt, doors, package
from infra.stacks import Stack, StackFailed
from infra.stage import STACKS, Stage
from infra.templates import packaged
from infra.timing import fail, step


def page_origin(stage: Stage, pages: str | None, outputs: dict[str, str]) -> dict[str, str]:
    """Where the distribution gets its pages: the watch server in development, else the HTTP API."""
    if pages:
        host, port = pages.rsplit(":", 1)
        return {"PageOriginDomain": host, "PageOriginPath": "", "PageOriginPort": port, "PageOriginServesAssets": "yes"}
    if stage.at_home:
        # The local distribution cannot reach an AWS address: it goes by the local cloud's own path for the API.
        path = f"/_aws/execute-api/{outputs['PagesApi']}/$default"
        return {
            "PageOriginDomain": "127.0.0.1",
            "PageOriginPath": path,
            "PageOriginPort": str(stage.port),
            "PageOriginServesAssets": "no",
        }
    return {"PageOriginDomain": outputs["PagesDomain"], "PageOriginPath": "", "PageOriginPort": "443", "PageOriginServesAssets": "no"}


def site_address(stage: Stage, edge: dict[str, str], domain: str | None) -> dict[str, str]:
    """What `state` learns of the distribution, once it stands."""
    if not edge:
        return {}
    host = edge.get("DomainName") or domain or edge["DistributionDomain"]
    if stage.at_home:
        address = f"http://{host.removesuffix('.net')}.localhost:{stage.port}"
    else:
        address = f"https://{host}"
    return {"SiteAddress": address, "DistributionId": edge["DistributionId"]}


def deploy(stage: Stage, options: argparse.Namespace) -> str:
    """Brings every stack, setting and file of the stage up to date; answers with its address."""
    known = {"Stage": stage.name, "HomePort": str(stage.port or ""), "Architecture": options.architecture}
    if options.domain:
        known |= {"DomainName": options.domain, "HostedZoneId": options.zone}

    with step("packages") as outcome:
        artifacts = Artifacts(stage)
        packages = {door: artifacts.place(package(stage, door, options.architecture, options.binaries)) for door in doors()}
        outcome.append(f"{len(packages)} doors")

    edge = Stack(stage, "edge").outputs()
    known |= site_address(stage, edge, options.domain)
    for kind in STACKS:
        with step(f"stack {kind}") as outcome:
            if kind == "edge":
                known |= page_origin(stage, options.pages, known)
            outputs, changed = Stack(stage, kind).deploy(packaged(kind, packages), known)
            known |= outputs
            outcome.append("deployed" if changed else "unchanged")

    learned = site_address(stage, known, options.domain)
    if learned.items() - known.items():
        known |= learned
        with step("stack state, with the site's address") as outcome:
            Stack(stage, "state").deploy(packaged("state", packages), known)
            outcome.append("deployed")

    if stage.at_home:
        gaps.close(stage, known)
    with step("secret and media keys"):
        values = secret.fill(stage)
        secret.publish_media_keys(stage)
    if not options.pages:
        with step("assets") as outcome:
            outcome.append(f"{site.sync(stage, known['SiteBucket'])} sent")
    if options.check:
        with step("check") as outcome:
            # In development the watch server gives the pages, and `web` need not be built yet.
            outcome.append(f"{check.run(stage, known, web=not options.pages)} facts")

    code = secret.unclaimed_owner_code(stage, known["TableName"], values)
    print(f"\n  Address      {learned['SiteAddress']}")
    if code:
        print(f"  Owner code   {code}   (the account that signs up with it owns the site)")
    return learned["SiteAddress"]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="infra.deploy")
    parser.add_argument("stage")
    parser.add_argument("--pages", metavar="HOST:PORT", help="a server that gives the pages instead of the HTTP API")
    parser.add_argument("--domain", help="the site's own name")
    parser.add_argument("--zone", help="the Route 53 zone of that name")
    parser.add_argument("--architecture", choices=["x86_64", "arm64"], default="x86_64")
    parser.add_argument("--binaries", type=Path, help="the folder of the doors' binaries")
    parser.add_argument("--build", action="store_true", help="build the doors and the site first")
    parser.add_argument("--no-check", dest="check", action="store_false")
    parser.add_argument("--dry-run", action="store_true", help="package, lint, and say what would go where")
    options = parser.parse_args(arguments)
    if bool(options.domain) != bool(options.zone):
        parser.error("--domain and --zone go together")
    stage = Stage.named(options.stage)
    try:
        if options.dry_run:
            return plan.show(stage, options)
        if options.build:
            build.for_stage(stage, options.architecture)
        deploy(stage, options)
    except (NotBuilt, StackFailed, secret.NotPublished, check.Failed, build.Failed) as error:
        return fail(f"Not deployed: {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
