//! How far a call has come, for a client that wants to know.

use tokio::sync::mpsc::UnboundedSender;

/// One step of progress.
#[derive(Debug, Clone, PartialEq)]
pub struct ProgressNote {
    /// Steps done.
    pub done: f64,
    /// Steps in all.
    pub total: Option<f64>,
    /// What is being done.
    pub message: String,
}

/// Where progress goes; nowhere when the client asked for none.
pub type Progress = Option<UnboundedSender<ProgressNote>>;
