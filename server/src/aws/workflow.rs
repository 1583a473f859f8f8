//! Workflows (Step Functions).

use super::sdk_error;
use crate::error::{AppError, Context};
use aws_sdk_sfn::Client;
use serde::Serialize;

/// A state machine.
#[derive(Clone)]
pub struct Workflow {
    client: Client,
    arn: String,
}

impl Workflow {
    pub(super) fn new(config: &aws_config::SdkConfig, arn: String) -> Self {
        Self {
            client: Client::new(config),
            arn,
        }
    }

    /// Starts an execution. Idempotent by name: an execution that runs or ran under it is no error.
    pub async fn start<T: Serialize>(&self, name: &str, input: &T) -> Result<(), AppError> {
        let input = serde_json::to_string(input).context("serialize a workflow's input")?;
        match self
            .client
            .start_execution()
            .state_machine_arn(&self.arn)
            .name(name)
            .input(input)
            .send()
            .await
        {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_execution_already_exists()) => Ok(()),
            Err(error) => Err(sdk_error("start a workflow")(error)),
        }
    }
}

/// Tasks that wait for a callback with their token.
#[derive(Clone)]
pub struct Tasks(Client);

impl Tasks {
    pub(super) fn new(config: &aws_config::SdkConfig) -> Self {
        Self(Client::new(config))
    }

    /// Reports the success of a task. One that no longer waits has its result or timed out: neither is an error.
    pub async fn succeed<T: Serialize>(&self, token: &str, output: &T) -> Result<(), AppError> {
        let output = serde_json::to_string(output).context("serialize a task's result")?;
        match self.0.send_task_success().task_token(token).output(output).send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|e| e.is_task_timed_out() || e.is_task_does_not_exist()) =>
            {
                Ok(())
            }
            Err(error) => Err(sdk_error("report a task's success")(error)),
        }
    }

    /// Reports the failure of a task, which is not to be retried.
    pub async fn fail(&self, token: &str, cause: &str) -> Result<(), AppError> {
        match self
            .0
            .send_task_failure()
            .task_token(token)
            .error("Unfit")
            .cause(cause)
            .send()
            .await
        {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|e| e.is_task_timed_out() || e.is_task_does_not_exist()) =>
            {
                Ok(())
            }
            Err(error) => Err(sdk_error("report a task's failure")(error)),
        }
    }
}
