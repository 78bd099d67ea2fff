//! The InnoDB server: locks, transactions, and the monitor read for you.
