"""What a sidecar has to be to become a row again."""

import json
import unittest
from decimal import Decimal

from infra import rebuild

KEY = "sidecars/PHOTO/p1/PHOTO.json"


def sidecar(**changed) -> bytes:
    return json.dumps({"version": 1, "row": {"pk": "PHOTO#p1", "sk": "PHOTO", "generation": 3, "ratio": 0.1}} | changed).encode()


class Sidecars(unittest.TestCase):
    def test_lie_where_their_row_says(self):
        self.assertEqual(rebuild.sidecar_key("PHOTO#p1", "PHOTO"), KEY)
        self.assertEqual(rebuild.sidecar_key("ALBUM#a", "PHOTO#1#b"), "sidecars/ALBUM/a/PHOTO/1/b.json")

    def test_keep_their_numbers(self):
        row = rebuild.read_row(KEY, sidecar())
        self.assertEqual((row["generation"], row["ratio"]), (3, Decimal("0.1")))

    def test_of_a_later_version_or_in_another_place_are_not_read(self):
        for key, body in ((KEY, sidecar(version=2)), (KEY.replace("p1", "p2"), sidecar()), (KEY, b"{"), (KEY, b'{"version":1')):
            with self.assertRaises(ValueError, msg=(key, body)):
                rebuild.read_row(key, body)

    def test_what_is_developed_again_is_another_generation(self):
        photo = {"id": "p1", "generation": 3, "formats": ["webp"]}
        self.assertEqual(rebuild.developed_anew(photo), {"id": "p1", "generation": 4, "formats": []})

    def test_what_has_its_bytes_is_found_by_them(self):
        photo = {"sk": "PHOTO", "id": "p1", "library": "a", "sha256": "AQL/", "state": {"is": "ready"}}
        self.assertTrue(rebuild.has_its_bytes(photo))
        self.assertEqual(rebuild.claim(photo), {"pk": "LIBRARY#a", "sk": "HASH#0102ff", "version": 1, "photo": "p1"})
        self.assertFalse(rebuild.has_its_bytes(photo | {"state": {"is": "refused"}}))
        self.assertFalse(rebuild.has_its_bytes({"sk": "ACCOUNT"}))


if __name__ == "__main__":
    unittest.main()
