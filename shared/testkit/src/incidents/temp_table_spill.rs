//! A report groups by a wide key while memory for temporary tables is short, so that each run
//! writes its groups to disk.

use anyhow::{Result, ensure};

use super::sessions::Waiters;
use super::work::Work;
use super::{Incident, Party, Truth, settings, watch};
use crate::MySqlServer;
use crate::accounts::App;

/// The usual number of reports at the same time.
pub const REPORTS: usize = 2;
/// So many that one finds the memory of all tables full when it makes its own.
pub const CROWD: usize = 5;

/// What is short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The limit of one table: `tmp_table_size`, on MariaDB `tmp_memory_table_size`.
    Table,
    /// MySQL's limit of all tables together, `temptable_max_ram`: `Created_tmp_disk_tables` counts
    /// a table that outgrows it, but not one that finds it full when it is made.
    AllTables,
    /// The memory of one sort, `sort_buffer_size`.
    Sort,
}

const MIB: u64 = 1 << 20;

/// Causes the incident with so many reports at once.
pub async fn start(server: &MySqlServer, limit: Limit, reports: usize) -> Result<Incident> {
    let mariadb = server.flavour().is_mariadb();
    let (object, changes) = match limit {
        Limit::Table if mariadb => (
            "tmp_memory_table_size",
            vec![("tmp_memory_table_size", MIB), ("max_heap_table_size", MIB)],
        ),
        Limit::Table => ("tmp_table_size", vec![("tmp_table_size", MIB)]),
        Limit::AllTables => {
            ensure!(!mariadb, "MariaDB has no temptable_max_ram");
            (
                "temptable_max_ram",
                vec![("temptable_max_ram", 2 * MIB), ("tmp_table_size", 64 * MIB)],
            )
        }
        Limit::Sort => ("sort_buffer_size", vec![("sort_buffer_size", 64 << 10)]),
    };
    let mut root = server.root().await?;
    let counted = counter(mariadb, limit);
    let before = watch::number(&mut root, counted).await?;
    let undo = settings::set(&mut root, &changes).await?;

    let statement = App::Reporting.comment(query(limit), "reports/archive_by_product", 1);
    let mut work = Work::default();
    let mut ids = Vec::new();
    for _ in 0..reports {
        let statement = statement.clone();
        // New sessions have the changed settings.
        let id = work
            .repeat(server, App::Reporting, move |_| statement.clone())
            .await?;
        ids.push(id);
    }
    watch::at_least(&mut root, counted, before + 1, "spilt temporary tables").await?;
    work.undo_at_end(root, undo);
    Ok(Incident {
        truth: Truth {
            incident: "temp_table_spill".to_owned(),
            culprit: Party::new(App::Reporting, ids),
            via: Vec::new(),
            victims: Vec::new(),
            object: object.to_owned(),
            statement: Some(statement),
        },
        holders: Vec::new(),
        waiters: Waiters::default(),
        traffic: None,
        work,
    })
}

/// 40,000 groups or rows of about 200 bytes.
const fn query(limit: Limit) -> &'static str {
    match limit {
        Limit::Sort => {
            "SELECT LEFT(a.body, 180), p.id FROM archive a JOIN products p ON p.id <= 20 \
             ORDER BY p.name, a.id + p.id DESC LIMIT 39990, 10"
        }
        Limit::Table | Limit::AllTables => {
            "SELECT CAST(LEFT(a.body, 180) AS CHAR(180)) AS item, p.id AS product, COUNT(*) AS runs \
             FROM archive a JOIN products p ON p.id <= 20 GROUP BY item, product \
             ORDER BY runs DESC LIMIT 10"
        }
    }
}

/// What counts the spills of this kind.
const fn counter(mariadb: bool, limit: Limit) -> &'static str {
    match (mariadb, limit) {
        (true, Limit::Sort) => {
            "SELECT CAST(variable_value AS UNSIGNED) FROM information_schema.global_status \
             WHERE variable_name = 'SORT_MERGE_PASSES'"
        }
        (true, _) => {
            "SELECT CAST(variable_value AS UNSIGNED) FROM information_schema.global_status \
             WHERE variable_name = 'CREATED_TMP_DISK_TABLES'"
        }
        (false, Limit::Sort) => {
            "SELECT CAST(variable_value AS UNSIGNED) FROM performance_schema.global_status \
             WHERE variable_name = 'Sort_merge_passes'"
        }
        (false, Limit::Table) => {
            "SELECT CAST(variable_value AS UNSIGNED) FROM performance_schema.global_status \
             WHERE variable_name = 'Created_tmp_disk_tables'"
        }
        (false, Limit::AllTables) => {
            "SELECT CAST(variable_value AS UNSIGNED) FROM performance_schema.global_status \
             WHERE variable_name = 'TempTable_count_hit_max_ram'"
        }
    }
}
