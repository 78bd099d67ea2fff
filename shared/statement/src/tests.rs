//! What is allowed is written anew without doubt; what is not is refused with what to do.

mod corpus;
mod properties;
mod written;

use crate::{Explainable, Grammar, Refused};

pub(super) fn allow(text: &str) -> Result<Explainable, Refused> {
    Explainable::allow(text, Some("shop"), Grammar::MySql)
}
