//! What a store says in words, made fit for an answer.

/// Characters of a store's words that are passed on.
const MOST: usize = 300;

/// On one line, without what a terminal or a reader could be misled by, cut to a bearable length.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::new();
    for (number, character) in text.chars().enumerate() {
        if number == MOST {
            plain.push('…');
            break;
        }
        plain.push(if is_misleading(character) {
            ' '
        } else {
            character
        });
    }
    plain.trim().to_owned()
}

/// Control characters, and those that are not seen or turn the direction of what is.
fn is_misleading(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_on_one_line_and_within_bounds() {
        assert_eq!(plain("bad\u{1b}[31m \u{202e}query\n"), "bad [31m  query");
        let long = plain(&"x".repeat(10_000));
        assert_eq!(long.chars().count(), MOST + 1);
    }
}
