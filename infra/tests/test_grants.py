"""What is found wrong with a role."""

import unittest

from infra.local.grants import Judged, grants, merged, missing, unused

TABLE = "arn:aws:dynamodb:r:1:table/t"
QUEUE = "arn:aws:sqs:r:1:q"
BUCKET = "arn:aws:s3:::b"


def statement(sid, action, resource, keys=None):
    condition = {"Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": keys}}} if keys else {}
    return {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resource} | condition


def call(action, resource, *keys, allowed=True):
    return {"action": action, "resource": resource, "keys": list(keys), "allowed": allowed}


def found(statements, services=(), calls=()):
    told = list(grants({"Statement": statements})), set(services), list(calls)
    return [f"unused grant, {grant}" for grant in unused(*told).values()] + list(missing(*told))


class Roles(unittest.TestCase):
    def test_what_is_used_as_granted_is_right(self):
        statements = [statement("Objects", "s3:GetObject", f"{BUCKET}/o/*"), statement("Queue", "sqs:ReceiveMessage", QUEUE)]
        self.assertEqual(found(statements, [("sqs:ReceiveMessage", QUEUE)], [call("s3:GetObject", f"{BUCKET}/o/1")]), [])

    def test_each_action_and_resource_of_a_statement_must_be_used(self):
        both = statement("Both", ["s3:GetObject", "s3:PutObject"], [f"{BUCKET}/o/*", f"{BUCKET}/p/*"])
        calls = [call("s3:GetObject", f"{BUCKET}/{place}/1") for place in "op"] + [call("s3:PutObject", f"{BUCKET}/o/1")]
        self.assertEqual(found([both], calls=calls), [f"unused grant, Both: s3:PutObject on {BUCKET}/p/*"])

    def test_each_kind_of_rows_must_be_used(self):
        rows = statement("Rows", "dynamodb:PutItem", TABLE, ["A#*", "B#*"])
        self.assertEqual(
            found([rows], calls=[call("dynamodb:PutItem", TABLE, "A#1")]),
            [f"unused grant, Rows: dynamodb:PutItem on {TABLE} for B#*"],
        )

    def test_mails_are_granted_by_their_sender(self):
        anybody = "arn:aws:ses:r:1:identity/*"
        mail = statement("Mail", "ses:SendEmail", anybody) | {"Condition": {"StringEquals": {"ses:FromAddress": "a@b.test"}}}
        sent = lambda sender: call("ses:SendEmail", "arn:aws:ses:r:1:identity/c@d.test", sender)
        self.assertEqual(found([mail], calls=[sent("a@b.test")]), [])
        self.assertEqual(found([mail], calls=[sent("e@b.test")]), [f"unused grant, Mail: ses:SendEmail on {anybody} for a@b.test"])

    def test_a_call_that_was_denied_is_no_use(self):
        self.assertEqual(
            found([statement("Rows", "dynamodb:PutItem", TABLE, "A#*")], calls=[call("dynamodb:PutItem", TABLE, "B#1", allowed=False)]),
            [
                f"unused grant, Rows: dynamodb:PutItem on {TABLE} for A#*",
                f"missing grant, dynamodb:PutItem on {TABLE} for B#1: was asked for and denied",
            ],
        )

    def test_what_services_need_is_granted_and_no_more(self):
        polling = statement("Polling", ["sqs:ReceiveMessage", "sqs:ChangeMessageVisibility"], QUEUE)
        self.assertEqual(
            found([polling], [("sqs:ReceiveMessage", QUEUE), ("sqs:DeleteMessage", QUEUE)]),
            [
                f"unused grant, Polling: sqs:ChangeMessageVisibility on {QUEUE}",
                f"missing grant, sqs:DeleteMessage on {QUEUE}: a service does it with this role",
            ],
        )

    def test_what_is_denied_need_not_be_used(self):
        self.assertEqual(found([statement("NoTopics", "sns:Publish", "arn:aws:sns:*:*:*") | {"Effect": "Deny"}]), [])

    def test_what_cannot_be_judged_is_said(self):
        sometimes = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
        for odd in ({"Effect": "Deny"} | sometimes, {"Condition": {"StringEquals": {"aws:PrincipalTag/a": "b"}}}):
            with self.assertRaises(ValueError):
                list(grants({"Statement": [statement("Odd", "s3:GetObject", BUCKET) | odd]}))


class Stages(unittest.TestCase):
    """Two stages from the same templates."""

    def test_a_grant_that_one_of_them_used_is_used(self):
        (here,) = grants({"Statement": [statement("Queue", "sqs:ReceiveMessage", f"{QUEUE}-here")]})
        (there,) = grants({"Statement": [statement("Queue", "sqs:ReceiveMessage", f"{QUEUE}-there")]})
        unused_here, unused_there, used = Judged({"Role": {0: here}}, []), Judged({"Role": {0: there}}, []), Judged({"Role": {}}, [])
        self.assertEqual(merged([unused_here, used]), [])
        self.assertEqual(merged([used, unused_there]), [])
        self.assertEqual(merged([unused_here, unused_there]), [f"Role: unused grant, {here}"])

    def test_what_one_of_them_lacks_is_missing(self):
        self.assertEqual(merged([Judged({}, ["a"]), Judged({}, ["b"])]), ["a", "b"])


if __name__ == "__main__":
    unittest.main()
