//! Colours, for a light and a dark surrounding. The card is opaque, so a picture reads on either.
//!
//! The six line colours of each theme were searched for the greatest smallest difference (CIE 1976) under
//! full and each kind of dichromatic colour vision, at a contrast of 3:1 or more to the card (WCAG 2.2,
//! 1.4.11); the tests below compute both. The later lines of a panel are dashed, too.

use tiny_skia::Color;

use crate::chart::MOST_LINES;

/// What surrounds the picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Theme {
    /// Dark on white.
    #[default]
    Light,
    /// Light on black.
    Dark,
}

/// A colour, 0xRRGGBB.
pub(crate) type Rgb = u32;

/// The colours of a theme.
pub(crate) struct Palette {
    pub(crate) card: Rgb,
    pub(crate) border: Rgb,
    pub(crate) text: Rgb,
    pub(crate) muted: Rgb,
    pub(crate) grid: Rgb,
    pub(crate) axis: Rgb,
    pub(crate) incident: Rgb,
    pub(crate) incident_opacity: f32,
    pub(crate) hatch: Rgb,
    pub(crate) marker: Rgb,
    pub(crate) band_opacity: f32,
    pub(crate) lines: [Rgb; MOST_LINES],
}

static LIGHT: Palette = Palette {
    card: 0xff_ff_ff,
    border: 0xd5_d9_e0,
    text: 0x1b_1f_27,
    muted: 0x4c_54_62,
    grid: 0xe4_e7_ec,
    axis: 0x8a_93_a2,
    incident: 0xe8_a3_0c,
    incident_opacity: 0.20,
    hatch: 0xa9_b1_bd,
    marker: 0x1b_1f_27,
    band_opacity: 0.18,
    lines: [
        0x00_68_c3, 0xd1_49_00, 0xbf_56_80, 0x87_00_ff, 0x54_16_59, 0x72_00_0f,
    ],
};

static DARK: Palette = Palette {
    card: 0x16_18_1d,
    border: 0x3a_3f_4a,
    text: 0xec_ee_f2,
    muted: 0xb1_b8_c4,
    grid: 0x2c_30_38,
    axis: 0x7b_84_93,
    incident: 0xf2_b9_3b,
    incident_opacity: 0.20,
    hatch: 0x56_5d_6a,
    marker: 0xec_ee_f2,
    band_opacity: 0.22,
    lines: [
        0x5a_a9_ff, 0xff_8a_3d, 0x72_ff_bd, 0xe2_f2_00, 0xf2_3c_9d, 0xbf_80_56,
    ],
};

impl Theme {
    pub(crate) fn palette(self) -> &'static Palette {
        match self {
            Self::Light => &LIGHT,
            Self::Dark => &DARK,
        }
    }
}

impl Palette {
    /// The colour of a line.
    pub(crate) fn line(&self, number: usize) -> Rgb {
        self.lines
            .iter()
            .copied()
            .cycle()
            .nth(number)
            .unwrap_or(self.text)
    }
}

/// How the lines of a panel are dashed: pixels drawn and left out, nothing for an unbroken one. Few lines
/// are none of them: dashes look like gaps.
pub(crate) fn dashes(beside: usize) -> Option<[f32; 2]> {
    match beside {
        0..=2 => None,
        3 => Some([9.0, 4.0]),
        4 => Some([4.0, 3.0]),
        _ => Some([14.0, 5.0]),
    }
}

/// The colour at an opacity.
pub(crate) fn color(rgb: Rgb, opacity: f32) -> Color {
    let [_, red, green, blue] = rgb.to_be_bytes();
    let mut color = Color::from_rgba8(red, green, blue, 255);
    color.set_alpha(opacity.clamp(0.0, 1.0));
    color
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Red, green and blue of light, from the encoding of sRGB (IEC 61966-2-1).
    fn linear(rgb: Rgb) -> [f64; 3] {
        let [_, red, green, blue] = rgb.to_be_bytes();
        [red, green, blue].map(|byte| {
            let c = f64::from(byte) / 255.0;
            if c <= 0.040_45 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        })
    }

    fn times(matrix: &[[f64; 3]; 3], v: [f64; 3]) -> [f64; 3] {
        matrix.map(|row| row.iter().zip(v).map(|(a, b)| a * b).sum())
    }

    fn contrast(a: Rgb, b: Rgb) -> f64 {
        let luminance = |rgb| {
            let [r, g, b] = linear(rgb);
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        a.max(b) / a.min(b)
    }

    /// Machado, Oliveira, Fernandes 2009, severity 1: full colour vision, protanopia, deuteranopia,
    /// tritanopia.
    const VISION: [[[f64; 3]; 3]; 4] = [
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ];

    fn lab(light: [f64; 3]) -> [f64; 3] {
        let xyz = times(
            &[
                [0.4124, 0.3576, 0.1805],
                [0.2126, 0.7152, 0.0722],
                [0.0193, 0.1192, 0.9505],
            ],
            light.map(|c| c.clamp(0.0, 1.0)),
        );
        let f = |t: f64| {
            if t > 0.008_856 {
                t.cbrt()
            } else {
                7.787 * t + 16.0 / 116.0
            }
        };
        let [x, y, z] = [f(xyz[0] / 0.950_47), f(xyz[1]), f(xyz[2] / 1.088_83)];
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    fn difference(a: Rgb, b: Rgb, vision: &[[f64; 3]; 3]) -> f64 {
        let [a, b] = [a, b].map(|rgb| lab(times(vision, linear(rgb))));
        a.iter()
            .zip(b)
            .map(|(a, b)| (a - b).powi(2))
            .sum::<f64>()
            .sqrt()
    }

    #[test]
    fn lines_and_text_stand_out_from_the_card() {
        for palette in [&LIGHT, &DARK] {
            for line in palette.lines {
                assert!(contrast(line, palette.card) >= 3.0, "{line:06x}");
            }
            for text in [palette.text, palette.muted] {
                assert!(contrast(text, palette.card) >= 7.0, "{text:06x}");
            }
        }
    }

    #[test]
    fn lines_are_told_apart_with_any_kind_of_colour_vision() {
        for palette in [&LIGHT, &DARK] {
            for vision in &VISION {
                for (number, a) in palette.lines.iter().enumerate() {
                    for b in palette.lines.iter().skip(number + 1) {
                        let difference = difference(*a, *b, vision);
                        assert!(difference >= 20.0, "{a:06x} {b:06x}: {difference:.1}");
                    }
                }
            }
        }
    }
}
