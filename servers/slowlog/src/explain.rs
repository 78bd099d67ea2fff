//! What a plan says about a statement: the steps the server would take, what is wrong with them, and
//! which index would help. Pure: rows and definitions in, findings out.

pub mod column;
pub mod definition;
pub mod findings;
pub mod outline;
pub mod plan;
pub mod suggest;
