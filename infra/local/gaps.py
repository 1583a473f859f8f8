"""Sets after a deploy what the local cloud's CloudFormation drops from a template."""

from infra.stage import Stage


def close(stage: Stage, known: dict[str, str]) -> None:
    client, table = stage.client("dynamodb"), known["TableName"]
    if client.describe_time_to_live(TableName=table)["TimeToLiveDescription"]["TimeToLiveStatus"] != "ENABLED":
        client.update_time_to_live(TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
    client.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
