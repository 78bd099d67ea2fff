//! Who storex is in Azure: the first identity that is set up, as Azure's own tools look for it. Nothing of
//! it stands in the inventory.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind;
use azure_core::http::ClientOptions;
use azure_identity::{
    ClientAssertionCredentialOptions, ClientSecretCredential, ClientSecretCredentialOptions,
    DeveloperToolsCredential, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    UserAssignedId, WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};
use storex_fleet::AzurePrincipal;

/// Identities in turn. The first that gives a token stays.
pub(super) struct Chain {
    identities: Vec<(&'static str, Arc<dyn TokenCredential>)>,
    found: AtomicUsize,
}

const NONE: usize = usize::MAX;

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.identities.iter().map(|(name, _)| name))
            .finish()
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Chain {
    /// The one that the inventory names. It may block on the file of its secret.
    pub(super) fn of(principal: &AzurePrincipal, options: &ClientOptions) -> Self {
        let made = principal.secret.resolve().map(|secret| {
            let options = ClientSecretCredentialOptions {
                client_options: options.clone(),
            };
            let secret = Secret::new(secret.expose().to_owned());
            let client = principal.client.clone();
            ClientSecretCredential::new(&principal.tenant, client, secret, Some(options))
        });
        let identity = match made {
            Ok(made) => usable("client secret", made),
            Err(error) => {
                tracing::warn!(error = %error, "there is no secret to sign in to Azure with");
                None
            }
        };
        Self {
            identities: identity
                .map(|one| ("client secret", one))
                .into_iter()
                .collect(),
            found: AtomicUsize::new(NONE),
        }
    }

    /// What the environment sets up wins; else the machine's identity, then the developer's tools.
    pub(super) fn new(options: &ClientOptions, of_machine: &ClientOptions) -> Self {
        let mut identities: Vec<(&'static str, Arc<dyn TokenCredential>)> = Vec::new();
        let client_id = variable("AZURE_CLIENT_ID");
        if variable("AZURE_FEDERATED_TOKEN_FILE").is_some() {
            let options = WorkloadIdentityCredentialOptions {
                credential_options: ClientAssertionCredentialOptions {
                    client_options: options.clone(),
                },
                ..WorkloadIdentityCredentialOptions::default()
            };
            if let Some(found) = usable(
                "workload identity",
                WorkloadIdentityCredential::new(Some(options)),
            ) {
                identities.push(("workload identity", found));
            }
        }
        if let (Some(tenant), Some(client), Some(secret)) = (
            variable("AZURE_TENANT_ID"),
            client_id.clone(),
            variable("AZURE_CLIENT_SECRET"),
        ) {
            let options = ClientSecretCredentialOptions {
                client_options: options.clone(),
            };
            let found =
                ClientSecretCredential::new(&tenant, client, Secret::new(secret), Some(options));
            if let Some(found) = usable("client secret", found) {
                identities.push(("client secret", found));
            }
        }
        if identities.is_empty() {
            let options = ManagedIdentityCredentialOptions {
                user_assigned_id: client_id.map(UserAssignedId::ClientId),
                client_options: of_machine.clone(),
            };
            if let Some(found) = usable(
                "managed identity",
                ManagedIdentityCredential::new(Some(options)),
            ) {
                identities.push(("managed identity", found));
            }
            if let Some(found) = usable("developer tools", DeveloperToolsCredential::new(None)) {
                identities.push(("developer tools", found));
            }
        }
        Self {
            identities,
            found: AtomicUsize::new(NONE),
        }
    }
}

fn usable<C: TokenCredential + 'static>(
    name: &str,
    made: azure_core::Result<Arc<C>>,
) -> Option<Arc<dyn TokenCredential>> {
    match made {
        Ok(credential) => Some(credential),
        Err(error) => {
            tracing::warn!(identity = name, error = %error, "it cannot be used to sign in to Azure");
            None
        }
    }
}

