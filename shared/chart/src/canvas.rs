//! A surface to draw on, in pixels.

use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Paint, PathBuilder, Pixmap, Rect, Stroke, StrokeDash,
    Transform,
};

use crate::font::{self, Weight};
use crate::png;

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Area {
    pub(crate) left: f32,
    pub(crate) top: f32,
    pub(crate) right: f32,
    pub(crate) bottom: f32,
}

impl Area {
    pub(crate) fn width(self) -> f32 {
        self.right - self.left
    }

    pub(crate) fn height(self) -> f32 {
        self.bottom - self.top
    }
}

/// Where a text stands to the point it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Left,
    Middle,
    Right,
}

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ink {
    pub(crate) size: f32,
    pub(crate) weight: Weight,
    pub(crate) color: Color,
}

/// The surface.
pub(crate) struct Canvas {
    pixels: Pixmap,
}

impl Canvas {
    /// A surface of one colour; `None` for a size nobody can draw on.
    pub(crate) fn new(width: u32, height: u32, background: Color) -> Option<Self> {
        let mut pixels = Pixmap::new(width, height)?;
        pixels.fill(background);
        Some(Self { pixels })
    }

    pub(crate) fn fill(&mut self, area: Area, color: Color) {
        if let Some(rect) = Rect::from_ltrb(area.left, area.top, area.right, area.bottom) {
            self.pixels
                .fill_rect(rect, &paint(color), Transform::identity(), None);
        }
    }

    /// A line through points. One that stands still is a dot.
    pub(crate) fn line(
        &mut self,
        points: &[(f32, f32)],
        width: f32,
        dash: Option<[f32; 2]>,
        color: Color,
    ) {
        let Some(((x, y), rest)) = points.split_first() else {
            return;
        };
        if rest.iter().all(|point| point == &(*x, *y)) {
            self.dot((*x, *y), width * 0.9, color);
            return;
        }
        let mut path = PathBuilder::new();
        path.move_to(*x, *y);
        for (x, y) in rest {
            path.line_to(*x, *y);
        }
        let stroke = Stroke {
            width,
            line_cap: if dash.is_some() {
                LineCap::Butt
            } else {
                LineCap::Round
            },
            line_join: LineJoin::Round,
            dash: dash.and_then(|dash| StrokeDash::new(dash.to_vec(), 0.0)),
            ..Stroke::default()
        };
        if let Some(path) = path.finish() {
            self.pixels
                .stroke_path(&path, &paint(color), &stroke, Transform::identity(), None);
        }
    }

    pub(crate) fn polygon(&mut self, points: &[(f32, f32)], color: Color) {
        let Some(((x, y), rest)) = points.split_first() else {
            return;
        };
        let mut path = PathBuilder::new();
        path.move_to(*x, *y);
        for (x, y) in rest {
            path.line_to(*x, *y);
        }
        path.close();
        self.fill_path(path, color);
    }

    pub(crate) fn dot(&mut self, (x, y): (f32, f32), radius: f32, color: Color) {
        let mut path = PathBuilder::new();
        path.push_circle(x, y, radius);
        self.fill_path(path, color);
    }

    /// Diagonal lines over an area.
    pub(crate) fn hatch(&mut self, area: Area, color: Color) {
        const APART: f32 = 7.0;
        let mut x = area.left - area.height();
        while x < area.right {
            // From the lower edge up to the right, cut to the area.
            let (from, to) = (x.max(area.left), (x + area.height()).min(area.right));
            if from < to {
                let at = |at: f32| (at, area.bottom - (at - x));
                self.line(&[at(from), at(to)], 1.0, None, color);
            }
            x += APART;
        }
    }

    /// Writes a text with its line at `y`.
    pub(crate) fn text(&mut self, text: &str, (x, y): (f32, f32), anchor: Anchor, ink: Ink) {
        let width = font::width(text, ink.size, ink.weight);
        let x = match anchor {
            Anchor::Left => x,
            Anchor::Middle => x - width / 2.0,
            Anchor::Right => x - width,
        };
        if let Some(path) = font::outline(text, x, y, ink.size, ink.weight) {
            let paint = paint(ink.color);
            self.pixels.fill_path(
                &path,
                &paint,
                FillRule::Winding,
                Transform::identity(),
                None,
            );
        }
    }

    /// The picture as a PNG.
    pub(crate) fn png(&self) -> Vec<u8> {
        let (width, height) = (self.pixels.width(), self.pixels.height());
        let opaque = self.pixels.pixels().iter();
        let rgb = opaque.flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]);
        png::encode(width, height, &rgb.collect::<Vec<u8>>())
    }

    fn fill_path(&mut self, path: PathBuilder, color: Color) {
        if let Some(path) = path.finish() {
            self.pixels.fill_path(
                &path,
                &paint(color),
                FillRule::Winding,
                Transform::identity(),
                None,
            );
        }
    }
}

fn paint(color: Color) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color(color);
    paint
}
