//! Who may call what on which instance (Cedar), and the audit log.
