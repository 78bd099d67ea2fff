//! From what RDS lists to the files of a log: oldest first, and known again when the live one is
//! rotated. It does no I/O.
//!
//! RDS rotates a log when an hour is full, and names what it was by that hour of UTC: `.18`, or
//! `.2026-11-22.18`, holds what was written from 17:00 on, and for some minutes more. Markers of the live
//! file begin with the same number.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use storex_sources::{Compression, Covered, LogFile, LogGap, LogKind, LogListing, LogName};

/// RDS tells when a file was last written in steps of this.
const STEP: SignedDuration = SignedDuration::from_mins(5);
/// Names with an hour only come again after a day.
const RECENT: SignedDuration = SignedDuration::from_hours(12);

const SLOW: &[&str] = &["slowquery/mysql-slowquery.log"];
/// The server's own error log is emptied into the running one every few minutes.
const ERROR: &[&str] = &["error/mysql-error-running.log", "error/mysql-error.log"];

/// A file as RDS lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) size_bytes: u64,
    pub(super) last_written: Timestamp,
}

/// What a call knows of the live files it has read.
#[derive(Debug, Default)]
pub(super) struct Rotations(HashMap<&'static str, Live>);

#[derive(Debug, Default)]
struct Live {
    /// Rotations seen.
    number: u32,
    /// The hour that ends it, once its markers have told.
    hour: Option<u8>,
    /// Those that ended and are not listed by their new names yet.
    awaited: Vec<(u8, String)>,
    /// What rotated files were called when they were live.
    former: HashMap<String, String>,
}

/// What the names of a log's files contain.
pub(super) fn name_contains(kind: LogKind) -> &'static str {
    match kind {
        LogKind::Slow => "slowquery/mysql-slowquery",
        LogKind::Error => "error/mysql-error",
    }
}

impl Rotations {
    /// The files of a log.
    pub(super) fn list(&mut self, kind: LogKind, listed: &[Listed], now: Timestamp) -> LogListing {
        let bases = match kind {
            LogKind::Slow => SLOW,
            LogKind::Error => ERROR,
        };
        let mut listing = LogListing::default();
        for base in bases {
            let live = self.0.entry(base).or_default();
            live.list(base, kind, listed, now, &mut listing);
        }
        listing
    }

    /// The markers of the live file `id` begin with `hour`.
    pub(super) fn is_of_hour(&mut self, id: &str, hour: u8) {
        if let Some((_, live)) = self.live(id) {
            live.hour = Some(hour);
        }
    }

    /// The live file `id` was read to its end and is live no more.
    pub(super) fn has_ended(&mut self, id: &str) {
        if let Some((base, live)) = self.live(id)
            && let Some(hour) = live.hour.take()
        {
            live.awaited.push((hour, live.id(base)));
            live.number += 1;
        }
    }

    fn live(&mut self, id: &str) -> Option<(&'static str, &mut Live)> {
        let mut all = self.0.iter_mut();
        let (base, live) = all.find(|(base, live)| live.id(base) == id)?;
        Some((*base, live))
    }
}

impl Live {
    fn id(&self, base: &str) -> String {
        format!("{base}#{}", self.number)
    }

    fn list(
        &mut self,
        base: &'static str,
        kind: LogKind,
        listed: &[Listed],
        now: Timestamp,
        listing: &mut LogListing,
    ) {
        let mut rotated: Vec<(&Listed, Option<u8>)> = Vec::new();
        let mut current = None;
        for file in listed {
            match file.name.strip_prefix(base) {
                Some("") => current = Some(file),
                Some(suffix) if is_rotation(suffix) && file.size_bytes > 0 => {
                    rotated.push((file, hour_of(suffix)));
                }
                _ => {}
            }
        }
        rotated.sort_by(|(one, _), (other, _)| {
            (one.last_written, &one.name).cmp(&(other.last_written, &other.name))
        });
        let mut before: Option<&Listed> = None;
        let mut add = |file: &Listed, id: String, before: Option<&Listed>| match entry(
            kind, file, id, before, now,
        ) {
            Some(entry) => listing.files.push(entry),
            None => listing.leave_out("a name no log has"),
        };
        for (file, hour) in rotated {
            let recent = now.duration_since(file.last_written) < RECENT;
            let id = self.id_of(base, &file.name, hour.filter(|_| recent));
            add(file, id, before);
            before = Some(file);
        }
        if let Some(file) = current {
            add(file, self.id(base), before);
        }
        let last = before.map_or(base, |file| file.name.as_str());
        let missing = self.awaited.len() as u64;
        if let (Some(after), Some(before), 1..) = (LogName::new(last), LogName::new(base), missing)
        {
            listing.gaps.push(LogGap {
                after,
                before,
                files: missing,
            });
        }
    }

    /// What a rotated file is known by: what it was read as, if it was.
    fn id_of(&mut self, base: &str, name: &str, hour: Option<u8>) -> String {
        if let Some(id) = self.former.get(name) {
            return id.clone();
        }
        let Some(hour) = hour else {
            return name.to_owned();
        };
        let awaited = self
            .awaited
            .iter()
            .position(|(awaited, _)| *awaited == hour);
        let id = match awaited {
            Some(place) => self.awaited.swap_remove(place).1,
            // Rotated since its last portion was read.
            None if self.hour == Some(hour) => {
                let id = self.id(base);
                self.hour = None;
                self.number += 1;
                id
            }
            None => return name.to_owned(),
        };
        self.former.insert(name.to_owned(), id.clone());
        id
    }
}

