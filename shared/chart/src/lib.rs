//! Pictures of series: a PNG that reads at the width of a chat, the same as text for those who see no
//! picture, and the page that clients show instead, with the data it draws. Pure: figures in, bytes out.
//!
//! A tool that draws answers with all of them; its page is a `static` of [`APP_HTML`] under a `ui://` address:
//!
//! ```ignore
//! let chart = Chart::new("Statements of checkout-db-1", grid, vec![Line::of(&series).with_band(band)])?
//!     .with_incident(Incident { from, to })
//!     .with_changes(vec![Change::new(at, "deploy checkout 4.2.0")]);
//! let data = Data { series: chart.summaries(Untrusted::name) };
//! Ok(Answer::new(headline, findings, data)
//!     .with_picture(Picture::png(chart.png(Theme::Light)))
//!     .with_app_data(chart.app_data()))
//! ```

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
