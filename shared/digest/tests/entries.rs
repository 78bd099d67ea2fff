//! Every way servers write a slow log is read; what cannot be read is counted.

use proptest::prelude::*;
use storex_digest::{Digest, FormId, Group, Options, Pipeline, Reader, Samples, Window};

fn digest_in(text: &[u8], chunk: usize, options: &Options) -> Digest {
    let mut digest = Digest::new(options.clone());
    let mut reader = Reader::default();
    for chunk in text.chunks(chunk.max(1)) {
        reader.feed(chunk, &mut digest);
    }
    reader.finish(&mut digest);
    digest
}

fn digest(text: &str) -> Digest {
    digest_in(text.as_bytes(), 1 << 16, &Options::default())
}

fn only(digest: &Digest) -> &Group {
    match digest.groups() {
        [group] => group,
        groups => unreachable!("one group was written: {groups:#?}"),
    }
}

fn names(digest: &Digest, counted: &storex_digest::Names) -> Vec<String> {
    let name = |(number, _)| String::from_utf8_lossy(digest.name(number)).into_owned();
    counted.by_count().into_iter().map(name).collect()
}

const MYSQL: &str =
    "/usr/sbin/mysqld, Version: 8.0.43 (MySQL Community Server - GPL). started with:
Tcp port: 3306  Unix socket: /run/mysqld.sock
Time                 Id Command    Argument
# Time: 2026-11-23T07:15:46.552032Z
# User@Host: shop[shop] @ app1 [10.0.0.7]  Id:    18
# Query_time: 1.500198  Lock_time: 0.000056 Rows_sent: 1  Rows_examined: 50000
use `sales`;
SET timestamp=1795418145;
SELECT c
FROM t -- # User@Host: no[no] @ header []
WHERE id=25172;
";

const MYSQL_EXTRA: &str = "# Time: 2026-11-23T07:15:46.552032Z
# User@Host: shop[shop] @ app1 [10.0.0.7]  Id:    18
# Query_time: 0.000198  Lock_time: 0.000056 Rows_sent: 1  Rows_examined: 7 Thread_id: 18 Errno: 1062 Killed: 0 Bytes_received: 0 Bytes_sent: 65 Read_first: 0 Read_last: 0 Read_key: 1 Read_next: 0 Read_prev: 0 Read_rnd: 0 Read_rnd_next: 0 Sort_merge_passes: 3 Sort_range_count: 0 Sort_rows: 0 Sort_scan_count: 0 Created_tmp_disk_tables: 1 Created_tmp_tables: 2 Count_hit_tmp_table_size: 0  Start: 2026-11-23T07:15:46.551834Z End: 2026-11-23T07:15:46.552032Z
SET timestamp=1795418146;
SELECT 1;
";

const MARIADB: &str = "# Time: 261123  8:15:46
# User@Host: shop[shop] @  [127.0.0.1]
# Thread_id: 205  Schema: sales  QC_hit: No
# Query_time: 0.250000  Lock_time: 0.000010  Rows_sent: 3  Rows_examined: 9
# Rows_affected: 4  Bytes_sent: 120
# Tmp_tables: 1  Tmp_disk_tables: 1  Tmp_table_sizes: 1024
# Full_scan: Yes  Full_join: No  Tmp_table: Yes  Tmp_table_on_disk: No
# Filesort: Yes  Filesort_on_disk: No  Merge_passes: 2  Priority_queue: No
#
# explain: id\tselect_type\ttable\ttype
# explain: 1\tSIMPLE\tt\tALL
#
SET timestamp=1795418146;
SELECT * FROM t;
# User@Host: shop[shop] @  [127.0.0.1]
# Thread_id: 206  Schema:   QC_hit: No
# Query_time: 0.750000  Lock_time: 0.000010  Rows_sent: 3  Rows_examined: 9
# Rows_affected: 0  Bytes_sent: 120
SET timestamp=1795418146;
SELECT * FROM t;
";

