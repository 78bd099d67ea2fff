//! What findings about a window are told of: the instance, the window and its digest. Pure.

use jiff::Timestamp;
use serde_json::{Value, json};
use storex_digest::{Digest, Figures, Names};
use storex_sources::Window;
use storex_tool::Untrusted;

use crate::form::Form;

/// Characters of a statement shown in a finding.
pub(crate) const IN_A_SENTENCE: usize = 160;

/// A window of an instance's slow log.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    /// The instance's name.
    pub(crate) instance: &'a str,
    /// The window.
    pub(crate) window: Window,
    /// What was logged in it.
    pub(crate) digest: &'a Digest,
}

impl Scene<'_> {
    /// What all statements did.
    pub(crate) fn totals(&self) -> &Figures {
        &self.digest.totals().figures
    }

    /// Arguments that ask for this form in this window.
    pub(crate) fn about(&self, form: Form<'_>) -> Value {
        json!({
            "instance": self.instance,
            "id": form.id().to_string(),
            "from": second(self.window.from),
            "to": second(self.window.to),
        })
    }

    /// `⟦select ...⟧ of checkout@10.0.0.7`.
    pub(crate) fn named(&self, form: Form<'_>) -> String {
        let statement = statement(form, IN_A_SENTENCE);
        match clients(self.digest, &form.group.clients, 1).first() {
            Some(client) => format!("{statement} of {client}"),
            None => statement.to_string(),
        }
    }
}

/// A moment to the second, as arguments and answers write it; a beginning's fraction is dropped, so that
/// nothing of the window is lost.
pub(crate) fn second(moment: Timestamp) -> String {
    let whole = Timestamp::from_second(moment.as_second());
    whole.unwrap_or(moment).to_string()
}

/// The form of its statements, marked.
pub(crate) fn statement(form: Form<'_>, chars: usize) -> Untrusted {
    Untrusted::text(&String::from_utf8_lossy(&form.group.fingerprint), chars)
}

/// The names seen most, as they stand in the log.
pub(crate) fn names(digest: &Digest, names: &Names, limit: usize) -> Vec<Untrusted> {
    most_seen(digest, names, limit, str::to_owned)
}

/// The clients seen most, as `user@address`.
pub(crate) fn clients(digest: &Digest, names: &Names, limit: usize) -> Vec<Untrusted> {
    most_seen(digest, names, limit, client)
}

fn most_seen(
    digest: &Digest,
    names: &Names,
    limit: usize,
    shown: impl Fn(&str) -> String,
) -> Vec<Untrusted> {
    let known = names.by_count().into_iter().filter(|(name, _)| *name > 0);
    known
        .take(limit)
        .map(|(name, _)| Untrusted::name(&shown(&String::from_utf8_lossy(digest.name(name)))))
        .collect()
}

/// `checkout[checkout] @ web-1 [10.0.0.7]` as `checkout@web-1`, by address where there is no name.
pub(crate) fn client(logged: &str) -> String {
    let (account, place) = logged.split_once('@').unwrap_or((logged, ""));
    let user = account
        .split_once('[')
        .map_or(account, |(user, _)| user)
        .trim();
    let (host, address) = place.split_once('[').unwrap_or((place, ""));
    let (host, address) = (host.trim(), address.trim().trim_end_matches(']'));
    let place = if host.is_empty() { address } else { host };
    if place.is_empty() {
        user.to_owned()
    } else {
        format!("{user}@{place}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_named_by_user_and_host_or_address() {
        for (logged, shown) in [
            ("shop[shop] @ web-1 [10.0.0.7]", "shop@web-1"),
            ("shop[shop] @  [10.0.0.7]", "shop@10.0.0.7"),
            ("root[root] @ localhost []", "root@localhost"),
            ("[slave] @  []", ""),
            ("odd", "odd"),
        ] {
            assert_eq!(client(logged), shown, "{logged}");
        }
    }
}
