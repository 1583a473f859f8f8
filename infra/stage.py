"""A stage: one deployment of Shoebox, in AWS or in a local cloud."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import boto3
from botocore.config import Config

from infra.root import ROOT

STACKS = ["state", "pages", "processing", "live", "edge", "notifications", "account-data", "watch"]
EDGE_REGION = "us-east-1"
LOCAL_REGION = "eu-west-1"
LOCAL_PORTS = {"home": 4566, "test": 4666, "bench": 4766, "drill": 4866, "browser": 4966}


@dataclass(frozen=True)
class Stage:
    """A local stage has the port of its local cloud; others are in the AWS account of the environment."""

    name: str
    port: int | None = None

    @classmethod
    def named(cls, name: str) -> "Stage":
        """The names in LOCAL_PORTS are local stages, whose port SHOEBOX_PORT overrides; all others are in AWS."""
        if name in LOCAL_PORTS:
            return cls(name, int(os.environ.get("SHOEBOX_PORT") or LOCAL_PORTS[name]))
        return cls(name)

    @property
    def is_local(self) -> bool:
        return self.port is not None

    @property
    def endpoint(self) -> str | None:
        return f"http://127.0.0.1:{self.port}" if self.is_local else None

    @property
    def region(self) -> str:
        if self.is_local:
            return LOCAL_REGION
        region = boto3.session.Session().region_name
        if not region:
            raise SystemExit("No region: set AWS_REGION, or a region in the AWS profile")
        return region

    @property
    def folder(self) -> Path:
        """The local cloud's data of this stage."""
        return ROOT / ".local" / self.name

    @property
    def pause(self) -> float:
        """Seconds between two polls."""
        return 0.05 if self.is_local else 3

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which AWS SDKs use the local cloud; empty for stages in AWS."""
        if not self.is_local:
            return {}
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    @cached_property
    def _session(self) -> boto3.session.Session:
        if not self.is_local:
            return boto3.session.Session()
        return boto3.session.Session(aws_access_key_id="test", aws_secret_access_key="test")

    def client(self, service: str, region: str | None = None):
        """A boto3 client for this stage's cloud."""
        return self._session.client(
            service,
            region_name=region or self.region,
            endpoint_url=self.endpoint,
            config=Config(retries={"max_attempts": 5, "mode": "standard"}),
        )

    def stack(self, kind: str) -> str:
        return f"shoebox-{self.name}-{kind}"

    def stack_region(self, kind: str) -> str:
        return EDGE_REGION if kind == "edge" else self.region

    def settings(self) -> dict[str, str]:
        """All existing settings of the functions."""
        path = f"/shoebox/{self.name}/"
        pages = self.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=path)
        return {parameter["Name"].removeprefix(path): parameter["Value"] for page in pages for parameter in page["Parameters"]}

    def setting(self, name: str) -> str:
        """One of the functions' settings."""
        return self.client("ssm").get_parameter(Name=f"/shoebox/{self.name}/{name}")["Parameter"]["Value"]
