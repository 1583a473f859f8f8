"""Reading the logs of a stage."""

import io
import json
import unittest
from contextlib import redirect_stderr
from unittest.mock import patch

from infra import logs, templates
from infra.stage import STACKS, Stage

STAGE = Stage("a")
PHOTO = "0192a3b4-0000-7000-8000-000000000001"


class NotFound(Exception):
    pass


class Cloud:
    """A client of CloudWatch Logs with some groups' lines, as time and text."""

    class exceptions:
        ResourceNotFoundException = NotFound

    def __init__(self, groups: dict[str, list[tuple[int, str]]]):
        self.groups = groups

    def get_paginator(self, _):
        return self

    def paginate(self, logGroupName: str, startTime: int, filterPattern: str = '""'):
        if logGroupName not in self.groups:
            raise NotFound
        found = [(at, line) for at, line in self.groups[logGroupName] if at >= startTime and filterPattern.strip('"') in line]
        return [{"events": [{"eventId": f"{logGroupName} {at}", "timestamp": at, "message": line}]} for at, line in found]


class Logs(unittest.TestCase):
    def setUp(self):
        finished = {"timestamp": "…", "level": "INFO", "message": "finished", "photo": PHOTO, "target": "server::photos", "span": {"function": "workflow-steps"}}
        self.cloud = Cloud({
            "/aws/lambda/shoebox-a-workflow-steps": [(3, json.dumps(finished)), (4, "of another photo")],
            "/aws/lambda/shoebox-a-ingest": [(1, f"{PHOTO} arrived\n")],
            "/aws/vendedlogs/states/shoebox-a-processing": [(2, f"execution {PHOTO}-1 failed")],
        })

    def lines(self, *arguments):
        with patch.object(Stage, "client", return_value=self.cloud):
            return logs.lines(STAGE, *arguments)

    def test_a_photo_is_followed_through_all_functions_in_order(self):
        found = self.lines(PHOTO, 0, set())
        self.assertEqual([name for _, name, _ in found], ["ingest", "workflow", "workflow-steps"])
        self.assertEqual(found[0][2], f"{PHOTO} arrived")
        self.assertEqual(found[2][2], f"INFO  finished  photo={PHOTO}")

    def test_each_line_is_shown_once(self):
        seen = set()
        self.assertEqual(len(self.lines(None, 0, seen)), 4)
        self.cloud.groups["/aws/lambda/shoebox-a-ingest"].append((5, "late"))
        self.assertEqual([line for _, _, line in self.lines(None, 0, seen)], ["late"])

    def test_each_log_group_of_functions_is_read(self):
        groups = {
            resource["Properties"]["LogGroupName"]["Fn::Sub"].replace("${Stage}", "a")
            for kind in STACKS
            for resource in templates.load(kind)["Resources"].values()
            if resource["Type"] == "AWS::Logs::LogGroup"
        }
        self.assertEqual(groups - {"/aws/vendedlogs/states/shoebox-a-account-data"}, set(logs.groups(STAGE)))

    def test_a_photo_is_given_by_its_id(self):
        self.assertEqual(logs.parsed(["a", "--photo", PHOTO]).photo, PHOTO)
        with redirect_stderr(io.StringIO()), self.assertRaises(SystemExit):
            logs.parsed(["a", "--photo", '" || "'])


if __name__ == "__main__":
    unittest.main()
