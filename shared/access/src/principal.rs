//! Who is calling, as the identity layer established it.

/// Through which door the call came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Transport {
    /// A process the caller started on its own machine.
    Stdio,
    /// The network, with a verified token. The default, being the less trusted.
    #[default]
    Http,
}

impl Transport {
    /// The name policies use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stdio => "stdio",
            Self::Http => "http",
        }
    }
}

/// A person, or an agent acting for one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A person.
    User,
    /// A program that acts for a person and never may more than that person.
    Agent {
        /// The person.
        on_behalf_of: String,
    },
}

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Principal {
    /// Person or agent.
    pub kind: Kind,
    /// The person's, or the agent's, id.
    pub id: String,
    /// The teams the identity says the *person* is in, sorted. Group membership in the entity files
    /// comes on top; an agent's own groups come from the entity files alone.
    pub teams: Vec<String>,
    /// Through which door.
    pub transport: Transport,
}

impl Principal {
    /// A person.
    pub fn user<T: Into<String>>(
        id: impl Into<String>,
        teams: impl IntoIterator<Item = T>,
    ) -> Self {
        Self {
            kind: Kind::User,
            id: id.into(),
            teams: sorted(teams),
            transport: Transport::default(),
        }
    }

    /// An agent acting for a person; `teams` are the person's.
    pub fn agent<T: Into<String>>(
        agent_id: impl Into<String>,
        user_id: impl Into<String>,
        teams: impl IntoIterator<Item = T>,
    ) -> Self {
        Self {
            kind: Kind::Agent {
                on_behalf_of: user_id.into(),
            },
            id: agent_id.into(),
            teams: sorted(teams),
            transport: Transport::default(),
        }
    }

    /// The same caller, through this door.
    #[must_use]
    pub fn through(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    /// The person who calls or on whose behalf an agent calls.
    pub fn user_id(&self) -> &str {
        match &self.kind {
            Kind::User => &self.id,
            Kind::Agent { on_behalf_of } => on_behalf_of,
        }
    }

    /// Whether an agent calls.
    pub const fn is_agent(&self) -> bool {
        matches!(self.kind, Kind::Agent { .. })
    }
}

fn sorted<T: Into<String>>(teams: impl IntoIterator<Item = T>) -> Vec<String> {
    let mut teams: Vec<String> = teams.into_iter().map(Into::into).collect();
    teams.sort_unstable();
    teams.dedup();
    teams
}
