//! The configuration of a server: what each setting is, where it came from, who changed it, what is
//! dangerous about it, and how two servers differ. Pure.

pub mod catalog;
pub mod changes;
pub mod compare;
pub mod kind;
pub mod plan_switch;
pub mod restart;
pub mod rules;
pub mod secrets;
pub mod settings;
pub mod story;
