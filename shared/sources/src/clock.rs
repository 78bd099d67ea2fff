//! The one door to the wall clock. Everything else takes its time from a source, so that a
//! replayed incident is "now".

use jiff::Timestamp;

/// The present moment. Only live sources, the audit log and telemetry call this.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one door the ban points to"
)]
pub fn wall_clock() -> Timestamp {
    Timestamp::now()
}
