//! The files that belong to a log, each opened once: a name may be another file's a moment later.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::DirEntryExt;
use std::path::Path;

use storex_sources::{LeftOut, LogGap, LogListing, LogName};

use super::names::{Place, Wanted};
use super::open::{open, resolve};

/// Files opened at most: a folder with more is not a log's.
const MOST: usize = 1000;
/// Looks at a folder that changes all the time.
const LOOKS: usize = 8;

/// A file that belongs to a log.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: LogName,
    pub(super) file: File,
    pub(super) metadata: Metadata,
    /// Its place in the sequence of rotated files, where its name tells one.
    pub(super) place: Option<Place>,
}

/// What a folder holds of a log.
#[derive(Debug, Default)]
pub(super) struct Members {
    pub(super) found: Vec<Member>,
    pub(super) left_out: Vec<LeftOut>,
    pub(super) gaps: Vec<LogGap>,
    /// Whether they are one file and what it was rotated to.
    pub(super) rotated: bool,
    /// Whether a file is there that may not be read.
    pub(super) denied: bool,
}

/// The files that `place` of the inventory stands for. While they are rotated a name may be seen before
/// and opened after; so the folder is looked at again, until nothing has changed meanwhile.
pub(super) fn of(place: &Path) -> io::Result<Members> {
    let (folder, name) = resolve(place)?;
    let wanted = Wanted::of(&name);
    let mut names = names(&folder, &wanted)?;
    for _ in 1..LOOKS {
        let members = opened(&folder, &wanted, &names);
        let before = std::mem::replace(&mut names, self::names(&folder, &wanted)?);
        if names == before {
            return Ok(members);
        }
    }
    Ok(opened(&folder, &wanted, &names))
}

/// The names that belong to the log, in order, each with the inode it stands for.
fn names(folder: &Path, wanted: &Wanted) -> io::Result<Vec<(String, u64)>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if let Some(name) = name.to_str().filter(|name| wanted.takes(name)) {
            names.push((name.to_owned(), entry.ino()));
        }
    }
    names.sort();
    Ok(names)
}

fn opened(folder: &Path, wanted: &Wanted, names: &[(String, u64)]) -> Members {
    let mut members = Members::default();
    let mut left_out = LogListing::default();
    let mut places: Vec<(Place, LogName)> = Vec::new();
    for (name, _) in names {
        let Some(plain) = LogName::new(name) else {
            left_out.leave_out("a name with unusual characters");
            continue;
        };
        if members.found.len() >= MOST {
            left_out.leave_out("more than 1000 files");
            continue;
        }
        let place = wanted.place(name);
        places.extend(place.map(|place| (place, plain.clone())));
        match open(folder, name) {
            Ok(Some((file, metadata))) => members.found.push(Member {
                name: plain,
                file,
                metadata,
                place,
            }),
            Ok(None) => left_out.leave_out("a link that leads elsewhere, or no regular file"),
            // It was rotated away between the two looks.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                members.denied = true;
                left_out.leave_out("storex may not read it");
            }
            Err(_) => left_out.leave_out("it cannot be opened"),
        }
    }
    members.left_out = left_out.left_out;
    members.gaps = gaps(places);
    members.rotated = matches!(wanted, Wanted::Rotated(_));
    members
}

/// Where numbers or hours are skipped.
fn gaps(mut places: Vec<(Place, LogName)>) -> Vec<LogGap> {
    places.sort();
    places.dedup_by_key(|(place, _)| *place);
    let pairs = places.iter().zip(places.iter().skip(1));
    let gap = |((low, low_name), (high, high_name)): (&(Place, LogName), &(Place, LogName))| {
        // The higher a number the older the file, the higher an hour the newer.
        let (files, after, before) = match (low, high) {
            (Place::Numbered(low), Place::Numbered(high)) => (high - low - 1, high_name, low_name),
            (Place::Hourly(low), Place::Hourly(high)) => (high - low - 1, low_name, high_name),
            _ => return None,
        };
        (files > 0).then(|| LogGap {
            after: after.clone(),
            before: before.clone(),
            files,
        })
    };
    pairs.filter_map(gap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skipped_number_or_hour_is_a_gap() {
        let name = |name: &str| LogName::new(name).unwrap();
        let found = gaps(vec![
            (Place::Numbered(5), name("s.5")),
            (Place::Numbered(1), name("s.1")),
            (Place::Numbered(2), name("s.2")),
            (Place::Hourly(8), name("s.h8")),
            (Place::Hourly(7), name("s.h7")),
            (Place::Hourly(10), name("s.h10")),
        ]);
        let gap = |after: &str, before: &str, files| LogGap {
            after: name(after),
            before: name(before),
            files,
        };
        assert_eq!(found, [gap("s.5", "s.2", 2), gap("s.h8", "s.h10", 1)]);
    }
}
