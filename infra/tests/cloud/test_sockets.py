"""Events for a WebSocket connection that no longer exists."""

import json
import time
import unittest
import uuid

from infra.tests.cloud.rows import OUTPUTS, STAGE, get, contract_row, put, until


class Gone(unittest.TestCase):
    def test_a_closed_connection_s_rows_are_deleted(self):
        library, connection = str(uuid.uuid4()), uuid.uuid4().hex
        channel = {"of": "library", "id": library}
        socket = contract_row("socket.v1", connection=connection, channel=channel, ttl=int(time.time()) + 600)
        rows = [
            put(socket | {"pk": f"SOCKET#{connection}"}),
            put(socket | {"pk": f"CHANNEL#library-{library}", "sk": f"SOCKET#{connection}"}),
        ]
        event = contract_row("message.v1")["event"] | {"channel": channel}
        entry = {"EventBusName": OUTPUTS["BusName"], "Source": "shoebox", "DetailType": "PhotoChanged", "Detail": json.dumps(event)}
        self.assertEqual(STAGE.client("events").put_events(Entries=[entry])["FailedEntryCount"], 0)
        until("both rows are deleted", lambda: not any(map(get, rows)))


if __name__ == "__main__":
    unittest.main()