const PERCONA: &str = "# Time: 2026-11-23T07:15:46.552032Z
# User@Host: shop[shop] @  [10.0.0.7]  Id:    18
# Schema: sales  Last_errno: 0  Killed: 1
# Query_time: 0.500000  Lock_time: 0.000000  Rows_sent: 2  Rows_examined: 3  Rows_affected: 0  Bytes_sent: 5
# Tmp_tables: 0  Tmp_disk_tables: 0  Tmp_table_sizes: 0
# InnoDB_trx_id: 1C2
# Full_scan: Yes  Full_join: No
#   InnoDB_IO_r_ops: 0  InnoDB_IO_r_bytes: 0  InnoDB_IO_r_wait: 0.000000
# Log_slow_rate_type: query  Log_slow_rate_limit: 100
SET timestamp=1795418146;
SELECT 5;
";

#[test]
fn mysqls_entries_are_read() {
    let digest = digest(MYSQL);
    let group = only(&digest);
    assert_eq!(&*group.fingerprint, b"select c from t where id = ?");
    let figures = &group.figures;
    assert_eq!(
        (figures.count, figures.query_us.sum, figures.lock_us.sum),
        (1, 1_500_198, 56)
    );
    assert_eq!(
        (figures.rows_sent.sum, figures.rows_examined.sum),
        (1, 50_000)
    );
    assert_eq!(figures.last_us, Some(1_795_418_146_552_032));
    assert_eq!(
        names(&digest, &group.clients),
        ["shop[shop] @ app1 [10.0.0.7]"]
    );
    assert_eq!(names(&digest, &group.databases), ["sales"]);
    assert_eq!(group.worst.connection, Some(18));
    let start = MYSQL.find("# Time").unwrap() as u64;
    assert_eq!(group.worst.offset, start);
    assert_eq!(*digest.unread(), storex_digest::Unread::default());
}

#[test]
fn both_shapes_alternate_in_one_file_and_the_database_goes_on() {
    let digest = digest(&format!("{MYSQL}{MYSQL_EXTRA}{MYSQL}"));
    let group = digest
        .groups()
        .iter()
        .find(|group| *group.fingerprint == *b"select ?")
        .unwrap();
    let figures = &group.figures;
    assert_eq!(
        (figures.failed, figures.tmp_tables, figures.tmp_disk_tables),
        (1, 2, 1)
    );
    assert_eq!((figures.bytes_sent.sum, figures.sort_merge_passes), (65, 3));
    assert_eq!(names(&digest, &group.databases), ["sales"]);
    assert_eq!(digest.totals().figures.count, 3);
}

#[test]
fn mariadbs_entries_are_read_with_every_verbosity() {
    let digest = digest(MARIADB);
    let group = only(&digest);
    let figures = &group.figures;
    assert_eq!(
        (figures.count, figures.query_us.sum, figures.query_us.max),
        (2, 1_000_000, 750_000)
    );
    assert_eq!(
        (
            figures.full_scans,
            figures.tmp_disk_tables,
            figures.sort_merge_passes
        ),
        (1, 1, 2)
    );
    assert_eq!(figures.rows_affected.sum, 4);
    // The local stamp is an hour ahead; the start tells UTC.
    assert_eq!(figures.first_us, Some(1_795_418_146_250_000));
    assert_eq!(names(&digest, &group.databases), ["sales"]);
}

#[test]
fn perconas_sampled_statements_count_for_all_of_which_they_are_one() {
    let digest = digest(PERCONA);
    let figures = &only(&digest).figures;
    assert_eq!((figures.count, figures.entries), (100, 1));
    assert_eq!(
        (figures.query_us.sum, figures.rows_sent.sum),
        (50_000_000, 200)
    );
    assert_eq!((figures.killed, figures.full_scans), (100, 100));
}

#[test]
fn a_local_time_without_a_start_is_read_by_the_zone_other_entries_tell() {
    let old = "# Time: 261123  8:15:50
# User@Host: shop[shop] @  [127.0.0.1]
# Query_time: 0.5  Lock_time: 0  Rows_sent: 3  Rows_examined: 9
SELECT 1;
";
    let digest = digest(&format!("{MARIADB}{old}"));
    assert_eq!(digest.totals().figures.last_us, Some(1_795_418_150_000_000));
    let alone = digest_in(old.as_bytes(), 99, &Options::default());
    assert_eq!(alone.totals().figures.last_us, None);
}

