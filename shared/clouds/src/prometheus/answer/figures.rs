//! Figures as they come: `[1700000000.123, "42"]`.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, SeqAccess, Visitor};
use storex_series::Grid;

/// A figure and when it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::prometheus) struct Sample {
    /// Seconds since the epoch.
    pub(in crate::prometheus) at_s: f64,
    pub(in crate::prometheus) value: f64,
}

/// Where figures are put.
pub(super) trait Figures {
    fn take(&mut self, sample: Sample);
}

/// One place for each moment of a grid.
#[derive(Debug)]
pub(super) struct OnGrid {
    pub(super) values: Vec<f64>,
    start_s: f64,
    step_s: f64,
}

impl OnGrid {
    pub(super) fn new(grid: &Grid) -> Self {
        Self {
            values: vec![f64::NAN; grid.len()],
            start_s: grid.start().as_second() as f64,
            step_s: f64::from(grid.step().seconds()),
        }
    }
}

impl Figures for OnGrid {
    /// What lies beside the grid or is no finite number is no figure.
    fn take(&mut self, sample: Sample) {
        let point = ((sample.at_s - self.start_s) / self.step_s).round();
        if !sample.value.is_finite() || !(0.0..self.values.len() as f64).contains(&point) {
            return;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is a whole number within the length of the grid"
        )]
        if let Some(place) = self.values.get_mut(point as usize) {
            *place = sample.value;
        }
    }
}

/// All of them, up to what tells how often they are taken.
#[derive(Debug, Default)]
pub(super) struct Samples {
    pub(super) taken: Vec<Sample>,
}

/// Samples of a series that are kept as they were taken.
const MOST_SAMPLES: usize = 10_000;

impl Figures for Samples {
    fn take(&mut self, sample: Sample) {
        if self.taken.len() < MOST_SAMPLES {
            self.taken.push(sample);
        }
    }
}

/// A list of figures.
pub(super) struct List<'f, F>(pub(super) &'f mut F);

impl<'de, F: Figures> DeserializeSeed<'de> for List<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de, F: Figures> Visitor<'de> for List<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of figures")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(sample) = list.next_element()? {
            self.0.take(sample);
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Sample {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_seq(Pair)
    }
}

struct Pair;

impl<'de> Visitor<'de> for Pair {
    type Value = Sample;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a moment and a figure")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Sample, A::Error> {
        let wrong = || serde::de::Error::invalid_length(1, &"a moment and a figure");
        let at_s: f64 = list.next_element()?.ok_or_else(wrong)?;
        let Figure(value) = list.next_element()?.ok_or_else(wrong)?;
        match list.next_element::<IgnoredAny>()? {
            None => Ok(Sample { at_s, value }),
            Some(_) => Err(serde::de::Error::custom("more than a moment and a figure")),
        }
    }
}

/// A figure in a string: `"42"`, `"NaN"`, `"+Inf"`.
struct Figure(f64);

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_str(FigureText)
    }
}

struct FigureText;

impl Visitor<'_> for FigureText {
    type Value = Figure;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a figure in a string")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Figure, E> {
        let value = text.parse().map_err(|_| E::custom("no figure"))?;
        Ok(Figure(value))
    }
}
