//! What can be done: one action per tool, as the table of tools declares it.

use std::collections::HashSet;

use crate::PolicyError;

/// What a call does to the world. Policies group actions by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Reads figures and statement shapes.
    Read,
    /// Reads what may hold personal data or secrets.
    Sensitive,
    /// Changes something.
    Mutate,
}

impl Effect {
    /// Every effect; each is an action group.
    pub(crate) const ALL: [Self; 3] = [Self::Read, Self::Sensitive, Self::Mutate];

    /// The name of the action group.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Sensitive => "sensitive",
            Self::Mutate => "mutate",
        }
    }
}

/// What a tool's input names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// One instance.
    Instance,
    /// The fleet as a whole.
    Fleet,
}

/// The type of an argument policies may look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ArgKind {
    /// A string.
    String,
    /// A whole number that fits 64 bits, signed.
    Long,
    /// True or false.
    Bool,
}

/// An argument policies may look at, as `context.args.<name>`. All are optional.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArgSpec {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: ArgKind,
    /// Whether a call in which it is true counts as sensitive (`context.sensitive`), whatever the
    /// tool's own effect. Only for [`ArgKind::Bool`].
    pub sensitive: bool,
}

impl ArgSpec {
    /// An argument of this name and type.
    pub fn new(name: impl Into<String>, kind: ArgKind) -> Self {
        Self {
            name: name.into(),
            kind,
            sensitive: false,
        }
    }

    /// A boolean that makes a call sensitive when it is true.
    pub fn sensitive(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: ArgKind::Bool,
            sensitive: true,
        }
    }
}

/// A tool, as policies know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// The tool's name: `innodb_lock_waits`.
    pub name: String,
    /// What it does to the world: an action group.
    pub effect: Effect,
    /// The domain it belongs to, also an action group: `innodb`.
    pub domain: String,
    /// What its input names.
    pub target: Target,
    /// The arguments policies may look at.
    pub args: Vec<ArgSpec>,
}

/// Names must be plain, so that they mean the same in the schema, in policies and in JSON, and taken
/// once.
pub(crate) fn check_names(actions: &[Action]) -> Result<(), PolicyError> {
    let plain = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let effects = Effect::ALL.map(Effect::as_str);
    let mut taken = HashSet::new();
    for action in actions {
        let args = action.args.iter().map(|arg| arg.name.as_str());
        for name in args.chain([action.name.as_str(), action.domain.as_str()]) {
            if !plain(name) {
                return Err(PolicyError::Actions(format!(
                    "`{name}` is not in lower snake case"
                )));
            }
        }
        let is_group = effects.contains(&action.name.as_str())
            || actions.iter().any(|other| other.domain == action.name);
        if is_group || !taken.insert(&action.name) {
            return Err(PolicyError::Actions(format!(
                "the name `{}` is taken",
                action.name
            )));
        }
        if effects.contains(&action.domain.as_str()) {
            return Err(PolicyError::Actions(format!(
                "the domain `{}` is an effect",
                action.domain
            )));
        }
        for arg in &action.args {
            if arg.sensitive && arg.kind != ArgKind::Bool {
                return Err(PolicyError::Actions(format!(
                    "the sensitive argument `{}` is not a boolean",
                    arg.name
                )));
            }
        }
    }
    Ok(())
}
