//! The inventory: instances, where they live, who owns them, and where their data comes from.
