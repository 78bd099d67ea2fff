//! Everything read of one table: once what is defined, twice what is counted.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use storex_sources::Flavour;
use storex_tool::{Call, ToolError};

use super::bound::{self, both};
use super::definition::{columns, indexes_of, read, read_one, table};
use super::relations::{own_keys, referencing, triggers};
use crate::probes::{GLOBAL_STATUS, schema};
use crate::schema::auto_increment::{Pace, Room, room};
use crate::schema::column::Column;
use crate::schema::foreign_key::ForeignKey;
use crate::schema::index::Index;
use crate::schema::name::TableName;
use crate::schema::rows::{
    EngineIndependentRow, FilesRow, HistogramsRow, ModifiedRow, PagesRow, PartitionsRow,
    PersistentRow, ScaleRow, SettingsRow, StatementRow, TableRow, TriggerRow, UsageRow,
};
use crate::schema::statement::{Change, Work, changes, works};
use crate::schema::statistics::Statistics;
use crate::schema::usage::{Usage, counted_s};
use crate::variables::{VariableRow, Variables};

/// Long enough for figures, short enough for someone who waits.
const WINDOW: Duration = Duration::from_millis(1_500);
/// Reading InnoDB's counters loads every table into the dictionary cache: about 0.2 ms for each that is
/// not there yet.
pub(super) const MOST_TO_LOAD: u64 = 1_000;
/// The files of so many tables are looked at in a few dozen milliseconds.
const MOST_TO_STAT: u64 = 10_000;

/// One table.
pub(super) struct Gathered {
    pub(super) name: TableName,
    pub(super) flavour: Flavour,
    pub(super) row: TableRow,
    pub(super) columns: Vec<Column>,
    pub(super) indexes: Vec<Index>,
    pub(super) keys: Vec<ForeignKey>,
    pub(super) referencing: Vec<ForeignKey>,
    pub(super) triggers: Vec<TriggerRow>,
    pub(super) partitions: Option<PartitionsRow>,
    pub(super) statistics: Option<Statistics>,
    pub(super) histograms: Option<u64>,
    /// Bytes of each index when statistics were taken.
    pub(super) index_bytes: HashMap<String, u64>,
    pub(super) files: Option<FilesRow>,
    pub(super) usage: Option<Usage>,
    pub(super) works: Vec<Work>,
    pub(super) changes: Vec<Change>,
    pub(super) room: Option<Room>,
    pub(super) increment: u64,
}

/// What is counted, at one moment.
struct Counted {
    usage: Option<Vec<UsageRow>>,
    statements: Vec<StatementRow>,
    at: Timestamp,
}

/// Reads a table.
pub(super) async fn gather(call: &Call, name: TableName) -> Result<Gathered, ToolError> {
    let server = call.server().await?;
    let (name, row, read_at) = table(call, name).await?;
    let columns = columns(call, &name).await?.unwrap_or_default();
    let indexes = indexes_of(call, &name).await?.unwrap_or_default();
    let first = counted(call, &name, server.performance_schema, bound::DAY_S).await?;
    let settings: Option<SettingsRow> = read_one(call, &schema::SETTINGS, &[]).await?;
    let status: Option<Vec<VariableRow>> = read(call, &GLOBAL_STATUS, &[]).await?;
    let uptime_s = Variables::of(status.unwrap_or_default())
        .count("uptime")
        .and_then(|uptime| i64::try_from(uptime).ok());
    let keys = own_keys(call, &name).await?;
    let referencing = referencing(call, &name, server.flavour).await?;
    let partitions = if row.is_partitioned() {
        read_one(call, &schema::PARTITIONS, &both(&name)).await?
    } else {
        None
    };
    let triggers = triggers(call, &name).await?;
    let mut gathered = Gathered {
        flavour: server.flavour,
        keys,
        referencing,
        triggers,
        partitions,
        statistics: None,
        histograms: None,
        index_bytes: HashMap::new(),
        files: None,
        usage: None,
        works: Vec::new(),
        changes: Vec::new(),
        room: None,
        increment: settings
            .as_ref()
            .map_or(1, |settings| settings.auto_increment_increment),
        name,
        row,
        columns,
        indexes,
    };
    if gathered.row.is_innodb() {
        gathered.read_innodb(call, settings.as_ref()).await?;
    }
    gathered
        .read_again(call, first, read_at, uptime_s, server.performance_schema)
        .await?;
    Ok(gathered)
}

