//! The embedded font: widths and outlines. `DejaVu` Sans, cut down to Latin, Greek, Cyrillic and a few
//! signs; its licence is beside it.

use std::sync::LazyLock;

use tiny_skia::{Path, PathBuilder};
use ttf_parser::{Face, OutlineBuilder};

static REGULAR: LazyLock<Option<Face<'static>>> =
    LazyLock::new(|| Face::parse(include_bytes!("../fonts/DejaVuSans.ttf"), 0).ok());
static BOLD: LazyLock<Option<Face<'static>>> =
    LazyLock::new(|| Face::parse(include_bytes!("../fonts/DejaVuSans-Bold.ttf"), 0).ok());

/// A weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

impl Weight {
    fn face(self) -> Option<&'static Face<'static>> {
        match self {
            Self::Regular => REGULAR.as_ref(),
            Self::Bold => BOLD.as_ref(),
        }
    }
}

/// Whether a character can be drawn.
pub(crate) fn has(c: char) -> bool {
    let drawn = |weight: Weight| weight.face().and_then(|face| face.glyph_index(c));
    drawn(Weight::Regular).is_some() && drawn(Weight::Bold).is_some()
}

/// How wide a text of this size is, in pixels.
pub(crate) fn width(text: &str, size: f32, weight: Weight) -> f32 {
    let Some(face) = weight.face() else {
        return 0.0;
    };
    let advances = text.chars().map(|c| advance(face, c));
    advances.sum::<f32>() * scale(face, size)
}

/// The outline of a text whose line begins at `x`, `y`.
pub(crate) fn outline(text: &str, x: f32, y: f32, size: f32, weight: Weight) -> Option<Path> {
    let face = weight.face()?;
    let mut pen = Pen {
        path: PathBuilder::new(),
        x,
        y,
        scale: scale(face, size),
    };
    for c in text.chars() {
        if let Some(glyph) = face.glyph_index(c) {
            // A space has no outline.
            let _bounds = face.outline_glyph(glyph, &mut pen);
        }
        pen.x += advance(face, c) * pen.scale;
    }
    pen.path.finish()
}

/// The text, cut to `width` pixels with a mark where it was cut.
pub(crate) fn fit(text: &str, most: f32, size: f32, weight: Weight) -> String {
    if width(text, size, weight) <= most {
        return text.to_owned();
    }
    let mut short = text.to_owned();
    while short.pop().is_some() {
        let cut = format!("{}…", short.trim_end());
        if width(&cut, size, weight) <= most {
            return cut;
        }
    }
    String::new()
}

fn advance(face: &Face<'_>, c: char) -> f32 {
    let glyph = face.glyph_index(c);
    let advance = glyph.and_then(|glyph| face.glyph_hor_advance(glyph));
    f32::from(advance.unwrap_or(0))
}

fn scale(face: &Face<'_>, size: f32) -> f32 {
    size / f32::from(face.units_per_em())
}

/// Draws outlines, which have the origin on the line of the text and grow upwards.
struct Pen {
    path: PathBuilder,
    x: f32,
    y: f32,
    scale: f32,
}

impl Pen {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, self.y - y * self.scale)
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2)) = (self.at(x1, y1), self.at(x2, y2));
        let (x, y) = self.at(x, y);
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_weights_are_there_with_the_signs_a_chart_needs() {
        for c in "Aa09µ%…–·×□Ωя→".chars() {
            assert!(has(c), "{c}");
        }
        assert!(!has('数'));
        assert!(width("0000", 14.0, Weight::Bold) > width("0000", 14.0, Weight::Regular));
    }

    #[test]
    fn a_text_is_cut_to_a_width() {
        let text = "mysql_global_status_queries";
        let cut = fit(text, 100.0, 14.0, Weight::Regular);
        assert!(cut.ends_with('…') && text.starts_with(cut.trim_end_matches('…')));
        assert!(width(&cut, 14.0, Weight::Regular) <= 100.0);
        assert_eq!(fit("qps", 100.0, 14.0, Weight::Regular), "qps");
    }
}
