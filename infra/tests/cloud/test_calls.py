"""The IAM checks that the local cloud adds to MiniStack's, tested with roles of their own."""

import json
import unittest
import uuid

import boto3
from botocore.exceptions import ClientError

from infra.sender import LOCAL as LOCAL_SENDER
from infra.stack_parameters import StageStacks
from infra.stage import Stage

STAGE = Stage.named("test")


class Visitor:
    """A client with a role that has these statements."""

    def __init__(self, case: unittest.TestCase, *statements: dict):
        iam, name = STAGE.client("iam"), f"test-{uuid.uuid4().hex[:8]}"
        trust_policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}}
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust_policy))["Role"]["Arn"]
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} | statement for statement in statements]}
        iam.put_role_policy(RoleName=name, PolicyName="test", PolicyDocument=json.dumps(policy))
        case.addCleanup(iam.delete_role, RoleName=name)
        case.addCleanup(iam.delete_role_policy, RoleName=name, PolicyName="test")
        keys = STAGE.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        self._session = boto3.session.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], STAGE.region)

    def client(self, service: str):
        return self._session.client(service, endpoint_url=STAGE.endpoint)


class Checks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        outputs = StageStacks(STAGE).outputs
        cls.table, cls.table_arn, cls.bucket = outputs["TableName"], outputs["TableArn"], outputs["OriginalsBucket"]

    def setUp(self):
        for kind in ("KIND", "OTHER"):
            row = {"pk": {"S": f"{kind}#1"}, "sk": {"S": "1"}}
            self.addCleanup(STAGE.client("dynamodb").delete_item, TableName=self.table, Key=row)

    def denied(self, call, **arguments) -> bool:
        try:
            call(**arguments)
        except ClientError as error:
            return error.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException", "403")
        return False

    def test_each_parameter_must_be_granted(self):
        table, bus = (f"/shoebox/{STAGE.name}/{name}" for name in ("table", "bus"))
        one = STAGE.client("ssm").get_parameter(Name=table)["Parameter"]["ARN"]
        visitor = Visitor(self, {"Action": "ssm:GetParameters", "Resource": one}).client("ssm")
        self.assertFalse(self.denied(visitor.get_parameters, Names=[table]))
        self.assertTrue(self.denied(visitor.get_parameters, Names=[table, bus]))

    def visitor_of(self, *statements: list[str]):
        """A client with a statement for each of these lists of partition key prefixes."""
        statements = [
            {
                "Action": ["dynamodb:PutItem", "dynamodb:Query"],
                "Resource": [self.table_arn, f"{self.table_arn}/index/timeline"],
                "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{kind}#*" for kind in kinds]}},
            }
            for kinds in statements
        ]
        return Visitor(self, *statements).client("dynamodb")

    def test_rows_are_granted_by_partition_key(self):
        visitor = self.visitor_of(["KIND"])
        put = lambda kind: self.denied(visitor.put_item, TableName=self.table, Item={"pk": {"S": f"{kind}#1"}, "sk": {"S": "1"}})
        self.assertEqual([put("KIND"), put("PHOTO")], [False, True])

    def test_queries_are_granted_by_the_partition_key_of_table_or_index(self):
        visitor = self.visitor_of(["KIND"])
        for index, key in (({}, "pk"), ({"IndexName": "timeline"}, "timeline_pk")):
            query = lambda kind: self.denied(
                visitor.query,
                TableName=self.table,
                KeyConditionExpression=f"{key} = :pk",
                ExpressionAttributeValues={":pk": {"S": f"{kind}#1"}},
                **index,
            )
            self.assertEqual([query("KIND"), query("PHOTO")], [False, True], key)

    def test_a_transaction_s_rows_must_be_granted_by_one_statement(self):
        def write(visitor, *kinds: str) -> bool:
            rows = [{"Put": {"TableName": self.table, "Item": {"pk": {"S": f"{kind}#1"}, "sk": {"S": "1"}}}} for kind in kinds]
            return self.denied(visitor.transact_write_items, TransactItems=rows)

        together, separate = self.visitor_of(["KIND", "OTHER"]), self.visitor_of(["KIND"], ["OTHER"])
        self.assertEqual([write(together, "KIND", "OTHER"), write(together, "KIND", "PHOTO")], [False, True])
        self.assertEqual([write(separate, "KIND"), write(separate, "OTHER"), write(separate, "KIND", "OTHER")], [False, False, True])

    def test_a_mail_is_granted_by_sender_and_recipients(self):
        identity = f"arn:aws:ses:{STAGE.region}:{self.table_arn.split(':')[4]}:identity"
        one = {"StringEquals": {"ses:FromAddress": LOCAL_SENDER}}
        for statement, senders in (
            ({"Resource": f"{identity}/{LOCAL_SENDER}"}, []),
            ({"Resource": f"{identity}/*", "Condition": one}, [LOCAL_SENDER]),
        ):
            visitor = Visitor(self, {"Action": "ses:SendEmail"} | statement).client("sesv2")
            for sender in (LOCAL_SENDER, f"other-{LOCAL_SENDER}"):
                denied = self.denied(
                    visitor.send_email,
                    FromEmailAddress=sender,
                    Destination={"ToAddresses": ["recipient@shoebox.test"]},
                    Content={"Simple": {"Subject": {"Data": "A test"}, "Body": {"Text": {"Data": "A test"}}}},
                )
                self.assertEqual(denied, sender not in senders, statement)

    def test_a_mail_s_configuration_set_must_be_granted(self):
        ses = f"arn:aws:ses:{STAGE.region}:{self.table_arn.split(':')[4]}"
        for resources, granted in (([f"{ses}:identity/*"], False), ([f"{ses}:identity/*", f"{ses}:configuration-set/shoebox-{STAGE.name}"], True)):
            visitor = Visitor(self, {"Action": "ses:SendEmail", "Resource": resources}).client("sesv2")
            denied = self.denied(
                visitor.send_email,
                FromEmailAddress=LOCAL_SENDER,
                Destination={"ToAddresses": ["recipient@shoebox.test"]},
                Content={"Simple": {"Subject": {"Data": "A test"}, "Body": {"Text": {"Data": "A test"}}}},
                ConfigurationSetName=f"shoebox-{STAGE.name}",
            )
            self.assertEqual(denied, not granted, resources)

    def test_a_missing_object_is_visible_only_with_list_bucket(self):
        objects = {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{self.bucket}/originals/*"}
        listing = {"Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{self.bucket}"}
        for statements, forbidden in (([objects], True), ([objects, listing], False)):
            visitor = Visitor(self, *statements).client("s3")
            self.assertEqual(self.denied(visitor.head_object, Bucket=self.bucket, Key="originals/none"), forbidden)


if __name__ == "__main__":
    unittest.main()
