"""Applies, after a deploy, the template properties that the local cloud's CloudFormation ignores."""

from urllib.parse import urlsplit

from infra.stage import Stage


def close(stage: Stage, known: dict[str, str]) -> None:
    client, table = stage.client("dynamodb"), known["TableName"]
    if client.describe_time_to_live(TableName=table)["TimeToLiveDescription"]["TimeToLiveStatus"] != "ENABLED":
        client.update_time_to_live(TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
    # All of a user pool's passkey settings are ignored.
    relying_party = urlsplit(stage.setting("site-address")).hostname
    stage.client("cognito-idp").set_user_pool_mfa_config(
        UserPoolId=known["UserPoolId"],
        MfaConfiguration="OPTIONAL",
        SoftwareTokenMfaConfiguration={"Enabled": True},
        WebAuthnConfiguration={"RelyingPartyId": relying_party, "UserVerification": "required"},
    )
    client.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
