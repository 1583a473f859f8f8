"""What is looked at of the programs for AWS, and the stand-in for the runtime API that starts them."""

import os
import sys
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

from infra import build
from infra.local import release, runtime
from infra.packages import package

PYTHON = Path(sys.executable).resolve()


class Programs(unittest.TestCase):
    def test_what_a_program_needs_is_read(self):
        wanted = release.needs(PYTHON)
        self.assertIn("libc.so.6", wanted.libraries)
        self.assertTrue(wanted.versions)
        self.assertRegex(release.newest(wanted), r"^2\.\d+")

    def test_what_is_no_program_is_refused(self):
        with TemporaryDirectory() as folder:
            path = Path(folder, "web")
            path.write_text("#!/bin/sh\n")
            with self.assertRaisesRegex(release.ReleaseFailed, "web"):
                release.needs(path)

    def test_what_amazon_linux_lacks_is_named(self):
        there = release.Needs(frozenset({"libc.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2"}), frozenset({"GLIBC_2.2.5", "GLIBC_2.34"}))
        self.assertEqual((release.unmet(there), release.newest(there)), ([], "2.34"))
        more = release.Needs(
            there.libraries | {"libstdc++.so.6", "libc++.so.1"}, there.versions | {"GLIBC_2.4", "GLIBC_2.35", "GLIBC_ABI_DT_RELR"}
        )
        self.assertEqual(release.unmet(more), ["GLIBC_2.35", "GLIBC_ABI_DT_RELR", "libc++.so.1", "libstdc++.so.6"])

    def test_a_deploy_builds_for_that_glibc(self):
        for architecture, target in build.TARGETS.items():
            self.assertEqual(target.partition(".")[2], ".".join(map(str, release.GLIBC)))
            self.assertEqual(build.for_aws(architecture)[-1], build.functions_for_aws(architecture))
            self.assertEqual(build.functions_for_aws(architecture)[-2:], ["--target", target])

    def test_a_package_unpacks_to_a_program(self):
        with TemporaryDirectory() as built, TemporaryDirectory() as folder:
            Path(built, "web").write_bytes(b"program")
            path = release.unpacked(package(release.AWAY, "web", "x86_64", Path(built)).content, Path(folder))
            self.assertEqual((path.name, path.read_bytes()), ("bootstrap", b"program"))
            self.assertTrue(os.access(path, os.X_OK))


ASKS = """
import json, os, urllib.request
api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime"
def post(path, body):
    urllib.request.urlopen(f"{api}/{path}", data=json.dumps(body).encode()).close()
def next_event():
    with urllib.request.urlopen(f"{api}/invocation/next") as given:
        return given.headers["Lambda-Runtime-Aws-Request-Id"], json.load(given)
"""


class Runtime(unittest.TestCase):
    def call(self, function: str, seconds: float = 30) -> object:
        """What comes of a function in Python, called with one event."""
        took, said = runtime.call([str(PYTHON), "-c", ASKS + function], {"GIVEN": "yes"}, {"smoke": True}, seconds)
        self.assertGreater(took, 0)
        return said

    def assert_not_answered(self, why: str, function: str, seconds: float = 30) -> None:
        with self.assertRaisesRegex(runtime.NotAnswered, why):
            self.call(function, seconds)

    def test_an_event_is_answered_though_the_next_is_asked_for(self):
        said = self.call('name, event = next_event(); post(f"invocation/{name}/response", {"was": event}); next_event()')
        self.assertEqual(said, {"was": {"smoke": True}})

    def test_only_what_is_given_is_in_the_environment(self):
        said = self.call('name, _ = next_event(); post(f"invocation/{name}/response", sorted(os.environ))')
        self.assertLessEqual(set(said) - {"LC_CTYPE"}, {"AWS_LAMBDA_RUNTIME_API", "GIVEN"})

    def test_what_does_not_start_says_why(self):
        self.assert_not_answered("(?s)instead of next came end: 1.*a setting is missing", 'raise SystemExit("a setting is missing")')
        self.assert_not_answered("instead of next came init/error: .*no table", 'post("init/error", {"errorMessage": "no table"}); next_event()')

    def test_what_fails_at_the_event_says_why(self):
        failing = 'name, _ = next_event(); post(f"invocation/{name}/error", {"errorMessage": "another shape"}); next_event()'
        self.assert_not_answered("instead of response came error: .*another shape", failing)

    def test_what_never_asks_is_not_waited_for(self):
        self.assert_not_answered("no next within 0.2 seconds", "import signal; signal.pause()", seconds=0.2)


if __name__ == "__main__":
    unittest.main()
