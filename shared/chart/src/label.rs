//! Text for a picture: names of series and changes come from stores and people, and may be hostile.

use crate::font;

/// The text as it can be drawn, cut to `most` characters with a mark where it was cut: white space is one
/// space, what shows nothing or reorders text is dropped, what the font lacks becomes `□`.
pub(crate) fn clean(raw: &str, most: usize) -> String {
    let mut out = String::new();
    let mut count = 0;
    let mut space = false;
    for c in raw.chars() {
        if c.is_whitespace() {
            space = !out.is_empty();
            continue;
        }
        if is_invisible(c) {
            continue;
        }
        if count + usize::from(space) >= most {
            out.push('…');
            return out;
        }
        if space {
            out.push(' ');
            count += 1;
            space = false;
        }
        out.push(if font::has(c) { c } else { '□' });
        count += 1;
    }
    out
}

/// Characters that show nothing or reorder what is shown: controls, zero-width and bidirectional marks,
/// variation selectors, tags.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_that_shows_nothing_or_turns_around_is_dropped() {
        assert_eq!(
            clean("de\u{202e}ploy\u{200b}\u{1b}[31m\n v2", 40),
            "deploy[31m v2"
        );
        assert_eq!(clean("a\u{e0041}b", 40), "ab");
    }

    #[test]
    fn what_the_font_lacks_is_shown_as_lacking() {
        assert_eq!(clean("größe Ωμ 数", 40), "größe Ωμ □");
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        assert_eq!(clean("abcdef", 4), "abcd…");
        assert_eq!(clean("abcd", 4), "abcd");
    }

    proptest! {
        #[test]
        fn whatever_comes_can_be_drawn_and_is_short(raw in any::<String>(), most in 1usize..80) {
            let label = clean(&raw, most);
            prop_assert!(label.chars().count() <= most + 1);
            prop_assert!(label.chars().all(font::has));
            prop_assert!(!label.chars().any(is_invisible));
        }
    }
}
