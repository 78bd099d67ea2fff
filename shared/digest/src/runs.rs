//! Which statements follow themselves on their connection.

/// Connections watched at once; of two that share a place the later is watched.
const WATCHED: usize = 1 << 10;

/// What each connection ran last, by the number of its group.
#[derive(Debug, Clone)]
pub(crate) struct Runs(Vec<Option<(u64, usize)>>);

impl Default for Runs {
    fn default() -> Self {
        Self(vec![None; WATCHED])
    }
}

impl Runs {
    /// Whether this connection's statement before was of the same group, as far as that is known.
    pub(crate) fn repeats(&mut self, connection: u64, group: usize) -> bool {
        let at = usize::try_from(connection % WATCHED as u64).unwrap_or(0);
        let Some(place) = self.0.get_mut(at) else {
            return false;
        };
        place.replace((connection, group)) == Some((connection, group))
    }

    /// Forgets all: groups have other numbers now, or another part of a log is read.
    pub(crate) fn forget(&mut self) {
        self.0.fill(None);
    }
}
