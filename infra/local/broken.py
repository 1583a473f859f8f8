"""Templates whose deploy fails, to test what a failed deploy leaves behind."""


def broken(template: dict) -> dict:
    """The template with one more SSM parameter and, after all other resources, one that CloudFormation fails to create."""
    resources = template["Resources"]
    others = [name for name, resource in resources.items() if "Condition" not in resource]
    added = {
        "Added": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Name": {"Fn::Sub": "/shoebox/${Stage}/added"}, "Type": "String", "Value": "added"},
        },
        "Refused": {
            "Type": "AWS::Lambda::EventInvokeConfig",
            "DependsOn": [*others, "Added"],
            "Properties": {"FunctionName": "there-is-no-such-function", "Qualifier": "$LATEST"},
        },
    }
    return template | {"Resources": resources | added}
