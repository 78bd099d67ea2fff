//! What a call knows of an instance's log files, and how it knows them again after a rotation: by
//! the first bytes of their content, and while those are few by their inode.

use std::cmp::Ordering;
use std::fs::{File, Metadata};
use std::path::Path;

use jiff::Timestamp;
use storex_sources::{
    Compression, Covered, LogError, LogFile, LogKind, LogListing, LogName, LogTimes,
};

use super::head::{self, Head, Looked};
use super::members::{self, Member};
use super::names::Place;
use super::open::Inode;
use super::order;
use super::refused;

/// Looks into a file that is listed.
const LOOKS: u64 = 4;

/// The files a call has seen. A file's id is its place here.
#[derive(Debug, Default)]
pub(super) struct Known(Vec<Seen>);

#[derive(Debug)]
struct Seen {
    head: Head,
    inode: Inode,
}

/// A file, open.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) name: LogName,
    pub(super) file: File,
    pub(super) metadata: Metadata,
    pub(super) head: Head,
    pub(super) compression: Compression,
    /// The time of the first entry, where one is found near the start.
    pub(super) first: Option<Timestamp>,
    place: Option<Place>,
    id: usize,
}

/// Oldest first: by their names, where all are of one sequence, since several may begin within a second.
/// Else by their first entry, or by when they were written last.
fn sort(files: &mut [Opened]) {
    let by_name = |one: &Opened, other: &Opened| one.place?.order(other.place?);
    let written = |file: &Opened| Timestamp::try_from(file.metadata.modified().ok()?).ok();
    let mut kinds = files
        .iter()
        .filter(|file| file.place != Some(Place::Current));
    let one = kinds.next();
    let alike = kinds.all(|file| one.is_some_and(|one| by_name(one, file).is_some()));
    if alike && one.is_none_or(|one| one.place.is_some()) {
        files.sort_by(|one, other| by_name(one, other).unwrap_or(Ordering::Equal));
    } else {
        files.sort_by_key(|file| file.first.or_else(|| written(file)));
    }
}

impl Known {
    /// The files of a log as they are now.
    pub(super) fn list(
        &mut self,
        place: &Path,
        kind: LogKind,
        times: &LogTimes,
    ) -> Result<LogListing, LogError> {
        let members = members::of(place).map_err(|error| refused(kind, &error))?;
        let mut listing = LogListing {
            gaps: members.gaps,
            in_turn: members.rotated,
            left_out: members.left_out,
            ..LogListing::default()
        };
        if members.found.is_empty() {
            return Err(if members.denied {
                refused(kind, &std::io::ErrorKind::PermissionDenied.into())
            } else {
                LogError::NotFound { kind }
            });
        }
        let mut files: Vec<Opened> = Vec::new();
        for member in members.found {
            let opened = self
                .recognise(member, times)
                .map_err(|error| refused(kind, &error))?;
            match files.iter_mut().find(|file| file.id == opened.id) {
                None => files.push(opened),
                Some(same) => {
                    listing.leave_out("a copy of another file");
                    if opened.is_better_than(same) {
                        *same = opened;
                    }
                }
            }
        }
        sort(&mut files);
        for file in &files {
            let listed = file.listed(kind, times);
            listing
                .files
                .push(listed.map_err(|error| refused(kind, &error))?);
        }
        Ok(listing)
    }

    /// A file that was listed, wherever it is now.
    pub(super) fn find(
        &mut self,
        place: &Path,
        wanted: &LogFile,
        times: &LogTimes,
    ) -> Result<Opened, LogError> {
        let gone = || LogError::Rotated {
            file: wanted.name.clone(),
        };
        let members = members::of(place).map_err(|error| refused(wanted.kind, &error))?;
        let mut best: Option<Opened> = None;
        for member in members.found {
            let Ok(opened) = self.recognise(member, times) else {
                continue;
            };
            let same = opened.id.to_string() == wanted.id;
            if same && best.as_ref().is_none_or(|best| opened.is_better_than(best)) {
                best = Some(opened);
            }
        }
        best.ok_or_else(gone)
    }

    fn recognise(&mut self, member: Member, times: &LogTimes) -> std::io::Result<Opened> {
        let Looked {
            head,
            compression,
            first,
        } = head::look(&member.file, times)?;
        let inode = Inode::of(&member.metadata);
        // The other way round it is a copy that is still being made.
        let by_content = |seen: &Seen| {
            seen.head.is_telling() && seen.head.grew_into(&head)
                || head.is_telling() && head.grew_into(&seen.head)
        };
        let by_inode = |seen: &Seen| seen.inode == inode && seen.head.grew_into(&head);
        let id = self.0.iter().position(by_content);
        let id = id.or_else(|| self.0.iter().position(by_inode));
        let id = id.unwrap_or(self.0.len());
        match self.0.get_mut(id) {
            Some(seen) if seen.head.grew_into(&head) => seen.head = head.clone(),
            Some(_) => {}
            None => self.0.push(Seen {
                head: head.clone(),
                inode,
            }),
        }
        Ok(Opened {
            name: member.name,
            file: member.file,
            metadata: member.metadata,
            head,
            compression,
            first,
            place: member.place,
            id,
        })
    }
}

impl Opened {
    /// Of two files with the same content the one that is not compressed is whole and can be sought in;
    /// of two alike the longer one is.
    fn is_better_than(&self, other: &Self) -> bool {
        let worth = |file: &Self| {
            let plain = file.compression == Compression::None;
            (plain, file.metadata.len())
        };
        worth(self) > worth(other)
    }

    fn listed(&self, kind: LogKind, times: &LogTimes) -> std::io::Result<LogFile> {
        let size = self.metadata.len();
        let covered = match self.compression {
            Compression::None => {
                let order = order::look(&self.file, size, times, LOOKS)?;
                // Where times go back, the first is not the earliest nor the last the latest.
                let known = |time: Option<Timestamp>| time.filter(|_| order.in_order);
                Covered {
                    first: known(self.first),
                    last: known(order.last),
                }
            }
            _ => Covered {
                first: self.first,
                last: None,
            },
        };
        let modified = self.metadata.modified().ok();
        Ok(LogFile {
            name: self.name.clone(),
            id: self.id.to_string(),
            kind,
            size_bytes: Some(size),
            compression: self.compression,
            covered,
            modified_at: modified.and_then(|at| Timestamp::try_from(at).ok()),
        })
    }
}