#[test]
fn without_a_zone_mariadb_dates_by_the_start_and_old_mysql_by_the_end() {
    let old = MARIADB.replace("  QC_hit: No", "");
    for (text, last_us) in [
        (MARIADB, 1_795_418_146_750_000),
        (old.as_str(), 1_795_418_146_000_000),
    ] {
        assert_eq!(digest(text).totals().figures.last_us, Some(last_us));
    }
}

#[test]
fn a_long_statement_does_not_move_the_zone() {
    // MariaDB stamps the start: an hour ahead of UTC, and the statement took seven minutes and a half.
    let long = MARIADB.replace("0.250000", "451.000000");
    let old = "# Time: 261123  8:35:50
# User@Host: shop[shop] @  [127.0.0.1]
# Query_time: 0.5  Lock_time: 0  Rows_sent: 3  Rows_examined: 9
SELECT 1;
";
    let digest = digest(&format!("{long}{old}"));
    assert_eq!(digest.totals().figures.last_us, Some(1_795_419_350_000_000));
}

#[test]
fn tags_of_known_keys_are_kept_apart() {
    let text = MYSQL.replace("id=25172", "id=25172 /*action='pay',email='a%40b.c'*/");
    let digest = digest(&text);
    let group = only(&digest);
    assert_eq!(&*group.fingerprint, b"select c from t where id = ?");
    assert_eq!(names(&digest, &group.tags), ["action=pay"]);
}

#[test]
fn a_restart_in_the_middle_is_no_part_of_a_statement() {
    let digest = digest(&format!("{MYSQL}{MYSQL}"));
    assert_eq!(only(&digest).figures.count, 2);
    assert_eq!(*digest.unread(), storex_digest::Unread::default());
}

#[test]
fn only_the_window_is_added_up() {
    let at = 1_795_418_146_552_032;
    for (from_us, to_us, count) in [(at, at + 1, 1), (at + 1, at + 9, 0), (at - 9, at, 0)] {
        let options = Options {
            window: Some(Window { from_us, to_us }),
            ..Options::default()
        };
        let digest = digest_in(MYSQL.as_bytes(), 1_000, &options);
        assert_eq!(digest.totals().figures.count, count);
        assert_eq!(digest.unread().outside_window, 1 - count);
    }
}

#[test]
fn what_is_cut_or_mingled_or_no_log_is_counted() {
    let head = "WHERE a = 1;\n";
    let found = digest(&format!("{head}{MYSQL_EXTRA}"));
    assert_eq!(found.unread().head_bytes, head.len() as u64);
    assert_eq!(found.totals().figures.count, 1);

    let cut = MYSQL_EXTRA.trim_end().trim_end_matches(';');
    let found = digest(&format!("{MYSQL_EXTRA}{cut}"));
    assert_eq!(
        (found.unread().cut_entries, found.totals().figures.count),
        (1, 1)
    );

    let mingled = MYSQL_EXTRA.replace("Query_time: 0.000198", "Query_time: 0.0# Time: 2026");
    let found = digest(&format!("{mingled}{MYSQL_EXTRA}"));
    assert_eq!(
        (found.unread().broken_entries, found.totals().figures.count),
        (1, 1)
    );
    assert_eq!(found.unread().broken_bytes, mingled.len() as u64);

    let huge = MYSQL_EXTRA.replace("0.000198", "18446744073709.550781");
    let found = digest(&format!("{huge}{MYSQL_EXTRA}"));
    assert_eq!(
        (found.unread().broken_entries, found.totals().figures.count),
        (1, 1)
    );

    let garbage = "\u{0}\u{1}no log\n".repeat(100);
    let found = digest(&garbage);
    assert_eq!(found.unread().head_bytes, garbage.len() as u64);
}

