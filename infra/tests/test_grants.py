"""The least-privilege check of roles."""

import unittest

from infra.local.evaluator import Role, allowed, disputed, key_sets
from infra.local.grants import Report, grants, merged, missing, unused

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
    role = list(grants({"Statement": statements})), set(services), list(calls)
    return [f"unused grant, {grant}" for grant in unused(*role).values()] + list(missing(*role))


class Roles(unittest.TestCase):
    def test_used_grants_have_no_faults(self):
        statements = [statement("Objects", "s3:GetObject", f"{BUCKET}/o/*"), statement("Queue", "sqs:ReceiveMessage", QUEUE)]
        self.assertEqual(found(statements, [("sqs:ReceiveMessage", QUEUE)], [call("s3:GetObject", f"{BUCKET}/o/1")]), [])

    def test_each_combination_of_action_and_resource_must_be_used(self):
        both = statement("Both", ["s3:GetObject", "s3:PutObject"], [f"{BUCKET}/o/*", f"{BUCKET}/p/*"])
        calls = [call("s3:GetObject", f"{BUCKET}/{folder}/1") for folder in "op"] + [call("s3:PutObject", f"{BUCKET}/o/1")]
        self.assertEqual(found([both], calls=calls), [f"unused grant, Both: s3:PutObject on {BUCKET}/p/*"])

    def test_each_partition_key_pattern_must_be_used(self):
        rows = statement("Rows", "dynamodb:PutItem", TABLE, ["A#*", "B#*"])
        self.assertEqual(
            found([rows], calls=[call("dynamodb:PutItem", TABLE, "A#1")]),
            [f"unused grant, Rows: dynamodb:PutItem on {TABLE} for B#*"],
        )

    def test_mails_are_granted_by_sender(self):
        any_identity = "arn:aws:ses:r:1:identity/*"
        mail = statement("Mail", "ses:SendEmail", any_identity) | {"Condition": {"StringEquals": {"ses:FromAddress": "a@b.test"}}}
        sent = lambda sender: call("ses:SendEmail", "arn:aws:ses:r:1:identity/c@d.test", sender)
        self.assertEqual(found([mail], calls=[sent("a@b.test")]), [])
        self.assertEqual(found([mail], calls=[sent("e@b.test")]), [f"unused grant, Mail: ses:SendEmail on {any_identity} for a@b.test"])

    def test_a_denied_call_does_not_use_a_grant(self):
        self.assertEqual(
            found([statement("Rows", "dynamodb:PutItem", TABLE, "A#*")], calls=[call("dynamodb:PutItem", TABLE, "B#1", allowed=False)]),
            [
                f"unused grant, Rows: dynamodb:PutItem on {TABLE} for A#*",
                f"missing grant, dynamodb:PutItem on {TABLE} for B#1: was requested and denied",
            ],
        )

    def test_grants_for_services_match_exactly(self):
        polling = statement("Polling", ["sqs:ReceiveMessage", "sqs:ChangeMessageVisibility"], QUEUE)
        self.assertEqual(
            found([polling], [("sqs:ReceiveMessage", QUEUE), ("sqs:DeleteMessage", QUEUE)]),
            [
                f"unused grant, Polling: sqs:ChangeMessageVisibility on {QUEUE}",
                f"missing grant, sqs:DeleteMessage on {QUEUE}: an AWS service uses it with this role",
            ],
        )

    def test_denials_need_not_be_used(self):
        self.assertEqual(found([statement("NoTopics", "sns:Publish", "arn:aws:sns:*:*:*") | {"Effect": "Deny"}]), [])

    def test_unsupported_statements_raise(self):
        conditional = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
        for odd in ({"Effect": "Deny"} | conditional, {"Condition": {"StringEquals": {"aws:PrincipalTag/a": "b"}}}):
            with self.assertRaises(ValueError):
                list(grants({"Statement": [statement("Odd", "s3:GetObject", BUCKET) | odd]}))


def role(statements, *calls):
    return Role("notifications NotificationsRole", [{"Version": "2012-10-17", "Statement": statements}], list(calls))


