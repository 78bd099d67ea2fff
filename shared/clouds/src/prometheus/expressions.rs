//! How the series of `mysqld_exporter` (0.14 to 0.19, on MySQL 5.7 to 9.7 and on MariaDB) and of
//! `node_exporter` spell each signal.

mod table;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::OnceLock;

use promql_parser::parser::{self, Expr};
use storex_sources::Signal;

use super::selector::{Instance, Of};
pub(super) use table::TABLE;

/// How one signal is spelt.
#[derive(Debug)]
pub(super) struct Spelling {
    /// The signal's name.
    pub(super) signal: &'static str,
    pub(super) of: Of,
    pub(super) form: Form,
    /// What would make it answer where it does not.
    pub(super) needs: &'static str,
}

/// An expression, of which the first part that has series counts.
#[derive(Debug)]
pub(super) enum Form {
    /// Differences per second of one series; others where that is missing.
    Rate(&'static [Raw]),
    /// The figures of one series; others where that is missing.
    Last(&'static [Raw]),
    /// In the store's language, with `$w` for the time that rates are taken over. What several exporters
    /// of the same instance tell is not added up: the largest counts.
    Text(&'static str),
}

/// A series: its name and labels.
#[derive(Debug)]
pub(super) struct Raw {
    pub(super) metric: &'static str,
    pub(super) labels: &'static [(&'static str, &'static str)],
}

/// How a signal is spelt; none of what no exporter tells.
pub(super) fn spelling(signal: &Signal) -> Option<&'static Spelling> {
    TABLE.iter().find(|row| row.signal == signal.name)
}

impl Spelling {
    /// The expression, with `$w` for the time that rates are taken over.
    pub(super) fn text(&self) -> String {
        let (alternatives, is_rate) = match &self.form {
            Form::Text(text) => return (*text).to_owned(),
            Form::Rate(alternatives) => (alternatives, true),
            Form::Last(alternatives) => (alternatives, false),
        };
        let parts: Vec<String> = alternatives
            .iter()
            .map(|raw| {
                let selector = raw.selector();
                if is_rate {
                    format!("max(rate({selector}[$w]))")
                } else {
                    format!("max({selector})")
                }
            })
            .collect();
        parts.join(" or ")
    }

    /// The expression as it is sent: kept to an instance, with rates over `window_s` seconds. `None` where
    /// it is the host's and nobody said which series are the host's.
    pub(super) fn sent(&self, instance: &Instance, window_s: u32) -> Option<String> {
        if self.of == Of::Host && !instance.has_host() {
            return None;
        }
        let text = self.text().replace("$w", &format!("{window_s}s"));
        let mut expr = parser::parse(&text).ok()?;
        keep_to(&mut expr, instance);
        Some(expr.to_string())
    }

    /// The raw series that say no more than the signal.
    pub(super) fn raw(&self) -> &'static [Raw] {
        match self.form {
            Form::Rate(raw) | Form::Last(raw) => raw,
            Form::Text(_) => &[],
        }
    }
}

impl Raw {
    fn selector(&self) -> String {
        let mut text = self.metric.to_owned();
        for (number, (label, value)) in self.labels.iter().enumerate() {
            let before = if number == 0 { '{' } else { ',' };
            let _infallible = write!(text, "{before}{label}=\"{value}\"");
        }
        if !self.labels.is_empty() {
            text.push('}');
        }
        text
    }
}

/// The signal that a raw series is, by its name and its labels of its own.
pub(super) fn signal_of(name: &str, labels: &BTreeMap<String, String>) -> Option<&'static str> {
    static BY_METRIC: OnceLock<BTreeMap<&str, Vec<(&Raw, &str)>>> = OnceLock::new();
    let by_metric = BY_METRIC.get_or_init(|| {
        let mut all: BTreeMap<&str, Vec<(&Raw, &str)>> = BTreeMap::new();
        for row in TABLE {
            for raw in row.raw() {
                all.entry(raw.metric).or_default().push((raw, row.signal));
            }
        }
        all
    });
    let is = |raw: &Raw| {
        raw.labels.len() == labels.len()
            && raw
                .labels
                .iter()
                .all(|(label, value)| labels.get(*label).is_some_and(|is| is == value))
    };
    let found = by_metric.get(name)?.iter().find(|(raw, _)| is(raw))?;
    Some(found.1)
}

/// Adds the instance's matchers to every selector of an expression of ours.
fn keep_to(expr: &mut Expr, instance: &Instance) {
    let add = |selector: &mut parser::VectorSelector| {
        let of = instance.of(selector.name.as_deref());
        let matchers = &mut selector.matchers.matchers;
        matchers.extend_from_slice(instance.matchers(of));
    };
    match expr {
        Expr::Aggregate(part) => keep_to(&mut part.expr, instance),
        Expr::Unary(part) => keep_to(&mut part.expr, instance),
        Expr::Paren(part) => keep_to(&mut part.expr, instance),
        Expr::Binary(part) => {
            keep_to(&mut part.lhs, instance);
            keep_to(&mut part.rhs, instance);
        }
        Expr::Subquery(part) => keep_to(&mut part.expr, instance),
        Expr::VectorSelector(selector) => add(selector),
        Expr::MatrixSelector(part) => add(&mut part.vs),
        Expr::Call(call) => {
            for argument in &mut call.args.args {
                keep_to(argument, instance);
            }
        }
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}

/// How signals are spelt, for documentation: the signal, whose series, and the expression.
pub fn spellings() -> impl Iterator<Item = (&'static Signal, Option<String>)> {
    storex_sources::SIGNALS.iter().map(|signal| {
        let text = spelling(signal).map(|row| row.text().replace("$w", "w"));
        (signal, text)
    })
}

#[cfg(test)]
mod tests;
