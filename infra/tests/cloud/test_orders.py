"""Render orders, through the real topic and queues."""

import json
import time
import unittest
import uuid

from infra.stack_parameters import StageStacks
from infra.stage import Stage
from infra.tests.cloud.fixtures import until
from infra.tests.cloud.listeners import capture_orders

STAGE = Stage.named("test")
TIMEOUT_SECONDS = 300


class Orders(unittest.TestCase):
    def test_an_order_for_a_deleted_photo_fails_its_task_immediately(self):
        outputs = StageStacks(STAGE).outputs
        states = STAGE.client("stepfunctions")
        workflow = states.describe_state_machine(stateMachineArn=outputs["WorkflowArn"])
        order = json.loads(workflow["definition"])["States"]["Render"]["ItemProcessor"]["States"]["Format"]
        message = order["Parameters"]["Message"] | {
            "job": {"photo": str(uuid.uuid4()), "library": str(uuid.uuid4()), "generation": 1},
            "format": "webp",
        }
        del message["job.$"], message["format.$"]
        order = {"Type": "Task", "Resource": order["Resource"], "TimeoutSeconds": TIMEOUT_SECONDS, "End": True} | {
            "Parameters": {"TopicArn": order["Parameters"]["TopicArn"], "Message": message}
        }
        machine = states.create_state_machine(
            name=f"test-{uuid.uuid4().hex[:8]}",
            roleArn=workflow["roleArn"],
            definition=json.dumps({"StartAt": "Order", "States": {"Order": order}}),
        )["stateMachineArn"]
        self.addCleanup(states.delete_state_machine, stateMachineArn=machine)
        execution = states.start_execution(stateMachineArn=machine, input="{}")["executionArn"]
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while (ended := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
            self.assertLess(time.monotonic(), deadline, "the order's task did not end")
            time.sleep(STAGE.pause)
        self.assertEqual((ended["status"], ended.get("error"), ended.get("cause")), ("FAILED", "Unfit", "gone"))

    def test_a_lost_order_is_published_again(self):
        captured = capture_orders(self)
        states = STAGE.client("stepfunctions")
        workflow = states.describe_state_machine(stateMachineArn=StageStacks(STAGE).outputs["WorkflowArn"])
        processor = json.loads(workflow["definition"])["States"]["Render"]["ItemProcessor"]
        processor["States"]["Format"]["TimeoutSeconds"] = 1
        machine = states.create_state_machine(
            name=f"test-{uuid.uuid4().hex[:8]}",
            roleArn=workflow["roleArn"],
            definition=json.dumps({"StartAt": processor["StartAt"], "States": processor["States"]}),
        )["stateMachineArn"]
        self.addCleanup(states.delete_state_machine, stateMachineArn=machine)
        # No queue subscribes to this format.
        order = {"job": {"photo": str(uuid.uuid4()), "library": str(uuid.uuid4()), "generation": 1}, "format": "unheard"}
        execution = states.start_execution(stateMachineArn=machine, input=json.dumps(order))["executionArn"]

        def published() -> list[dict]:
            return [one for one in captured.bodies() if one["job"] == order["job"]]

        first, second = until("the order is published again", lambda: len(published()) > 1 and published())
        self.assertEqual(first | {"token": ""}, second | {"token": ""})
        self.assertNotEqual(first["token"], second["token"])
        states.send_task_success(taskToken=second["token"], output="{}")
        self.assertEqual(
            until("the order is done", lambda: (status := states.describe_execution(executionArn=execution)["status"]) != "RUNNING" and status),
            "SUCCEEDED",
        )


if __name__ == "__main__":
    unittest.main()
