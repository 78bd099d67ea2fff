//! A log read by several threads.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::digest::Digest;
use crate::options::Options;
use crate::reader::{Reader, drop_middle};
use crate::records::Records;
use crate::text::Boundaries;

/// A piece is at least this large, but for the last.
const PIECE: usize = 1 << 20;
/// Text without a second entry is handed on nevertheless when it is so large: it is one long statement.
const WITHOUT_ENTRY: usize = 8 << 20;

struct Piece {
    number: u32,
    /// Of its first byte, from the start of the log.
    offset: u64,
    text: Vec<u8>,
    is_last: bool,
}

/// What a thread tells of a piece: its number, and the default database at its end.
type End = (u32, Option<Vec<u8>>);

/// A log read by several threads: it is cut into pieces where entries begin, and what the threads added
/// up is added up at the end. What comes out is what one [`Reader`] would give.
pub struct Pipeline {
    records: Records,
    options: Options,
    boundaries: Boundaries,
    held: Vec<u8>,
    /// Bytes of the text held that were dropped from the middle of its one statement.
    dropped: u64,
    offset: u64,
    pieces: u32,
    to_threads: Option<SyncSender<Piece>>,
    /// Buffers of pieces that were read, to be filled again.
    spare: Receiver<Vec<u8>>,
    threads: Vec<JoinHandle<(Digest, Vec<End>)>>,
}

impl Pipeline {
    /// Starts so many threads, at least one.
    pub fn new(options: &Options, threads: usize) -> Self {
        let (to_threads, pieces) = sync_channel(threads.max(1));
        let pieces = Arc::new(Mutex::new(pieces));
        let (to_spare, spare) = channel();
        let thread = |_| {
            let (options, pieces) = (options.clone(), Arc::clone(&pieces));
            let to_spare = to_spare.clone();
            std::thread::spawn(move || work(options, &pieces, &to_spare))
        };
        Self {
            records: Records::default(),
            options: options.clone(),
            boundaries: Boundaries::new(),
            held: Vec::new(),
            dropped: 0,
            offset: 0,
            pieces: 0,
            to_threads: Some(to_threads),
            spare,
            threads: (0..threads.max(1)).map(thread).collect(),
        }
    }

    /// Takes the next part of the log. Waits while the threads are busy.
    pub fn feed(&mut self, chunk: &[u8]) {
        let mut records = std::mem::take(&mut self.records);
        self.feed_text(records.text_of(chunk));
        self.records = records;
    }

    fn feed_text(&mut self, text: &[u8]) {
        self.held.extend_from_slice(text);
        if self.held.len() < PIECE {
            return;
        }
        if let Some(cut) = self.boundaries.last(&self.held).filter(|cut| *cut > 0) {
            let mut rest = self.spare.try_recv().unwrap_or_default();
            rest.clear();
            rest.extend_from_slice(self.held.get(cut..).unwrap_or_default());
            let mut piece = std::mem::replace(&mut self.held, rest);
            piece.truncate(cut);
            self.hand_on(piece, false);
        } else if self.held.len() > WITHOUT_ENTRY {
            self.dropped += drop_middle(&mut self.held, 2 * Reader::LONGEST);
        }
    }

    /// The log ends here.
    pub fn finish(mut self) -> Digest {
        let mut records = std::mem::take(&mut self.records);
        self.feed_text(records.end());
        let last = std::mem::take(&mut self.held);
        self.hand_on(last, true);
        self.to_threads = None;
        let mut ends = Vec::new();
        let mut whole: Option<Digest> = None;
        for thread in std::mem::take(&mut self.threads) {
            match thread.join() {
                Ok((digest, of_thread)) => {
                    ends.extend(of_thread);
                    match &mut whole {
                        Some(whole) => whole.merge_pieces(&digest),
                        None => whole = Some(digest),
                    }
                }
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        let mut whole = whole.unwrap_or_else(|| Digest::new(self.options));
        whole.left_out(records.unread());
        ends.sort_by_key(|(number, _)| *number);
        whole.name_unknown(&|piece| {
            let mut before = ends.iter().rev().filter(|(number, _)| *number < piece);
            before.find_map(|(_, database)| database.clone())
        });
        whole
    }

    fn hand_on(&mut self, text: Vec<u8>, is_last: bool) {
        let length = text.len() as u64 + std::mem::take(&mut self.dropped);
        let piece = Piece {
            number: self.pieces,
            offset: self.offset,
            text,
            is_last,
        };
        self.offset += length;
        self.pieces += 1;
        if let Some(threads) = &self.to_threads {
            // Where no thread is left one has panicked, which the end tells.
            let _ = threads.send(piece);
        }
    }
}

fn work(
    options: Options,
    pieces: &Mutex<Receiver<Piece>>,
    to_spare: &Sender<Vec<u8>>,
) -> (Digest, Vec<End>) {
    let mut digest = Digest::new(options);
    let mut ends = Vec::new();
    loop {
        let piece = {
            let pieces = pieces.lock().unwrap_or_else(PoisonError::into_inner);
            pieces.recv()
        };
        let Ok(piece) = piece else {
            return (digest, ends);
        };
        digest.begin_piece(piece.number);
        let mut reader = Reader::starting_at(piece.offset);
        reader.feed(&piece.text, &mut digest);
        let (unread, database) = reader.finish_piece(&mut digest, piece.is_last);
        digest.left_out(&unread);
        ends.push((piece.number, database));
        // At the end nobody wants it.
        let _ = to_spare.send(piece.text);
    }
}
