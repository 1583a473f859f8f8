//! CloudFront's key-value store, from which the edge function reads the keys that verify links and cookies.

use super::sdk_error;
use super::secret::MediaKey;
use crate::error::{AppError, Context};
use aws_config::SdkConfig;
use aws_sdk_cloudfrontkeyvaluestore::Client;
use aws_sdk_cloudfrontkeyvaluestore::config::Builder;
use aws_sdk_cloudfrontkeyvaluestore::config::endpoint::{Endpoint, EndpointFuture, Params, ResolveEndpoint};
use aws_smithy_types::endpoint::EndpointAuthScheme;

/// The key that `infra/edge/media.js` reads.
const KEY: &str = "media-keys";

/// The store.
#[derive(Clone)]
pub struct MediaKeyStore {
    client: Client,
    arn: String,
}

/// Uses an endpoint as it is: the SDK would prefix the host with the account, which fails for an IP address, as in the local cloud.
#[derive(Debug)]
struct FixedEndpoint(String);

impl ResolveEndpoint for FixedEndpoint {
    fn resolve_endpoint<'a>(&'a self, _: &'a Params) -> EndpointFuture<'a> {
        let signing = EndpointAuthScheme::with_capacity("sigv4a", 2)
            .put("signingName", "cloudfront-keyvaluestore")
            .put("signingRegionSet", vec!["*".to_owned().into()]);
        EndpointFuture::ready(Ok(Endpoint::builder().url(self.0.clone()).auth_scheme(signing).build()))
    }
}

impl MediaKeyStore {
    pub(super) fn new(config: &SdkConfig, arn: String) -> Self {
        let builder = Builder::from(config);
        let builder = match config.endpoint_url() {
            Some(endpoint) => builder.endpoint_resolver(FixedEndpoint(endpoint.to_owned())),
            None => builder,
        };
        Self {
            client: Client::from_conf(builder.build()),
            arn,
        }
    }

    /// Puts the ring, unless it is unchanged. It reaches the edge within seconds.
    pub async fn put(&self, ring: &[MediaKey]) -> Result<(), AppError> {
        let value = serde_json::to_string(ring).context("serialize the edge's keys")?;
        if self.get().await?.as_ref() == Some(&value) {
            return Ok(());
        }
        let described = self.client.describe_key_value_store().kvs_arn(&self.arn).send().await;
        let tag = described.map_err(sdk_error("describe the edge's key-value store"))?.e_tag;
        let put = self.client.put_key().kvs_arn(&self.arn).key(KEY).value(value).if_match(tag);
        put.send().await.map(drop).map_err(sdk_error("put the edge's keys"))
    }

    async fn get(&self) -> Result<Option<String>, AppError> {
        match self.client.get_key().kvs_arn(&self.arn).key(KEY).send().await {
            Ok(response) => Ok(Some(response.value)),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_resource_not_found_exception()) => Ok(None),
            Err(error) => Err(sdk_error("read the edge's keys")(error)),
        }
    }
}
