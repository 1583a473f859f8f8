"""Every port of a stage listens only on loopback, and rejects requests of web pages, except the ports in KNOWN.

`make dev` has one more port, of the watch server, where `web` checks origins itself.
"""

import http.client
import os
import re
import unittest
from pathlib import Path

from infra.local import cloud, hosted
from infra.tests.cloud.fixtures import STAGE, Person
from infra.tests.cloud.test_origins import FOREIGN

# Ports with tests of their own, or open to all pages.
KNOWN = {
    STAGE.port: "the local cloud: test_origins.py",
    # It has no data, and issues codes for addresses given by the client.
    hosted.port(STAGE): "the mock identity provider, another site that pages redirect to",
}
NEXT = "/2018-06-01/runtime/invocation/next"
REQUESTS = ("GET", "/"), ("GET", NEXT), ("POST", "/2018-06-01/runtime/invocation/1/response"), ("OPTIONS", NEXT)


def processes(group: int) -> list[int]:
    """The processes of a process group: the local cloud and its functions."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            process_group = stat.read_text().rpartition(")")[2].split()[2]
        except OSError:
            continue  # it has ended
        if process_group == str(group):
            found.append(int(stat.parent.name))
    return found


def sockets(process: int) -> set[str]:
    """The inodes of a process' sockets."""
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
    """The ports that the stage's processes listen on, with their addresses in hexadecimal."""
    group = cloud.running(STAGE)
    owned = set().union(*map(sockets, processes(group)))
    lines = [line.split() for kind in ("tcp", "tcp6") for line in Path(f"/proc/{group}/net/{kind}").read_text().splitlines()[1:]]
    addresses = [address.rpartition(":") for _, address, _, state, *rest in lines if state == "0A" and rest[5] in owned]
    return {int(port, 16): address for address, _, port in addresses}


def status(port: int, method: str, path: str, headers: dict[str, str]) -> int | None:
    """A response's status; None if the port is no longer listening."""
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
        # Starts a process of `web`, which has a port.
        Person("ada").visitor.form("accounts/me")

    def test_they_listen_only_on_loopback(self):
        ports = listening()
        self.assertLessEqual(KNOWN.keys(), ports.keys())
        self.assertEqual(set(ports.values()), {"0100007F"})

    def test_unknown_ports_reject_requests_of_pages(self):
        others = listening().keys() - KNOWN.keys()
        self.assertTrue(others, "the runtime APIs of functions have ports")
        own = {"Origin": STAGE.setting("site-address"), "Sec-Fetch-Site": "same-site"}
        for port in others:
            for method, path in REQUESTS:
                for headers in (*FOREIGN, own):
                    with self.subTest(f"{method} {port}{path}", **headers):
                        self.assertIn(status(port, method, path, headers), (403, None))

    def test_functions_still_receive_events(self):
        self.assertEqual(Person("ada").visitor.json("photos/days"), [])


if __name__ == "__main__":
    unittest.main()
