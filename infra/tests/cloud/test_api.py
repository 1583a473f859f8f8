"""`/api/v1`: operations with an access token, and that they require one."""

import base64
import json
import re
import unittest
import urllib.request
import uuid
from urllib.parse import quote, urlsplit

from infra.local.tokens import SCOPES, access_token
from infra.root import ROOT
from infra.stacks import Stack
from infra.tests.cloud.fixtures import STAGE, Person, another, client, read_row, request, secret_hash, seed, state_name, until, write_row

PASSWORD = "a program keeps photos"
PHOTO = seed.PHOTOS / "cup.png"
# Each route below /api/v1, with its scope and its status for a photo that does not exist.
ROUTES = [
    ("GET", "/photos", "shoebox/photos.read", 200),
    ("POST", "/photos", "shoebox/photos.write", 422),
    ("GET", "/photos/{id}", "shoebox/photos.read", 404),
    ("DELETE", "/photos/{id}", "shoebox/photos.delete", 404),
    ("POST", "/photos/{id}/arrival", "shoebox/photos.write", 404),
    ("GET", "/photos/{id}/original", "shoebox/photos.read", 404),
]
# The permissions without a token, from the server's test, which checks that the list is complete.
MATRIX = (ROOT / "server/tests/cloud/permission.rs").read_text()
FUNCTIONS = re.findall(r'\(\s*"((?:accounts|photos|live)/\w+)",\s*r?#?"(.*?)"#?,\s*Needs::(\w+)', MATRIX)
PAGES = re.findall(r'\("(/[^"]*)", Needs::(\w+)', MATRIX)


