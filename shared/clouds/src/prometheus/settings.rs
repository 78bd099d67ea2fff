//! Where a store is, who we are to it, and which of its series are an instance's.

use std::fmt;
use std::sync::Arc;

/// A store, as it is reached.
#[derive(Debug, Clone)]
pub struct StoreSettings {
    /// The address before `/api/v1`: `https://mimir.example/prometheus`, without credentials.
    pub url: String,
    /// Who we are to it.
    pub authorization: Authorization,
    /// Further headers, such as `X-Scope-OrgID` for Mimir: name and value.
    pub headers: Vec<(String, String)>,
    /// Certificate authorities to trust beside the machine's own, as PEM.
    pub ca_pem: Option<Vec<u8>>,
}

/// Who we are to a store.
#[derive(Debug, Clone, Default)]
pub enum Authorization {
    /// Anybody.
    #[default]
    None,
    /// `Authorization: Bearer`.
    Bearer(Secret),
    /// `Authorization: Basic`.
    Basic {
        /// The account.
        user: String,
        /// Its password.
        password: Secret,
    },
}

/// A secret that is read anew for every request, so that it may change. It is never shown.
#[derive(Clone)]
pub struct Secret(Arc<dyn Fn() -> Option<String> + Send + Sync>);

impl Secret {
    /// Read by `read`, which has none where the secret cannot be read. It must not take long.
    pub fn new(read: impl Fn() -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// One that stays as it is.
    pub fn fixed(secret: String) -> Self {
        Self::new(move || Some(secret.clone()))
    }

    pub(super) fn read(&self) -> Option<String> {
        (self.0)()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Which of a store's series are an instance's, as selectors of its language.
#[derive(Debug, Clone)]
pub struct Selectors {
    /// The series of the database's exporter: `instance="db1:9104"`.
    pub database: String,
    /// The series of its host's `node_exporter`: `instance="db1:9100"`.
    pub host: Option<String>,
}

/// Why settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The address is none.
    #[error("the address of the metrics store is not one of http or https without credentials")]
    Address,
    /// A header is none.
    #[error("a header for the metrics store has a name or a value that HTTP does not take")]
    Header,
    /// The certificate authority is none.
    #[error("the certificate authority of the metrics store holds no certificate in PEM")]
    Authority,
    /// No client can be made on this machine.
    #[error("no TLS can be had on this machine")]
    Tls,
    /// A selector is none.
    #[error("the selector of series {why}; write label matchers such as `instance=\"db1:9104\"`")]
    Selector {
        /// What is wrong with it.
        why: &'static str,
    },
}
