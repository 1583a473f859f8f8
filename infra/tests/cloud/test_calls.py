"""What the local cloud asks of a role and MiniStack alone does not, tried by a role of the test's own."""

import json
import unittest
import uuid

import boto3
from botocore.exceptions import ClientError

from infra.sender import HOME as HOME_SENDER
from infra.stage import Stage
from infra.wiring import Wiring

STAGE = Stage.named("test")


class Visitor:
    """Somebody whose role may do what the statements say."""

    def __init__(self, case: unittest.TestCase, *statements: dict):
        iam, name = STAGE.client("iam"), f"test-{uuid.uuid4().hex[:8]}"
        anybody = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}}
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(anybody))["Role"]["Arn"]
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} | statement for statement in statements]}
        iam.put_role_policy(RoleName=name, PolicyName="visits", PolicyDocument=json.dumps(policy))
        case.addCleanup(iam.delete_role, RoleName=name)
        case.addCleanup(iam.delete_role_policy, RoleName=name, PolicyName="visits")
        keys = STAGE.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        self._session = boto3.session.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], STAGE.region)

    def client(self, service: str):
        return self._session.client(service, endpoint_url=STAGE.endpoint)


class Questions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        outputs = Wiring(STAGE).outputs
        cls.table, cls.table_arn, cls.bucket = outputs["TableName"], outputs["TableArn"], outputs["OriginalsBucket"]

    def setUp(self):
        for kind in ("VISIT", "SIGHT"):
            row = {"pk": {"S": f"{kind}#1"}, "sk": {"S": "1"}}
            self.addCleanup(STAGE.client("dynamodb").delete_item, TableName=self.table, Key=row)

    def denied(self, call, **arguments) -> bool:
        try:
            call(**arguments)
        except ClientError as error:
            return error.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException", "403")
        return False

    def test_each_of_several_parameters_must_be_granted(self):
        table, bus = (f"/shoebox/{STAGE.name}/{name}" for name in ("table", "bus"))
        one = STAGE.client("ssm").get_parameter(Name=table)["Parameter"]["ARN"]
        visitor = Visitor(self, {"Action": "ssm:GetParameters", "Resource": one}).client("ssm")
        self.assertFalse(self.denied(visitor.get_parameters, Names=[table]))
        self.assertTrue(self.denied(visitor.get_parameters, Names=[table, bus]))

    def visitor_of(self, *statements: list[str]):
        """Somebody who has a statement for each of these lists of kinds of rows."""
        statements = [
            {
                "Action": ["dynamodb:PutItem", "dynamodb:Query"],
                "Resource": [self.table_arn, f"{self.table_arn}/index/timeline"],
                "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{kind}#*" for kind in kinds]}},
            }
            for kinds in statements
        ]
        return Visitor(self, *statements).client("dynamodb")

    def test_rows_are_granted_by_their_partition_key(self):
        visitor = self.visitor_of(["VISIT"])
        put = lambda kind: self.denied(visitor.put_item, TableName=self.table, Item={"pk": {"S": f"{kind}#1"}, "sk": {"S": "1"}})
        self.assertEqual([put("VISIT"), put("PHOTO")], [False, True])

    def test_a_partition_is_granted_by_its_key_in_the_table_and_in_an_index(self):
        visitor = self.visitor_of(["VISIT"])
        for where, key in (({}, "pk"), ({"IndexName": "timeline"}, "timeline_pk")):
            query = lambda kind: self.denied(
                visitor.query,
                TableName=self.table,
                KeyConditionExpression=f"{key} = :pk",
                ExpressionAttributeValues={":pk": {"S": f"{kind}#1"}},
                **where,
            )
            self.assertEqual([query("VISIT"), query("PHOTO")], [False, True], key)

    def test_rows_of_a_transaction_are_granted_each_and_all_by_one_statement(self):
        def write(visitor, *kinds: str) -> bool:
            rows = [{"Put": {"TableName": self.table, "Item": {"pk": {"S": f"{kind}#1"}, "sk": {"S": "1"}}}} for kind in kinds]
            return self.denied(visitor.transact_write_items, TransactItems=rows)

        together, apart = self.visitor_of(["VISIT", "SIGHT"]), self.visitor_of(["VISIT"], ["SIGHT"])
        self.assertEqual([write(together, "VISIT", "SIGHT"), write(together, "VISIT", "PHOTO")], [False, True])
        self.assertEqual([write(apart, "VISIT"), write(apart, "SIGHT"), write(apart, "VISIT", "SIGHT")], [False, False, True])

    def test_a_mail_is_granted_by_its_sender_to_whom_it_goes(self):
        identity = f"arn:aws:ses:{STAGE.region}:{self.table_arn.split(':')[4]}:identity"
        one = {"StringEquals": {"ses:FromAddress": HOME_SENDER}}
        for statement, senders in (
            ({"Resource": f"{identity}/{HOME_SENDER}"}, []),
            ({"Resource": f"{identity}/*", "Condition": one}, [HOME_SENDER]),
        ):
            visitor = Visitor(self, {"Action": "ses:SendEmail"} | statement).client("sesv2")
            for sender in (HOME_SENDER, f"other-{HOME_SENDER}"):
                denied = self.denied(
                    visitor.send_email,
                    FromEmailAddress=sender,
                    Destination={"ToAddresses": ["recipient@shoebox.test"]},
                    Content={"Simple": {"Subject": {"Data": "A test"}, "Body": {"Text": {"Data": "A test"}}}},
                )
                self.assertEqual(denied, sender not in senders, statement)

    def test_a_mail_by_a_configuration_set_is_granted_that_set(self):
        ses = f"arn:aws:ses:{STAGE.region}:{self.table_arn.split(':')[4]}"
        for resources, granted in (([f"{ses}:identity/*"], False), ([f"{ses}:identity/*", f"{ses}:configuration-set/shoebox-{STAGE.name}"], True)):
            visitor = Visitor(self, {"Action": "ses:SendEmail", "Resource": resources}).client("sesv2")
            denied = self.denied(
                visitor.send_email,
                FromEmailAddress=HOME_SENDER,
                Destination={"ToAddresses": ["recipient@shoebox.test"]},
                Content={"Simple": {"Subject": {"Data": "A test"}, "Body": {"Text": {"Data": "A test"}}}},
                ConfigurationSetName=f"shoebox-{STAGE.name}",
            )
            self.assertEqual(denied, not granted, resources)

    def test_that_an_object_is_not_there_may_be_known_by_who_may_list(self):
        objects = {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{self.bucket}/originals/*"}
        listing = {"Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{self.bucket}"}
        for statements, forbidden in (([objects], True), ([objects, listing], False)):
            visitor = Visitor(self, *statements).client("s3")
            self.assertEqual(self.denied(visitor.head_object, Bucket=self.bucket, Key="originals/none"), forbidden)


if __name__ == "__main__":
    unittest.main()
