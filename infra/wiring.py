"""What the stacks know of each other: their outputs by name, and what follows from those."""

import hashlib
import json
import re

from infra import secret, templates
from infra.stacks import Stack
from infra.stage import STACKS, Stage

# As roles name the settings that their function may read.
_SETTING = re.compile(r"parameter/shoebox/\$\{Stage\}/([a-z-]+)")


def page_origin(stage: Stage, pages: str | None, outputs: dict[str, str]) -> dict[str, str]:
    """Where the distribution gets its pages: the watch server in development, else the HTTP API."""
    if pages:
        host, port = pages.rsplit(":", 1)
        return {"PageOriginDomain": host, "PageOriginPath": "", "PageOriginPort": port, "PageOriginServesAssets": "yes"}
    if "PagesApi" not in outputs:
        return {}
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


def site_address(stage: Stage, outputs: dict[str, str]) -> dict[str, str]:
    """What `state` learns of the distribution, once it stands."""
    if "DistributionId" not in outputs:
        return {}
    host = outputs.get("DomainName") or outputs["DistributionDomain"]
    if stage.at_home:
        address = f"http://{host.removesuffix('.net')}.localhost:{stage.port}"
    else:
        address = f"https://{host}"
    return {"SiteAddress": address, "DistributionId": outputs["DistributionId"]}


def edge_key(keys: list[dict]) -> dict[str, str]:
    """What the distribution sends with each request."""
    return {"EdgeKey": keys[0]["key"], "EdgeKeyStamp": secret.stamp(keys[0])} if keys else {}


def settings_stamp(template: dict, settings: dict[str, str], edge_keys: list[dict]) -> str:
    """Changes with the values of the settings that the template's functions may read, and with the edge's keys where they read the secret."""
    read = sorted(set(_SETTING.findall(templates.body(template))))
    keys = [secret.stamp(key) for key in edge_keys] if "SecretArn" in template.get("Parameters", {}) else []
    return hashlib.sha256(json.dumps([*((name, settings.get(name)) for name in read), *keys]).encode()).hexdigest()[:16]


class Wiring:
    """The stacks of a stage, each deployed alone, its parameters taken from what the others say of themselves."""

    def __init__(self, stage: Stage, pages: str | None = None):
        self.stage = stage
        self.pages = pages
        self.outputs = {name: value for kind in STACKS for name, value in Stack(stage, kind).outputs().items()}

    def bring(self, kind: str, template: dict, given: dict[str, str], replaceable: frozenset[str] = frozenset()) -> bool:
        """Brings one stack to `template`; answers whether anything was done. What is given goes before what the stacks say of themselves.

        Of resources that hold data the `replaceable` alone may give way to empty ones.
        """
        outputs, changed = Stack(self.stage, kind).deploy(template, self.known(template) | given, replaceable)
        self.outputs |= outputs
        return changed

    def known(self, template: dict) -> dict[str, str]:
        """The parameters that follow from how the stacks stand, and from the secret once it is there."""
        keys = secret.fill(self.stage)["edge_keys"] if "SecretArn" in self.outputs else []
        return {
            **self.outputs,
            **page_origin(self.stage, self.pages, self.outputs),
            **site_address(self.stage, self.outputs),
            **edge_key(keys),
            "Protected": "yes" if "TableName" in self.outputs else "no",
            "SettingsStamp": settings_stamp(template, self.stage.settings(), keys),
        }

    def settle(self) -> list[str]:
        """Tells each stack that stands what has changed of the others, its own template left as it is.

        Answers with those that had to be told. What is told may change a setting, so it goes on until nobody hears news.
        """
        told = []
        for _ in STACKS:
            standing = [(kind, Stack(self.stage, kind).template()) for kind in STACKS]
            heard = [kind for kind, template in standing if template and self.bring(kind, template, {})]
            if not heard:
                break
            told += heard
        return told