#[test]
fn a_statement_longer_than_is_read_is_counted_with_its_figures() {
    let rows = "(1, 'x'),".repeat(400_000);
    let long = MYSQL_EXTRA.replace("SELECT 1", &format!("INSERT INTO t VALUES {rows}(1, 'x')"));
    let text = format!("{long}{MYSQL_EXTRA}");
    for chunk in [1 << 12, 1 << 20, 1 << 26] {
        let found = digest_in(text.as_bytes(), chunk, &Options::default());
        assert_eq!(found.totals().figures.count, 2);
        assert_eq!(found.unread().broken_bytes, 0);
        let forms: Vec<_> = found
            .groups()
            .iter()
            .map(|group| &*group.fingerprint)
            .collect();
        assert_eq!(forms, [&b"insert into t values(?+)"[..], b"select ?"]);
    }
}

#[test]
fn groups_beyond_the_limit_are_folded_and_nothing_is_lost() {
    let mut text = String::new();
    for number in 0..300 {
        text.push_str(&MYSQL_EXTRA.replace("SELECT 1", &format!("SELECT column_{number} FROM t")));
    }
    let options = Options {
        most_groups: 100,
        ..Options::default()
    };
    let found = digest_in(text.as_bytes(), 1_000, &options);
    assert!(found.groups().len() <= 100);
    let kept: u64 = found.groups().iter().map(|group| group.figures.count).sum();
    let (rest, folded) = found.rest();
    assert_eq!(kept + rest.count, 300);
    assert_eq!(folded + found.groups().len() as u64, 300);
    assert_eq!(found.totals().figures.count, 300);
}

/// What of a digest does not depend on the order in which names were met.
fn comparable(digest: &Digest) -> Vec<String> {
    let counts = |counted: &storex_digest::Names| {
        let mut all: Vec<(String, u64)> = counted
            .by_count()
            .into_iter()
            .map(|(number, count)| {
                (
                    String::from_utf8_lossy(digest.name(number)).into_owned(),
                    count,
                )
            })
            .collect();
        all.sort();
        all
    };
    let name = |number| String::from_utf8_lossy(digest.name(number)).into_owned();
    let samples = |group: &Group| -> Vec<String> {
        let samples = group.samples.iter().flat_map(Samples::slowest_first);
        let samples = samples.map(|one| {
            let names = (name(one.client), name(one.database));
            format!("{} {} {names:?} {:?}", one.query_us, one.offset, one.sql)
        });
        samples.collect()
    };
    let mut lines: Vec<String> = digest
        .groups()
        .iter()
        .map(|group| {
            format!(
                "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
                String::from_utf8_lossy(&group.fingerprint),
                group.figures,
                group.times,
                group.timeline,
                counts(&group.clients),
                counts(&group.databases),
                counts(&group.tags),
                (group.worst.query_us, group.worst.offset),
                samples(group),
            )
        })
        .collect();
    lines.sort();
    lines.push(format!("{:?} {:?}", digest.totals(), digest.unread()));
    lines
}

fn log() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        MYSQL.to_owned(),
        MYSQL_EXTRA.to_owned(),
        MARIADB.to_owned(),
        PERCONA.to_owned(),
        MYSQL.replace("sales", "stock").replace("1.5", "2.5"),
        "no log\n".to_owned(),
        "# Time: 2026-11-23T07:15:46.552032Z\n".to_owned(),
        MYSQL_EXTRA.replace("Query_time: 0.", "Query_time: 0# Time: "),
    ]);
    (
        prop::collection::vec(part, 0..12),
        0_usize..400,
        0_usize..400,
    )
        .prop_map(|(parts, head, tail)| {
            let text = parts.concat();
            let end = text.len().saturating_sub(tail);
            text.get(head.min(end)..end).unwrap_or_default().to_owned()
        })
}

proptest! {
    #[test]
    fn the_size_of_chunks_does_not_matter(text in log(), chunk in 1_usize..700) {
        let options = Options::default();
        let whole = digest_in(text.as_bytes(), 1 << 20, &options);
        let chunked = digest_in(text.as_bytes(), chunk, &options);
        prop_assert_eq!(comparable(&whole), comparable(&chunked));
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000), chunk in 1_usize..100) {
        digest_in(&bytes, chunk, &Options::default());
    }
}

