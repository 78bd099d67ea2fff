//! Cuts the text into sections: a rule, a name, a rule.
//!
//! Statements are printed as they were sent, over several lines, so a statement can imitate a
//! header. The monitor prints each section once and in order: of a repeated header the last is
//! taken for sections that come after all statements, and the others stay text of the section they
//! stand in. Unknown names are headers only where no statements are printed.

use std::collections::BTreeMap;

use super::scan::{capped, is_rule};

const NAME_BYTES: usize = 64;
const IMITATIONS_AT_MOST: usize = 16;
const END: &str = "END OF INNODB MONITOR OUTPUT";

/// The sections, in the order MySQL prints them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Everything before the first section.
    Start,
    Background,
    Semaphores,
    ForeignKeyError,
    Deadlock,
    Transactions,
    FileIo,
    ChangeBuffer,
    AdaptiveHash,
    Log,
    BufferPool,
    BufferPools,
    RowOperations,
    End,
    Other,
}

impl Kind {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "BACKGROUND THREAD" => Self::Background,
            "SEMAPHORES" => Self::Semaphores,
            "LATEST FOREIGN KEY ERROR" => Self::ForeignKeyError,
            "LATEST DETECTED DEADLOCK" => Self::Deadlock,
            "TRANSACTIONS" => Self::Transactions,
            "FILE I/O" => Self::FileIo,
            "INSERT BUFFER AND ADAPTIVE HASH INDEX" | "INSERT BUFFER" => Self::ChangeBuffer,
            "ADAPTIVE HASH INDEX" => Self::AdaptiveHash,
            "LOG" => Self::Log,
            "BUFFER POOL AND MEMORY" => Self::BufferPool,
            "INDIVIDUAL BUFFER POOL INFO" => Self::BufferPools,
            "ROW OPERATIONS" => Self::RowOperations,
            _ if looks_like_a_name(name) => Self::Other,
            _ => return None,
        })
    }

    /// Whether statements are printed in it.
    fn has_statements(self) -> bool {
        matches!(
            self,
            Self::ForeignKeyError | Self::Deadlock | Self::Transactions
        )
    }
}

/// A section of the text.
#[derive(Debug)]
pub(super) struct Section<'a> {
    pub(super) kind: Kind,
    /// Its name as printed; empty for the start.
    pub(super) name: &'a str,
    /// Lines of its header.
    pub(super) header_lines: u64,
    body: &'a str,
    first_line_no: u64,
}

impl<'a> Section<'a> {
    /// Its lines and their numbers in the text.
    pub(super) fn lines(&self) -> impl Iterator<Item = (u64, &'a str)> + use<'a> {
        (self.first_line_no..).zip(self.body.lines())
    }
}

/// The text cut up.
#[derive(Debug)]
pub(super) struct Layout<'a> {
    pub(super) sections: Vec<Section<'a>>,
    /// Names of known sections that were printed again inside another.
    pub(super) imitated: Vec<String>,
}

/// Cuts a text into its sections.
pub(super) fn split(text: &str) -> Layout<'_> {
    let (headers, imitated) = settle(find(text));
    let mut sections = Vec::with_capacity(headers.len() + 1);
    let mut open = Header {
        kind: Kind::Start,
        name: "",
        at: 0,
        lines: 0,
        body: 0,
        next_no: 1,
    };
    for next in headers {
        sections.push(section(text, &open, next.at));
        open = next;
    }
    sections.push(section(text, &open, text.len()));
    Layout { sections, imitated }
}

fn section<'a>(text: &'a str, header: &Header<'a>, end: usize) -> Section<'a> {
    Section {
        kind: header.kind,
        name: header.name,
        header_lines: header.lines,
        body: text.get(header.body..end).unwrap_or_default(),
        first_line_no: header.next_no,
    }
}

#[derive(Debug)]
struct Header<'a> {
    kind: Kind,
    name: &'a str,
    /// Where its first line begins.
    at: usize,
    lines: u64,
    /// Where its body begins.
    body: usize,
    /// Number of the line that begins there.
    next_no: u64,
}

/// All headers, wherever they stand.
fn find(text: &str) -> Vec<Header<'_>> {
    let mut headers = Vec::new();
    let (mut before, mut last) = ((0, ""), (0, ""));
    let mut at = 0;
    for (next_no, raw) in (2..).zip(text.split_inclusive('\n')) {
        let line = raw.trim_end();
        let body = at + raw.len();
        if line == END && is_rule(last.1, '-') {
            headers.push(Header {
                kind: Kind::End,
                name: line,
                at: last.0,
                lines: 2,
                body,
                next_no,
            });
        } else if is_rule(line, '-')
            && let Some((at, lines)) = opening(before, line)
            && let Some(kind) = Kind::of(last.1)
            && (lines == 3 || kind != Kind::Other)
        {
            let name = capped(last.1, NAME_BYTES);
            headers.push(Header {
                kind,
                name,
                at,
                lines,
                body,
                next_no,
            });
        }
        before = last;
        last = (at, line);
        at = body;
    }
    headers
}

