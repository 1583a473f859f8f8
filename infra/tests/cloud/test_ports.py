"""Everything that listens for a stage answers this machine alone, and no page from elsewhere: whatever port it is, unless it stands here.

`make dev` has a port more, of the watch server: behind it is `web`, which looks at origins as it does everywhere.
"""

import http.client
import os
import re
import unittest
from pathlib import Path

from infra.local import cloud, hosted
from infra.tests.cloud.cast import STAGE, Person
from infra.tests.cloud.test_origins import FOREIGN

# What has its own tests, or may answer everybody.
KNOWN = {
    STAGE.port: "the local cloud: test_origins.py",
    # It has nothing that is anybody's, and gives its codes to addresses that the one who asks names.
    hosted.port(STAGE): "another site, which pages of the stage lead to",
}
NEXT = "/2018-06-01/runtime/invocation/next"
ASKED = ("GET", "/"), ("GET", NEXT), ("POST", "/2018-06-01/runtime/invocation/1/response"), ("OPTIONS", NEXT)


def processes(group: int) -> list[int]:
    """The processes of a group: the local cloud and its functions."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            of_group = stat.read_text().rpartition(")")[2].split()[2]
        except OSError:
            continue  # it has ended
        if of_group == str(group):
            found.append(int(stat.parent.name))
    return found


def sockets(process: int) -> set[str]:
    """A process' sockets, by their inodes."""
    found = set()
    for file in Path(f"/proc/{process}/fd").glob("*"):
        try:
            socket = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(file))
        except OSError:
            continue  # it is closed
        if socket:
            found.add(socket[1])
    return found


def listening() -> dict[int, str]:
    """The ports that the stage's processes listen on, each with its address as the kernel writes it."""
    group = cloud.running(STAGE)
    owned = set().union(*map(sockets, processes(group)))
    lines = [line.split() for kind in ("tcp", "tcp6") for line in Path(f"/proc/{group}/net/{kind}").read_text().splitlines()[1:]]
    places = [place.rpartition(":") for _, place, _, state, *rest in lines if state == "0A" and rest[5] in owned]
    return {int(port, 16): address for address, _, port in places}


def status(port: int, method: str, path: str, headers: dict[str, str]) -> int | None:
    """Of an answer; nothing where nobody listens any more."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, headers={"Host": f"127.0.0.1:{port}", **headers})
        return connection.getresponse().status
    except ConnectionError:
        if port in listening():
            raise
        return None
    finally:
        connection.close()


class Ports(unittest.TestCase):
    def setUp(self):
        # `web` has a process, and with it a port.
        Person("ada").visitor.form("accounts/me")

    def test_they_are_of_this_machine_alone(self):
        there = listening()
        self.assertLessEqual(KNOWN.keys(), there.keys())
        self.assertEqual(set(there.values()), {"0100007F"})

    def test_pages_are_refused_at_each_that_is_not_known(self):
        others = listening().keys() - KNOWN.keys()
        self.assertTrue(others, "functions fetch their events somewhere")
        own = {"Origin": STAGE.setting("site-address"), "Sec-Fetch-Site": "same-site"}
        for port in others:
            for method, path in ASKED:
                for headers in (*FOREIGN, own):
                    with self.subTest(f"{method} {port}{path}", **headers):
                        self.assertIn(status(port, method, path, headers), (403, None))

    def test_functions_are_still_asked_there(self):
        self.assertEqual(Person("ada").visitor.json("photos/days"), [])


if __name__ == "__main__":
    unittest.main()
