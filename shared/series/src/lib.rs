//! Series of figures over time, and what is unusual about them. Pure: figures in, figures out.
//!
//! Figures are `f64`, NaN where there is none, one for each moment of a [`Grid`]. [`Analyst`] tells what is
//! normal for a series in a window ([`Baseline`]) and when it was not ([`Episode`]); [`stories`] groups the
//! episodes of many series and puts the most telling first; [`compare`] holds windows, [`against_siblings`]
//! instances, [`Target`] the movements of series against each other; [`Together`] tells what
//! happened to all series at once.

mod baseline;
mod chance;
mod compare;
mod correlate;
mod counter;
mod detect;
mod grid;
mod robust;
mod series;
mod silence;
mod story;
#[cfg(test)]
mod synthetic;

pub use baseline::{Baseline, Basis, Margin, Normal, WIDTH};
pub use compare::{Difference, Level, Standing, against_siblings, compare};
pub use correlate::{Correlation, Target};
pub use counter::Rates;
pub use detect::{Analysis, Analyst, Direction, Episode, FARTHEST, Shape};
pub use grid::{Grid, Step};
pub use series::{Kind, Series, SeriesId, Unit};
pub use silence::{Silence, Together};
pub use story::{Moved, Story, stories};
