//! Azure for tests: Azurite for its storage, and a stand-in for what nobody emulates, signing in and the
//! management API of Azure Database for MySQL.
//!
//! The stand-in answers as Microsoft's published description of the API says (version 2023-12-30, log
//! files), over TLS, and can be told to refuse, to throttle and to cut.

mod api;
mod azurite;
mod http;
mod stand_in;

pub use azurite::Azurite;
pub(crate) use http::acceptor;
pub use stand_in::{Fault, ServerLog, StandIn};

/// The directory, the application and its secret that sign in.
pub const TENANT: &str = "00001111-aaaa-2222-bbbb-3333cccc4444";
/// The application.
pub const CLIENT: &str = "11112222-bbbb-3333-cccc-4444dddd5555";
/// Its secret.
pub const SECRET: &str = "the secret of a test";
/// The subscription, the resource group and the server whose logs there are.
pub const SUBSCRIPTION: &str = "9f1c3f5e-1111-4222-8333-1234567890ab";
/// Its resource group.
pub const RESOURCE_GROUP: &str = "shop-(test)";
/// The server.
pub const SERVER: &str = "shop-west";
