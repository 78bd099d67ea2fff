//! Requests to a store: bounded in bytes and time, few at once, and tried again where that can help.

mod body;

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Response, StatusCode, Url};
use storex_sources::{Limits, MetricsError};
use tokio::sync::Semaphore;

use super::settings::{Authorization, SettingsError, StoreSettings};
use super::trouble::Trouble;

const CONNECT: Duration = Duration::from_secs(5);
/// One request takes at most so long.
const ATTEMPT: Duration = Duration::from_secs(30);
/// Left of a call's time when a request is given up, so that the answer can still say so.
const SPARE: Duration = Duration::from_millis(300);
const ATTEMPTS: u32 = 3;
/// Requests of all callers at once.
const AT_ONCE: usize = 16;
/// Before another attempt where the store did not say when.
const COME_BACK: Duration = Duration::from_millis(300);

/// A store and the way to it, shared by the instances whose series it keeps.
#[derive(Debug, Clone)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    http: reqwest::Client,
    base: Url,
    authorization: Authorization,
    headers: HeaderMap,
    places: Semaphore,
}

/// What is asked.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    /// Below `/api/v1/`.
    pub(super) path: &'static str,
    pub(super) form: Vec<(&'static str, String)>,
    pub(super) is_form: bool,
    /// Bytes of an answer at most.
    pub(super) most_bytes: usize,
}

impl Ask {
    /// A question that may be long, and changes nothing.
    pub(super) fn form(
        path: &'static str,
        form: Vec<(&'static str, String)>,
        most_bytes: usize,
    ) -> Self {
        Self {
            path,
            form,
            is_form: true,
            most_bytes,
        }
    }

    /// A question without parameters, or one that is taken in no other way.
    pub(super) fn plain(
        path: &'static str,
        form: Vec<(&'static str, String)>,
        most_bytes: usize,
    ) -> Self {
        Self {
            path,
            form,
            is_form: false,
            most_bytes,
        }
    }
}

impl Store {
    /// A store. Nobody is asked anything yet.
    ///
    /// # Errors
    /// When its settings cannot be used.
    pub fn new(settings: StoreSettings) -> Result<Self, SettingsError> {
        let mut http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            // A token goes nowhere but where it was meant to.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("storex/", env!("CARGO_PKG_VERSION")));
        if let Some(pem) = &settings.ca_pem {
            let authorities =
                reqwest::Certificate::from_pem_bundle(pem).map_err(|_| SettingsError::Authority)?;
            if authorities.is_empty() {
                return Err(SettingsError::Authority);
            }
            http = http.tls_certs_merge(authorities);
        }
        Ok(Self(Arc::new(Inner {
            http: http.build().map_err(|_| SettingsError::Tls)?,
            base: base(&settings.url)?,
            authorization: settings.authorization,
            headers: headers(&settings.headers)?,
            places: Semaphore::new(AT_ONCE),
        })))
    }

    /// The body of the answer. Dropping the future drops the request.
    pub(super) async fn ask(&self, ask: &Ask, limits: &Limits) -> Result<Vec<u8>, MetricsError> {
        let begun = Instant::now();
        let end = limits.deadline.checked_sub(SPARE).unwrap_or(begun);
        let asked = async {
            let mut attempt = 1;
            loop {
                let trouble = match self.attempt(ask, end).await {
                    Ok(body) => return Ok(body),
                    Err(trouble) => trouble,
                };
                let pause = match &trouble {
                    Trouble::Throttled(pause) => *pause,
                    Trouble::Cut => COME_BACK * attempt,
                    _ => return Err(trouble),
                };
                if attempt == ATTEMPTS || Instant::now() + pause >= end {
                    return Err(trouble);
                }
                attempt += 1;
                tokio::time::sleep(pause).await;
            }
        };
        tokio::select! {
            biased;
            () = limits.cancel.cancelled() => Err(MetricsError::Cancelled),
            () = tokio::time::sleep_until(end.into()) => {
                Err(Trouble::Late.told(begun.elapsed()))
            }
            answer = asked => answer.map_err(|trouble: Trouble| trouble.told(begun.elapsed())),
        }
    }

    async fn attempt(&self, ask: &Ask, end: Instant) -> Result<Vec<u8>, Trouble> {
        let inner = &*self.0;
        let _place = inner.places.acquire().await.map_err(|_| Trouble::Cut)?;
        let left = end.saturating_duration_since(Instant::now()).min(ATTEMPT);
        let request = inner.request(ask, left)?;
        let asked = async {
            let answer = inner
                .http
                .execute(request)
                .await
                .map_err(|error| failed(&error))?;
            inner.taken(answer, ask.most_bytes).await
        };
        tokio::time::timeout(left, asked)
            .await
            .map_err(|_| Trouble::Late)?
    }
}

impl Inner {
    fn request(&self, ask: &Ask, left: Duration) -> Result<reqwest::Request, Trouble> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| Trouble::Odd("its address takes no path"))?
            .pop_if_empty()
            .extend(["api", "v1"])
            .extend(ask.path.split('/'));
        // Encoded by the one who knows how.
        let mut form = url.clone();
        form.query_pairs_mut().clear().extend_pairs(&ask.form);
        let mut request = if ask.is_form {
            // The store stops the query when we no longer wait for it.
            let seconds = left.as_secs().max(1);
            form.query_pairs_mut()
                .append_pair("timeout", &format!("{seconds}s"));
            let mut request = reqwest::Request::new(Method::POST, url);
            let body = form.query().unwrap_or_default().to_owned();
            *request.body_mut() = Some(body.into());
            let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
            request.headers_mut().insert("content-type", kind);
            request
        } else {
            let url = if ask.form.is_empty() { url } else { form };
            reqwest::Request::new(Method::GET, url)
        };
        let headers = request.headers_mut();
        headers.extend(self.headers.clone());
        headers.insert("accept", HeaderValue::from_static("application/json"));
        headers.insert("accept-encoding", HeaderValue::from_static("gzip"));
        if let Some(value) = self.authorized()? {
            headers.insert(AUTHORIZATION, value);
        }
        Ok(request)
    }

