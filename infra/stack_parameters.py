"""Passes values between stacks: each stack's outputs, and values derived from them, are the parameters of the others."""

import hashlib
import json
import re

from infra import secret, templates
from infra.stacks import Stack
from infra.stage import STACKS, Stage

# The settings that a role's function may read.
_SETTING = re.compile(r"parameter/shoebox/\$\{Stage\}/([a-z-]+)")


def page_origin(stage: Stage, pages: str | None, outputs: dict[str, str]) -> dict[str, str]:
    """The distribution's origin for pages: the watch server in development, otherwise the HTTP API."""
    if pages:
        host, port = pages.rsplit(":", 1)
        return {"PageOriginDomain": host, "PageOriginPath": "", "PageOriginPort": port, "PageOriginServesAssets": "yes"}
    if "PagesApi" not in outputs:
        return {}
    if stage.is_local:
        # The local distribution cannot reach AWS host names, so it uses the local cloud's path for the API.
        path = f"/_aws/execute-api/{outputs['PagesApi']}/$default"
        return {
            "PageOriginDomain": "127.0.0.1",
            "PageOriginPath": path,
            "PageOriginPort": str(stage.port),
            "PageOriginServesAssets": "no",
        }
    return {"PageOriginDomain": outputs["PagesDomain"], "PageOriginPath": "", "PageOriginPort": "443", "PageOriginServesAssets": "no"}


def site_address(stage: Stage, outputs: dict[str, str]) -> dict[str, str]:
    """The parameters of `state` that depend on the distribution, once it is deployed."""
    if "DistributionId" not in outputs:
        return {}
    host = outputs.get("DomainName") or outputs["DistributionDomain"]
    if stage.is_local:
        address = f"http://{host.removesuffix('.net')}.localhost:{stage.port}"
    else:
        address = f"https://{host}"
    return {"SiteAddress": address, "DistributionId": outputs["DistributionId"]}


def edge_key(keys: list[dict]) -> dict[str, str]:
    """The parameters of the header that the distribution sends with each request."""
    return {"EdgeKey": keys[0]["key"], "EdgeKeyStamp": secret.stamp(keys[0])} if keys else {}


def settings_stamp(template: dict, settings: dict[str, str], edge_keys: list[dict]) -> str:
    """A hash of the settings that a template's functions may read, and of the edge keys if they read the secret."""
    names = sorted(set(_SETTING.findall(templates.body(template))))
    keys = [secret.stamp(key) for key in edge_keys] if "SecretArn" in template.get("Parameters", {}) else []
    return hashlib.sha256(json.dumps([*((name, settings.get(name)) for name in names), *keys]).encode()).hexdigest()[:16]


class StageStacks:
    """The stacks of a stage. Each is deployed separately, with parameters from the others' outputs."""

    def __init__(self, stage: Stage, pages: str | None = None):
        self.stage = stage
        self.pages = pages
        self.outputs = {name: value for kind in STACKS for name, value in Stack(stage, kind).outputs().items()}

    def deploy(self, kind: str, template: dict, given: dict[str, str], replaceable: frozenset[str] = frozenset()) -> bool:
        """Deploys one stack; returns whether it changed. `given` parameters take precedence over the stacks' outputs.

        Only `replaceable` resources with data may be replaced by empty ones.
        """
        outputs, changed = Stack(self.stage, kind).deploy(template, self.parameters(template) | given, replaceable)
        self.outputs |= outputs
        return changed

    def parameters(self, template: dict) -> dict[str, str]:
        """The parameters that follow from the deployed stacks, and from the secret once it exists."""
        keys = secret.fill(self.stage)["edge_keys"] if "SecretArn" in self.outputs else []
        return {
            **self.outputs,
            **page_origin(self.stage, self.pages, self.outputs),
            **site_address(self.stage, self.outputs),
            **edge_key(keys),
            "Protected": "yes" if "TableName" in self.outputs else "no",
            "SettingsStamp": settings_stamp(template, self.stage.settings(), keys),
        }

    def propagate(self) -> list[str]:
        """Updates each deployed stack's parameters to the others' outputs, with its template unchanged.

        Returns the updated stacks. Since an update may change outputs and settings, it repeats until nothing changes.
        """
        updated = []
        for _ in STACKS:
            deployed = [(kind, Stack(self.stage, kind).template()) for kind in STACKS]
            changed = [kind for kind, template in deployed if template and self.deploy(kind, template, {})]
            if not changed:
                break
            updated += changed
        return updated
