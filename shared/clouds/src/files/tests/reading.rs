//! Listing and reading: rotated sets, every compression, windows.

use jiff::Timestamp;
use proptest::prelude::*;
use storex_sources::{Compression, LogError, UnreadWhy};

use super::folder::{
    EPOCH, Folder, block_on, bzip2, entries, gzip, numbers, read, read_all, window, zstd,
};

#[test]
fn a_rotated_set_of_every_compression_is_read_in_order_of_time() {
    let folder = Folder::new();
    // Two members each: a compressed log that another was appended to.
    folder.write(
        "slow.log.4.gz",
        &[gzip(&entries(0..50)), gzip(&entries(50..100))].concat(),
    );
    folder.write(
        "slow.log.3.bz2",
        &[bzip2(&entries(100..150)), bzip2(&entries(150..200))].concat(),
    );
    folder.write(
        "slow.log.2.zst",
        &[zstd(&entries(200..250)), zstd(&entries(250..300))].concat(),
    );
    folder.write("slow.log.1", &entries(300..400));
    folder.write("slow.log", &entries(400..500));
    folder.write("other.log", &entries(900..910));
    let listing = folder.list("slow.log").unwrap();
    let listed: Vec<_> = listing
        .files
        .iter()
        .map(|file| (file.name.as_str(), file.compression))
        .collect();
    assert_eq!(
        listed,
        [
            ("slow.log.4.gz", Compression::Gzip),
            ("slow.log.3.bz2", Compression::Bzip2),
            ("slow.log.2.zst", Compression::Zstd),
            ("slow.log.1", Compression::None),
            ("slow.log", Compression::None),
        ]
    );
    let at = |n| Timestamp::from_second(EPOCH + n).ok();
    assert_eq!(listing.files[0].covered.first, at(0));
    assert_eq!(listing.files[4].covered.last, at(499));
    let (parts, report) = read(&folder, "slow.log", 1000, None);
    assert_eq!(parts.len(), 5, "each file begins anew");
    assert_eq!(parts.concat(), entries(0..500));
    assert_eq!(report.bytes, entries(0..500).len() as u64);
    assert_eq!(report.unread, []);
}

#[test]
fn a_pattern_is_read_in_order_of_time_and_a_missing_number_is_a_gap() {
    let folder = Folder::new();
    folder.write("db1-slow-a.log", &entries(10..20));
    folder.write("db1-slow-b.log", &entries(0..10));
    assert_eq!(folder.names("*slow*"), ["db1-slow-b.log", "db1-slow-a.log"]);
    folder.write("slow.log.5", &entries(0..10));
    folder.write("slow.log.2", &entries(10..20));
    let listing = folder.list("slow.log").unwrap();
    let gap = &listing.gaps[0];
    assert_eq!(
        (gap.after.as_str(), gap.before.as_str(), gap.files),
        ("slow.log.5", "slow.log.2", 2)
    );
}

#[test]
fn rotated_files_that_begin_at_one_moment_are_in_the_order_of_their_names() {
    let folder = Folder::new();
    for name in ["slow.log.10.gz", "slow.log.9", "slow.log.1", "slow.log"] {
        let started = format!("{name}, started with:\n").into_bytes();
        folder.write(name, &[started, entries(0..1)].concat());
    }
    let expected = ["slow.log.10.gz", "slow.log.9", "slow.log.1", "slow.log"];
    assert_eq!(folder.names("slow.log"), expected);
    folder.write("slow.log-20231114", &entries(-50..0));
    assert_eq!(
        folder.names("slow.log")[0],
        "slow.log-20231114",
        "a name of another kind"
    );
}

#[test]
fn nothing_where_the_inventory_points_says_so() {
    let folder = Folder::new();
    for place in ["slow.log", "no-folder/slow.log", "*.log"] {
        let error = folder.list(place).unwrap_err();
        assert!(matches!(error, LogError::NotFound { .. }), "{error}");
        assert!(!error.remedy().is_empty());
    }
}

#[test]
fn a_window_of_a_long_file_reads_about_the_window() {
    let folder = Folder::new();
    let all = entries(0..20_000);
    folder.write("slow.log", &all);
    let (parts, report) = read(&folder, "slow.log", 64 << 10, Some(window(9_000, 9_500)));
    let found = numbers(&parts.concat());
    let wanted: Vec<i64> = (9_000..9_500).collect();
    assert!(found.windows(wanted.len()).any(|part| part == wanted));
    assert!(
        report.bytes < all.len() as u64 / 20,
        "{} of {}",
        report.bytes,
        all.len()
    );
    assert_eq!(report.bytes + report.passed_over_bytes, all.len() as u64);
    assert!(!report.files[0].read_from_start);
    // What comes with it are whole entries.
    assert_eq!(
        found.len(),
        parts
            .concat()
            .windows(7)
            .filter(|part| part == b"# Time:")
            .count()
    );
}

