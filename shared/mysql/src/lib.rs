//! The live MySQL and MariaDB source: bounded connections, read-only sessions, flavour and version.
