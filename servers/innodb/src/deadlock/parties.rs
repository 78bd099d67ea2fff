//! Who the members are: connection, user and program.

use std::collections::HashMap;

use storex_tool::Untrusted;

use super::cycle::Member;

/// Programs by connection id, of connections that are still there.
pub type Programs = HashMap<u64, String>;

/// A member's owner.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Party {
    /// Connection id.
    pub connection: Option<u64>,
    /// Account.
    pub user: Option<String>,
    /// What the client says it is.
    pub program: Option<String>,
}

impl Party {
    /// The owner of a member. Connection ids are never used twice while a server runs, so a program
    /// found under one is the member's; where the connection has gone, the statement's own comment
    /// tells.
    pub fn of(member: &Member<'_>, programs: &Programs) -> Self {
        let session = member.transaction.session.as_ref();
        let connection = session.map(|session| session.thread_id);
        let statement = member.transaction.statement.as_deref();
        Self {
            connection,
            user: session.and_then(|session| session.user.clone()),
            program: connection
                .and_then(|id| programs.get(&id).cloned())
                .or_else(|| statement.and_then(application)),
        }
    }

    /// `checkout-api (user checkout)`, marked where needed: the same for all its connections.
    pub fn label(&self) -> String {
        let user = self.user.as_deref().map(Untrusted::name);
        match (&self.program, user) {
            (Some(program), Some(user)) if program.as_str() == user.as_str() => {
                format!("user {user}")
            }
            (Some(program), Some(user)) => format!("{} (user {user})", Untrusted::name(program)),
            (Some(program), None) => Untrusted::name(program).to_string(),
            (None, Some(user)) => format!("user {user}"),
            (None, None) => match self.connection {
                Some(id) => format!("connection {id}"),
                None => "a transaction without a connection".to_owned(),
            },
        }
    }
}

/// The `application` a sqlcommenter comment names: `/*application='checkout',route='…'*/`.
pub fn application(statement: &str) -> Option<String> {
    const KEY: &str = "application='";
    let comment = statement.rsplit_once("/*")?.1;
    let at = comment.find(KEY)?;
    let before = comment.get(..at)?;
    let value = comment.get(at + KEY.len()..)?.split('\'').next()?;
    let starts = before.is_empty() || before.ends_with([',', ' ']);
    (starts && !value.is_empty()).then(|| value.to_owned())
}
