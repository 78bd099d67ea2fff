//! The scenarios that need no fixture, against the program people install.