/// Whether an identity was not even refused.
fn had_no_answer(error: &azure_core::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let kind = error.downcast_ref().map(azure_core::Error::kind);
        if matches!(kind, Some(ErrorKind::Connection | ErrorKind::Io)) {
            return true;
        }
        cause = error.source();
    }
    false
}

#[async_trait::async_trait]
impl TokenCredential for Chain {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let found = self.found.load(Ordering::Acquire);
        if let Some((_, identity)) = self.identities.get(found) {
            return identity.get_token(scopes, options).await;
        }
        let mut is_unreachable = false;
        for (place, (name, identity)) in self.identities.iter().enumerate() {
            match identity.get_token(scopes, options.clone()).await {
                Ok(token) => {
                    self.found.store(place, Ordering::Release);
                    return Ok(token);
                }
                // It tells why Azure does not know us, and holds no secret.
                Err(error) => {
                    tracing::warn!(identity = name, error = %error, "signing in to Azure failed");
                    is_unreachable = had_no_answer(&error);
                }
            }
        }
        // Where several were tried, it is the rule that some are not there.
        let kind = if is_unreachable && self.identities.len() == 1 {
            ErrorKind::Connection
        } else {
            ErrorKind::Credential
        };
        Err(azure_core::Error::with_message(
            kind,
            "no identity gave a token",
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use azure_core::time::OffsetDateTime;

    use super::*;

    #[derive(Debug)]
    struct Identity {
        gives: bool,
        fails: ErrorKind,
        asked: AtomicU32,
    }

    fn identity(gives: bool, fails: ErrorKind) -> Arc<Identity> {
        Arc::new(Identity {
            gives,
            fails,
            asked: AtomicU32::new(0),
        })
    }

    fn chain(of: &[Arc<Identity>]) -> Chain {
        let named = of.iter().cloned();
        Chain {
            identities: named.map(|identity| ("one", identity as _)).collect(),
            found: AtomicUsize::new(NONE),
        }
    }

    #[async_trait::async_trait]
    impl TokenCredential for Identity {
        async fn get_token(
            &self,
            _: &[&str],
            _: Option<TokenRequestOptions<'_>>,
        ) -> azure_core::Result<AccessToken> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            if self.gives {
                return Ok(AccessToken::new("token", OffsetDateTime::now_utc()));
            }
            let cause = azure_core::Error::with_message(self.fails.clone(), "none");
            let kind = ErrorKind::Credential;
            Err(azure_core::Error::with_error(kind, cause, "none"))
        }
    }

    #[tokio::test]
    async fn the_first_identity_that_gives_a_token_stays() {
        let identities = [false, true, true].map(|gives| identity(gives, ErrorKind::Other));
        let chain = chain(&identities);
        for _ in 0..3 {
            assert!(chain.get_token(&["scope"], None).await.is_ok());
        }
        let asked = identities
            .iter()
            .map(|one| one.asked.load(Ordering::Relaxed));
        assert_eq!(asked.collect::<Vec<_>>(), [1, 3, 0]);
    }

    #[tokio::test]
    async fn who_has_no_answer_from_the_one_identity_is_not_told_to_set_one_up() {
        let kind_of = async |fail: &[ErrorKind]| {
            let identities: Vec<_> = fail
                .iter()
                .map(|kind| identity(false, kind.clone()))
                .collect();
            let error = chain(&identities)
                .get_token(&["scope"], None)
                .await
                .unwrap_err();
            error.kind().clone()
        };
        assert_eq!(kind_of(&[ErrorKind::Io]).await, ErrorKind::Connection);
        assert_eq!(kind_of(&[ErrorKind::Other]).await, ErrorKind::Credential);
        let on_a_desk = kind_of(&[ErrorKind::Connection, ErrorKind::Io]).await;
        assert_eq!(on_a_desk, ErrorKind::Credential);
    }
}
