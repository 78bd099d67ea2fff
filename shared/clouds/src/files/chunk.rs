//! Large buffers, used again when whoever read them is done.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

/// The buffers of one stream. At most so many exist as are in use at once.
#[derive(Debug)]
pub(super) struct Pool {
    free: Mutex<Vec<Vec<u8>>>,
    length: usize,
}

/// A buffer of the pool's length.
#[derive(Debug)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    pool: Arc<Pool>,
}

/// A buffer's first bytes.
struct Filled {
    buffer: Buffer,
    length: usize,
}

impl Pool {
    pub(super) fn new(length: usize) -> Arc<Self> {
        let free = Mutex::default();
        Arc::new(Self { free, length })
    }

    pub(super) fn take(self: &Arc<Self>) -> Buffer {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let used = free.pop();
        drop(free);
        Buffer {
            bytes: used.unwrap_or_else(|| vec![0; self.length]),
            pool: Arc::clone(self),
        }
    }
}

impl Buffer {
    /// Its first bytes, as many as are wanted and there are.
    pub(super) fn start(&mut self, wanted: usize) -> &mut [u8] {
        let length = wanted.min(self.bytes.len());
        self.bytes.get_mut(..length).unwrap_or_default()
    }

    /// Its first bytes, to be handed out.
    pub(super) fn freeze(self, length: usize) -> Bytes {
        let buffer = self;
        Bytes::from_owner(Filled { buffer, length })
    }
}

impl AsRef<[u8]> for Filled {
    fn as_ref(&self) -> &[u8] {
        self.buffer.bytes.get(..self.length).unwrap_or_default()
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        let mut free = self.pool.free.lock();
        if let Ok(free) = &mut free {
            free.push(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_used_again_once_nobody_reads_it() {
        let pool = Pool::new(8);
        let mut buffer = pool.take();
        buffer.start(4).copy_from_slice(b"abcd");
        let bytes = buffer.freeze(4);
        assert_eq!(&bytes[..], b"abcd");
        let slice = bytes.slice(2..);
        drop(bytes);
        assert_eq!(pool.free.lock().unwrap().len(), 0, "a part is in use");
        assert_eq!(&slice[..], b"cd");
        drop(slice);
        assert_eq!(pool.free.lock().unwrap().len(), 1);
        drop(pool.take());
        assert_eq!(pool.free.lock().unwrap().len(), 1);
    }
}
