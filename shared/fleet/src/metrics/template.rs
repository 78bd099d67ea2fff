//! Names that stand in braces for what an instance is called: one line of the defaults serves all
//! instances.

use crate::report::Report;
use crate::table::Table;
use crate::values::{self, shown};
use crate::{Address, Source};

/// What a text may name.
const KNOWN: &str = "{name}, {cluster}, {region} or {host}";

/// What an instance is called. What is absent is wrong, which is told elsewhere.
pub(crate) struct Names<'i> {
    pub(crate) name: Option<&'i str>,
    pub(crate) cluster: Option<&'i str>,
    pub(crate) region: Option<&'i str>,
    pub(crate) source: Option<&'i Source>,
}

impl Names<'_> {
    fn of(&self, word: &str) -> Result<&str, String> {
        let absent = "x";
        match word {
            "name" => Ok(self.name.unwrap_or(absent)),
            "cluster" => Ok(self.cluster.unwrap_or(absent)),
            "region" => Ok(self.region.unwrap_or(absent)),
            "host" => match self.source {
                Some(Source::MySql(endpoint)) => match &endpoint.address {
                    Address::Tcp { host, .. } => Ok(host),
                    Address::Socket(_) => {
                        Err("a server on a socket has no {host}; write its name".to_owned())
                    }
                },
                Some(Source::Snapshot(_)) | None => Ok(absent),
            },
            _ => Err(format!(
                "{} stands for nothing; write {KNOWN}",
                shown(&format!("{{{word}}}"))
            )),
        }
    }

    /// The text with every name in braces filled in, as `put` writes it. Braces around anything but
    /// small letters stay: they are part of a pattern.
    fn fill(&self, text: &str, put: fn(&str) -> String) -> Result<String, String> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let word = after.split_once('}').filter(|(word, _)| {
                !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase())
            });
            rest = if let Some((word, after)) = word {
                filled.push_str(&put(self.of(word)?));
                after
            } else {
                filled.push('{');
                after
            };
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// A text with its names filled in, as `check` understands it.
    pub(crate) fn read<T>(
        &self,
        report: &mut Report<'_>,
        table: &Table<'_>,
        name: &str,
        check: fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        self.read_with(report, table, name, str::to_owned, check)
    }

    /// As [`Self::read`], with each name written by `put`.
    pub(crate) fn read_with<T>(
        &self,
        report: &mut Report<'_>,
        table: &Table<'_>,
        name: &str,
        put: fn(&str) -> String,
        check: fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let field = table.field(name)?;
        let text = field.read(report, values::line)?;
        let read = self.fill(&text, put).and_then(|filled| check(&filled));
        read.map_err(|what| field.wrong(report, &what)).ok()
    }

    /// As [`Self::read`], for a field that must be there.
    pub(crate) fn require<T>(
        &self,
        report: &mut Report<'_>,
        table: &Table<'_>,
        name: &str,
        check: fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        if table.field(name).is_none() {
            // Tells that it is missing.
            return table.require(report, name, check);
        }
        self.read(report, table, name, check)
    }
}
