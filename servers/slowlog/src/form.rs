//! What a form's statements do, each on average, and what kind of statement it is. Pure.

use storex_digest::{Figures, FormId, Group};

/// What a statement does, by its first word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    /// SELECT, or WITH.
    Reads,
    /// INSERT, UPDATE, DELETE, REPLACE, LOAD.
    Writes,
    /// Anything else.
    Other,
}

/// A form in a window, by what one run of it does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form<'a> {
    /// All of its statements.
    pub(crate) group: &'a Group,
}

impl<'a> Form<'a> {
    /// A result that fills more than a MiB is copied through the client's buffers in many packets
    /// (`net_buffer_length` grows up to `max_allowed_packet`).
    pub(crate) const LARGE_BYTES: f64 = 1_048_576.0;
    /// A program that asks for a list and then for each of its rows runs one form so often in a row.
    pub(crate) const RUN_LENGTH: f64 = 5.0;
    /// Fewer runs are no pattern; nor is one endless row of them, which is a program that does nothing
    /// else.
    const RUNS: u64 = 50;
    const ROWS_OF_RUNS: u64 = 10;

    pub(crate) fn of(group: &'a Group) -> Self {
        Self { group }
    }

    pub(crate) fn figures(self) -> &'a Figures {
        &self.group.figures
    }

    pub(crate) fn id(self) -> FormId {
        FormId::of(&self.group.fingerprint)
    }

    pub(crate) fn verb(self) -> Verb {
        verb(&self.group.fingerprint)
    }

    /// Whether one row of its result may stand for many that were read.
    pub(crate) fn gathers(self) -> bool {
        gathers(&self.group.fingerprint)
    }

    /// Per run, of what all runs add up to.
    pub(crate) fn each(self, sum: u64) -> f64 {
        sum as f64 / self.figures().count.max(1) as f64
    }

    /// Seconds a run takes on average.
    pub(crate) fn mean_s(self) -> f64 {
        self.each(self.figures().query_us.sum) / 1e6
    }

    /// Share of its time that goes into waiting for locks.
    pub(crate) fn lock_share(self) -> f64 {
        share(self.figures().lock_us.sum, self.figures().query_us.sum)
    }

    /// Share of its runs that failed or were killed, where the log tells it.
    pub(crate) fn failing_share(self) -> f64 {
        let figures = self.figures();
        share(figures.failed.max(figures.killed), figures.count)
    }

    /// Rows examined for each row given to a client or changed.
    pub(crate) fn examined_per_row(self) -> f64 {
        let figures = self.figures();
        let rows = figures
            .rows_sent
            .sum
            .saturating_add(figures.rows_affected.sum);
        figures.rows_examined.sum as f64 / rows.max(1) as f64
    }

    /// Whether it is read row by row, many times in a row each time (N+1).
    pub(crate) fn is_row_by_row(self) -> bool {
        let entries = self.figures().entries;
        let rows = entries.saturating_sub(self.group.repeats);
        self.verb() == Verb::Reads
            && entries >= Self::RUNS
            && rows >= Self::ROWS_OF_RUNS
            && self.run_length() >= Self::RUN_LENGTH
    }

    /// How many runs stand directly one after the other on a connection, on average. At most that many
    /// were asked for by one piece of a program.
    pub(crate) fn run_length(self) -> f64 {
        let entries = self.figures().entries;
        entries as f64 / entries.saturating_sub(self.group.repeats).max(1) as f64
    }
}

/// What a statement does, by its first word.
fn verb(text: &[u8]) -> Verb {
    let text = text.trim_ascii_start();
    let is = |word: &&str| {
        text.get(..word.len())
            .is_some_and(|first| first.eq_ignore_ascii_case(word.as_bytes()))
    };
    if ["select", "with", "(select"].iter().any(is) {
        Verb::Reads
    } else if ["insert", "update", "delete", "replace", "load"]
        .iter()
        .any(is)
    {
        Verb::Writes
    } else {
        Verb::Other
    }
}

/// Whether one row of its result may stand for many that were read, as a count or a sum does.
pub(crate) fn gathers(text: &[u8]) -> bool {
    [
        &b"count("[..],
        b"sum(",
        b"avg(",
        b"min(",
        b"max(",
        b"group by",
        b"distinct",
        b"group_concat(",
    ]
    .iter()
    .any(|word| contains(text, word))
}

/// `part` of `whole`, 0 to 1; 0 of nothing.
pub(crate) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    part as f64 / whole as f64
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len())
        .any(|window| window.eq_ignore_ascii_case(word))
}
