//! A plan as rows of `EXPLAIN`'s traditional form, which both flavours print alike and without any
//! literal, read into typed steps.
//!
//! Sources: MySQL Reference Manual, "EXPLAIN Output Format"; MariaDB Knowledge Base, "EXPLAIN".

mod words;

use serde::Deserialize;

pub use words::{Access, Block, Note};

/// One row of `EXPLAIN`.
#[derive(Debug, Clone, Deserialize)]
pub struct PlanRow {
    /// The query block.
    #[serde(default)]
    id: Option<u64>,
    #[serde(default)]
    select_type: Option<String>,
    /// The table's alias, or `<derived2>`, `<subquery3>`, `<union1,2>`.
    #[serde(default)]
    table: Option<String>,
    #[serde(default, rename = "type")]
    access: Option<String>,
    #[serde(default)]
    possible_keys: Option<String>,
    #[serde(default)]
    key: Option<String>,
    #[serde(default)]
    key_len: Option<String>,
    #[serde(default, rename = "ref")]
    refs: Option<String>,
    /// MariaDB adds a percentage where a filter by row id is used: `400 (5%)`.
    #[serde(default)]
    rows: Option<String>,
    #[serde(default)]
    filtered: Option<f64>,
    #[serde(default)]
    extra: Option<String>,
}

/// One step, in the order the server takes them.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The number of its query block.
    pub id: Option<u64>,
    /// What kind of block that is.
    pub block: Block,
    /// The table's alias, or `<derived2>` and the like; none where no table is read.
    pub table: Option<String>,
    /// How it is read; none where no table is read.
    pub access: Option<Access>,
    /// Indexes the optimizer considered.
    pub possible: Vec<String>,
    /// The index it chose; several where they are merged.
    pub key: Option<String>,
    /// Bytes of the index used, of each where they are merged.
    pub key_len: Option<String>,
    /// Values or columns held against the index.
    pub refs: usize,
    /// Rows the optimizer expects to read, each time the step is taken.
    pub rows: Option<u64>,
    /// Percent of them it expects to keep.
    pub filtered_pct: Option<f64>,
    /// What else it does.
    pub notes: Vec<Note>,
}

impl Step {
    fn of(row: PlanRow) -> Self {
        let list = |text: Option<String>| -> Vec<String> {
            let text = text.unwrap_or_default();
            let names = text
                .split(',')
                .map(str::trim)
                .filter(|name| !name.is_empty());
            names.map(str::to_owned).collect()
        };
        let mut notes: Vec<Note> = Vec::new();
        for word in row.extra.as_deref().unwrap_or_default().split(';') {
            if let Some(note) = Note::read(word.trim())
                && !notes.contains(&note)
            {
                notes.push(note);
            }
        }
        // MariaDB joins the index and the one its row ids are filtered by with a bar.
        let first = |text: Option<String>| -> Option<String> {
            let text = text?;
            text.split('|').next().map(str::to_owned)
        };
        Self {
            id: row.id,
            block: Block::read(row.select_type.as_deref().unwrap_or_default()),
            table: row.table,
            access: first(row.access).map(|name| Access::read(&name)),
            possible: list(row.possible_keys),
            key: first(row.key),
            key_len: first(row.key_len),
            refs: list(row.refs).len(),
            rows: row.rows.as_deref().and_then(leading_number),
            filtered_pct: row.filtered,
            notes,
        }
    }

    /// Whether it does that.
    pub fn does(&self, note: Note) -> bool {
        self.notes.contains(&note)
    }

    /// Rows it hands on each time it is taken.
    pub fn rows_kept(&self) -> f64 {
        let share = self.filtered_pct.unwrap_or(100.0).clamp(0.0, 100.0) / 100.0;
        self.rows.unwrap_or(1) as f64 * share
    }

    /// Whether all of the table, or all of one of its indexes, is read.
    pub fn reads_all(&self) -> bool {
        matches!(self.access, Some(Access::All | Access::Index))
    }
}

/// `400` of `400 (5%)`.
fn leading_number(text: &str) -> Option<u64> {
    let digits = text.trim().split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// All steps of a statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// In the order the server printed them: those of one block in the order of its join.
    pub steps: Vec<Step>,
}

