//! An HTTP client of the site.

use super::TestEnv;
use server::aws::settings::Setting;
use ureq::http::{self, HeaderName, header};
use ureq::{Body, RequestBuilder};

#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub location: Option<String>,
    pub body: String,
}

/// Sends requests to the local cloud's address with the distribution's name as `Host`, since only browsers resolve `*.localhost`.
pub struct SiteClient {
    agent: ureq::Agent,
    endpoint: String,
    host: String,
    pub origin: String,
}

impl SiteClient {
    pub fn new(env: &TestEnv) -> Self {
        let origin = env.cloud.setting(Setting::SiteAddress).expect("the site's address");
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false);
        Self {
            agent: config.build().into(),
            endpoint: std::env::var("AWS_ENDPOINT_URL").expect("the local cloud's address"),
            host: origin.trim_start_matches("http://").into(),
            origin,
        }
    }

    pub fn get(&self, path: &str, cookie: Option<&str>) -> Response {
        let request = self
            .agent
            .get(format!("{}{path}", self.endpoint))
            .header(header::HOST, &self.host)
            // Leptos sets a redirect's status only for clients that accept HTML.
            .header(header::ACCEPT, "text/html");
        to_response(with(request, header::COOKIE, cookie).call().expect("a response"))
    }

    /// Sends JSON if the body begins with `{`, otherwise a form.
    pub fn post(&self, path: &str, body: &str, cookie: Option<&str>, origin: Option<&str>) -> Response {
        let content_type = if body.starts_with('{') {
            "application/json"
        } else {
            "application/x-www-form-urlencoded"
        };
        let request = self
            .agent
            .post(format!("{}{path}", self.endpoint))
            .header(header::HOST, &self.host)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, content_type);
        let request = with(with(request, header::COOKIE, cookie), header::ORIGIN, origin);
        to_response(request.send(body).expect("a response"))
    }
}

fn with<B>(request: RequestBuilder<B>, name: HeaderName, value: Option<&str>) -> RequestBuilder<B> {
    match value {
        Some(value) => request.header(name, value),
        None => request,
    }
}

fn to_response(mut response: http::Response<Body>) -> Response {
    let location = response.headers().get(header::LOCATION);
    Response {
        status: response.status().as_u16(),
        location: location.map(|value| value.to_str().expect("an address").to_owned()),
        body: String::from_utf8_lossy(&response.body_mut().read_to_vec().expect("a body")).into_owned(),
    }
}