fn entry(
    kind: LogKind,
    file: &Listed,
    id: String,
    before: Option<&Listed>,
    now: Timestamp,
) -> Option<LogFile> {
    let latest = file.last_written.saturating_add(STEP).ok()?;
    Some(LogFile {
        name: LogName::new(&file.name)?,
        id,
        kind,
        size_bytes: Some(file.size_bytes),
        compression: Compression::None,
        covered: Covered {
            // It was begun when the one before it was complete.
            first: before.map(|before| before.last_written),
            last: None,
        },
        modified_at: Some(latest.min(now.max(file.last_written))),
    })
}

/// `.18`, `.2026-11-22.18`
fn is_rotation(suffix: &str) -> bool {
    let digits = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-');
    suffix.starts_with('.') && suffix.chars().all(digits)
}

fn hour_of(suffix: &str) -> Option<u8> {
    let (_, last) = suffix.rsplit_once('.')?;
    let hour = (last.len() <= 2).then(|| last.parse().ok())??;
    (hour < 24).then_some(hour)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOW_LOG: &str = "slowquery/mysql-slowquery.log";

    fn at(time: &str) -> Timestamp {
        format!("2026-11-22T{time}:00Z").parse().unwrap()
    }

    fn listed(suffix: &str, time: &str) -> Listed {
        Listed {
            name: format!("{SLOW_LOG}{suffix}"),
            size_bytes: 10,
            last_written: at(time),
        }
    }

    fn ids(listing: &LogListing) -> Vec<(&str, &str)> {
        let short = |text: &'_ str| text.len() - text.strip_prefix(SLOW_LOG).unwrap().len();
        let files = listing.files.iter();
        files
            .map(|file| {
                let name = file.name.as_str();
                (&name[short(name)..], &file.id[short(&file.id)..])
            })
            .collect()
    }

    #[test]
    fn files_are_listed_oldest_first_with_the_times_they_can_hold() {
        let files = [
            listed("", "19:20"),
            listed(".19", "19:00"),
            listed(".2026-11-22.18", "18:05"),
            Listed {
                name: "slowquery/mysql-slowquery.log.backup".to_owned(),
                ..listed("", "10:00")
            },
        ];
        let listing = Rotations::default().list(LogKind::Slow, &files, at("19:22"));
        let expected = [
            (".2026-11-22.18", ".2026-11-22.18"),
            (".19", ".19"),
            ("", "#0"),
        ];
        assert_eq!(ids(&listing), expected);
        let [first, second, live] = &listing.files[..] else {
            panic!("{listing:?}")
        };
        assert_eq!(first.covered.first, None);
        assert_eq!(second.covered.first, Some(at("18:05")));
        // RDS may have written some minutes after what it tells, but not after now.
        assert_eq!(second.modified_at, Some(at("19:05")));
        assert_eq!(live.modified_at, Some(at("19:22")));
        assert!(!listing.in_turn, "a rotated file goes on for some minutes");
    }

    #[test]
    fn a_live_file_is_known_again_by_the_hour_of_its_markers() {
        let mut rotations = Rotations::default();
        let before = [listed(".19", "18:20"), listed("", "18:55")];
        let id = rotations.list(LogKind::Slow, &before, at("18:58")).files[1]
            .id
            .clone();
        rotations.is_of_hour(&id, 19);
        let after = [
            // Yesterday's, about to be replaced.
            Listed {
                last_written: "2026-11-21T19:05:00Z".parse().unwrap(),
                ..listed(".20", "19:05")
            },
            listed(".2026-11-22.19", "19:00"),
            listed("", "19:00"),
        ];
        let listing = rotations.list(LogKind::Slow, &after, at("19:01"));
        let expected = [(".20", ".20"), (".2026-11-22.19", "#0"), ("", "#1")];
        assert_eq!(ids(&listing), expected);
        let again = rotations.list(LogKind::Slow, &after, at("19:02"));
        assert_eq!(ids(&again), expected, "whenever it is listed");
    }

    #[test]
    fn a_file_that_ended_and_is_not_listed_yet_is_a_gap_until_it_is() {
        let mut rotations = Rotations::default();
        let id = rotations
            .list(LogKind::Slow, &[listed("", "18:55")], at("18:58"))
            .files[0]
            .id
            .clone();
        rotations.is_of_hour(&id, 19);
        rotations.has_ended(&id);
        let listing = rotations.list(LogKind::Slow, &[listed("", "19:00")], at("19:01"));
        assert_eq!(ids(&listing), [("", "#1")]);
        assert_eq!(listing.gaps.len(), 1, "{listing:?}");
        let files = [listed(".19", "19:00"), listed("", "19:00")];
        let listing = rotations.list(LogKind::Slow, &files, at("19:06"));
        assert_eq!(ids(&listing), [(".19", "#0"), ("", "#1")]);
        assert_eq!(listing.gaps, []);
    }

    #[test]
    fn the_error_log_is_the_running_one_and_then_what_is_not_in_it_yet() {
        let file = |name: &str, time: &str| Listed {
            name: name.to_owned(),
            ..listed("", time)
        };
        let files = [
            file("error/mysql-error.log", "18:20"),
            file("error/mysql-error-running.log.18", "17:15"),
            file("error/mysql-error-running.log", "18:15"),
            file("audit/server_audit.log", "18:20"),
        ];
        let listing = Rotations::default().list(LogKind::Error, &files, at("18:21"));
        let names: Vec<&str> = listing
            .files
            .iter()
            .map(|file| file.name.as_str())
            .collect();
        let expected = [
            "error/mysql-error-running.log.18",
            "error/mysql-error-running.log",
            "error/mysql-error.log",
        ];
        assert_eq!(names, expected);
    }
}
