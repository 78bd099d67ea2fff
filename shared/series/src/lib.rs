//! Series of figures over time, and what is unusual about them. Pure: figures in, figures out.
//!
//! Figures are `f64`, NaN where there is none, one for each moment of a [`Grid`]. [`Analyst`] tells what is
//! normal for a series in a window ([`Baseline`]) and when it was not ([`Episode`]); [`Together`] tells what
//! happened to all series at once.

mod baseline;
mod counter;
mod detect;
mod grid;
mod robust;
mod series;
mod silence;
#[cfg(test)]
mod synthetic;

pub use baseline::{Baseline, Basis, Margin, Normal, WIDTH};
pub use counter::Rates;
pub use detect::{Analysis, Analyst, Direction, Episode, FARTHEST, Shape};
pub use grid::{Grid, Step};
pub use series::{Kind, Series, SeriesId, Unit};
pub use silence::{Silence, Together};
