//! Requests to Azure: signed where they must be, bounded in bytes and time, and tried once: who asks knows
//! better when to try again.

use std::sync::Arc;
use std::time::Duration;

use azure_core::Bytes;
use azure_core::cloud::CustomConfiguration;
use azure_core::error::ErrorKind;
use azure_core::http::headers::{HeaderName, Headers};
use azure_core::http::policies::Policy;
use azure_core::http::policies::auth::BearerTokenAuthorizationPolicy;
use azure_core::http::{
    AsyncRawResponse, ClientOptions, Context, HttpClient, Method, Pipeline, PipelineStreamOptions,
    Request, RetryOptions, Transport, Url,
};
use futures::StreamExt as _;
use storex_fleet::AzureLogs;

use super::credential::Chain;
use super::trouble::{Asked, Trouble};

const CONNECT: Duration = Duration::from_secs(5);
/// The identity of a machine is asked for on the machine's own network.
const CONNECT_TO_MACHINE: Duration = Duration::from_secs(1);
const READ: Duration = Duration::from_secs(20);
/// Of the blob service. Tokens are taken from 2017-11-09 on.
const STORAGE_VERSION: &str = "2021-12-02";
/// After a failure of the service without a word on when to come back.
const COME_BACK: Duration = Duration::from_secs(1);

/// Everything that is asked of Azure for one server.
#[derive(Debug)]
pub(super) struct Client {
    management: Pipeline,
    storage: Pipeline,
    /// For addresses that carry their own signature.
    unsigned: Pipeline,
}

/// A part of a body.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) bytes: Bytes,
    /// Of the whole, where the service tells it.
    pub(super) total: Option<u64>,
    /// The connection broke before all of it came.
    pub(super) is_cut: bool,
}

impl Client {
    /// # Errors
    /// Where the authority's file is none.
    pub(super) async fn new(place: &AzureLogs) -> Result<Self, Trouble> {
        let authorities = match &place.tls_ca {
            Some(path) => authorities(&tokio::fs::read(path).await.map_err(|_| NO_AUTHORITY)?)?,
            None => Vec::new(),
        };
        let authority = place.authority.as_deref();
        let options = options(&authorities, CONNECT, authority)?;
        let chain = if let Some(principal) = &place.principal {
            Chain::of(principal, &options)
        } else {
            let of_machine = self::options(&authorities, CONNECT_TO_MACHINE, authority)?;
            Chain::new(&options, &of_machine)
        };
        let credential = Arc::new(chain);
        let pipeline = |scope: Option<String>| {
            let sign = scope.map(|scope| {
                let policy = BearerTokenAuthorizationPolicy::new(credential.clone(), [scope]);
                Arc::new(policy) as Arc<dyn Policy>
            });
            let (name, version) = (Some("storex"), Some(env!("CARGO_PKG_VERSION")));
            let each_try = sign.into_iter().collect();
            Pipeline::new(name, version, options.clone(), Vec::new(), each_try, None)
        };
        Ok(Self {
            management: pipeline(Some(format!("{}/.default", place.endpoint))),
            storage: pipeline(Some("https://storage.azure.com/.default".to_owned())),
            unsigned: pipeline(None),
        })
    }

    /// All of an answer, which is refused when it is longer than `most` bytes.
    pub(super) async fn whole(
        &self,
        asked: Asked,
        url: Url,
        most: usize,
    ) -> Result<Bytes, Trouble> {
        let part = self.get(asked, url, None, most.saturating_add(1)).await?;
        if part.is_cut {
            return Err(Trouble::Cut);
        }
        if part.bytes.len() > most {
            return Err(Trouble::Odd("an answer is too long"));
        }
        Ok(part.bytes)
    }

    /// `length` bytes from `from` on, fewer at the end or where the connection breaks; none where it ends
    /// before.
    pub(super) async fn range(
        &self,
        asked: Asked,
        url: Url,
        from: u64,
        length: u64,
    ) -> Result<Part, Trouble> {
        let most = usize::try_from(length).unwrap_or(usize::MAX);
        let last = from.saturating_add(length).saturating_sub(1);
        let part = self.get(asked, url, Some((from, last)), most).await?;
        if part.is_cut && part.bytes.is_empty() {
            return Err(Trouble::Cut);
        }
        Ok(part)
    }

    async fn get(
        &self,
        asked: Asked,
        url: Url,
        range: Option<(u64, u64)>,
        most: usize,
    ) -> Result<Part, Trouble> {
        let mut request = Request::new(url, Method::Get);
        if asked == Asked::Storage {
            request.insert_header("x-ms-version", STORAGE_VERSION);
        }
        if let Some((from, last)) = range {
            request.insert_header("range", format!("bytes={from}-{last}"));
        }
        let pipeline = match asked {
            Asked::Management => &self.management,
            Asked::Storage => &self.storage,
            Asked::Files => &self.unsigned,
        };
        let options = PipelineStreamOptions {
            skip_checks: true,
            ..PipelineStreamOptions::default()
        };
        let answer = pipeline
            .stream(&Context::new(), &mut request, Some(options))
            .await
            .map_err(|error| trouble(&error))?;
        let status = u16::from(answer.status());
        let total = total(answer.headers());
        let starts_elsewhere = range.is_some_and(|(from, _)| from > 0) && status == 200;
        match status {
            200 | 206 if starts_elsewhere => {
                Err(Trouble::Odd("a part was asked for and all of it came"))
            }
            200 | 206 => Ok(body(answer, total, most).await),
            // It ends before what was asked for.
            416 => Ok(Part {
                bytes: Bytes::new(),
                total,
                is_cut: false,
            }),
            _ => Err(refusal(status, answer.headers())),
        }
    }
}

