//! Open WebSocket connections, by API Gateway's management endpoint.

use super::sdk_error;
use crate::error::AppError;
use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::config::Builder;
use aws_sdk_apigatewaymanagement::primitives::Blob;

/// The outcome of sending a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// The frame was sent.
    Sent,
    /// The socket has closed.
    Gone,
}

/// Open sockets.
#[derive(Clone)]
pub struct Sockets(Client);

impl Sockets {
    pub(super) fn new(config: &aws_config::SdkConfig, endpoint: String) -> Self {
        Self(Client::from_conf(Builder::from(config).endpoint_url(endpoint).build()))
    }

    /// Closes a socket; a closed one is no error.
    pub async fn close(&self, connection: &str) -> Result<(), AppError> {
        match self.0.delete_connection().connection_id(connection).send().await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_gone_exception()) => Ok(()),
            Err(error) => Err(sdk_error("close a socket")(error)),
        }
    }

    /// Sends one frame.
    pub async fn send(&self, connection: &str, frame: &str) -> Result<Delivery, AppError> {
        match self
            .0
            .post_to_connection()
            .connection_id(connection)
            .data(Blob::new(frame.as_bytes()))
            .send()
            .await
        {
            Ok(_) => Ok(Delivery::Sent),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_gone_exception()) => Ok(Delivery::Gone),
            Err(error) => Err(sdk_error("send to a socket")(error)),
        }
    }
}
