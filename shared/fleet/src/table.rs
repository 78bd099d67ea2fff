//! A table of the file, laid over its defaults. Values are read one by one, so that every mistake is
//! reported rather than the first.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::report::Report;
use crate::suggest::nearest;
use crate::values::{line, shown};

/// Understands a text, or says what to write instead.
type Check<T> = fn(&str) -> Result<T, String>;

/// A table and what stands in for the fields it leaves out.
pub(crate) struct Table<'t> {
    /// Such as `instance.mysql`; empty for the whole file.
    pub(crate) path: &'static str,
    /// Where it begins.
    pub(crate) at: Range<usize>,
    own: &'t DeTable<'t>,
    defaults_path: Option<&'static str>,
    defaults: Option<&'t DeTable<'t>>,
}

/// A field that is there.
pub(crate) struct Field<'t> {
    pub(crate) path: String,
    pub(crate) at: Range<usize>,
    /// Whether it stands under the defaults.
    pub(crate) inherited: bool,
    value: &'t DeValue<'t>,
}

impl<'t> Table<'t> {
    pub(crate) fn new(path: &'static str, at: Range<usize>, own: &'t DeTable<'t>) -> Self {
        Self {
            path,
            at,
            own,
            defaults_path: None,
            defaults: None,
        }
    }

    /// Fields it leaves out are taken from `defaults`, which may stand at `path`.
    pub(crate) fn over(mut self, path: &'static str, defaults: Option<&'t DeTable<'t>>) -> Self {
        self.defaults_path = Some(path);
        self.defaults = defaults;
        self
    }

    /// Reads every field as `check` understands it: for a table whose names are the user's.
    pub(crate) fn read_all<T>(&self, report: &mut Report<'_>, check: Check<T>) -> Vec<(String, T)> {
        let mut fields = Vec::new();
        for key in self.own.keys() {
            let name = key.get_ref().as_ref();
            if let Err(what) = line(name) {
                report.add(
                    &key.span(),
                    &self.field_path(name),
                    format!("its name {what}"),
                );
            }
            let value = self.read(report, name, check);
            fields.extend(value.map(|value| (name.to_owned(), value)));
        }
        fields
    }

    /// The field, here only.
    pub(crate) fn own(&self, name: &str) -> Option<Field<'t>> {
        let value = self.own.get(name)?;
        Some(Field::new(self.field_path(name), value, false))
    }

    fn inherited(&self, name: &str) -> Option<Field<'t>> {
        let value = self.defaults?.get(name)?;
        let path = self.defaults_path.unwrap_or_default();
        Some(Field::new(format!("{path}.{name}"), value, true))
    }

    /// The field, here or under the defaults.
    pub(crate) fn field(&self, name: &str) -> Option<Field<'t>> {
        self.own(name).or_else(|| self.inherited(name))
    }

    /// Both, what is inherited first.
    pub(crate) fn layers(&self, name: &str) -> impl Iterator<Item = Field<'t>> + use<'t> {
        self.inherited(name).into_iter().chain(self.own(name))
    }

    /// The text of a field as `check` understands it; `None` where it is absent or wrong.
    pub(crate) fn read<T>(
        &self,
        report: &mut Report<'_>,
        name: &str,
        check: Check<T>,
    ) -> Option<T> {
        self.field(name)?.read(report, check)
    }

    /// As [`Table::read`], for a field that must be there.
    pub(crate) fn require<T>(
        &self,
        report: &mut Report<'_>,
        name: &str,
        check: Check<T>,
    ) -> Option<T> {
        if self.field(name).is_none() {
            let what = match self.defaults_path {
                Some(defaults) => format!("is missing; add it here or under [{defaults}]"),
                None => "is missing; add it".to_owned(),
            };
            self.lacks(report, name, &what);
        }
        self.read(report, name, check)
    }

    pub(crate) fn lacks(&self, report: &mut Report<'_>, name: &str, what: &str) {
        report.add(&self.at, &self.field_path(name), what);
    }

    /// The tables of an array of tables, `[[name]]`.
    pub(crate) fn tables(&self, report: &mut Report<'_>, name: &'static str) -> Vec<Table<'t>> {
        let Some(field) = self.own(name) else {
            return Vec::new();
        };
        let Some(entries) = field.value.as_array() else {
            field.wrong(report, &format!("write it in double brackets: [[{name}]]"));
            return Vec::new();
        };
        let mut tables = Vec::new();
        for entry in entries {
            let field = Field::new(name.to_owned(), entry, false);
            if let Some(own) = field.table(report) {
                tables.push(Table::new(name, field.at, own));
            }
        }
        tables
    }

    /// Reports the fields that are not `known`; those of `elsewhere` are known there only.
    pub(crate) fn refuse_unknown(
        &self,
        report: &mut Report<'_>,
        known: &[&str],
        elsewhere: Option<(&str, &[&str])>,
    ) {
        for key in self.own.keys() {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let what = match (elsewhere, nearest(name, known.iter().copied())) {
                (Some((place, fields)), _) if fields.contains(&name) => {
                    format!("differs from instance to instance; move it to {place}")
                }
                (_, Some(near)) => format!("is not known; did you mean `{near}`?"),
                (_, None) => format!("is not known; known here: {}", known.join(", ")),
            };
            report.add(&key.span(), &self.field_path(name), what);
        }
    }

    /// A name as TOML would have it: in quotes unless it is plain.
    fn field_path(&self, name: &str) -> String {
        let plain = name.len() <= 40 && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        let name = if plain { name } else { &shown(name) };
        match self.path {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        }
    }
}

impl<'t> Field<'t> {
    fn new(path: String, value: &'t Spanned<DeValue<'t>>, inherited: bool) -> Self {
        Self {
            path,
            at: value.span(),
            inherited,
            value: value.get_ref(),
        }
    }

    pub(crate) fn wrong(&self, report: &mut Report<'_>, what: &str) {
        report.add(&self.at, &self.path, what);
    }

    /// The text as `check` understands it; `None` where it is wrong.
    pub(crate) fn read<T>(&self, report: &mut Report<'_>, check: Check<T>) -> Option<T> {
        let Some(text) = self.value.as_str() else {
            self.wrong(report, "must be text; write it in quotes");
            return None;
        };
        check(text).map_err(|what| self.wrong(report, &what)).ok()
    }

    /// A whole number from `least` to `most`.
    pub(crate) fn number(&self, report: &mut Report<'_>, least: u16, most: u16) -> Option<u16> {
        let number = self
            .value
            .as_integer()
            .and_then(|digits| u16::from_str_radix(digits.as_str(), digits.radix()).ok())
            .filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.wrong(report, &format!("must be a number from {least} to {most}"));
        }
        number
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self, report: &mut Report<'_>) -> Option<bool> {
        let flag = self.value.as_bool();
        if flag.is_none() {
            self.wrong(report, "must be true or false, without quotes");
        }
        flag
    }

    pub(crate) fn table(&self, report: &mut Report<'_>) -> Option<&'t DeTable<'t>> {
        let table = self.value.as_table();
        if table.is_none() {
            self.wrong(report, "must be a table, such as { key = \"value\" }");
        }
        table
    }

    pub(crate) fn as_text(&self) -> Option<&'t str> {
        self.value.as_str()
    }

    pub(crate) fn as_table(&self) -> Option<&'t DeTable<'t>> {
        self.value.as_table()
    }
}