#[test]
fn several_threads_find_what_one_finds() {
    let mut text = String::from("/* the end of something */;\n");
    for number in 0..6_000_u32 {
        let database = if number % 1_000 == 0 {
            "use `stock`;\n"
        } else {
            ""
        };
        let entry = format!(
            "# Time: 2026-11-23T07:{:02}:{:02}.{:06}Z
# User@Host: shop{}[shop] @  [10.0.0.7]  Id: {number}
# Query_time: 0.{:06}  Lock_time: 0.000056 Rows_sent: 1  Rows_examined: {number}
{database}SET timestamp=1795418145;
SELECT c{} FROM t WHERE id={number} AND note = '{}';
",
            number / 60 % 60,
            number % 60,
            number,
            number % 7,
            number,
            number % 11,
            "x".repeat(800),
        );
        text.push_str(&entry);
    }
    let options = Options {
        samples_of: Some(FormId::of(b"select c3 from t where id = ? and note = ?")),
        ..Options::default()
    };
    let one = digest_in(text.as_bytes(), 1 << 20, &options);
    assert!(text.len() > 4 << 20, "several pieces");
    assert!(one.groups().iter().any(|group| group.samples.is_some()));
    for threads in [1, 2, 5] {
        let mut pipeline = Pipeline::new(&options, threads);
        for chunk in text.as_bytes().chunks(300_000) {
            pipeline.feed(chunk);
        }
        assert_eq!(comparable(&one), comparable(&pipeline.finish()));
    }
}

#[test]
fn the_slowest_of_one_form_are_kept_as_they_were_written() {
    let mut text = String::new();
    for (number, time) in [3, 9, 1, 8, 7, 2, 9].into_iter().enumerate() {
        let entry = format!(
            "# Time: 2026-11-23T07:00:{number:02}.000000Z\n\
             # User@Host: shop[shop] @  [10.0.0.7]  Id: 7\n\
             # Query_time: {time}.000000  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: {number}\n\
             SET timestamp=1795418145;\n\
             SELECT a FROM t WHERE id = {number};\n"
        );
        text.push_str(&entry);
    }
    let options = Options {
        samples_of: Some(FormId::of(b"select a from t where id = ?")),
        ..Options::default()
    };
    let digest = digest_in(text.as_bytes(), 100, &options);
    let samples = digest.groups()[0].samples.as_ref().unwrap();
    let kept: Vec<&str> = samples
        .slowest_first()
        .iter()
        .map(|one| std::str::from_utf8(&one.sql).unwrap())
        .collect();
    let of = |number| format!("SELECT a FROM t WHERE id = {number}");
    assert_eq!(kept, [of(1), of(6), of(3), of(4), of(0)]);
    assert!(
        digest_in(text.as_bytes(), 100, &Options::default()).groups()[0]
            .samples
            .is_none()
    );
}

#[test]
fn a_statement_that_follows_itself_on_its_connection_is_counted() {
    let mut text = String::new();
    let mut log = |connection: u32, sql: &str| {
        let entry = format!(
            "# Time: 2026-11-23T07:00:00.000000Z\n\
             # User@Host: shop[shop] @  [10.0.0.7]  Id: {connection}\n\
             # Query_time: 0.001000  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 1\n\
             SET timestamp=1795418145;\n{sql};\n"
        );
        text.push_str(&entry);
    };
    for order in 0..3 {
        log(7, "SELECT id FROM orders");
        for line in 0..10 {
            log(7, &format!("SELECT * FROM items WHERE id = {order}{line}"));
            log(8, "SELECT id FROM orders");
            log(8, "SELECT * FROM items WHERE id = 1");
        }
    }
    let digest = digest_in(text.as_bytes(), 1 << 20, &Options::default());
    let of = |form: &[u8]| {
        let mut groups = digest.groups().iter();
        let group = groups.find(|group| *group.fingerprint == *form).unwrap();
        (group.repeats, group.figures.entries)
    };
    assert_eq!(of(b"select * from items where id = ?"), (27, 60));
    assert_eq!(of(b"select id from orders"), (0, 33));
}