impl Plan {
    /// Reads the rows of `EXPLAIN`.
    pub fn of(rows: Vec<PlanRow>) -> Self {
        Self {
            steps: rows.into_iter().map(Step::of).collect(),
        }
    }

    /// How often the step at this place is taken within its block, by the rows the steps before it
    /// in the join hand on.
    pub fn times(&self, at: usize) -> f64 {
        let Some(step) = self.steps.get(at) else {
            return 0.0;
        };
        self.steps
            .iter()
            .take(at)
            .filter(|before| before.id == step.id && before.block != Block::UnionResult)
            .map(Step::rows_kept)
            .product::<f64>()
            .max(1.0)
    }

    /// Rows the step at this place reads in all: as often as it is taken, except where a join buffer
    /// saves that.
    pub fn rows_read(&self, at: usize) -> f64 {
        let Some(step) = self.steps.get(at) else {
            return 0.0;
        };
        let times = if step.does(Note::JoinBuffer) {
            1.0
        } else {
            self.times(at)
        };
        step.rows.unwrap_or(0) as f64 * times
    }

    /// The rows a block hands on after its join.
    pub fn rows_of_block(&self, id: Option<u64>) -> f64 {
        let steps = self.steps.iter().filter(|step| step.id == id);
        steps.map(Step::rows_kept).product()
    }

    /// Whether the server found that no row can match.
    pub fn finds_nothing(&self) -> bool {
        let mut outer = self.steps.iter().filter(|step| step.block == Block::Outer);
        outer.any(|step| step.does(Note::NoRow))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(json: serde_json::Value) -> PlanRow {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_row_of_either_flavour_becomes_a_step() {
        let mysql = Step::of(row(serde_json::json!({
            "id": 1, "select_type": "SIMPLE", "table": "o", "type": "ALL", "possible_keys": "a,b",
            "key": null, "key_len": null, "ref": null, "rows": "4000", "filtered": 10.0,
            "extra": "Using where; Using temporary; Using filesort",
        })));
        assert_eq!(mysql.access, Some(Access::All));
        assert_eq!(mysql.possible, ["a", "b"]);
        assert_eq!(mysql.notes, [Note::Where, Note::Temporary, Note::Filesort]);
        assert!((mysql.rows_kept() - 400.0).abs() < 1e-9);
        let mariadb = Step::of(row(serde_json::json!({
            "id": 2, "select_type": "DEPENDENT SUBQUERY", "table": "i", "type": "ref|filter",
            "possible_keys": "k1,k2", "key": "k1|k2", "key_len": "8|4", "ref": "shop.o.id",
            "rows": "3 (5%)", "filtered": 5.0, "extra": "Using where; Using rowid filter",
        })));
        assert_eq!(mariadb.access, Some(Access::Ref));
        assert_eq!(mariadb.key.as_deref(), Some("k1"));
        assert_eq!(mariadb.key_len.as_deref(), Some("8"));
        assert_eq!((mariadb.rows, mariadb.refs), (Some(3), 1));
        assert_eq!(mariadb.block, Block::Dependent);
    }

    #[test]
    fn an_index_condition_is_not_taken_for_a_covering_index() {
        assert_eq!(
            Note::read("Using index condition"),
            Some(Note::IndexCondition)
        );
        assert_eq!(Note::read("Using index"), Some(Note::Covering));
        assert_eq!(Note::read("Using MRR"), None);
    }

    #[test]
    fn a_step_is_taken_once_for_each_row_the_steps_before_it_hand_on() {
        let step = |rows: u64, filtered: f64, extra: &str| {
            row(serde_json::json!({
                "id": 1, "select_type": "SIMPLE", "table": "t", "type": "ALL",
                "rows": rows.to_string(), "filtered": filtered, "extra": extra,
            }))
        };
        let plan = Plan::of(vec![step(1000, 10.0, ""), step(50, 100.0, "")]);
        assert!((plan.rows_read(1) - 5000.0).abs() < 1e-6);
        let buffered = Plan::of(vec![
            step(1000, 10.0, ""),
            step(50, 100.0, "Using join buffer (hash join)"),
        ]);
        assert!((buffered.rows_read(1) - 50.0).abs() < 1e-6);
    }
}
