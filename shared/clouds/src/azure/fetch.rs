//! Parts of one file.

use std::sync::Arc;

use azure_core::http::Url;
use storex_sources::{Limits, LogError, LogFile};

use super::Shared;
use super::client::Part;
use super::trouble::{Asked, Trouble};
use crate::files::within;

/// A file that can be fetched part by part.
pub(super) struct Fetch {
    pub(super) shared: Arc<Shared>,
    pub(super) limits: Limits,
    pub(super) file: LogFile,
    pub(super) url: Url,
    pub(super) asked: Asked,
}

impl Fetch {
    /// `length` bytes from `from` on, fewer at the end or where the connection breaks.
    ///
    /// # Errors
    /// With `from` as the byte to go on at.
    pub(super) async fn range(&self, from: u64, length: u64) -> Result<Part, LogError> {
        let part = async {
            let client = self.shared.client().await?;
            client
                .range(self.asked, self.url.clone(), from, length)
                .await
        };
        let part = within(&self.limits, part).await?;
        part.map_err(|trouble| self.error(self.shared.note(trouble), from))
    }

    /// All of a part, in as many requests as it takes.
    pub(super) async fn all_of(&self, from: u64, length: u64) -> Result<Vec<u8>, LogError> {
        let mut bytes = Vec::new();
        loop {
            let read = bytes.len() as u64;
            let part = self.range(from + read, length - read).await?;
            bytes.extend_from_slice(&part.bytes);
            if !part.is_cut || bytes.len() as u64 >= length {
                return Ok(bytes);
            }
        }
    }

    pub(super) fn error(&self, trouble: Trouble, at: u64) -> LogError {
        let (kind, name) = (self.file.kind, &self.file.name);
        trouble.of_file(kind, name, at, self.asked, self.limits.deadline)
    }

    pub(super) fn chunk_bytes(&self) -> u64 {
        self.shared.settings.chunk_bytes.max(1)
    }
}
