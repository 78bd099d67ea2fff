//! parse: arguments become the tool's own type; unknown ones are refused.

use std::sync::Arc;

use storex_tool::{Parsed, Reply, ToolError};
use tower::{Layer, Service};

use super::identify::Identified;
use super::{Answering, Next, always_ready};

/// A call whose arguments passed the tool's type.
pub(crate) struct Typed {
    pub(crate) identified: Identified,
    pub(crate) parsed: Parsed,
}

#[derive(Clone, Copy)]
pub(crate) struct ParseLayer;

impl<S> Layer<S> for ParseLayer {
    type Service = Parse<S>;

    fn layer(&self, next: S) -> Parse<S> {
        Parse { next }
    }
}

#[derive(Clone)]
pub(crate) struct Parse<S> {
    next: S,
}

impl<S: Next<Typed>> Service<Identified> for Parse<S> {
    type Response = Arc<Reply>;
    type Error = ToolError;
    type Future = Answering;

    always_ready!();

    fn call(&mut self, mut identified: Identified) -> Answering {
        let arguments = std::mem::take(&mut identified.incoming.arguments);
        match identified.row.parse(arguments) {
            Ok(parsed) => self.next.call(Typed { identified, parsed }),
            Err(error) => Box::pin(async { Err(error) }),
        }
    }
}
