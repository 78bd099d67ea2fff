//! From the file's text to an inventory: every mistake is collected, with its line.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;

use crate::file::{Defaults, Entry, InventoryFile, MySql, Password};
use crate::secret::readable_by_others;
use crate::{
    Address, Instance, Inventory, InventoryError, Mistake, MySqlEndpoint, Secret, Source, Tls,
};

/// Connections kept to one instance unless its entry says otherwise.
const DEFAULT_CONNECTIONS: usize = 2;
/// More would be felt by the database we are looking at.
const MOST_CONNECTIONS: usize = 8;

impl Inventory {
    /// Reads an inventory file.
    ///
    /// # Errors
    /// When it cannot be read, or says something it must not.
    pub fn load(path: &Path) -> Result<Self, InventoryError> {
        let failed = |source| InventoryError::Read {
            path: path.to_owned(),
            source,
        };
        let text = std::fs::read_to_string(path).map_err(failed)?;
        let exposed = readable_by_others(path).map_err(failed)?;
        let base = path.parent().unwrap_or(Path::new("."));
        Self::parse(&text, base, exposed).map_err(|mistakes| InventoryError::Wrong {
            path: path.to_owned(),
            mistakes,
        })
    }

    /// Reads an inventory's text. Relative paths in it are taken from `base`; `exposed` says that
    /// others can read the file, so that it may hold no secret.
    ///
    /// # Errors
    /// Every mistake in it.
    pub fn parse(text: &str, base: &Path, exposed: bool) -> Result<Self, Vec<Mistake>> {
        let mut checker = Checker {
            text,
            base,
            exposed,
            on_call: BTreeMap::new(),
            mistakes: Vec::new(),
        };
        let file: InventoryFile = match toml::from_str(text) {
            Ok(file) => file,
            Err(error) => {
                checker.mistake(error.span().unwrap_or(0..0), error.message());
                return Err(checker.mistakes);
            }
        };
        for team in file.team {
            if let Some(contact) = team.on_call {
                checker.on_call.insert(team.name, contact);
            }
        }
        let mut lines: HashMap<String, usize> = HashMap::new();
        let mut instances = Vec::new();
        for entry in file.instance {
            let name = entry.get_ref().name.clone();
            let line = checker.place(name.span().start).0;
            if let Some(first) = lines.insert(name.get_ref().clone(), line) {
                let what = format!(
                    "`{}` is named on line {first} already; names are unique",
                    name.get_ref()
                );
                checker.mistake(name.span(), what);
            }
            instances.extend(checker.instance(&file.defaults, entry));
        }
        if checker.mistakes.is_empty() {
            Ok(Self::new(instances))
        } else {
            Err(checker.mistakes)
        }
    }
}

struct Checker<'a> {
    text: &'a str,
    base: &'a Path,
    exposed: bool,
    on_call: BTreeMap<String, String>,
    mistakes: Vec<Mistake>,
}