impl Gathered {
    /// Rows, as far as anyone estimates.
    pub(super) fn rows(&self) -> u64 {
        self.row.rows_estimate.unwrap_or_default()
    }

    /// What InnoDB keeps of the table beside its definition.
    async fn read_innodb(
        &mut self,
        call: &Call,
        settings: Option<&SettingsRow>,
    ) -> Result<(), ToolError> {
        let params = bound::persistent(self.flavour, &self.name);
        let kept: Option<Vec<PersistentRow>> = read(call, &schema::PERSISTENT, &params).await?;
        let pages: Option<Vec<PagesRow>> = read(call, &schema::INDEX_PAGES, &params).await?;
        let page_size = self
            .row
            .compressed_page_bytes()
            .or_else(|| Some(settings?.page_size_bytes))
            .unwrap_or(16_384);
        self.index_bytes = pages
            .unwrap_or_default()
            .into_iter()
            .map(|row| (row.index_name, row.pages.saturating_mul(page_size)))
            .collect();
        let scale: Option<ScaleRow> = read_one(call, &schema::SCALE, &[]).await?;
        let tables = scale.map_or(u64::MAX, |scale| scale.tables);
        let modified = self.modified(call, tables).await?;
        self.files = self.files(call, tables).await?;
        let own = self.engine_independent(call, settings).await?;
        self.statistics = settings.map(|settings| {
            let row = &self.row;
            let sum = |of: fn(&ModifiedRow) -> u64| {
                modified
                    .as_ref()
                    .filter(|rows| !rows.is_empty())
                    .map(|rows| rows.iter().map(of).sum())
            };
            let counts = kept.as_ref().filter(|rows| !rows.is_empty());
            Statistics {
                persistent: row.has_option("stats_persistent=1")
                    || (settings.is_persistent && !row.has_option("stats_persistent=0")),
                recalculated: row.has_option("stats_auto_recalc=1")
                    || (settings.is_recalculated && !row.has_option("stats_auto_recalc=0")),
                row_count: counts.map(|rows| rows.iter().map(|row| row.row_count).sum()),
                age_s: counts.and_then(|rows| rows.iter().filter_map(|row| row.age_s).max()),
                rows_now: sum(|row| row.row_count),
                modified: sum(|row| row.modified),
                engine_independent_rows: own,
                readable: kept.is_some(),
            }
        });
        Ok(())
    }

    async fn modified(
        &self,
        call: &Call,
        tables: u64,
    ) -> Result<Option<Vec<ModifiedRow>>, ToolError> {
        const WHAT: &str = "changes since statistics were taken";
        let Some(params) = bound::modified(self.flavour, &self.name) else {
            call.missing(
                WHAT,
                "InnoDB's dictionary spells the letters of this name by codes of its own",
                "",
            );
            return Ok(None);
        };
        if tables > MOST_TO_LOAD {
            call.missing(
                WHAT,
                format!("not read with more than {MOST_TO_LOAD} tables: it loads them all into the dictionary cache"),
                "compare the age of the statistics with how fast the table changes",
            );
            return Ok(None);
        }
        read(call, &schema::MODIFIED, &params).await
    }

    async fn files(&self, call: &Call, tables: u64) -> Result<Option<FilesRow>, ToolError> {
        match bound::files(self.flavour, &self.name) {
            Some(params) if tables <= MOST_TO_STAT => read_one(call, &schema::FILES, &params).await,
            _ => Ok(None),
        }
    }

