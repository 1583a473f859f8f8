"""The distribution's template, and the deploy's options for it, without a network."""

import io
import unittest
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory

from infra import deploy, distribution, replacements, templates

OFF = {"HomePort": "", "Stage": "prod", "MediaDomain": "m", "SiteDomain": "s"}
CONDITIONAL = {
    "FormatFallback": ("FormatFallbackFunction", "FormatFallbackRole", "FormatFallbackVersion", "MediaLink"),
    "Waf": ("Firewall",),
    "AccessLogs": ("AccessLogsBucket", "AccessLogsBucketPolicy", "AccessLogsSource", "AccessLogsDestination", "AccessLogsDelivery"),
}


def resources(**parameters: str) -> dict[str, tuple[str, dict]]:
    """The type and properties of each resource that exists with these parameters."""
    template = templates.packaged("edge", {})
    defaults = {name: str(declared["Default"]) for name, declared in template["Parameters"].items() if "Default" in declared}
    return replacements._Stack(template, defaults | OFF | parameters).resources


def distribution_config(**parameters: str) -> dict:
    return resources(**parameters)["Distribution"][1]["DistributionConfig"]


def behavior(path: str, **parameters: str) -> dict:
    return next(one for one in distribution_config(**parameters)["CacheBehaviors"] if one["PathPattern"] == path)


class Caching(unittest.TestCase):
    def test_pages_are_compressed_and_never_shared(self):
        config = distribution_config()["DefaultCacheBehavior"]
        self.assertEqual((config["CachePolicyId"], config["Compress"]), ({"Ref": "PageCaching"}, True))
        policy = resources()["PageCaching"][1]["CachePolicyConfig"]
        self.assertEqual((policy["MinTTL"], policy["DefaultTTL"]), (0, 0), "responses that say nothing are not cached")
        self.assertEqual(policy["MaxTTL"], 1, "CloudFront compresses nothing if it is 0")
        key = policy["ParametersInCacheKeyAndForwardedToOrigin"]
        self.assertTrue(key["EnableAcceptEncodingBrotli"] and key["EnableAcceptEncodingGzip"])
        self.assertEqual((key["CookiesConfig"]["CookieBehavior"], key["QueryStringsConfig"]["QueryStringBehavior"]), ("all", "all"))
        self.assertIn("Authorization", key["HeadersConfig"]["Headers"])

    def test_renditions_are_cached_by_path_alone(self):
        key = resources()["MediaCaching"][1]["CachePolicyConfig"]["ParametersInCacheKeyAndForwardedToOrigin"]
        for name, value in (("CookiesConfig", "CookieBehavior"), ("HeadersConfig", "HeaderBehavior"), ("QueryStringsConfig", "QueryStringBehavior")):
            self.assertEqual(key[name][value], "none")
        self.assertNotIn("OriginRequestPolicyId", behavior("/media/*"))

    def test_every_behavior_requires_https_and_buckets_are_read_with_signatures(self):
        config = distribution_config()
        self.assertEqual({one["ViewerProtocolPolicy"] for one in [config["DefaultCacheBehavior"], *config["CacheBehaviors"]]}, {"redirect-to-https"})
        self.assertEqual(config["HttpVersion"], "http2and3")
        controls = {origin["Id"]: origin.get("OriginAccessControlId") for origin in config["Origins"]}
        self.assertEqual(controls, {"pages": None, "site": {"Fn::GetAtt": ["SiteAccess", "Id"]}, "media": {"Fn::GetAtt": ["MediaAccess", "Id"]}})


