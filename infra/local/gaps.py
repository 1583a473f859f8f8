"""Sets after a deploy what the local cloud's CloudFormation drops from a template."""

from infra.stage import Stage


def close(stage: Stage, known: dict[str, str]) -> None:
    table = stage.client("dynamodb")
    if table.describe_time_to_live(TableName=known["TableName"])["TimeToLiveDescription"]["TimeToLiveStatus"] != "ENABLED":
        table.update_time_to_live(
            TableName=known["TableName"],
            TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"},
        )
