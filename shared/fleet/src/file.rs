//! A file's bytes together with who may read it, both taken from one open handle, so that a file
//! replaced in between cannot lend its permissions to another's content.

use std::fs::{File, Metadata};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};
use std::path::Path;

/// Who may read a file. Systems without unix permissions keep files private by other means and
/// always say `Owner`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Readers {
    /// Its owner only.
    Owner,
    /// Its owner's group too.
    Group,
    /// Every user of the machine.
    Everyone,
}

impl Readers {
    #[cfg(unix)]
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        match metadata.mode() {
            mode if mode & 0o004 != 0 => Self::Everyone,
            mode if mode & 0o040 != 0 => Self::Group,
            _ => Self::Owner,
        }
    }

    #[cfg(not(unix))]
    fn of(_metadata: &Metadata) -> Self {
        Self::Owner
    }
}

/// What a file held at one moment.
#[derive(Hash)]
pub(crate) struct Content {
    pub(crate) bytes: Vec<u8>,
    pub(crate) readers: Readers,
}

impl Content {
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let readers = Readers::of(&file.metadata()?);
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(Self { bytes, readers })
    }

    /// Tells one content from another within one run of the program.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}
