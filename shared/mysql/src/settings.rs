//! How long we wait for a server, and how long we let it work for us.

use std::time::Duration;

/// The bounds of one instance; how many connections it may get is in its inventory entry.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long connecting may take, session set-up included.
    pub connect_timeout: Duration,
    /// The server-side limit of a statement (`max_execution_time`, `max_statement_time`): the
    /// usual time-out of a probe. It is set once per connection. A probe with a longer time-out
    /// raises it for the rest of the connection's life; one with a shorter time-out is stopped
    /// from here, so that no read needs a round trip more.
    pub statement_limit: Duration,
    /// How often idle connections are looked after: surplus ones closed, the held one kept alive.
    pub look_after_every: Duration,
    /// Connections beyond the one held are closed after this time without use.
    pub close_idle_after: Duration,
    /// A connection unused for this long is pinged before it is used.
    pub ping_after: Duration,
    /// How long a killed statement may take to return before its connection is given up.
    pub kill_patience: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(3),
            statement_limit: Duration::from_secs(5),
            look_after_every: Duration::from_secs(15),
            close_idle_after: Duration::from_secs(60),
            ping_after: Duration::from_secs(30),
            kill_patience: Duration::from_secs(1),
        }
    }
}