impl Checker<'_> {
    fn mistake(&mut self, at: Range<usize>, what: impl Into<String>) {
        let (line, column) = self.place(at.start);
        self.mistakes.push(Mistake {
            line,
            column,
            what: what.into(),
        });
    }

    fn place(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let start_of_line = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before
            .get(start_of_line..)
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        (before.matches('\n').count() + 1, column)
    }

    fn instance(&mut self, defaults: &Defaults, entry: Spanned<Entry>) -> Option<Instance> {
        let span = entry.span();
        let entry = entry.into_inner();
        let name = self.name(&entry.name);
        let mut field = |own: Option<Spanned<String>>, default: &Option<String>, what: &str| {
            let value = own.map(Spanned::into_inner).or_else(|| default.clone());
            if value.is_none() {
                let fix = format!("`{what}` is missing; give it here or under [defaults]");
                self.mistake(entry.name.span(), fix);
            }
            value
        };
        let region = field(entry.region, &defaults.region, "region");
        let domain = field(
            entry.regulatory_domain,
            &defaults.regulatory_domain,
            "regulatory_domain",
        );
        let environment = field(entry.environment, &defaults.environment, "environment");
        let owner_team = field(entry.owner_team, &defaults.owner_team, "owner_team");
        let cloud = entry
            .cloud
            .map(Spanned::into_inner)
            .or_else(|| defaults.cloud.clone());
        let source = self.source(span, entry.mysql, entry.snapshot);
        let owner_team = owner_team?;
        let on_call = entry
            .on_call
            .or_else(|| self.on_call.get(&owner_team).cloned())
            .or_else(|| defaults.on_call.clone());
        Some(Instance {
            cluster: entry
                .cluster
                .unwrap_or_else(|| entry.name.get_ref().clone()),
            name: name?,
            region: region?,
            regulatory_domain: domain?,
            environment: environment?,
            cloud: cloud.unwrap_or_else(|| "on-prem".to_owned()),
            owner_team,
            on_call,
            engine: entry
                .engine
                .map_or_else(|| "auto".to_owned(), Spanned::into_inner),
            tags: entry.tags,
            source: source?,
        })
    }

    /// A name is what people type and what stands in policies and audit records.
    fn name(&mut self, name: &Spanned<String>) -> Option<String> {
        let text = name.get_ref();
        let first = text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        let rest = text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c));
        if first && rest && text.len() <= 63 {
            return Some(text.clone());
        }
        self.mistake(
            name.span(),
            "a name begins with a lower-case letter or digit and has letters, digits, `.`, `_` and `-`, \
             63 at most",
        );
        None
    }

    fn source(
        &mut self,
        at: Range<usize>,
        mysql: Option<Spanned<MySql>>,
        snapshot: Option<Spanned<PathBuf>>,
    ) -> Option<Source> {
        match (mysql, snapshot) {
            (Some(mysql), None) => self.endpoint(mysql).map(Source::MySql),
            (None, Some(path)) => Some(Source::Snapshot(self.base.join(path.into_inner()))),
            (Some(_), Some(snapshot)) => {
                self.mistake(
                    snapshot.span(),
                    "an instance is live or recorded: keep [instance.mysql] or `snapshot`",
                );
                None
            }
            (None, None) => {
                self.mistake(
                    at,
                    "nothing says where its data comes from; add [instance.mysql] or `snapshot`",
                );
                None
            }
        }
    }

    fn endpoint(&mut self, mysql: Spanned<MySql>) -> Option<MySqlEndpoint> {
        let span = mysql.span();
        let mysql = mysql.into_inner();
        let address = match (mysql.address, mysql.socket) {
            (Some(address), None) => self.address(&address),
            (None, Some(socket)) => Some(Address::Socket(self.base.join(socket))),
            (Some(address), Some(_)) => {
                self.mistake(address.span(), "give `address` or `socket`, not both");
                None
            }
            (None, None) => {
                self.mistake(
                    span.clone(),
                    "`address` is missing; write \"host:3306\", or `socket` with a path",
                );
                None
            }
        };
        let tls = mysql
            .tls
            .as_ref()
            .map_or_else(Tls::default, |tls| *tls.get_ref());
        if let (Tls::Off, Some(Address::Tcp { host, .. }), None) =
            (tls, &address, &mysql.tls_off_reason)
            && !is_loopback(host)
        {
            let at = mysql.tls.as_ref().map_or(span, Spanned::span);
            self.mistake(
                at,
                "tls may be off on loopback only; say why in `tls_off_reason` if it must be",
            );
        }
        let password = self.password(mysql.password);
        let max_connections = self.connections(mysql.max_connections);
        Some(MySqlEndpoint {
            address: address?,
            admin_port: mysql.admin_port,
            user: mysql.user,
            password: password?,
            tls,
            tls_ca: mysql.tls_ca.map(|path| self.base.join(path)),
            max_connections: max_connections?,
        })
    }

    fn address(&mut self, address: &Spanned<String>) -> Option<Address> {
        let text = address.get_ref();
        let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, port)) => (host, port.strip_prefix(':')),
            None => match text.rsplit_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (text.as_str(), None),
            },
        };
        match port.map_or(Ok(3306), str::parse) {
            Ok(port) if !host.is_empty() && !host.contains(['/', ' ', '@']) => Some(Address::Tcp {
                host: host.to_owned(),
                port,
            }),
            _ => {
                self.mistake(
                    address.span(),
                    format!("`{text}` is no address; write \"host:3306\" or \"[::1]:3306\""),
                );
                None
            }
        }
    }

    fn password(&mut self, password: Option<Spanned<Password>>) -> Option<Secret> {
        let Some(password) = password else {
            return Some(Secret::None);
        };
        let span = password.span();
        Some(match password.into_inner() {
            Password::Env(reference) => Secret::Env(reference.env),
            Password::File(reference) => Secret::File(self.base.join(reference.file)),
            Password::Inline(_) if self.exposed => {
                self.mistake(
                    span,
                    "others can read this file, so it may hold no password; write { env = \"NAME\" } or \
                     { file = \"path\" }, or run chmod 600 on it",
                );
                return None;
            }
            Password::Inline(text) => Secret::Inline(text),
        })
    }

    fn connections(&mut self, given: Option<Spanned<usize>>) -> Option<usize> {
        let Some(given) = given else {
            return Some(DEFAULT_CONNECTIONS);
        };
        if (1..=MOST_CONNECTIONS).contains(given.get_ref()) {
            return Some(*given.get_ref());
        }
        self.mistake(
            given.span(),
            format!("`max_connections` is 1 to {MOST_CONNECTIONS}"),
        );
        None
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<Inventory, Vec<Mistake>> {
        Inventory::parse(text, Path::new("/etc/storex"), true)
    }

    const GOOD: &str = r#"
[defaults]
region = "eu-west-1"
regulatory_domain = "eu"
environment = "production"

[[team]]
name = "checkout"
on_call = "checkout-oncall"

[[instance]]
name = "shop-eu-1"
cluster = "shop-eu"
owner_team = "checkout"
tags = { tier = "1" }
[instance.mysql]
address = "db1.internal"
user = "storex"
password = { env = "STOREX_DB_PASSWORD" }

[[instance]]
name = "incident-42"
owner_team = "checkout"
snapshot = "snapshots/hot-row.tar.zst"
"#;

    #[test]
    fn live_and_recorded_instances_stand_side_by_side() {
        let inventory = parse(GOOD).unwrap();
        let live = inventory.get("shop-eu-1").unwrap();
        assert_eq!(live.on_call.as_deref(), Some("checkout-oncall"));
        let Source::MySql(endpoint) = &live.source else {
            panic!("live expected")
        };
        assert_eq!(
            endpoint.address,
            Address::Tcp {
                host: "db1.internal".into(),
                port: 3306
            }
        );
        assert_eq!((endpoint.tls, endpoint.max_connections), (Tls::Verify, 2));
        let recorded = inventory.get("incident-42").unwrap();
        assert_eq!(
            recorded.source,
            Source::Snapshot("/etc/storex/snapshots/hot-row.tar.zst".into())
        );
    }

    #[test]
    fn every_mistake_is_told_with_its_line_and_what_to_do() {
        let mistakes = parse(include_str!("../fixtures/broken.toml")).unwrap_err();
        let lines: Vec<String> = mistakes.iter().map(Mistake::to_string).collect();
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn an_unknown_field_is_refused_with_its_line() {
        let mistakes = parse("[[instance]]\nname = \"a\"\nownerteam = \"x\"\n").unwrap_err();
        assert_eq!(mistakes[0].line, 3);
        assert!(mistakes[0].what.contains("ownerteam"), "{:?}", mistakes[0]);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,300}") {
            let _ = parse(&text);
        }
    }
}
