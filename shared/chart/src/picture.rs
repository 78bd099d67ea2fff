//! The picture: where everything stands, and what is written around the plots.

mod flow;
mod layout;
mod plot;

use tiny_skia::Color;

use crate::canvas::{Anchor, Area, Canvas, Ink};
use crate::chart::Chart;
use crate::font::{self, Weight};
use crate::theme::{Palette, Rgb, Theme, color, dashes};

use layout::{Key, Layout, PlotPlace};

/// The width of a chat, in pixels.
const WIDTH: f32 = 900.0;
const MARGIN: f32 = 20.0;
/// No text is smaller.
const TEXT: f32 = 14.0;
const TITLE: f32 = 18.0;
/// From one line of text to the next.
const ROW: f32 = 23.0;
/// What the title and the times covered take.
const HEAD: f32 = 64.0;
const BETWEEN_PANELS: f32 = 12.0;
const TIME_AXIS: f32 = 28.0;
/// The sample before a word of the legend or key.
const SAMPLE: f32 = 26.0;
/// A marked change: the radius of its number.
const MARK: f32 = 10.0;
const MOST_LABEL: f32 = 420.0;

/// Draws one chart in one theme.
struct Artist<'a> {
    chart: &'a Chart,
    palette: &'static Palette,
    canvas: Canvas,
}

impl Chart {
    /// The chart as a PNG, 900 pixels wide; as high as its panels need, 400 to 1100.
    pub fn png(&self, theme: Theme) -> Vec<u8> {
        let layout = self.layout();
        let palette = theme.palette();
        let canvas = Canvas::new(whole(WIDTH), whole(layout.height), color(palette.card, 1.0));
        let Some(canvas) = canvas else {
            return Vec::new();
        };
        let mut artist = Artist {
            chart: self,
            palette,
            canvas,
        };
        artist.draw(&layout);
        artist.canvas.png()
    }
}

impl Artist<'_> {
    fn draw(&mut self, layout: &Layout) {
        self.head(layout.height);
        let (first, last) = (0, layout.plots.len().saturating_sub(1));
        for (number, place) in layout.plots.iter().enumerate() {
            self.plot(place, number == last);
            self.write_legend(place);
            if number == first {
                self.marks(layout, place.area.top);
            }
        }
        self.write_key(layout);
    }

    fn head(&mut self, height: f32) {
        let border = opaque(self.palette.border);
        for (left, top, right, bottom) in [
            (0.0, 0.0, WIDTH, 1.0),
            (0.0, height - 1.0, WIDTH, height),
            (0.0, 0.0, 1.0, height),
            (WIDTH - 1.0, 0.0, WIDTH, height),
        ] {
            let area = Area {
                left,
                top,
                right,
                bottom,
            };
            self.canvas.fill(area, border);
        }
        let title = Ink {
            size: TITLE,
            weight: Weight::Bold,
            color: opaque(self.palette.text),
        };
        let text = font::fit(&self.chart.title, WIDTH - 2.0 * MARGIN, TITLE, Weight::Bold);
        self.canvas.text(&text, (MARGIN, 29.0), Anchor::Left, title);
        let muted = ink(self.palette.muted);
        self.canvas
            .text(&self.chart.window(), (MARGIN, 51.0), Anchor::Left, muted);
    }

    fn write_legend(&mut self, place: &PlotPlace) {
        for ((word, number), beside) in place.legend.iter().zip(&place.panel.lines).zip(0..) {
            let Some(line) = self.chart.lines.get(*number) else {
                continue;
            };
            let x = MARGIN + word.x;
            let y = place.legend_top + f32::from(word.row) * ROW + 15.0;
            let own = opaque(self.palette.line(*number));
            self.canvas.line(
                &[(x, y - 5.0), (x + 20.0, y - 5.0)],
                3.0,
                dashes(beside),
                own,
            );
            let label = font::fit(&line.label, MOST_LABEL, TEXT, Weight::Regular);
            let text = ink(self.palette.text);
            self.canvas
                .text(&label, (x + SAMPLE, y), Anchor::Left, text);
            let at = x + SAMPLE + font::width(&label, TEXT, Weight::Regular) + 8.0;
            let last = self.chart.last(&line.values, line.unit);
            let bold = Ink {
                weight: Weight::Bold,
                ..text
            };
            self.canvas.text(&last, (at, y), Anchor::Left, bold);
        }
    }

    /// The numbers of the changes, above the first plot.
    fn marks(&mut self, layout: &Layout, top: f32) {
        let marker = opaque(self.palette.marker);
        let number_ink = Ink {
            weight: Weight::Bold,
            ..ink(self.palette.card)
        };
        for (mark, number) in layout.marks.iter().zip(1..) {
            let y = top - (f32::from(mark.lane) + 0.5) * (2.0 * MARK + 2.0);
            self.canvas.line(
                &[(mark.x, y + MARK), (mark.x, top)],
                1.5,
                Some([4.0, 3.0]),
                marker,
            );
            self.numbered((mark.x, y), number, number_ink);
        }
    }

    fn numbered(&mut self, (x, y): (f32, f32), number: usize, ink: Ink) {
        let marker = opaque(self.palette.marker);
        self.canvas.dot((x, y), MARK, marker);
        self.canvas
            .text(&number.to_string(), (x, y + 5.0), Anchor::Middle, ink);
    }

    fn write_key(&mut self, layout: &Layout) {
        let words = self.chart.key(&layout.plots);
        for (word, placed) in words.iter().zip(&layout.key) {
            let x = MARGIN + placed.x;
            let y = layout.key_top + f32::from(placed.row) * ROW + 15.0;
            let sample = Area {
                left: x,
                top: y - 12.0,
                right: x + 20.0,
                bottom: y + 2.0,
            };
            match word {
                Key::Incident(_) => self.incident_over(sample),
                Key::NoData => self.gap_over(sample),
                Key::Band => {
                    let normal = color(self.palette.line(0), self.palette.band_opacity);
                    self.canvas.fill(sample, normal);
                }
                Key::Change(number, _) => {
                    let ink = Ink {
                        weight: Weight::Bold,
                        ..ink(self.palette.card)
                    };
                    self.numbered((x + MARK, y - 5.0), *number, ink);
                }
                Key::More(_) => {}
            }
            let muted = ink(self.palette.muted);
            let at = (x + SAMPLE, y);
            self.canvas.text(&word.text(), at, Anchor::Left, muted);
        }
    }
}

/// Ordinary text of a colour.
fn ink(rgb: Rgb) -> Ink {
    Ink {
        size: TEXT,
        weight: Weight::Regular,
        color: opaque(rgb),
    }
}

fn opaque(rgb: Rgb) -> Color {
    color(rgb, 1.0)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a size in pixels, between nothing and a few thousand"
)]
fn whole(pixels: f32) -> u32 {
    pixels.ceil().max(0.0) as u32
}
