//! Records any source into a folder or archive and replays it as a source.