class OtherEvaluator(unittest.TestCase):
    """pbac's decisions on recorded calls."""

    def test_denials_name_role_action_resource_and_partition_keys(self):
        rows = statement("Rows", "dynamodb:GetItem", TABLE, ["A#*"])
        objects = statement("Objects", ["s3:GetObject", "s3:PutObject"], f"{BUCKET}/o/*")
        right = [call("dynamodb:GetItem", TABLE, "A#1", "A#2"), call("s3:GetObject", f"{BUCKET}/o/1"), call("s3:PutObject", f"{BUCKET}/o/1")]
        self.assertEqual(list(disputed([role([rows, objects], *right)])), [])
        wrong = [call("dynamodb:GetItem", TABLE, "A#1", "B#1"), call("dynamodb:PutItem", TABLE, "A#1"), call("s3:GetObject", f"{BUCKET}/p/1")]
        self.assertEqual(
            list(disputed([role([rows, objects], *wrong)])),
            [
                f"notifications NotificationsRole: denied by pbac, dynamodb:GetItem on {TABLE} for A#1, B#1",
                f"notifications NotificationsRole: denied by pbac, dynamodb:PutItem on {TABLE} for A#1",
                f"notifications NotificationsRole: denied by pbac, s3:GetObject on {BUCKET}/p/1",
            ],
        )

    def test_a_transaction_is_denied_unless_one_statement_covers_it(self):
        sets = key_sets([["A#1"], ["B#1"]])
        self.assertEqual(sets, [["A#1"], ["B#1"], ["A#1", "B#1"]])
        self.assertEqual(key_sets([["A#1", "B#1"]]), [["A#1", "B#1"]], "a batch is one item")
        calls = [call("dynamodb:DeleteItem", TABLE, *keys) for keys in sets]
        together = [statement("Rows", "dynamodb:DeleteItem", TABLE, ["A#*", "B#*"])]
        separate = [statement(sid, "dynamodb:DeleteItem", TABLE, [f"{sid}#*"]) for sid in "AB"]
        self.assertEqual(allowed([role(together, *calls), role(separate, *calls)]), [[True, True, True], [True, True, False]])
        self.assertEqual(
            list(disputed([role(separate, *calls)])),
            [f"notifications NotificationsRole: denied by pbac, dynamodb:DeleteItem on {TABLE} for A#1, B#1"],
        )

    def test_calls_that_are_not_needed_must_be_denied(self):
        fault = "notifications NotificationsRole: not needed but allowed by pbac"
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
        self.assertEqual(list(disputed([role(wide, made) for _, wide, made, _ in each])), [f"{fault}, {what}" for *_, what in each])

    def test_a_condition_that_pbac_would_evaluate_in_part_raises(self):
        both = {"Condition": {"StringEquals": {"ses:FromAddress": "a@b.test", "ses:FromDisplayName": "a"}}}
        with self.assertRaisesRegex(ValueError, "several keys of StringEquals in Mail"):
            allowed([role([statement("Mail", "ses:SendEmail", f"{IDENTITIES}/*") | both])])


class Stages(unittest.TestCase):
    """Two stages with the same templates."""

    def test_a_grant_used_on_one_stage_is_used(self):
        (first,) = grants({"Statement": [statement("Queue", "sqs:ReceiveMessage", f"{QUEUE}-first")]})
        (second,) = grants({"Statement": [statement("Queue", "sqs:ReceiveMessage", f"{QUEUE}-second")]})
        unused_first, unused_second, used = Report({"Role": {0: first}}, []), Report({"Role": {0: second}}, []), Report({"Role": {}}, [])
        self.assertEqual(merged([unused_first, used]), [])
        self.assertEqual(merged([used, unused_second]), [])
        self.assertEqual(merged([unused_first, unused_second]), [f"Role: unused grant, {first}"])

    def test_faults_of_all_stages_are_reported(self):
        self.assertEqual(merged([Report({}, ["a"]), Report({}, ["b"])]), ["a", "b"])


if __name__ == "__main__":
    unittest.main()
