"""The architecture rules."""

import unittest

from infra.local.rules import wildcards_without_reason


class Wildcards(unittest.TestCase):
    def test_each_needs_a_comment_on_its_line(self):
        template = """
            Statement:
              - Resource: "*" # X-Ray knows no resources
              - Resource: "*"
              - Resource: [!GetAtt Bucket.Arn, !Sub "${Bucket.Arn}/*"]
              - Resource: !If [InAws, !Ref Workflow, "*"] # a reason
              - Resource:
                  # a reason elsewhere
                  - !Sub arn:aws:s3:::${Bucket}/*
                  - !Ref Bucket
              - AllowedHeaders: ["*"]
        """
        self.assertEqual(wildcards_without_reason(template), [4, 5, 9])


if __name__ == "__main__":
    unittest.main()