    fn authorized(&self) -> Result<Option<HeaderValue>, Trouble> {
        let text = match &self.authorization {
            Authorization::None => return Ok(None),
            Authorization::Bearer(token) => {
                let token = token.read().ok_or(Trouble::NoSecret)?;
                format!("Bearer {}", token.trim())
            }
            Authorization::Basic { user, password } => {
                let password = password.read().ok_or(Trouble::NoSecret)?;
                let pair = format!("{user}:{}", password.trim_end_matches(['\r', '\n']));
                format!("Basic {}", body::base64(pair.as_bytes()))
            }
        };
        let mut value = HeaderValue::from_str(&text).map_err(|_| Trouble::NoSecret)?;
        value.set_sensitive(true);
        Ok(Some(value))
    }

    async fn taken(&self, answer: Response, most: usize) -> Result<Vec<u8>, Trouble> {
        let status = answer.status();
        let retry_in = retry_in(answer.headers());
        let body = body::read(answer, most).await;
        match status {
            StatusCode::OK => body,
            StatusCode::TOO_MANY_REQUESTS => Err(Trouble::Throttled(retry_in)),
            // Prometheus says 503 as well of a query that took too long, in its own form.
            StatusCode::SERVICE_UNAVAILABLE => {
                let said = body.ok().and_then(|body| Trouble::of_query(&body));
                Err(said.unwrap_or(Trouble::Throttled(retry_in)))
            }
            StatusCode::UNAUTHORIZED | StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
                Err(Trouble::SignIn)
            }
            StatusCode::FORBIDDEN => Err(Trouble::Denied),
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Err(Trouble::Missing),
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => {
                let said = body.ok().and_then(|body| Trouble::of_query(&body));
                Err(said.unwrap_or(Trouble::Odd("it does not take the request")))
            }
            StatusCode::PAYLOAD_TOO_LARGE => Err(Trouble::TooLong(most)),
            status if status.is_redirection() => Err(Trouble::Odd(
                "it sends us elsewhere: name the address it sends to",
            )),
            status if status.is_server_error() => {
                let said = body.ok().and_then(|body| Trouble::of_query(&body));
                Err(said.unwrap_or(Trouble::Cut))
            }
            _ => Err(Trouble::Odd("it does not take the request")),
        }
    }
}

