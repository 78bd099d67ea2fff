//! The words a fingerprint treats by themselves.

/// What a word means to the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Nothing.
    Name,
    /// `NULL`, `TRUE`, `FALSE`: literals but after `IS` and `NOT`.
    Constant,
    /// `ASC`, the default.
    Asc,
    /// `IN`.
    In,
    /// `VALUES` or `VALUE`.
    Values,
    Limit,
    Offset,
    Union,
    /// `IS` or `NOT`.
    Is,
    /// Another word after which an operand stands.
    Before,
}

const WORDS: [(&[u8], Meaning); 54] = [
    (b"null", Meaning::Constant),
    (b"true", Meaning::Constant),
    (b"false", Meaning::Constant),
    (b"asc", Meaning::Asc),
    (b"in", Meaning::In),
    (b"values", Meaning::Values),
    (b"value", Meaning::Values),
    (b"limit", Meaning::Limit),
    (b"offset", Meaning::Offset),
    (b"union", Meaning::Union),
    (b"is", Meaning::Is),
    (b"not", Meaning::Is),
    (b"all", Meaning::Before),
    (b"distinct", Meaning::Before),
    (b"select", Meaning::Before),
    (b"from", Meaning::Before),
    (b"where", Meaning::Before),
    (b"and", Meaning::Before),
    (b"or", Meaning::Before),
    (b"xor", Meaning::Before),
    (b"on", Meaning::Before),
    (b"as", Meaning::Before),
    (b"by", Meaning::Before),
    (b"set", Meaning::Before),
    (b"having", Meaning::Before),
    (b"between", Meaning::Before),
    (b"like", Meaning::Before),
    (b"rlike", Meaning::Before),
    (b"regexp", Meaning::Before),
    (b"case", Meaning::Before),
    (b"when", Meaning::Before),
    (b"then", Meaning::Before),
    (b"else", Meaning::Before),
    (b"exists", Meaning::Before),
    (b"any", Meaning::Before),
    (b"some", Meaning::Before),
    (b"join", Meaning::Before),
    (b"using", Meaning::Before),
    (b"into", Meaning::Before),
    (b"div", Meaning::Before),
    (b"mod", Meaning::Before),
    (b"interval", Meaning::Before),
    (b"return", Meaning::Before),
    (b"with", Meaning::Before),
    (b"recursive", Meaning::Before),
    (b"intersect", Meaning::Before),
    (b"except", Meaning::Before),
    (b"straight_join", Meaning::Before),
    (b"escape", Meaning::Before),
    (b"binary", Meaning::Before),
    (b"partition", Meaning::Before),
    (b"over", Meaning::Before),
    (b"duplicate", Meaning::Before),
    (b"explain", Meaning::Before),
];

/// No word of the table is longer.
const LONGEST: usize = 13;

/// What a lower-case word means.
pub(super) fn meaning(word: &[u8]) -> Meaning {
    if word.len() < 2 || word.len() > LONGEST {
        return Meaning::Name;
    }
    table()
        .get(slot(word))
        .into_iter()
        .flatten()
        .find(|(known, _)| *known == word)
        .map_or(Meaning::Name, |(_, meaning)| *meaning)
}

type Slots = [Vec<(&'static [u8], Meaning)>; 64];

fn table() -> &'static Slots {
    static TABLE: std::sync::OnceLock<Slots> = std::sync::OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table: Slots = std::array::from_fn(|_| Vec::new());
        for (word, meaning) in WORDS {
            if let Some(slot) = table.get_mut(slot(word)) {
                slot.push((word, meaning));
            }
        }
        table
    })
}

/// Spreads the words well enough: most slots hold one or none.
fn slot(word: &[u8]) -> usize {
    let byte = |at: usize| usize::from(word.get(at).copied().unwrap_or(0));
    (byte(0) * 7 + byte(1) * 3 + word.len() * 5 + byte(word.len() - 1)) % 64
}