class Options(unittest.TestCase):
    def test_options_are_off_by_default_and_in_the_local_cloud(self):
        optional = {name for names in CONDITIONAL.values() for name in names}
        self.assertFalse(optional & set(resources()))
        self.assertFalse(optional & set(resources(HomePort="4566", **dict.fromkeys(CONDITIONAL, "on"))))
        for parameter, names in CONDITIONAL.items():
            self.assertEqual(optional & set(resources(**{parameter: "on"})), set(names))

    def test_subdomains_are_not_affected_unless_requested(self):
        for parameters, included in (({}, False), ({"HstsSubdomains": "yes"}, True)):
            for policy in ("PageHeaders", "MediaHeaders"):
                security = resources(**parameters)[policy][1]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
                self.assertIs(security["StrictTransportSecurity"]["IncludeSubdomains"], included)

    def test_a_domain_with_its_dns_elsewhere_has_a_certificate_of_the_deploy(self):
        elsewhere = {"DomainName": "photos.example.org", "CertificateArn": "arn:c"}
        for parameters, arn, owned in ((elsewhere, "arn:c", set()), (elsewhere | {"HostedZoneId": "Z1"}, {"Ref": "Certificate"}, {"Certificate", "Record"})):
            self.assertEqual({"Certificate", "Record"} & set(resources(**parameters)), owned)
            config = distribution_config(**parameters)
            self.assertEqual((config["Aliases"], config["ViewerCertificate"]["AcmCertificateArn"]), (["photos.example.org"], arn))

    def test_access_logs_expire_and_have_no_secrets(self):
        logging = resources(AccessLogs="on")
        (rule,) = logging["AccessLogsBucket"][1]["LifecycleConfiguration"]["Rules"]
        self.assertEqual((rule["Status"], rule["ExpirationInDays"]), ("Enabled", 30))
        fields = set(logging["AccessLogsDelivery"][1]["RecordFields"])
        self.assertIn("cs-uri-stem", fields)
        # Sessions; signatures and codes; addresses with either.
        self.assertFalse(fields & {"cs(Cookie)", "cs-uri-query", "cs(Referer)"})

    def test_ending_access_logs_keeps_their_bucket(self):
        template = templates.packaged("edge", {})
        on, off = (OFF | {"EdgeKeyStamp": "1", "AccessLogs": value} for value in ("on", "off"))
        self.assertEqual(replacements.refused(template, on, template, off), [])
        self.assertNotIn("AccessLogsDelivery", resources(AccessLogs="off"))

    def test_the_firewall_limits_rates_except_of_renditions(self):
        rules = {rule["Name"]: rule for rule in resources(Waf="on")["Firewall"][1]["Rules"]}
        rate = rules["rate"]["Statement"]["RateBasedStatement"]
        spared = rate["ScopeDownStatement"]["NotStatement"]["Statement"]["ByteMatchStatement"]["SearchString"]
        self.assertEqual((rate["AggregateKeyType"], spared), ("IP", "/media/"))
        self.assertEqual(len({rule["Priority"] for rule in rules.values()}), len(rules))
        common = rules["common"]["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"]
        self.assertIn("SizeRestrictions_BODY", [override["Name"] for override in common], "previews exceed its 8 kB")
        self.assertEqual(distribution_config(Waf="on")["WebACLId"], {"Fn::GetAtt": ["Firewall", "Arn"]})
        self.assertNotIn("WebACLId", distribution_config())

    def test_the_format_fallback_is_attached_by_version_without_permissions(self):
        stack = resources(FormatFallback="on")
        media = behavior("/media/*", FormatFallback="on")
        self.assertEqual(media["LambdaFunctionAssociations"], [{"EventType": "origin-response", "LambdaFunctionARN": {"Ref": "FormatFallbackVersion"}}])
        self.assertEqual(media["OriginRequestPolicyId"], {"Ref": "MediaLink"})
        role, function = stack["FormatFallbackRole"][1], stack["FormatFallbackFunction"][1]
        self.assertFalse(role["Policies"] or role.get("ManagedPolicyArns"))
        self.assertIn("edgelambda.amazonaws.com", role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"])
        self.assertFalse({"Environment", "Layers", "VpcConfig", "FunctionName", "DeadLetterConfig"} & set(function), "Lambda@Edge supports none")
        self.assertIn("exports.handler", function["Code"]["ZipFile"])
        self.assertRegex(stack["FormatFallbackVersion"][1]["Description"], "^[0-9a-f]{32}$")
        self.assertEqual(stack["MediaCaching"][1]["CachePolicyConfig"]["MinTTL"], 0, "redirects must expire")

    def test_changed_code_of_the_format_fallback_gives_another_version(self):
        with TemporaryDirectory() as folder:
            hashes = []
            for content in ("a", "b"):
                Path(folder, "f.js").write_text(content)
                hashes.append(templates._resolve(f"hash:{folder}/f.js", {}))
        self.assertNotEqual(*hashes)


class Flags(unittest.TestCase):
    def parameters(self, *arguments: str) -> dict[str, str]:
        return distribution.parameters(deploy.parsed(["somewhere", *arguments]))

    def test_omitted_flags_change_nothing(self):
        self.assertEqual(self.parameters(), {})

    def test_each_flag_sets_its_parameter_to_an_allowed_value(self):
        given = self.parameters("--waf", "on", "--access-logs", "off", "--price-class", "all", "--hsts-subdomains", "yes", "--format-fallback", "on")
        self.assertEqual(set(given), {"Waf", "AccessLogs", "PriceClass", "HstsSubdomains", "FormatFallback"})
        declared = templates.load("edge")["Parameters"]
        for name, value in given.items():
            self.assertIn(value, declared[name]["AllowedValues"])

    def test_a_zone_requires_a_domain(self):
        with redirect_stderr(io.StringIO()), self.assertRaises(SystemExit):
            deploy.parsed(["somewhere", "--zone", "Z1"])
        self.assertEqual(deploy.parsed(["somewhere", "--domain", "photos.example.org"]).zone, None)

    def test_the_firewall_s_price_is_told(self):
        template = templates.load("edge")
        self.assertEqual(distribution.firewall_price(template), "9.00 USD a month, and 0.60 USD per million requests")
        output = io.StringIO()
        with redirect_stdout(output):
            distribution.report({"Waf": "on", "FormatFallback": "off"})
            distribution.report({"Waf": "off"})
        self.assertEqual(output.getvalue().count("Firewall"), 1)
        self.assertIn("9.00 USD a month", output.getvalue())


class Dns(unittest.TestCase):
    """A domain whose DNS is not in Route 53."""

    class Acm:
        """A certificate service with what was requested from it."""

        def __init__(self):
            self.certificates, self.tags, self.requested = {}, {}, 0

        def request_certificate(self, DomainName, ValidationMethod, IdempotencyToken, Tags):
            arn = f"arn:{self.requested}"
            self.requested += 1
            record = {"Name": f"_a.{DomainName}.", "Type": "CNAME", "Value": "_b.acm-validations.aws."}
            options = [{"DomainName": DomainName, "ResourceRecord": record}]
            self.certificates[arn] = {"DomainName": DomainName, "Status": "PENDING_VALIDATION", "DomainValidationOptions": options}
            self.tags[arn] = Tags
            return {"CertificateArn": arn}

        def get_paginator(self, _):
            return self

        def paginate(self, **_):
            return [{"CertificateSummaryList": [{"CertificateArn": arn, "DomainName": one["DomainName"]} for arn, one in self.certificates.items()]}]

        def list_tags_for_certificate(self, CertificateArn):
            return {"Tags": self.tags[CertificateArn]}

        def describe_certificate(self, CertificateArn):
            return {"Certificate": self.certificates[CertificateArn]}

        def delete_certificate(self, CertificateArn):
            del self.certificates[CertificateArn]

    class Somewhere:
        name, is_local, pause = "somewhere", False, 0

        def __init__(self, acm):
            self.acm = acm

        def client(self, service, region):
            assert (service, region) == ("acm", "us-east-1")
            return self.acm

    def setUp(self):
        self.acm = self.Acm()
        self.stage = self.Somewhere(self.acm)

    def run_deploy(self, zone: str | None = None) -> tuple[dict[str, str], str]:
        output = io.StringIO()
        with redirect_stdout(output):
            given = distribution.domain_parameters(self.stage, "photos.example.org", zone)
        return given, output.getvalue()

    def test_the_domain_is_used_once_its_certificate_is_issued(self):
        given, printed = self.run_deploy()
        self.assertEqual(given, {})
        self.assertIn("_a.photos.example.org.  CNAME  _b.acm-validations.aws.", printed)
        self.assertIn("deploy again", printed)
        self.assertEqual(self.run_deploy()[0], {})
        self.assertEqual(len(self.acm.certificates), 1, "requested once")
        self.acm.certificates["arn:0"]["Status"] = "ISSUED"
        given, printed = self.run_deploy()
        self.assertEqual(given, {"DomainName": "photos.example.org", "HostedZoneId": "", "CertificateArn": "arn:0"})
        self.assertEqual(printed, "")

    def test_a_certificate_that_failed_is_requested_again(self):
        self.run_deploy()
        self.acm.certificates["arn:0"]["Status"] = "VALIDATION_TIMED_OUT"
        given, printed = self.run_deploy()
        self.assertEqual((given, list(self.acm.certificates)), ({}, ["arn:1"]))
        self.assertIn("CNAME", printed)

    def test_with_a_zone_the_stack_has_the_certificate(self):
        self.assertEqual(self.run_deploy("Z1")[0], {"DomainName": "photos.example.org", "HostedZoneId": "Z1"})
        self.assertEqual(self.acm.certificates, {})

    def test_the_site_s_record_is_printed_on_each_deploy(self):
        output = io.StringIO()
        with redirect_stdout(output):
            distribution.report({"DomainName": "photos.example.org", "HostedZoneId": ""}, "d1.cloudfront.net")
            distribution.report({"DomainName": "photos.example.org", "HostedZoneId": "Z1"}, "d1.cloudfront.net")
        self.assertEqual(output.getvalue().count("CNAME"), 1)
        self.assertIn("photos.example.org  CNAME  d1.cloudfront.net", output.getvalue())

    def test_only_the_stage_s_certificates_are_deleted(self):
        self.run_deploy()
        self.acm.certificates["arn:other"], self.acm.tags["arn:other"] = {"DomainName": "photos.example.org"}, []
        distribution.delete_certificates(self.stage)
        self.assertEqual(list(self.acm.certificates), ["arn:other"])


if __name__ == "__main__":
    unittest.main()
