//! Parts of a `UNION`.

use super::Writer;

impl Writer {
    /// A part of a `UNION` ends: it is left out where it is the same as the one before it.
    pub(super) fn end_part(&mut self) {
        const REPEATED: &[u8] = b" union ...";
        let Some(level) = self.levels.last_mut() else {
            return;
        };
        let end = self.out.len();
        let Some((from, to)) = level.part_before else {
            level.part_before = Some((level.part, end));
            return;
        };
        let (before, part) = (self.out.get(from..to), self.out.get(level.part..end));
        // A form is read again: what stands for repeated parts repeats the part before it.
        let repeats = part == before || part == Some(b"...");
        if from < to && repeats {
            self.out.truncate(to);
            if !self.out.ends_with(REPEATED) {
                self.out.extend_from_slice(REPEATED);
            }
        } else {
            level.part_before = Some((level.part, end));
        }
    }

    pub(super) fn begin_part(&mut self) {
        // Behind the space that comes next.
        let at = self.out.len() + 1;
        if let Some(level) = self.levels.last_mut() {
            level.part = at;
        }
    }
}