    /// Histograms, on MySQL; on MariaDB rows by its own statistics, where it plans by them.
    async fn engine_independent(
        &mut self,
        call: &Call,
        settings: Option<&SettingsRow>,
    ) -> Result<Option<u64>, ToolError> {
        if self.flavour == Flavour::MySql {
            let row: Option<HistogramsRow> =
                read_one(call, &schema::HISTOGRAMS, &both(&self.name)).await?;
            self.histograms = row
                .map(|row| row.columns_measured)
                .filter(|count| *count > 0);
            return Ok(None);
        }
        let plans_by_them = settings
            .and_then(|settings| settings.use_stat_tables.as_deref())
            .is_some_and(|use_stat_tables| !use_stat_tables.eq_ignore_ascii_case("NEVER"));
        let row: Option<EngineIndependentRow> =
            read_one(call, &schema::ENGINE_INDEPENDENT, &both(&self.name)).await?;
        Ok(row.filter(|_| plans_by_them).and_then(|row| row.row_count))
    }

    /// The second sample, and what the two tell.
    async fn read_again(
        &mut self,
        call: &Call,
        first: Counted,
        first_read_at: Timestamp,
        uptime_s: Option<i64>,
        performance_schema: bool,
    ) -> Result<(), ToolError> {
        let mut pace = Pace {
            earlier: None,
            created_age_s: self.row.created_age_s,
        };
        let mut later = None;
        let counts = performance_schema || self.row.next_auto_increment.is_some();
        if counts && call.pass(WINDOW).await? {
            let second = counted(call, &self.name, performance_schema, bound::WINDOW_S).await?;
            let row = call
                .want_with::<TableRow>(&schema::TABLE, &both(&self.name))
                .await?;
            if let Some(sample) = row
                && let Some(row) = sample.rows.into_iter().next()
            {
                let seconds = (sample.read_at.duration_since(first_read_at)).as_secs_f64();
                pace.earlier = self.row.next_auto_increment.map(|next| (next, seconds));
                self.row = row;
            }
            later = Some(second);
        }
        let (now, earlier) = match &later {
            Some(second) => (second, Some(&first)),
            None => (&first, None),
        };
        let window = |first: &Counted| (now.at.duration_since(first.at)).as_secs_f64();
        // What did not run since the first sample is as it was then.
        let mut statements = now.statements.clone();
        for row in earlier.iter().flat_map(|first| &first.statements) {
            if !statements.iter().any(|other| other.is(row)) {
                statements.push(row.clone());
            }
        }
        self.changes = changes(&statements, &self.name, &self.indexes);
        self.works = works(
            &statements,
            earlier.map(|first| (first.statements.as_slice(), window(first))),
        );
        self.usage = now.usage.as_ref().map(|rows| {
            let before = earlier.and_then(|first| Some((first.usage.as_deref()?, window(first))));
            let last_ddl_age_s = self.changes.first().map(|change| change.age_s);
            let counted_s = counted_s(uptime_s, self.row.created_age_s, last_ddl_age_s);
            let mut usage = Usage::of(rows, before);
            usage.counted_s = counted_s;
            usage
        });
        self.room = room(&self.columns, self.row.next_auto_increment, pace);
        Ok(())
    }
}

async fn counted(
    call: &Call,
    name: &TableName,
    performance_schema: bool,
    seen_s: u64,
) -> Result<Counted, ToolError> {
    let usage = call
        .want_with::<UsageRow>(&schema::INDEX_USAGE, &both(name))
        .await?;
    let at = usage
        .as_ref()
        .map_or_else(|| call.now(), |sample| sample.read_at);
    // Where it is off, one entry of the coverage says so.
    let statements = if performance_schema {
        read(call, &schema::STATEMENTS, &bound::statements(name, seen_s)).await?
    } else {
        None
    };
    Ok(Counted {
        usage: usage.map(|sample| sample.rows),
        statements: statements.unwrap_or_default(),
        at,
    })
}
