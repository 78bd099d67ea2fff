//! From the file's text to an inventory: every mistake is collected, with its place.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use toml::de::DeTable;

use crate::endpoint;
use crate::entry::{self, instance};
use crate::file::Content;
use crate::logs;
use crate::metrics;
use crate::report::Report;
use crate::table::Table;
use crate::values;
use crate::{Inventory, InventoryError, Mistake, Readers};

pub(crate) const FILE: &[&str] = &["defaults", "team", "instance"];
pub(crate) const TEAM: &[&str] = &["name", "on_call"];

impl Inventory {
    /// Reads an inventory file.
    pub fn load(path: &Path) -> Result<Self, InventoryError> {
        Self::from_content(path, Content::read(path))
    }

    /// Reads an inventory's text. Relative paths in it are taken from `base`; `readers` are those of
    /// the file, which may hold a password only if its owner alone reads it.
    ///
    /// An error holds every mistake in the text.
    pub fn parse(text: &str, base: &Path, readers: Readers) -> Result<Self, Vec<Mistake>> {
        let mut report = Report::new(text);
        let (root, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            report.add_to_text(&error.span().unwrap_or(0..0), error.message());
        }
        // What was recovered from broken TOML would only produce mistakes nobody made.
        if !report.is_empty() {
            return Err(report.finish());
        }
        let root = Table::new("", root.span(), root.get_ref());
        root.refuse_unknown(&mut report, FILE, None);
        let defaults = defaults(&mut report, &root);
        let teams = teams(&mut report, &root);
        let context = Context {
            base,
            readers,
            teams,
        };

        let tables = root.tables(&mut report, "instance");
        refuse_same_names(&mut report, &tables);
        let mut instances = Vec::with_capacity(tables.len());
        for table in tables {
            let table = table.over("defaults", defaults);
            instances.extend(instance(&mut report, &table, &context));
        }
        let mistakes = report.finish();
        if mistakes.is_empty() {
            Ok(instances.into_iter().collect())
        } else {
            Err(mistakes)
        }
    }

    pub(crate) fn from_content(
        path: &Path,
        content: std::io::Result<Content>,
    ) -> Result<Self, InventoryError> {
        let path_buf = || path.to_owned();
        let content = content.map_err(|source| InventoryError::Read {
            path: path_buf(),
            source,
        })?;
        let base = path.parent().unwrap_or(Path::new(""));
        let inventory = match str::from_utf8(&content.bytes) {
            Ok(text) => Self::parse(text, base, content.readers),
            Err(error) => Err(not_text(&content.bytes, error.valid_up_to())),
        };
        inventory.map_err(|mistakes| InventoryError::Wrong {
            path: path_buf(),
            mistakes,
        })
    }
}

/// What every instance is read against.
pub(crate) struct Context<'a> {
    pub(crate) base: &'a Path,
    pub(crate) readers: Readers,
    /// Whom to call for each team.
    pub(crate) teams: BTreeMap<String, Option<String>>,
}

fn not_text(bytes: &[u8], valid_up_to: usize) -> Vec<Mistake> {
    let valid = bytes.get(..valid_up_to).unwrap_or_default();
    let text = String::from_utf8_lossy(valid);
    let mut report = Report::new(&text);
    let what = "is not UTF-8 from here on; save the file as UTF-8";
    report.add_to_text(&(text.len()..text.len()), what);
    report.finish()
}

/// `[defaults]`. Its values are checked where an instance inherits them.
fn defaults<'t>(report: &mut Report<'_>, root: &Table<'t>) -> Option<&'t DeTable<'t>> {
    let field = root.own("defaults")?;
    let own = field.table(report)?;
    let table = Table::new("defaults", field.at, own);
    table.refuse_unknown(
        report,
        entry::SHARED,
        Some(("each [[instance]]", entry::UNSHARED)),
    );
    if let Some(field) = table.own("mysql")
        && let Some(own) = field.table(report)
    {
        let table = Table::new("defaults.mysql", field.at, own);
        let unshared = Some(("each [instance.mysql]", endpoint::UNSHARED));
        table.refuse_unknown(report, endpoint::SHARED, unshared);
    }
    if let Some(field) = table.own("logs")
        && let Some(own) = field.table(report)
    {
        let table = Table::new("defaults.logs", field.at, own);
        let unshared = Some(("each [instance.logs]", logs::UNSHARED));
        table.refuse_unknown(report, logs::SHARED, unshared);
    }
    if let Some(field) = table.own("metrics")
        && let Some(own) = field.table(report)
    {
        let table = Table::new("defaults.metrics", field.at, own);
        metrics::defaults(report, &table);
    }
    Some(own)
}

/// The teams and whom to call for each.
fn teams(report: &mut Report<'_>, root: &Table<'_>) -> BTreeMap<String, Option<String>> {
    let tables = root.tables(report, "team");
    refuse_same_names(report, &tables);
    let mut teams = BTreeMap::new();
    for table in tables {
        table.refuse_unknown(report, TEAM, None);
        let name = table.require(report, "name", values::line);
        let on_call = table.read(report, "on_call", values::line);
        teams.extend(name.map(|name| (name, on_call)));
    }
    teams
}

fn refuse_same_names(report: &mut Report<'_>, tables: &[Table<'_>]) {
    let mut first = HashMap::new();
    for field in tables.iter().filter_map(|table| table.own("name")) {
        let Some(name) = field.as_text() else {
            continue;
        };
        let earlier = *first.entry(name).or_insert(field.at.start);
        if earlier != field.at.start {
            let line = report.line(earlier);
            let name = values::shown(name);
            field.wrong(
                report,
                &format!("{name} is taken on line {line}; rename one of the two"),
            );
        }
    }
}
