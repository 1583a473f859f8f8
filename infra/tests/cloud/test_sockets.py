"""News for a socket that is no more."""

import json
import time
import unittest
import uuid

from infra.tests.cloud.rows import OUTPUTS, STAGE, get, published, put, until


class Gone(unittest.TestCase):
    def test_a_socket_that_is_gone_is_forgotten(self):
        library, connection = str(uuid.uuid4()), uuid.uuid4().hex
        channel = {"of": "library", "id": library}
        socket = published("socket.v1", connection=connection, channel=channel, ttl=int(time.time()) + 600)
        rows = [
            put(socket | {"pk": f"SOCKET#{connection}"}),
            put(socket | {"pk": f"CHANNEL#library-{library}", "sk": f"SOCKET#{connection}"}),
        ]
        news = published("message.v1")["event"] | {"channel": channel}
        entry = {"EventBusName": OUTPUTS["BusName"], "Source": "shoebox", "DetailType": "PhotoChanged", "Detail": json.dumps(news)}
        self.assertEqual(STAGE.client("events").put_events(Entries=[entry])["FailedEntryCount"], 0)
        until("both rows are gone", lambda: not any(map(get, rows)))


if __name__ == "__main__":
    unittest.main()
