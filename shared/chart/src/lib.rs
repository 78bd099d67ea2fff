//! Pictures of series: a PNG that reads at the width of a chat, the same as text for those who see no
//! picture, and the page that clients show instead, with the data it draws. Pure: figures in, bytes out.

mod app;
mod canvas;
mod chart;
mod figure;
mod font;
mod label;
mod panel;
mod picture;
mod png;
mod range;
mod summary;
mod theme;
mod ticks;
mod trace;

pub use app::APP_HTML;
pub use chart::{Band, Change, Chart, ChartError, Incident, Line, MOST_CHANGES, MOST_LINES};
pub use figure::figure;
pub use summary::Summary;
pub use theme::Theme;