fn base(url: &str) -> Result<Url, SettingsError> {
    let url = Url::parse(url).map_err(|_| SettingsError::Address)?;
    let is_plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if is_plain {
        Ok(url)
    } else {
        Err(SettingsError::Address)
    }
}

fn headers(pairs: &[(String, String)]) -> Result<HeaderMap, SettingsError> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| SettingsError::Header)?;
        let mut value = HeaderValue::from_str(value).map_err(|_| SettingsError::Header)?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

/// The library's own words may hold addresses.
fn failed(error: &reqwest::Error) -> Trouble {
    if error.is_connect() {
        Trouble::Unreachable
    } else if error.is_timeout() {
        Trouble::Late
    } else if error.is_builder() {
        Trouble::Odd("the request could not be made")
    } else {
        Trouble::Cut
    }
}

/// In seconds; dates are rare, and clocks differ.
fn retry_in(headers: &HeaderMap) -> Duration {
    headers
        .get("retry-after")
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map_or(COME_BACK, Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::super::settings::Secret;
    use super::*;

    fn settings(url: &str) -> StoreSettings {
        StoreSettings {
            url: url.to_owned(),
            authorization: Authorization::None,
            headers: Vec::new(),
            ca_pem: None,
        }
    }

    #[test]
    fn an_address_without_credentials_is_taken_with_its_path() {
        for (url, sent) in [
            (
                "http://127.0.0.1:9090",
                "http://127.0.0.1:9090/api/v1/query",
            ),
            (
                "https://mimir.example/prometheus/",
                "https://mimir.example/prometheus/api/v1/query",
            ),
        ] {
            let store = Store::new(settings(url)).unwrap();
            let ask = Ask::plain("query", Vec::new(), 1);
            let request = store.0.request(&ask, ATTEMPT).unwrap();
            assert_eq!(request.url().as_str(), sent);
        }
        for url in [
            "ftp://a",
            "a",
            "https://me:secret@a",
            "http://a?x=1",
            "file:///etc/passwd",
        ] {
            assert_eq!(
                Store::new(settings(url)).err(),
                Some(SettingsError::Address),
                "{url}"
            );
        }
    }

    #[test]
    fn a_form_is_encoded_and_carries_who_we_are() {
        let mut settings = settings("http://a");
        settings.authorization = Authorization::Basic {
            user: "me".to_owned(),
            password: Secret::fixed("hunter2\n".to_owned()),
        };
        settings.headers = vec![("X-Scope-OrgID".to_owned(), "team-a".to_owned())];
        let store = Store::new(settings).unwrap();
        let form = vec![("query", r#"up{a="b&c"} + 1"#.to_owned())];
        let request = store
            .0
            .request(&Ask::form("query", form, 1), ATTEMPT)
            .unwrap();
        let body = request.body().and_then(|body| body.as_bytes()).unwrap();
        let body = String::from_utf8_lossy(body);
        assert_eq!(body, "query=up%7Ba%3D%22b%26c%22%7D+%2B+1&timeout=30s");
        assert_eq!(request.headers()["authorization"], "Basic bWU6aHVudGVyMg==");
        assert_eq!(request.headers()["x-scope-orgid"], "team-a");
        let shown = format!("{:?} {:?}", store.0.authorization, store.0.headers);
        assert!(
            !shown.contains("hunter2") && !shown.contains("team-a"),
            "{shown}"
        );
    }

    #[test]
    fn a_secret_that_cannot_be_read_is_not_sent_as_nothing() {
        let mut settings = settings("http://a");
        settings.authorization = Authorization::Bearer(Secret::new(|| None));
        let store = Store::new(settings).unwrap();
        let refused = store
            .0
            .request(&Ask::plain("query", Vec::new(), 1), ATTEMPT);
        assert!(matches!(refused, Err(Trouble::NoSecret)));
    }
}
