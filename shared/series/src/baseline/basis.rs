//! What a baseline was taken from, in words for the answer.

use std::fmt;

use jiff::SignedDuration;

/// What a baseline was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The same time of other days.
    Daily {
        /// How many.
        days: usize,
    },
    /// The same time of the same day of other weeks.
    Weekly {
        /// How many.
        weeks: usize,
    },
    /// The time right before the window.
    Recent {
        /// How long, from its first figure.
        time: SignedDuration,
    },
    /// Too few figures before the window.
    None,
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Daily { days } => write!(f, "same hour of {days} other days"),
            Self::Weekly { weeks } => write!(f, "same hour of the same day of {weeks} other weeks"),
            Self::Recent { time } => match (time.as_hours(), time.as_mins(), time.as_secs()) {
                (0, 0, seconds) => write!(f, "the last {seconds} s"),
                (0..2, minutes, _) => write!(f, "the last {minutes} min"),
                (hours, ..) => write!(f, "the last {hours} h"),
            },
            Self::None => f.write_str("no history"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_basis_is_said_in_words() {
        let recent = |seconds| Basis::Recent {
            time: SignedDuration::from_secs(seconds),
        };
        assert_eq!(
            Basis::Daily { days: 6 }.to_string(),
            "same hour of 6 other days"
        );
        assert_eq!(recent(3 * 3_600 + 59).to_string(), "the last 3 h");
        assert_eq!(recent(5_400).to_string(), "the last 90 min");
        assert_eq!(recent(45).to_string(), "the last 45 s");
        assert_eq!(Basis::None.to_string(), "no history");
    }
}