#[test]
fn a_window_of_a_compressed_file_is_read_from_its_start_which_is_said_and_no_further_than_needed() {
    let folder = Folder::new();
    for (name, packed) in [
        ("slow.log.1.gz", gzip(&entries(0..5_000))),
        ("slow.log.1.zst", zstd(&entries(0..5_000))),
        ("slow.log.1.bz2", bzip2(&entries(0..5_000))),
    ] {
        folder.write(name, &packed);
        let (parts, report) = read(&folder, "slow.log", 10_000, Some(window(1_000, 1_010)));
        let found = numbers(&parts.concat());
        assert!((1_000..1_010).all(|n| found.contains(&n)), "{name}");
        assert!(
            found.iter().all(|n| *n < 1_060),
            "{name}: {:?}",
            found.last()
        );
        assert!(report.files[0].read_from_start, "{name}");
        std::fs::remove_file(folder.path(name)).unwrap();
    }
}

#[test]
fn a_log_out_of_order_or_without_times_is_read_from_its_start_which_is_said() {
    let folder = Folder::new();
    let twice = [entries(0..5_000), entries(0..5_000), entries(0..5_000)].concat();
    // A little of another log behind a long one.
    let behind = [entries(500..20_000), entries(0..300)].concat();
    let without = b"{\"time\": 1}\n".repeat(50_000);
    for bytes in [twice, behind, without] {
        folder.write("slow.log", &bytes);
        let (parts, report) = read(&folder, "slow.log", 64 << 10, Some(window(100, 110)));
        assert!(report.files[0].read_from_start, "{report:?}");
        assert_eq!(parts.concat(), bytes);
        let listed = &folder.list("slow.log").unwrap().files[0];
        assert_eq!(listed.covered.first.or(listed.covered.last), None);
    }
}

#[test]
fn a_pattern_over_the_logs_of_two_servers_misses_nothing_of_either() {
    let folder = Folder::new();
    folder.write("db1-slow.log.gz", &gzip(&entries(0..2_000)));
    folder.write("db2-slow.log", &entries(500..1_500));
    let (parts, _) = read(&folder, "*slow*", 64 << 10, Some(window(1_000, 1_010)));
    for part in parts {
        let found = numbers(&part);
        assert!((1_000..1_010).all(|n| found.contains(&n)));
    }
}

#[test]
fn the_budget_ends_the_reading_and_what_is_left_is_counted() {
    let folder = Folder::new();
    let all = entries(0..100);
    folder.write("slow.log", &all);
    folder.write("slow.log.1.gz", &gzip(&entries(-100..0)));
    let logs = folder.logs("slow.log", 1_000);
    let (parts, report) = block_on(read_all(logs.as_ref(), None, 2_500, || ())).unwrap();
    assert_eq!(parts.concat(), entries(-100..0)[..2_500]);
    let left: Vec<_> = report
        .unread
        .iter()
        .map(|unread| (unread.bytes, unread.why))
        .collect();
    let plain = Some(all.len() as u64);
    assert_eq!(
        left,
        [(None, UnreadWhy::Budget), (plain, UnreadWhy::Budget)]
    );
}

#[test]
fn a_file_cut_short_is_read_as_far_as_it_goes_and_the_damage_is_told() {
    for pack in [gzip, zstd, bzip2] {
        let folder = Folder::new();
        let packed = pack(&entries(0..2_000));
        folder.write("slow.log.1", &packed[..packed.len() / 2]);
        folder.write("slow.log", &entries(2_000..2_010));
        let (parts, report) = read(&folder, "slow.log", 10_000, None);
        let found = numbers(&parts.concat());
        assert!(found.ends_with(&(2_000..2_010).collect::<Vec<_>>()));
        let whole = &entries(0..2_000)[..parts[0].len()];
        assert_eq!(parts[0], whole);
        assert_eq!(report.unread[0].why, UnreadWhy::Damaged);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_size_of_chunks_never_changes_the_bytes(
        chunk in 1..5_000_usize,
        count in 0..60_i64,
        from in -5..70_i64,
        length in 0..30_i64,
        packed in 0..4,
        windowed: bool,
    ) {
        let folder = Folder::new();
        let all = entries(0..count);
        let pack: fn(&[u8]) -> Vec<u8> = match packed {
            0 => gzip,
            1 => zstd,
            2 => bzip2,
            _ => <[u8]>::to_vec,
        };
        folder.write("slow.log", &pack(&all));
        let window = windowed.then(|| window(from, from + length));
        let (parts, report) = read(&folder, "slow.log", chunk, window);
        let bytes = parts.concat();
        prop_assert_eq!(report.bytes, bytes.len() as u64);
        if windowed {
            let found = numbers(&bytes);
            for n in (from..from + length).filter(|n| (0..count).contains(n)) {
                prop_assert!(found.contains(&n), "{} of {:?}", n, found);
            }
        } else {
            prop_assert_eq!(bytes, all);
        }
    }
}

#[test]
fn a_file_is_unpacked_by_what_it_begins_with_whatever_its_name() {
    let text = b"# Time: 2026-11-23T07:15:46.552032Z\n".repeat(1_000);
    let folder = tempfile::tempdir().unwrap();
    for packed in [
        text.clone(),
        gzip(&text),
        zstd(&text),
        bzip2(&text),
        Vec::new(),
    ] {
        let path = folder.path().join("slow.log");
        std::fs::write(&path, &packed).unwrap();
        let mut read = Vec::new();
        let mut content = crate::files::unpacked(&path).unwrap();
        std::io::Read::read_to_end(&mut content, &mut read).unwrap();
        let expected: &[u8] = if packed.is_empty() { b"" } else { &text };
        assert_eq!(read, expected);
    }
}