/// Where a header begins, and how many lines it has to itself. MariaDB ends some foreign key errors
/// without a line break, so that the first rule stands at the end of the error's last line.
fn opening((at, line): (usize, &str), closing: &str) -> Option<(usize, u64)> {
    if is_rule(line, '-') {
        return Some((at, 3));
    }
    let message = line.strip_suffix(closing)?;
    Some((at + message.len(), 2))
}

/// The headers that are taken, and the names of those that were repeated.
fn settle(found: Vec<Header<'_>>) -> (Vec<Header<'_>>, Vec<String>) {
    let taken = choose(&found);
    let has_file_io = taken.contains_key(&Kind::FileIo);
    let (mut within, mut free_from) = (Kind::Start, 0);
    let mut headers = Vec::new();
    let mut imitated = Vec::new();
    for header in found {
        let keep = match header.kind {
            Kind::Other => !within.has_statements(),
            kind => taken.get(&kind) == Some(&header.at) && follows(within, kind, has_file_io),
        };
        if keep && header.at >= free_from {
            (within, free_from) = (header.kind, header.body);
            headers.push(header);
        } else if header.kind != Kind::Other && imitated.len() < IMITATIONS_AT_MOST {
            imitated.push(header.name.to_owned());
        }
    }
    (headers, imitated)
}

/// Where the header of each known kind stands.
fn choose(found: &[Header<'_>]) -> BTreeMap<Kind, usize> {
    let list = found
        .iter()
        .find(|header| header.kind == Kind::Transactions);
    let mut taken = BTreeMap::new();
    for header in found {
        match header.kind {
            Kind::Deadlock if list.is_some_and(|list| header.at > list.at) => {}
            kind if kind <= Kind::Transactions && kind != Kind::Deadlock => {
                taken.entry(kind).or_insert(header.at);
            }
            kind => {
                taken.insert(kind, header.at);
            }
        }
    }
    taken
}

/// Whether a section can come after one in which statements are printed.
fn follows(within: Kind, kind: Kind, has_file_io: bool) -> bool {
    match within {
        Kind::Transactions if has_file_io => matches!(kind, Kind::FileIo | Kind::End),
        _ => !within.has_statements() || kind > within,
    }
}

fn looks_like_a_name(text: &str) -> bool {
    let capital = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || " /&-".contains(c);
    text.len() >= 3
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.chars().all(capital)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(text: &str) -> Vec<(Kind, Vec<&str>)> {
        let sections = split(text).sections;
        sections
            .iter()
            .map(|s| (s.kind, s.lines().map(|(_, line)| line).collect()))
            .collect()
    }

    #[test]
    fn an_unknown_section_is_cut_out_but_not_from_statements() {
        let text = "---\nLOG\n---\na\n----\nNEW THING\n----\nb\n";
        assert_eq!(
            layout(text),
            [
                (Kind::Start, vec![]),
                (Kind::Log, vec!["a"]),
                (Kind::Other, vec!["b"])
            ]
        );
        let banner = "---\nTRANSACTIONS\n---\n/*\n---\nREPORT\n---\n*/\n";
        assert_eq!(layout(banner).len(), 2);
    }

    #[test]
    fn a_section_imitated_by_a_statement_stays_text() {
        let text = "---\nTRANSACTIONS\n---\n/*\n---\nLOG\n---\n*/\nx\n---\nLOG\n---\ny\n";
        assert_eq!(
            layout(text),
            [
                (Kind::Start, vec![]),
                (
                    Kind::Transactions,
                    vec!["/*", "---", "LOG", "---", "*/", "x"]
                ),
                (Kind::Log, vec!["y"]),
            ]
        );
        assert_eq!(split(text).imitated, ["LOG"]);
        let deadlock = "---\nTRANSACTIONS\n---\n/*\n---\nLATEST DETECTED DEADLOCK\n---\n*/\n";
        assert_eq!(layout(deadlock).len(), 2);
        let joined = "---\nTRANSACTIONS\n---\nx\n---\nLOG\n---\nFILE I/O\n---\ny\n---\nLOG\n---\nz";
        assert_eq!(
            layout(joined).split_off(2),
            [(Kind::FileIo, vec!["y"]), (Kind::Log, vec!["z"])]
        );
        let again = "---\nTRANSACTIONS\n---\n/*\n---\nTRANSACTIONS\n---\n*/\n";
        assert_eq!(layout(again).len(), 2);
    }

    #[test]
    fn a_header_that_begins_at_the_end_of_a_line_is_found() {
        let text =
            "---\nLATEST FOREIGN KEY ERROR\n---\na.------------\nTRANSACTIONS\n------------\nb";
        let sections = split(text).sections;
        assert_eq!(
            layout(text),
            [
                (Kind::Start, vec![]),
                (Kind::ForeignKeyError, vec!["a."]),
                (Kind::Transactions, vec!["b"]),
            ]
        );
        assert_eq!(sections.iter().map(|s| s.header_lines).sum::<u64>(), 5);
    }

    #[test]
    fn lines_keep_their_numbers() {
        let text = "\nx\n---\nLOG\n---\na\n\nb";
        let sections = split(text).sections;
        let numbered: Vec<_> = sections.iter().flat_map(Section::lines).collect();
        assert_eq!(numbered, [(1, ""), (2, "x"), (6, "a"), (7, ""), (8, "b")]);
    }
}
