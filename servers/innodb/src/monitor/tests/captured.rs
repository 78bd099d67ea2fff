//! Monitors of MySQL 9.7 and MariaDB 10.11 during incidents.

use serde_json::{Value, json};

use super::super::{ForeignKeyCause, TransactionState, Work};
use super::{fixture, fixtures, is_accounted_for, parse};

/// A monitor without what is absent or a mere average.
fn compact(name: &str) -> Value {
    let mut value = serde_json::to_value(parse(&fixture(name))).unwrap();
    let monitor = value.as_object_mut().unwrap();
    monitor.remove("averages_window");
    for (section, list) in [("file_io", "threads"), ("adaptive_hash", "parts")] {
        if let Some(items) = monitor
            .get_mut(section)
            .and_then(|section| section.get_mut(list))
        {
            *items = json!(items.as_array().unwrap().len());
        }
    }
    pruned(value)
}

fn pruned(value: Value) -> Value {
    let keep = |value: &Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => true,
    };
    match value {
        Value::Array(items) => items.into_iter().map(pruned).collect(),
        Value::Object(fields) => {
            let fields = fields
                .into_iter()
                .map(|(name, value)| (name, pruned(value)));
            Value::Object(fields.filter(|(_, value)| keep(value)).collect())
        }
        other => other,
    }
}

#[test]
fn every_line_a_real_server_printed_is_understood() {
    for (name, text) in fixtures() {
        let monitor = parse(&text);
        assert!(
            is_accounted_for(&text, &monitor),
            "{name}: {:?}",
            monitor.lines
        );
        if name.starts_with("mysql97") || name.starts_with("mariadb1011") {
            assert_eq!(monitor.unparsed, [], "{name}");
            assert_eq!(monitor.other_sections, [], "{name}");
            assert!(!monitor.truncated, "{name}");
        }
    }
}

#[test]
fn a_monitor_is_read_in_full() {
    for name in [
        "mysql97_quiet",
        "mysql97_latch_waits",
        "mysql97_locks_listed",
        "mariadb1011_binlog_full",
        "mariadb1011_deadlock",
        "mariadb1011_hash_and_change_buffer",
    ] {
        insta::with_settings!({ snapshot_suffix => name, omit_expression => true }, {
            insta::assert_json_snapshot!(compact(name));
        });
    }
}

#[test]
fn a_deadlock_names_what_each_holds_and_wants() {
    let deadlock = parse(&fixture("mysql97_deadlock")).deadlock.unwrap();
    assert_eq!(
        (deadlock.transactions.len(), deadlock.rolled_back),
        (2, Some(2))
    );
    for trx in &deadlock.transactions {
        assert_eq!(
            (
                trx.holds.len(),
                trx.waits_for.len(),
                trx.conflicts_with.len()
            ),
            (1, 1, 0)
        );
        assert_eq!(trx.waits_for[0].trx_id, trx.transaction.id);
        assert!(trx.waits_for[0].waiting && !trx.holds[0].waiting);
        assert_eq!(trx.waits_for[0].table.table, "accounts");
        assert!(
            trx.transaction
                .statement
                .as_ref()
                .unwrap()
                .starts_with("UPDATE accounts")
        );
    }
}

