//! Series of figures over time. Pure: figures in, figures out.

mod grid;
mod series;

pub use grid::{Grid, Step};
pub use series::{Kind, Series, SeriesId, Unit};
