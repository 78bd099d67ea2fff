//! Who may call what on which instance (Cedar), and the audit log.
//!
//! [`Authorizer`] answers three questions, and its answers agree: may this caller make this call
//! ([`Authorizer::authorize`]), which tools may it call at all ([`Authorizer::callable`]), and which
//! instances may it see ([`Authorizer::visible_instances`]).
//!
//! ```text
//! let authorizer = Authorizer::load(&dir, &actions, &inventory)?;          // fails closed
//! let caller = Principal::agent("claude", "alice", ["payments"]).through(Transport::Http);
//! let decision = authorizer.authorize(&caller, "innodb_lock_waits", ResourceRef::Instance("db-1"), &arguments);
//! let ticket = audit.begin(&Begin::new(&caller, ...)).await?;               // no record, no run
//! ticket.end(Outcome::Ok, bytes)?;
//! ```

mod action;
mod authorizer;
mod classes;
mod decision;
mod entities;
mod error;
mod explain;
mod folder;
mod lists;
mod loaded;
mod matrix;
mod policies;
mod principal;
mod request;
mod resource;
mod schema;
mod scope;
mod seen;
mod tools;
mod view;

pub mod audit;

pub use action::{Action, ArgKind, ArgSpec, Effect, Target};
pub use authorizer::Authorizer;
pub use decision::{Decision, Level};
pub use error::{Place, PolicyError};
pub use explain::{Because, Explanation, Half, Near};

pub use folder::{Fingerprint, PolicyFolder};
pub use principal::{Kind, Principal, Transport};
pub use resource::{Resource, ResourceRef};
pub use schema::{actions_of, schema};
