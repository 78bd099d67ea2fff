//! MariaDB's GTID positions: per domain the last transaction, as `domain-server-sequence`. Pure.
//!
//! A position is no set: within a domain, numbers only grow (MariaDB Knowledge Base, "Global
//! Transaction ID").

use std::fmt;

/// One of MariaDB's identifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gtid {
    /// Replication domain.
    pub domain: u32,
    /// Server that wrote it first.
    pub server: u32,
    /// Number within the domain.
    pub sequence: u64,
}

/// The last identifier of each domain, or of each domain and server (`gtid_binlog_state`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Position(Vec<Gtid>);

impl Position {
    /// Reads what the server prints; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let parts = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let mut gtids = parts.map(gtid).collect::<Option<Vec<_>>>()?;
        gtids.sort_unstable();
        Some(Self(gtids))
    }

    /// The highest number of a domain.
    pub fn sequence(&self, domain: u32) -> Option<u64> {
        let of_domain = self.0.iter().filter(|gtid| gtid.domain == domain);
        of_domain.map(|gtid| gtid.sequence).max()
    }

    /// Transactions from `other` to this position: an estimate, as numbers may be left out.
    pub fn ahead_of(&self, other: &Self) -> u64 {
        let mut domains: Vec<u32> = self.0.iter().map(|gtid| gtid.domain).collect();
        domains.dedup();
        domains.into_iter().fold(0, |sum: u64, domain| {
            let here = self.sequence(domain).unwrap_or_default();
            sum.saturating_add(here.saturating_sub(other.sequence(domain).unwrap_or_default()))
        })
    }

    /// The identifiers `server` gave in a domain beyond what `applied` has of it: written here, and
    /// in the way of what the source numbers next. A domain nothing is received for is the server's
    /// own by design.
    #[must_use]
    pub fn written_by(&self, server: u32, applied: &Self) -> Self {
        let beyond = |gtid: &&Gtid| {
            let received = applied.sequence(gtid.domain);
            gtid.server == server && received.is_some_and(|received| gtid.sequence > received)
        };
        Self(self.0.iter().filter(beyond).copied().collect())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn gtid(text: &str) -> Option<Gtid> {
    let mut fields = text.splitn(3, '-');
    let mut next = || fields.next();
    Some(Gtid {
        domain: next()?.parse().ok()?,
        server: next()?.parse().ok()?,
        sequence: next()?.parse().ok()?,
    })
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, gtid) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(
                f,
                "{comma}{}-{}-{}",
                gtid.domain, gtid.server, gtid.sequence
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn position(text: &str) -> Position {
        Position::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn positions_are_compared_domain_by_domain() {
        let received = position("0-1-502,2-1-10");
        assert_eq!(received.ahead_of(&position("0-1-111,2-1-10")), 391);
        assert_eq!(position("0-1-5").ahead_of(&position("0-1-9")), 0);
        assert_eq!(received.sequence(7), None);
    }

    #[test]
    fn only_what_is_beyond_the_received_position_was_written_here_for_certain() {
        let state = position("0-1-100,0-2-101,1-2-7");
        let written = state.written_by(2, &position("0-1-100"));
        assert_eq!(written.to_string(), "0-2-101");
        // Once a source itself, and overtaken since.
        assert!(
            position("0-1-100,0-2-95")
                .written_by(2, &position("0-1-100"))
                .is_empty()
        );
    }

    #[test]
    fn nonsense_is_no_position() {
        for text in ["x", "0-1", "0-1-", "0-1-x", "-1-2-3", "4294967296-1-1"] {
            assert_eq!(Position::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn positions_print_as_they_are_read(
            gtids in prop::collection::btree_set((0_u32..9, 1_u32..9, 1_u64..), 0..6),
        ) {
            let gtids = gtids.into_iter().map(|(domain, server, sequence)| Gtid { domain, server, sequence });
            let printed = Position(gtids.collect()).to_string();
            prop_assert_eq!(position(&printed).to_string(), printed.clone());
            prop_assert_eq!(position(&printed).ahead_of(&position(&printed)), 0);
        }

        #[test]
        fn no_text_makes_it_fail(text in "[-0-9, ]{0,60}") {
            let _ = Position::parse(&text);
        }
    }
}
