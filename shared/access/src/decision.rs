//! What the policies say about one call.

/// Where a refusal came from, told only where it reveals nothing about what exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// The caller may read no instance at all: its teams have no grant.
    Team,
    /// The caller may call this tool on other instances, and sees this one.
    Resource,
    /// The caller sees this instance and may call this tool nowhere.
    Rpc,
    /// The caller may make this very call without these arguments.
    Arguments,
}

/// The outcome for one call.
///
/// Only `allow` and `level` may shape what the caller is told; `policies` and `errors` are for the
/// audit log and the operator, and differ between a hidden and a missing instance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    /// Whether the call may run.
    pub allow: bool,
    /// The `@id` of every policy that determined the outcome, sorted. Empty when nothing permits.
    pub policies: Vec<String>,
    /// What went wrong while deciding, for the log. An error never widens what is allowed.
    pub errors: Vec<String>,
    /// Of a refusal: its level, or `None` where naming one would tell a hidden instance from a
    /// missing one.
    pub level: Option<Level>,
}

impl Decision {
    /// A refusal because something went wrong.
    pub(crate) fn failed(error: String) -> Self {
        Self {
            errors: vec![error],
            ..Self::default()
        }
    }

    /// Allows if all do, and there is one. Where one refuses, what allowed the others determined
    /// nothing.
    pub(crate) fn all(mut answers: impl Iterator<Item = Self>) -> Self {
        let mut all = answers.next().unwrap_or_default();
        for answer in answers {
            if all.allow && !answer.allow {
                all.policies.clear();
            }
            if all.allow || !answer.allow {
                all.policies.extend(answer.policies);
            }
            all.allow &= answer.allow;
            all.errors.extend(answer.errors);
        }
        all.policies.sort_unstable();
        all.policies.dedup();
        all
    }
}
