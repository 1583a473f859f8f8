"""Orders to render, through the real topic and queues."""

import json
import time
import unittest
import uuid

from infra.stage import Stage
from infra.tests.cloud.cast import until
from infra.tests.cloud.ears import orders_heard
from infra.wiring import Wiring

STAGE = Stage.named("test")
PATIENCE = 300


class Orders(unittest.TestCase):
    def test_an_order_for_a_photo_that_is_gone_fails_its_task_at_once(self):
        outputs = Wiring(STAGE).outputs
        states = STAGE.client("stepfunctions")
        develop = states.describe_state_machine(stateMachineArn=outputs["WorkflowArn"])
        order = json.loads(develop["definition"])["States"]["Render"]["ItemProcessor"]["States"]["Format"]
        message = order["Parameters"]["Message"] | {
            "job": {"photo": str(uuid.uuid4()), "library": str(uuid.uuid4()), "generation": 1},
            "format": "webp",
        }
        del message["job.$"], message["format.$"]
        order = {"Type": "Task", "Resource": order["Resource"], "TimeoutSeconds": PATIENCE, "End": True} | {
            "Parameters": {"TopicArn": order["Parameters"]["TopicArn"], "Message": message}
        }
        machine = states.create_state_machine(
            name=f"test-{uuid.uuid4().hex[:8]}",
            roleArn=develop["roleArn"],
            definition=json.dumps({"StartAt": "Order", "States": {"Order": order}}),
        )["stateMachineArn"]
        self.addCleanup(states.delete_state_machine, stateMachineArn=machine)
        execution = states.start_execution(stateMachineArn=machine, input="{}")["executionArn"]
        deadline = time.monotonic() + PATIENCE
        while (ended := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
            self.assertLess(time.monotonic(), deadline, "nobody answered the order")
            time.sleep(STAGE.pause)
        self.assertEqual((ended["status"], ended.get("error"), ended.get("cause")), ("FAILED", "Unfit", "gone"))

    def test_an_order_that_nobody_heard_is_published_again(self):
        ear = orders_heard(self)
        states = STAGE.client("stepfunctions")
        develop = states.describe_state_machine(stateMachineArn=Wiring(STAGE).outputs["WorkflowArn"])
        processor = json.loads(develop["definition"])["States"]["Render"]["ItemProcessor"]
        processor["States"]["Format"]["TimeoutSeconds"] = 1
        machine = states.create_state_machine(
            name=f"test-{uuid.uuid4().hex[:8]}",
            roleArn=develop["roleArn"],
            definition=json.dumps({"StartAt": processor["StartAt"], "States": processor["States"]}),
        )["stateMachineArn"]
        self.addCleanup(states.delete_state_machine, stateMachineArn=machine)
        # No queue takes this format.
        order = {"job": {"photo": str(uuid.uuid4()), "library": str(uuid.uuid4()), "generation": 1}, "format": "unheard"}
        execution = states.start_execution(stateMachineArn=machine, input=json.dumps(order))["executionArn"]

        def heard() -> list[dict]:
            return [one for one in ear.bodies() if one["job"] == order["job"]]

        first, second = until("the order comes again", lambda: len(heard()) > 1 and heard())
        self.assertEqual(first | {"token": ""}, second | {"token": ""})
        self.assertNotEqual(first["token"], second["token"])
        states.send_task_success(taskToken=second["token"], output="{}")
        self.assertEqual(
            until("the order is done", lambda: (status := states.describe_execution(executionArn=execution)["status"]) != "RUNNING" and status),
            "SUCCEEDED",
        )


if __name__ == "__main__":
    unittest.main()
