"""The deploy's options for the stack `edge`: domain, certificate, firewall, access logs, price class, format fallback."""

import argparse
import hashlib
import time

from infra import prices, templates
from infra.stage import EDGE_REGION, Stage

FLAGS = {"waf": "Waf", "access_logs": "AccessLogs", "hsts_subdomains": "HstsSubdomains", "format_fallback": "FormatFallback"}
"""The parameters of flags whose value is the parameter's."""
PRICE_CLASSES = {"100": "PriceClass_100", "200": "PriceClass_200", "all": "PriceClass_All"}
_STAGE_TAG = "shoebox:stage"
_RECORD = "               {}  CNAME  {}"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Adds the command line's flags. A stage keeps their values."""
    parser.add_argument("--domain", help="the site's domain name")
    parser.add_argument("--zone", help="the id of the domain's Route 53 hosted zone; without it, the deploy prints the DNS records to create")
    parser.add_argument("--waf", choices=["on", "off"], help="a web application firewall, from now on; billed by the month")
    parser.add_argument("--access-logs", choices=["on", "off"], help="CloudFront's access logs, from now on, kept for 30 days")
    parser.add_argument("--price-class", choices=PRICE_CLASSES, help="where CloudFront serves from, from now on: 100 is the cheapest, initially")
    parser.add_argument("--hsts-subdomains", choices=["yes", "no"], help="whether HSTS includes the domain's subdomains, from now on")
    parser.add_argument("--format-fallback", choices=["on", "off"], help="Lambda@Edge that redirects from missing renditions, from now on")


def parameters(options: argparse.Namespace) -> dict[str, str]:
    """The parameters of the given flags, except those of the domain."""
    given = {name: getattr(options, flag) for flag, name in FLAGS.items() if getattr(options, flag)}
    return given | ({"PriceClass": PRICE_CLASSES[options.price_class]} if options.price_class else {})


def domain_parameters(stage: Stage, domain: str | None, zone: str | None) -> dict[str, str]:
    """The parameters of the site's domain. Without a zone it needs an issued certificate; until then, prints how to get it, and returns none."""
    if not domain:
        return {}
    if zone:
        return {"DomainName": domain, "HostedZoneId": zone}
    certificate = _certificate(stage, domain)
    if certificate["Status"] == "ISSUED":
        return {"DomainName": domain, "HostedZoneId": "", "CertificateArn": certificate["CertificateArn"]}
    record = certificate["DomainValidationOptions"][0]["ResourceRecord"]
    print(f"  {domain} is not used yet: its certificate is {certificate['Status']}. Create this DNS record, wait some minutes, and deploy again:")
    print(_RECORD.format(record["Name"], record["Value"]))
    return {}


def report(deployed: dict[str, str], host: str = "") -> None:
    """Prints what the deployed parameters of `edge` require or cost. `host` is the distribution's name."""
    if deployed.get("DomainName") and not deployed.get("HostedZoneId"):
        print("  DNS          this record must exist; at the top of a zone use ALIAS or ANAME instead:")
        print(_RECORD.format(deployed["DomainName"], host))
    if deployed.get("Waf") == "on":
        print(f"  Firewall     {firewall_price(templates.load('edge'))}; '--waf off' ends it")


def firewall_price(template: dict) -> str:
    """The price of the template's firewall, as a text."""
    each = {name: price["usd"] / price["for"] for name, price in prices.table()["prices"].items()}
    monthly = each["web_acls"] + each["web_acl_rules"] * len(template["Resources"]["Firewall"]["Properties"]["Rules"])
    return f"{monthly:.2f} USD a month, and {each['web_acl_requests'] * 10**6:.2f} USD per million requests"


def _certificate(stage: Stage, domain: str) -> dict:
    """The stage's certificate for a domain, requested if there is none or if it failed."""
    acm = stage.client("acm", EDGE_REGION)
    for arn, name in _certificates(acm, stage):
        if name == domain:
            found = _described(acm, stage, arn)
            if found["Status"] in ("ISSUED", "PENDING_VALIDATION"):
                return found
            acm.delete_certificate(CertificateArn=arn)
    requested = acm.request_certificate(
        DomainName=domain,
        ValidationMethod="DNS",
        IdempotencyToken=hashlib.sha256(f"{stage.name} {domain} {time.time()}".encode()).hexdigest()[:32],
        Tags=[{"Key": _STAGE_TAG, "Value": stage.name}],
    )
    return _described(acm, stage, requested["CertificateArn"])


def _described(acm, stage: Stage, arn: str) -> dict:
    """A certificate, once its validation record is known, which takes some seconds."""
    while True:
        found = acm.describe_certificate(CertificateArn=arn)["Certificate"]
        if found["Status"] != "PENDING_VALIDATION" or "ResourceRecord" in found.get("DomainValidationOptions", [{}])[0]:
            return found | {"CertificateArn": arn}
        time.sleep(stage.pause)


def _certificates(acm, stage: Stage) -> list[tuple[str, str]]:
    """ARN and domain of each certificate that was requested for the stage."""
    pages = acm.get_paginator("list_certificates").paginate()
    every = [(one["CertificateArn"], one["DomainName"]) for page in pages for one in page["CertificateSummaryList"]]
    tag = {"Key": _STAGE_TAG, "Value": stage.name}
    return [(arn, domain) for arn, domain in every if tag in acm.list_tags_for_certificate(CertificateArn=arn)["Tags"]]


def delete_certificates(stage: Stage) -> int:
    """Deletes the certificates that were requested for the stage, which no distribution may use; returns their number."""
    acm = stage.client("acm", EDGE_REGION)
    found = _certificates(acm, stage)
    for arn, _ in found:
        acm.delete_certificate(CertificateArn=arn)
    return len(found)
