//! The front door, as a browser knocks on it.

use super::Home;
use server::aws::settings::Setting;
use ureq::http::{HeaderName, Response, header};
use ureq::{Body, RequestBuilder};

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub location: Option<String>,
    pub text: String,
}

/// The distribution, by its name on the local cloud's address: only browsers know that every `*.localhost` is here.
pub struct FrontDoor {
    agent: ureq::Agent,
    endpoint: String,
    host: String,
    /// The site's address.
    pub site: String,
}

impl FrontDoor {
    pub fn of(home: &Home) -> Self {
        let site = home.cloud.setting(Setting::SiteAddress).expect("the site's address");
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false);
        Self {
            agent: config.build().into(),
            endpoint: std::env::var("AWS_ENDPOINT_URL").expect("the local cloud's address"),
            host: site.trim_start_matches("http://").into(),
            site,
        }
    }

    pub fn get(&self, path: &str, cookie: Option<&str>) -> Answer {
        let request = self
            .agent
            .get(format!("{}{path}", self.endpoint))
            .header(header::HOST, &self.host)
            // To others leptos gives a page's redirection without its status.
            .header(header::ACCEPT, "text/html");
        answer(with(request, header::COOKIE, cookie).call().expect("an answer"))
    }

    /// Sends a form, or JSON where the body begins as JSON does.
    pub fn post(&self, path: &str, body: &str, cookie: Option<&str>, origin: Option<&str>) -> Answer {
        let kind = if body.starts_with('{') {
            "application/json"
        } else {
            "application/x-www-form-urlencoded"
        };
        let request = self
            .agent
            .post(format!("{}{path}", self.endpoint))
            .header(header::HOST, &self.host)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, kind);
        let request = with(with(request, header::COOKIE, cookie), header::ORIGIN, origin);
        answer(request.send(body).expect("an answer"))
    }
}

fn with<B>(request: RequestBuilder<B>, name: HeaderName, value: Option<&str>) -> RequestBuilder<B> {
    match value {
        Some(value) => request.header(name, value),
        None => request,
    }
}

fn answer(mut response: Response<Body>) -> Answer {
    let location = response.headers().get(header::LOCATION);
    Answer {
        status: response.status().as_u16(),
        location: location.map(|value| value.to_str().expect("an address").to_owned()),
        text: String::from_utf8_lossy(&response.body_mut().read_to_vec().expect("a body")).into_owned(),
    }
}