#[test]
fn a_deadlock_of_three_is_read_in_the_other_flavour() {
    let deadlock = parse(&fixture("mariadb1011_deadlock")).deadlock.unwrap();
    let circle: Vec<_> = deadlock
        .transactions
        .iter()
        .map(|trx| {
            (
                trx.number.unwrap(),
                trx.transaction.id,
                trx.conflicts_with[0].trx_id,
            )
        })
        .collect();
    let ids: Vec<_> = circle.iter().map(|(_, id, _)| *id).collect();
    assert_eq!(
        circle
            .iter()
            .map(|(number, ..)| *number)
            .collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert_eq!(
        [circle[0].2, circle[1].2, circle[2].2],
        [ids[1], ids[2], ids[0]]
    );
    assert_eq!(deadlock.rolled_back, Some(1));
}

#[test]
fn a_queue_on_a_row_is_a_list_of_waiting_transactions() {
    for (name, wait_us) in [("mysql97_hot_row", 1_000_000), ("mariadb1011_hot_row", 1)] {
        let transactions = parse(&fixture(name)).transactions.unwrap();
        let waiting = transactions
            .list
            .iter()
            .filter(|trx| trx.work == Some(Work::LockWait));
        let waiting: Vec<_> = waiting.collect();
        assert!(waiting.len() > 5, "{name}");
        for trx in waiting {
            assert_eq!(trx.waits_for.len(), 1, "{name}");
            assert_eq!(trx.waits_for[0].table.table, "inventory", "{name}");
            assert_eq!(trx.waiting_us.unwrap() % wait_us, 0, "{name}");
        }
    }
}

#[test]
fn the_reader_that_holds_purge_is_listed_by_mariadb_only() {
    let monitor = parse(&fixture("mariadb1011_history"));
    let transactions = monitor.transactions.unwrap();
    assert_eq!(transactions.history_list_length, Some(8_924));
    let reader = transactions
        .list
        .iter()
        .find(|trx| trx.read_view.is_some())
        .unwrap();
    assert_eq!((reader.id, reader.active_s), (None, Some(18)));
    assert!(reader.read_view.unwrap().seen_below <= transactions.purged_below_trx_no.unwrap());

    let monitor = parse(&fixture("mysql97_history"));
    let transactions = monitor.transactions.unwrap();
    assert_eq!(transactions.history_list_length, Some(8_939));
    assert!(transactions.list.iter().all(|trx| trx.read_view.is_none()));
    assert_eq!(monitor.row_operations.unwrap().read_views_open, Some(1));
}

#[test]
fn a_full_redo_log_shows_in_its_checkpoint_age() {
    let log = parse(&fixture("mysql97_redo_small")).redo_log.unwrap();
    let (age, capacity) = (
        log.checkpoint_age_bytes.unwrap(),
        log.capacity_bytes.unwrap(),
    );
    assert!(age * 2 > capacity, "{age} of {capacity}");
    let quiet = parse(&fixture("mariadb1011_quiet")).redo_log.unwrap();
    assert_eq!(
        quiet.checkpoint_age_bytes,
        Some(quiet.lsn.unwrap() - quiet.checkpoint_lsn.unwrap())
    );
}

#[test]
fn a_hung_commit_is_a_prepared_transaction() {
    for name in ["mysql97_binlog_full", "mariadb1011_binlog_full"] {
        let transactions = parse(&fixture(name)).transactions.unwrap();
        assert!(transactions.counts.prepared > 3, "{name}");
        let mut list = transactions.list.iter();
        let trx = list
            .find(|trx| trx.state == TransactionState::Prepared)
            .unwrap();
        assert!(trx.active_s.unwrap() > 5 && trx.session.is_some(), "{name}");
    }
}

#[test]
fn a_foreign_key_error_names_both_tables() {
    for name in ["mysql97_fk_child", "mariadb1011_fk_child"] {
        let error = parse(&fixture(name)).foreign_key_error.unwrap();
        assert_eq!(error.cause, Some(ForeignKeyCause::NoParentRow), "{name}");
        assert_eq!(error.constraint.as_deref(), Some("child_parent"), "{name}");
        assert_eq!(error.child_index.as_deref(), Some("child_parent"), "{name}");
        assert_eq!(error.parent_index.as_deref(), Some("PRIMARY"), "{name}");
        let tables = [error.table.unwrap(), error.referenced_table.unwrap()];
        assert_eq!(
            tables.map(|table| table.table),
            ["child", "parent"],
            "{name}"
        );
        let statement = error.transaction.unwrap().statement.unwrap();
        assert_eq!(
            statement, "insert into child(parent_id)\nvalues (77)",
            "{name}"
        );
        assert!(
            error.text.iter().all(|line| !line.contains("hex")),
            "{name}"
        );
    }
    let error = parse(&fixture("mysql97_fk_parent"))
        .foreign_key_error
        .unwrap();
    assert_eq!(error.cause, Some(ForeignKeyCause::HasChildRows));
    let parent = error.referenced_table.unwrap();
    assert_eq!(
        (parent.schema.as_deref(), parent.table.as_str()),
        (Some("shop"), "parent")
    );
}

#[test]
fn a_header_glued_to_a_foreign_key_error_is_still_found() {
    let monitor = parse(&fixture("mariadb1011_fk_definition"));
    let error = monitor.foreign_key_error.unwrap();
    assert_eq!(error.cause, Some(ForeignKeyCause::Definition));
    assert!(
        error
            .text
            .last()
            .unwrap()
            .ends_with("appear as the first columns.")
    );
    assert!(monitor.transactions.unwrap().next_trx_id.is_some());
}

#[test]
fn a_statement_that_imitates_the_monitor_stays_a_statement() {
    let monitor = parse(&fixture("mysql97_imitation"));
    assert_eq!(monitor.imitated_sections, ["FILE I/O"]);
    let transactions = monitor.transactions.unwrap();
    let statement = transactions.list.iter().find_map(|trx| {
        let statement = trx.statement.as_deref()?;
        statement
            .contains("FILE I/O")
            .then_some((statement, trx.waits_for.len()))
    });
    let (statement, waits) = statement.unwrap();
    assert!(statement.starts_with("update stock\n   set qty = 0\n\n where id = 1"));
    assert!(statement.ends_with("*** (1) TRANSACTION:'"));
    assert_eq!(waits, 1);
    assert!(monitor.file_io.unwrap().os_reads.is_some());
}

#[test]
fn transactions_without_a_session_are_recovered_ones() {
    let transactions = parse(&fixture("mysql97_recovered")).transactions.unwrap();
    let recovered: Vec<_> = transactions
        .list
        .iter()
        .filter(|trx| trx.recovered)
        .collect();
    assert_eq!(recovered.len(), 2);
    assert!(recovered.iter().all(|trx| trx.session.is_none()));
    assert_eq!(recovered[0].work, Some(Work::RollingBack));
    assert_eq!(recovered[1].state, TransactionState::Prepared);
    let rolling = parse(&fixture("mysql97_rolling_back"))
        .transactions
        .unwrap();
    let rolling = rolling
        .list
        .iter()
        .find(|trx| trx.work == Some(Work::RollingBack))
        .unwrap();
    assert!(rolling.undo_log_entries.unwrap() > 0 && rolling.doing.as_deref() == Some("rollback"));
}
