"""The checks of release builds, and the minimal Lambda runtime API."""

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
    def test_dynamic_dependencies_are_read(self):
        wanted = release.needs(PYTHON)
        self.assertIn("libc.so.6", wanted.libraries)
        self.assertTrue(wanted.versions)
        self.assertRegex(release.newest(wanted), r"^2\.\d+")

    def test_a_file_that_is_not_elf_is_rejected(self):
        with TemporaryDirectory() as folder:
            path = Path(folder, "web")
            path.write_text("#!/bin/sh\n")
            with self.assertRaisesRegex(release.ReleaseFailed, "web"):
                release.needs(path)

    def test_unmet_dependencies_are_named(self):
        met = release.Needs(frozenset({"libc.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2"}), frozenset({"GLIBC_2.2.5", "GLIBC_2.34"}))
        self.assertEqual((release.unmet(met), release.newest(met)), ([], "2.34"))
        more = release.Needs(
            met.libraries | {"libstdc++.so.6", "libc++.so.1"}, met.versions | {"GLIBC_2.4", "GLIBC_2.35", "GLIBC_ABI_DT_RELR"}
        )
        self.assertEqual(release.unmet(more), ["GLIBC_2.35", "GLIBC_ABI_DT_RELR", "libc++.so.1", "libstdc++.so.6"])

    def test_builds_target_amazon_linux_s_glibc(self):
        for architecture, target in build.TARGETS.items():
            self.assertEqual(target.partition(".")[2], ".".join(map(str, release.GLIBC)))
            self.assertEqual(build.for_aws(architecture)[-1], build.functions_for_aws(architecture))
            self.assertEqual(build.functions_for_aws(architecture)[-2:], ["--target", target])

    def test_a_package_is_extracted_as_an_executable(self):
        with TemporaryDirectory() as built, TemporaryDirectory() as folder:
            Path(built, "web").write_bytes(b"program")
            path = release.unpacked(package(release.AWS_STAGE, "web", "x86_64", Path(built)).content, Path(folder))
            self.assertEqual((path.name, path.read_bytes()), ("bootstrap", b"program"))
            self.assertTrue(os.access(path, os.X_OK))


CLIENT = """
import json, os, urllib.request
api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime"
def post(path, body):
    urllib.request.urlopen(f"{api}/{path}", data=json.dumps(body).encode()).close()
def next_event():
    with urllib.request.urlopen(f"{api}/invocation/next") as response:
        return response.headers["Lambda-Runtime-Aws-Request-Id"], json.load(response)
"""


class Runtime(unittest.TestCase):
    def call(self, function: str, seconds: float = 30) -> object:
        """The response of a Python function to one event."""
        took, response = runtime.call([str(PYTHON), "-c", CLIENT + function], {"GIVEN": "yes"}, {"smoke": True}, seconds)
        self.assertGreater(took, 0)
        return response

    def assert_not_answered(self, why: str, function: str, seconds: float = 30) -> None:
        with self.assertRaisesRegex(runtime.NotAnswered, why):
            self.call(function, seconds)

    def test_a_response_is_returned_while_the_next_event_is_polled(self):
        response = self.call('name, event = next_event(); post(f"invocation/{name}/response", {"was": event}); next_event()')
        self.assertEqual(response, {"was": {"smoke": True}})

    def test_the_environment_is_not_inherited(self):
        response = self.call('name, _ = next_event(); post(f"invocation/{name}/response", sorted(os.environ))')
        self.assertLessEqual(set(response) - {"LC_CTYPE"}, {"AWS_LAMBDA_RUNTIME_API", "GIVEN"})

    def test_a_failed_start_is_reported_with_the_reason(self):
        self.assert_not_answered("(?s)expected next, received end: 1.*a setting is missing", 'raise SystemExit("a setting is missing")')
        self.assert_not_answered("expected next, received init/error: .*no table", 'post("init/error", {"errorMessage": "no table"}); next_event()')

    def test_a_failed_invocation_is_reported_with_the_reason(self):
        failing = 'name, _ = next_event(); post(f"invocation/{name}/error", {"errorMessage": "another shape"}); next_event()'
        self.assert_not_answered("expected response, received error: .*another shape", failing)

    def test_a_program_that_never_polls_times_out(self):
        self.assert_not_answered("no next within 0.2 seconds", "import signal; signal.pause()", seconds=0.2)


if __name__ == "__main__":
    unittest.main()
