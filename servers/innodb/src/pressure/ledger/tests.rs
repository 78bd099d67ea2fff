use super::*;

const PS: u64 = 1_000_000_000_000;

fn digest(digest: &str, runs: u64, rows_examined: u64, seconds: u64) -> DigestRow {
    DigestRow {
        db: Some("shop".into()),
        digest: Some(digest.into()),
        first_seen_age_s: Some(9_000),
        runs,
        rows_examined,
        time_ps: seconds * PS,
        ..DigestRow::default()
    }
}

fn text(digest: &str, shape: &str) -> DigestTextRow {
    DigestTextRow {
        db: Some("shop".into()),
        digest: Some(digest.into()),
        digest_text: Some(shape.into()),
    }
}

fn current(id: u64, event_id: u64, sql: &str, running: bool) -> CurrentRow {
    CurrentRow {
        id,
        event_id,
        running,
        user: Some("reporting".into()),
        program: Some("reporting-jobs".into()),
        sql_text: Some(sql.into()),
        ..CurrentRow::default()
    }
}

fn work(before: &Sample, after: &Sample, texts: &[DigestTextRow]) -> Vec<Work> {
    Ledger::between(before, after, texts, Some(5.0))
}

#[test]
fn what_ended_is_the_difference_of_the_digests() {
    let before = Sample {
        digests: vec![digest("a", 10, 1_000, 1), digest("b", 7, 70, 1)],
        ..Sample::default()
    };
    let after = Sample {
        digests: vec![digest("a", 12, 1_600, 2), digest("b", 7, 70, 1)],
        ..Sample::default()
    };
    let works = work(&before, &after, &[text("a", "SELECT ?")]);
    assert_eq!(works.len(), 1);
    assert_eq!((works[0].runs, works[0].rows_examined), (2, 600));
    assert_eq!(works[0].shape, "SELECT ?");
}

#[test]
fn an_old_digest_that_was_not_in_the_first_sample_is_left_out_and_a_new_one_counts_whole() {
    let new = DigestRow {
        first_seen_age_s: Some(3),
        ..digest("new", 2, 50, 1)
    };
    let after = Sample {
        digests: vec![digest("old", 900, 1_000_000, 600), new],
        ..Sample::default()
    };
    let works = work(&Sample::default(), &after, &[]);
    assert_eq!(works.len(), 1);
    assert_eq!(works[0].rows_examined, 50);
}

#[test]
fn a_reset_digest_table_gives_no_work() {
    let before = Sample {
        digests: vec![digest("a", 10, 1_000, 1)],
        ..Sample::default()
    };
    let after = Sample {
        digests: vec![digest("a", 1, 100, 1)],
        ..Sample::default()
    };
    assert!(work(&before, &after, &[]).is_empty());
}

#[test]
fn what_ran_before_the_window_is_not_counted_into_it() {
    // It had read 900 rows and run 8 s when the window began, and ended in it with 1,000 and 10 s.
    let running = CurrentRow {
        digest: Some("a".into()),
        rows_examined: 900,
        time_ps: 8 * PS,
        ..current(7, 3, "SELECT 1", true)
    };
    let before = Sample {
        digests: vec![digest("a", 10, 5_000, 50)],
        current: vec![running],
        ..Sample::default()
    };
    let ended = CurrentRow {
        digest: Some("a".into()),
        ..current(7, 4, "SELECT 1", false)
    };
    let after = Sample {
        digests: vec![digest("a", 11, 6_000, 60)],
        current: vec![ended],
        ..Sample::default()
    };
    let works = work(&before, &after, &[text("a", "SELECT ?")]);
    assert_eq!(works[0].rows_examined, 100);
    assert!((works[0].time_s - 2.0).abs() < 1e-9, "{works:?}");
}

#[test]
fn what_still_runs_counts_since_the_first_sample_and_names_its_session() {
    let row = |rows_affected, seconds: u64| CurrentRow {
        rows_affected,
        time_ps: seconds * PS,
        ..current(7, 3, "UPDATE t SET a = 5 WHERE id < 9", true)
    };
    let before = Sample {
        current: vec![row(400, 20)],
        ..Sample::default()
    };
    let after = Sample {
        current: vec![row(1_000, 25)],
        ..Sample::default()
    };
    let works = work(&before, &after, &[]);
    assert_eq!(works[0].shape, "UPDATE t SET a = ? WHERE id < ?");
    assert_eq!((works[0].rows_affected, works[0].running), (600, 1));
    assert!(works[0].longest_s > 24.0);
    assert_eq!(works[0].who[0].connections, [7]);
}

#[test]
fn a_running_statement_joins_its_digest_by_its_words_where_it_has_no_hash_yet() {
    let before = Sample {
        digests: vec![digest("a", 1, 10, 1)],
        ..Sample::default()
    };
    let sql = "SELECT grp, COUNT(*) FROM archive WHERE id IN (1, 2, 3)";
    let after = Sample {
        digests: vec![digest("a", 2, 20, 2)],
        current: vec![current(7, 3, sql, true)],
        ..Sample::default()
    };
    // As MariaDB writes it.
    let shape = "SELECT `grp` , COUNT ( * ) FROM `archive` WHERE ID IN (...) ";
    let works = work(&before, &after, &[text("a", shape)]);
    assert_eq!(works.len(), 1, "{works:?}");
    assert_eq!((works[0].runs, works[0].running), (1, 1));
}

#[test]
fn statements_on_the_servers_own_tables_are_left_out() {
    let sql = "SELECT * FROM performance_schema.threads";
    let after = Sample {
        current: vec![
            current(1, 1, sql, true),
            current(2, 1, "SHOW GLOBAL STATUS", true),
        ],
        ..Sample::default()
    };
    assert!(work(&Sample::default(), &after, &[]).is_empty());
}