class Account:
    """A user with an account and a Cognito user."""

    def __init__(self, name: str, *groups: str):
        self.email = f"{name}-{uuid.uuid4().hex[:12]}@shoebox.test"
        pool, cognito = STAGE.setting("user-pool"), client("cognito-idp")
        attributes = [{"Name": "email", "Value": self.email}, {"Name": "email_verified", "Value": "true"}]
        cognito.admin_create_user(UserPoolId=pool, Username=self.email, UserAttributes=attributes, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(UserPoolId=pool, Username=self.email, Password=PASSWORD, Permanent=True)
        user = cognito.admin_get_user(UserPoolId=pool, Username=self.email)
        self.id = next(one["Value"] for one in user["UserAttributes"] if one["Name"] == "sub")
        write_row(
            {
                "pk": {"S": f"ACCOUNT#{self.id}"},
                "sk": {"S": "ACCOUNT"},
                "version": {"N": "3"},
                "id": {"S": self.id},
                "email": {"S": self.email},
                "created_at": {"N": "1763900000000"},
                "groups": {"L": [{"S": group} for group in groups]},
            }
        )

    def token(self, *scopes: str) -> str:
        return access_token(STAGE, self.email, PASSWORD, scopes or SCOPES)


def send(method: str, path: str, token: str | None = None, body: dict | bytes | None = None, **headers: str):
    """Status, headers and body of the response to a request to the site's address."""
    address = urlsplit(STAGE.setting("site-address"))
    headers = {"Host": address.netloc, **headers}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    if isinstance(body, dict):
        body, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
    return request(method, path, body, headers)


def wanted(content: bytes = b"a") -> dict:
    return seed.wanted("a cup (1).png", content)


def tampered(token: str) -> str:
    """The same claims for another account, under the old signature."""
    head, claims, signature = token.split(".")
    decoded = json.loads(base64.urlsafe_b64decode(claims + "=="))
    decoded["sub"] = str(uuid.uuid4())
    changed = base64.urlsafe_b64encode(json.dumps(decoded).encode()).decode().rstrip("=")
    return f"{head}.{changed}.{signature}"


def unsigned(token: str) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    return f"{head}.{token.split('.')[1]}."


class Programs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ada, cls.ben, cls.operator = Account("ada"), Account("ben"), Account("operator", "operator")
        cls.token, cls.bens, cls.operators = cls.ada.token(), cls.ben.token(), cls.operator.token()

    def setUp(self):
        self.content = another(PHOTO.read_bytes())

    def upload(self, **fields: object) -> dict:
        status, headers, body = send("POST", "/api/v1/photos", self.token, wanted(self.content) | fields)
        self.assertEqual(status, 201, body)
        grant = json.loads(body)
        self.assertEqual(headers["Location"], f"/api/v1/photos/{grant['photo']['id']}")
        seed.send(grant, self.content)
        status, _, body = send("POST", f"{headers['Location']}/arrival", self.token)
        self.assertEqual(status, 200, body)
        return grant["photo"]

    def test_the_same_bytes_are_the_same_photo(self):
        first = self.upload()["id"]
        until("it is ready", lambda: state_name(self.photo(first)["state"]) == "ready")
        status, headers, body = send("POST", "/api/v1/photos", self.token, wanted(self.content))
        self.assertEqual((status, headers["Location"]), (200, f"/api/v1/photos/{first}"))
        self.assertNotIn("upload", json.loads(body))
        self.assertEqual(self.photo(first)["receipt"]["sha256"], self.photo(first)["sha256"])

    def photo(self, photo: str) -> dict:
        status, _, body = send("GET", f"/api/v1/photos/{photo}", self.token)
        self.assertEqual(status, 200, body)
        return json.loads(body)

    def test_a_photo_is_uploaded_listed_read_and_moved_to_the_trash(self):
        photo = self.upload()["id"]
        until("it is ready", lambda: state_name(self.photo(photo)["state"]) == "ready")
        self.assertEqual(self.photo(photo)["size"], {"width": 600, "height": 400})
        listed = until("it is listed", lambda: json.loads(send("GET", "/api/v1/photos", self.token)[2])["photos"])
        self.assertIn(photo, [one["id"] for one in listed])

        status, headers, _ = send("GET", f"/api/v1/photos/{photo}/original", self.token)
        self.assertEqual(status, 307)
        with urllib.request.urlopen(headers["Location"], timeout=60) as response:
            self.assertEqual(response.read(), self.content)
            names = "filename=\"a cup (1).png\"; filename*=UTF-8''a%20cup%20%281%29.png"
            self.assertEqual(response.headers["Content-Disposition"], f"attachment; {names}")

        for _ in range(2):
            self.assertEqual(send("DELETE", f"/api/v1/photos/{photo}", self.token)[0], 204)
        self.assertIn("trashed_at", self.photo(photo))
        until("it is no longer listed", lambda: not json.loads(send("GET", "/api/v1/photos", self.token)[2])["photos"])

    def listed(self, token: str) -> list[str]:
        """The photo ids of all pages."""
        listed, older = [], None
        while True:
            query = f"?before={quote(older)}" if older else ""
            status, _, body = send("GET", f"/api/v1/photos{query}", token)
            self.assertEqual(status, 200, body)
            page = json.loads(body)
            listed += [photo["id"] for photo in page["photos"]]
            older = page.get("older")
            if not older:
                return listed

    def test_photos_with_the_same_time_are_each_on_one_page(self):
        cleo = Account("cleo")
        token = cleo.token()
        status, _, body = send("POST", "/api/v1/photos", token, wanted(self.content))
        self.assertEqual(status, 201, body)
        photo = json.loads(body)["photo"]["id"]
        row = read_row(f"PHOTO#{photo}", "PHOTO")
        moment = row["timeline_sk"]["S"].split("#")[0]
        others = [str(uuid.uuid4()) for _ in range(249)]
        for other in others:
            keys = {"pk": {"S": f"PHOTO#{other}"}, "timeline_sk": {"S": f"{moment}#{other}"}}
            write_row({name: value for name, value in row.items() if not name.startswith("due_")} | keys | {"id": {"S": other}})
        expected = sorted([photo, *others], reverse=True)
        until("the index has all", lambda: len(self.listed(token)) >= len(expected))
        self.assertEqual(self.listed(token), expected)

    def test_a_photo_without_a_date_gets_the_file_s_or_the_upload_s(self):
        written = 1_435_708_800_000
        photo = self.upload(modified={"at": written, "zone": 120}, zone=60)
        self.assertEqual(photo["date_source"], "uploaded", "until it is inspected")
        until("it is ready", lambda: state_name(self.photo(photo["id"])["state"]) == "ready")
        ready = self.photo(photo["id"])
        self.assertEqual((ready["taken_at"], ready["date_source"]), (written, "file_modified"))
        self.content = another(PHOTO.read_bytes())
        photo = self.upload()
        until("it is ready", lambda: state_name(self.photo(photo["id"])["state"]) == "ready")
        ready = self.photo(photo["id"])
        self.assertEqual((ready["taken_at"], ready["date_source"]), (photo["taken_at"], "uploaded"))

    def test_each_route_requires_a_valid_token_with_its_scope(self):
        photo = self.upload()["id"]
        before = read_row(f"PHOTO#{photo}", "PHOTO")["timeline_pk"]
        id_client = Stack(STAGE, "state").outputs()["UserPoolClientId"]
        cognito = client("cognito-idp")
        parameters = {"USERNAME": self.ada.email, "PASSWORD": PASSWORD, "SECRET_HASH": secret_hash(self.ada.email)}
        other = cognito.initiate_auth(ClientId=id_client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)
        session = Person("dora").visitor.cookies["__Host-session"]
        for method, path, scope, missing in ROUTES:
            url = f"/api/v1{path}".replace("{id}", photo)
            others = self.ada.token(*(one for one in SCOPES if one != scope))
            with self.subTest(f"{method} {path}"):
                self.assertEqual(send(method, url)[0], 401, "no token")
                self.assertEqual(send(method, url, Cookie=f"__Host-session={session}")[0], 401, "only a session")
                self.assertEqual(send(method, url, "")[0], 401, "an empty token")
                self.assertEqual(send(method, url, tampered(self.token))[0], 401, "a tampered token")
                self.assertEqual(send(method, url, unsigned(self.token))[0], 401, "an unsigned token")
                for kind in ("AccessToken", "IdToken"):
                    response = send(method, url, other["AuthenticationResult"][kind])
                    self.assertIn(response[0], (401, 403), f"another client's {kind}")
                self.assertEqual(send(method, url, others)[0], 403, "another scope")
                for name, token in (("another user", self.bens), ("an operator", self.operators)):
                    status, _, body = send(method, url, token)
                    self.assertEqual(status, missing, name)
                    self.assertNotIn(photo.encode(), body, name)
                    if "{id}" in path:
                        missing_url = url.replace(photo, str(uuid.uuid4()))
                        self.assertEqual(send(method, missing_url, token)[2], body, f"{name}: as a photo that does not exist")
        self.assertEqual(read_row(f"PHOTO#{photo}", "PHOTO")["timeline_pk"], before, "the photo is unchanged")

    def test_no_other_path_or_method_reaches_a_route(self):
        photo = self.upload()["id"]
        for method, path in [
            ("GET", "/api/v1//photos"),
            ("GET", "//api/v1/photos"),
            ("GET", "/api//v1/photos"),
            ("GET", "/API/v1/photos"),
            ("GET", "/api/v1/%70hotos"),
            ("GET", "/api/v1/photos/"),
            ("GET", "/api%2Fv1/photos"),
            ("HEAD", "/api/v1/photos"),
            ("PUT", f"/api/v1/photos/{photo}"),
            ("PATCH", f"/api/v1/photos/{photo}"),
            ("GET", "/api/v1/photos/../photos"),
        ]:
            with self.subTest(f"{method} {path}"):
                forged = {
                    "x-amzn-request-context": json.dumps({"authorizer": {"jwt": {"claims": {"sub": self.ada.id}}}}),
                    "x-amzn-oidc-identity": self.ada.id,
                    "Cookie": f"__Host-session={Person('dora').visitor.cookies['__Host-session']}",
                }
                for headers in ({}, forged):
                    status, _, body = send(method, path, **headers)
                    self.assertNotIn(photo.encode(), body)
                    self.assertIn(status, (302, 401, 403, 404, 405), body)
                self.assertLess(send(method, path, self.token)[0], 500)

    def test_a_token_expires(self):
        cognito, pool = client("cognito-idp"), STAGE.setting("user-pool")
        described = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=Stack(STAGE, "state").outputs()["ApiClientId"])
        settable = cognito.meta.service_model.operation_model("UpdateUserPoolClient").input_shape.members
        kept = {key: value for key, value in described["UserPoolClient"].items() if key in settable and value}
        self.assertEqual((kept["AccessTokenValidity"], kept["TokenValidityUnits"]["AccessToken"]), (5, "minutes"))
        short = {**kept["TokenValidityUnits"], "AccessToken": "seconds"}
        cognito.update_user_pool_client(**kept | {"AccessTokenValidity": 1, "TokenValidityUnits": short})
        try:
            token = self.ada.token()
        finally:
            cognito.update_user_pool_client(**kept)
        until("it has expired", lambda: send("GET", "/api/v1/photos", token)[0] == 401)
        self.assertEqual(send("GET", "/api/v1/photos", self.token)[0], 200)

    def test_a_token_is_not_accepted_elsewhere(self):
        """All pages and server functions, including future ones, respond as to an anonymous request."""
        photo, site = self.upload()["id"], STAGE.setting("site-address")
        listed = MATRIX[MATRIX.index("const FUNCTIONS") : MATRIX.index("impl Needs")].count("Needs::")
        self.assertEqual(len(FUNCTIONS) + len(PAGES), listed, "the whole list is parsed")
        for path, needs in PAGES:
            with self.subTest(path):
                url = path.replace("{id}", photo)
                anonymous, bearer = (send("GET", url, token, Accept="text/html") for token in (None, self.token))
                self.assertEqual((bearer[0], bearer[1]["Location"]), (anonymous[0], anonymous[1]["Location"]))
                self.assertEqual(anonymous[0], {"Nothing": 200, "Invitation": 422, "Link": 422}.get(needs, 302))
        for path, body, needs in FUNCTIONS:
            with self.subTest(path):
                kind = "application/json" if body.startswith("{") else "application/x-www-form-urlencoded"
                headers = {"Origin": site, "Accept": "application/json", "Content-Type": kind}
                content = body.replace("{id}", photo).replace("{account}", self.ada.id).encode()
                anonymous, bearer = (send("POST", f"/api/{path}", token, content, **headers) for token in (None, self.token))
                self.assertEqual((bearer[0], bearer[2]), (anonymous[0], anonymous[2]))
                if needs not in ("Nothing", "Invitation", "Link"):
                    self.assertEqual(anonymous[0], 401)
        self.assertNotIn("trashed_at", self.photo(photo))

    def test_error_responses_are_problem_json(self):
        for method, path, body, status, kind in [
            ("POST", "/photos", {}, 422, "malformed"),
            ("POST", "/photos", b"{", 422, "malformed"),
            ("POST", "/photos", wanted() | {"kind": "text/plain"}, 422, "unsupported_kind"),
            ("POST", "/photos", wanted() | {"bytes": 2**40}, 422, "too_large"),
            ("POST", "/photos", wanted() | {"zone": 100_000}, 422, "malformed"),
            ("POST", "/photos", wanted() | {"modified": {"at": 0, "zone": 841}}, 422, "malformed"),
            ("POST", "/photos", wanted() | {"modified": {"at": 2**63 - 1, "zone": 0}}, 422, "malformed"),
            ("POST", "/photos", wanted() | {"modified": {"at": 2**64, "zone": 0}}, 422, "malformed"),
            ("GET", "/photos?before=", None, 422, "malformed"),
            ("GET", f"/photos/{uuid.uuid4()}", None, 404, "not_found"),
            ("GET", "/photos/x", None, 404, "not_found"),
            ("GET", "/nothing", None, 404, "not_found"),
            ("GET", "/", None, 404, "not_found"),
        ]:
            with self.subTest(f"{method} {path} {body}"):
                response = send(method, f"/api/v1{path}", self.token, body)
                self.assertEqual((response[0], response[1]["Content-Type"]), (status, "application/problem+json"), response[2])
                problem = json.loads(response[2])
                self.assertEqual((problem["type"], problem["status"]), (f"urn:shoebox:{kind}", status))
                self.assertTrue(problem["title"])

    def test_the_openapi_document_is_public_and_has_every_route(self):
        status, _, body = send("GET", "/api/v1/openapi.json")
        self.assertEqual(status, 200)
        paths = json.loads(body)["paths"]
        described = {
            (method.upper(), path, operation["security"][0]["account"][0])
            for path, operations in paths.items()
            for method, operation in operations.items()
        }
        self.assertEqual(described, {(method, path, scope) for method, path, scope, _ in ROUTES})


if __name__ == "__main__":
    unittest.main()
