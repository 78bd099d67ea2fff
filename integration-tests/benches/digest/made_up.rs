//! Slow logs of a made-up day: a few frequent statements, many rare ones, some very long.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Result;

/// Which server's way of writing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    MySql,
    MariaDb,
}

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::MySql, Self::MariaDb];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::MySql => "made-up-mysql.log",
            Self::MariaDb => "made-up-mariadb.log",
        }
    }
}

/// 2026-11-23T06:00:00Z.
const START_S: u64 = 1_795_413_600;
const PROGRAMS: [&str; 6] = [
    "checkout",
    "storefront",
    "search",
    "worker",
    "batch",
    "reporting",
];

/// Writes a log of about so many bytes.
pub(crate) fn write(path: &Path, kind: Kind, bytes: u64) -> Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut random = Random(0x5eed);
    let (mut written, mut micros, mut last_second) = (0, 0_u64, 0);
    while written < bytes {
        micros += random.below(4_000);
        let second = START_S + micros / 1_000_000;
        let program = PROGRAMS.get(random.skewed(PROGRAMS.len())).unwrap_or(&"");
        let took = 1 << random.below(20);
        let sql = statement(&mut random);
        let thread = 10 + random.below(200);
        let (sent, examined) = (random.below(50), random.below(50_000));
        let seconds = format!("{}.{:06}", took / 1_000_000, took % 1_000_000);
        let entry = match kind {
            Kind::MySql => format!(
                "# Time: {}\n# User@Host: {program}[{program}] @  [10.0.0.7]  Id: {thread:>5}\n\
                 # Query_time: {seconds}  Lock_time: 0.000012 Rows_sent: {sent}  Rows_examined: {examined}\n\
                 SET timestamp={second};\n{sql} /*action='{program}%2Frun'*/;\n",
                stamp(second, micros % 1_000_000),
            ),
            Kind::MariaDb => {
                let time = if second == last_second {
                    String::new()
                } else {
                    local(second)
                };
                format!(
                    "{time}# User@Host: {program}[{program}] @  [10.0.0.7]\n\
                     # Thread_id: {thread}  Schema: shop  QC_hit: No\n\
                     # Query_time: {seconds}  Lock_time: 0.000012  Rows_sent: {sent}  Rows_examined: {examined}\n\
                     # Rows_affected: 0  Bytes_sent: 120\nSET timestamp={second};\n{sql};\n",
                )
            }
        };
        last_second = second;
        written += entry.len() as u64;
        file.write_all(entry.as_bytes())?;
    }
    Ok(file.flush()?)
}

fn statement(random: &mut Random) -> String {
    let table = random.skewed(400);
    let id = random.below(1_000_000);
    match random.below(20) {
        0..8 => format!("SELECT id, name, price FROM products_{table} WHERE id = {id}"),
        8..12 => format!(
            "UPDATE stock_{table} SET reserved = reserved + 1 WHERE product_id = {id} AND note = 'it''s {id}'"
        ),
        12..15 => {
            let ids: Vec<String> = (0..=random.below(40))
                .map(|more| (id + more).to_string())
                .collect();
            format!(
                "SELECT * FROM orders_{table} WHERE customer_id IN ({}) ORDER BY created_at DESC LIMIT 20",
                ids.join(",")
            )
        }
        15..18 => {
            let rows: Vec<String> = (0..=random.below(30))
                .map(|row| format!("({id}, {row}, 'x{row}', NULL)"))
                .collect();
            format!(
                "INSERT INTO events_{table} (order_id, kind, body, seen_at) VALUES {}",
                rows.join(", ")
            )
        }
        18 => format!(
            "SELECT o.status, COUNT(*) AS orders, SUM(o.total) FROM orders_{table} o JOIN customers c ON c.id = o.customer_id \
             WHERE c.country = 'NL' AND o.created_at >= '2026-11-01' GROUP BY o.status HAVING COUNT(*) > {}",
            id % 100
        ),
        _ => "COMMIT".to_owned(),
    }
}

fn stamp(second: u64, micros: u64) -> String {
    let (hour, minute, second) = clock(second);
    format!(
        "2026-11-{:02}T{:02}:{minute:02}:{second:02}.{micros:06}Z",
        23 + hour / 24,
        hour % 24
    )
}

fn local(second: u64) -> String {
    let (hour, minute, second) = clock(second);
    format!(
        "# Time: 2611{:02} {:>2}:{minute:02}:{second:02}\n",
        23 + hour / 24,
        hour % 24
    )
}

fn clock(second: u64) -> (u64, u64, u64) {
    let since = second - START_S;
    (6 + since / 3_600, since / 60 % 60, since % 60)
}

/// Numbers that look random and are the same every time (Steele et al., "Fast splittable pseudorandom
/// number generators": `SplitMix64`).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// An index; small ones are more frequent.
    fn skewed(&mut self, limit: usize) -> usize {
        let limit = limit as u64;
        let index = self.below(limit) * self.below(limit) / limit.max(1);
        usize::try_from(index).unwrap_or(0)
    }
}
