"""What is found wrong with a role."""

import unittest

from infra.local.evaluator import Role, allowed, disputed, key_sets
from infra.local.grants import Judged, grants, merged, missing, unused

TABLE = "arn:aws:dynamodb:r:1:table/t"
QUEUE = "arn:aws:sqs:r:1:q"
BUCKET = "arn:aws:s3:::b"
IDENTITIES = "arn:aws:ses:r:1:identity"


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


def role(statements, *calls):
    return Role("notices NoticesRole", [{"Version": "2012-10-17", "Statement": statements}], list(calls))


class OtherEvaluator(unittest.TestCase):
    """What pbac says of recorded calls."""

    def test_what_it_denies_is_said_with_role_action_resource_and_rows(self):
        rows = statement("Rows", "dynamodb:GetItem", TABLE, ["A#*"])
        objects = statement("Objects", ["s3:GetObject", "s3:PutObject"], f"{BUCKET}/o/*")
        right = [call("dynamodb:GetItem", TABLE, "A#1", "A#2"), call("s3:GetObject", f"{BUCKET}/o/1"), call("s3:PutObject", f"{BUCKET}/o/1")]
        self.assertEqual(list(disputed([role([rows, objects], *right)])), [])
        wrong = [call("dynamodb:GetItem", TABLE, "A#1", "B#1"), call("dynamodb:PutItem", TABLE, "A#1"), call("s3:GetObject", f"{BUCKET}/p/1")]
        self.assertEqual(
            list(disputed([role([rows, objects], *wrong)])),
            [
                f"notices NoticesRole: denied by pbac, dynamodb:GetItem on {TABLE} for A#1, B#1",
                f"notices NoticesRole: denied by pbac, dynamodb:PutItem on {TABLE} for A#1",
                f"notices NoticesRole: denied by pbac, s3:GetObject on {BUCKET}/p/1",
            ],
        )

    def test_a_transaction_is_denied_that_no_statement_covers_alone(self):
        judged = key_sets([["A#1"], ["B#1"]])
        self.assertEqual(judged, [["A#1"], ["B#1"], ["A#1", "B#1"]])
        self.assertEqual(key_sets([["A#1", "B#1"]]), [["A#1", "B#1"]], "a batch is one item")
        calls = [call("dynamodb:DeleteItem", TABLE, *keys) for keys in judged]
        together = [statement("Rows", "dynamodb:DeleteItem", TABLE, ["A#*", "B#*"])]
        apart = [statement(sid, "dynamodb:DeleteItem", TABLE, [f"{sid}#*"]) for sid in "AB"]
        self.assertEqual(allowed([role(together, *calls), role(apart, *calls)]), [[True, True, True], [True, True, False]])
        self.assertEqual(
            list(disputed([role(apart, *calls)])),
            [f"notices NoticesRole: denied by pbac, dynamodb:DeleteItem on {TABLE} for A#1, B#1"],
        )

    def test_what_nobody_needs_must_be_denied(self):
        beside = "notices NoticesRole: needed by nobody and allowed by pbac"
        mail = statement("Mail", "ses:SendEmail", f"{IDENTITIES}/*")
        sent = call("ses:SendEmail", f"{IDENTITIES}/c@d.test", "a@b.test")
        one_sender = mail | {"Condition": {"StringEquals": {"ses:FromAddress": "a@b.test"}}}
        read, text = call("dynamodb:GetItem", TABLE, "A#1"), call("sns:Publish", "*")
        number, no_topics = statement("Texts", "sns:Publish", "*"), statement("NoTopics", "sns:Publish", "arn:aws:sns:*:*:*") | {"Effect": "Deny"}
        rows = statement("Rows", "dynamodb:GetItem", TABLE, ["A#*"])
        folder, put = statement("Folder", "s3:PutObject", f"{BUCKET}/o/*"), call("s3:PutObject", f"{BUCKET}/o/1")
        each = [
            ([rows], [rows | {"Action": "dynamodb:*"}], read, f"dynamodb:TagResource on {TABLE} for A#1"),
            ([rows], [rows | {"Resource": "*"}], read, "dynamodb:GetItem on arn:aws:dynamodb:r:111111111111:table/t for A#1"),
            ([rows], [statement("Rows", "dynamodb:GetItem", TABLE, ["A#*", "E*"])], read, f"dynamodb:GetItem on {TABLE} for A#1, ELSEWHERE#1"),
            ([one_sender], [mail], sent, f"ses:SendEmail on {IDENTITIES}/c@d.test for elsewhere@shoebox.test"),
            ([number, no_topics], [number], text, "sns:Publish on arn:aws:sns:eu-west-1:111111111111:elsewhere"),
            ([folder], [folder | {"Resource": f"{BUCKET}/*"}], put, f"s3:PutObject on {BUCKET}/elsewhere"),
            ([folder], [folder | {"Resource": "arn:aws:s3:::*/o/*"}], put, "s3:PutObject on arn:aws:s3:::elsewhere/o/1"),
        ]
        self.assertEqual(list(disputed([role(tight, made) for tight, _, made, _ in each])), [])
        self.assertEqual(list(disputed([role(wide, made) for _, wide, made, _ in each])), [f"{beside}, {what}" for *_, what in each])

    def test_a_condition_of_which_it_would_see_half_is_not_judged(self):
        both = {"Condition": {"StringEquals": {"ses:FromAddress": "a@b.test", "ses:FromDisplayName": "a"}}}
        with self.assertRaisesRegex(ValueError, "several keys of StringEquals in Mail"):
            allowed([role([statement("Mail", "ses:SendEmail", f"{IDENTITIES}/*") | both])])


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