/// The body as far as it is wanted and comes.
async fn body(answer: AsyncRawResponse, total: Option<u64>, most: usize) -> Part {
    let mut stream = answer.into_body();
    let mut bytes = Vec::new();
    let mut is_cut = false;
    while bytes.len() < most {
        match stream.next().await {
            Some(Ok(more)) => bytes.extend_from_slice(&more),
            Some(Err(_)) => {
                is_cut = true;
                break;
            }
            None => break,
        }
    }
    bytes.truncate(most);
    Part {
        bytes: bytes.into(),
        total,
        is_cut,
    }
}

const NO_AUTHORITY: Trouble =
    Trouble::Unreachable("the file tls_ca names cannot be read or holds no certificate");

fn authorities(pem: &[u8]) -> Result<Vec<reqwest::Certificate>, Trouble> {
    let found = reqwest::Certificate::from_pem_bundle(pem).map_err(|_| NO_AUTHORITY)?;
    if found.is_empty() {
        return Err(NO_AUTHORITY);
    }
    Ok(found)
}

fn options(
    authorities: &[reqwest::Certificate],
    connect: Duration,
    authority: Option<&str>,
) -> Result<ClientOptions, Trouble> {
    let client = reqwest::Client::builder()
        .connect_timeout(connect)
        .read_timeout(READ)
        // A token goes nowhere but where it was meant to.
        .redirect(reqwest::redirect::Policy::none())
        .tls_certs_merge(authorities.iter().cloned())
        .build()
        .map_err(|_| Trouble::Unreachable("no TLS can be had on this machine"))?;
    let client: Arc<dyn HttpClient> = Arc::new(client);
    let cloud = authority.map(|authority| {
        let mut cloud = CustomConfiguration::default();
        authority.clone_into(&mut cloud.authority_host);
        Arc::new(cloud.into())
    });
    Ok(ClientOptions {
        cloud,
        retry: RetryOptions::none(),
        transport: Some(Transport::new(client)),
        ..ClientOptions::default()
    })
}

/// The library's own words may hold addresses with signatures.
fn trouble(error: &azure_core::Error) -> Trouble {
    match error.kind() {
        ErrorKind::Credential => Trouble::SignIn,
        ErrorKind::Connection => Trouble::Unreachable("no connection comes about"),
        ErrorKind::Io => Trouble::Cut,
        ErrorKind::HttpResponse { .. } | ErrorKind::DataConversion | ErrorKind::Other => {
            Trouble::Odd("the request could not be made")
        }
    }
}

fn refusal(status: u16, headers: &Headers) -> Trouble {
    match status {
        401 => Trouble::SignIn,
        403 => Trouble::Denied,
        404 => Trouble::Missing,
        429 | 503 => Trouble::Throttled(retry_in(headers)),
        408 | 500 | 502 | 504 => Trouble::Cut,
        300..=399 => Trouble::Odd("it sends us elsewhere"),
        _ => Trouble::Odd("it does not take the request"),
    }
}

fn retry_in(headers: &Headers) -> Duration {
    let number = |name| -> Option<u64> {
        let text = headers.get_optional_str(&HeaderName::from_static(name))?;
        text.trim().parse().ok()
    };
    let exact = number("x-ms-retry-after-ms").or_else(|| number("retry-after-ms"));
    exact
        .map(Duration::from_millis)
        .or_else(|| number("retry-after").map(Duration::from_secs))
        .unwrap_or(COME_BACK)
}

/// `content-range: bytes 0-1023/146515`, or `bytes */146515`.
fn total(headers: &Headers) -> Option<u64> {
    let range = headers.get_optional_str(&HeaderName::from_static("content-range"))?;
    range.rsplit_once('/')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(of: &[(&'static str, &'static str)]) -> Headers {
        let mut headers = Headers::new();
        for (name, value) in of {
            headers.insert(*name, *value);
        }
        headers
    }

    #[test]
    fn the_most_exact_word_on_when_to_come_back_counts() {
        let asked = |of: &[_]| refusal(429, &headers(of));
        let exact = asked(&[("retry-after", "7"), ("x-ms-retry-after-ms", "1500")]);
        assert_eq!(exact, Trouble::Throttled(Duration::from_millis(1500)));
        assert_eq!(
            asked(&[("retry-after", "7")]),
            Trouble::Throttled(Duration::from_secs(7))
        );
        assert_eq!(
            asked(&[("retry-after", "soon")]),
            Trouble::Throttled(COME_BACK)
        );
    }

    #[test]
    fn the_length_of_the_whole_is_told_with_a_part() {
        assert_eq!(
            total(&headers(&[("content-range", "bytes 0-9/1234")])),
            Some(1234)
        );
        assert_eq!(
            total(&headers(&[("content-range", "bytes */88")])),
            Some(88)
        );
        assert_eq!(total(&headers(&[("content-range", "bytes 0-9/*")])), None);
        assert_eq!(total(&headers(&[])), None);
    }
}
