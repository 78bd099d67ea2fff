//! Shapes of versions not at hand, after their manuals and sources.

use super::super::{Covers, LatchMode, LockTarget, TransactionState, Work};
use super::{fixture, parse};

#[test]
fn long_latch_waits_say_what_is_held_by_whom() {
    let semaphores = parse(&fixture("mysql80_latch_waits")).semaphores.unwrap();
    assert_eq!(semaphores.reservations, Some(1_577_328 + 1_577_329));
    assert_eq!(
        (semaphores.wait_arrays, semaphores.signals),
        (2, Some(1_170_527_971))
    );
    assert_eq!(semaphores.rw_sx.unwrap().rounds, 477_325);
    let waits: Vec<_> = semaphores
        .waits
        .iter()
        .map(|wait| {
            (
                wait.wants.unwrap(),
                wait.waited_s,
                wait.held_by.as_deref(),
                wait.ended,
            )
        })
        .collect();
    let holder = Some("140288951609088");
    assert_eq!(
        waits,
        [
            (LatchMode::Shared, 241.0, holder, false),
            (LatchMode::Mutex, 230.0, holder, false),
            (
                LatchMode::SharedExclusive,
                12.0,
                Some("140288926430976"),
                true
            ),
            (LatchMode::Mutex, 0.0, None, false),
        ]
    );
    let first = &semaphores.waits[0];
    assert_eq!(first.held_mode.as_deref(), Some("exclusive"));
    assert_eq!(first.created_at.as_ref().unwrap().file, "btr0sea.cc");
    assert_eq!(semaphores.waits[1].mutex.as_deref(), Some("DICT_SYS"));
    assert_eq!(semaphores.waits[2].last_write_locked, None);
}

#[test]
fn the_holder_of_a_latch_is_found_among_the_transactions() {
    let monitor = parse(&fixture("mysql80_latch_waits"));
    let holder = monitor.semaphores.unwrap().waits[0].held_by.clone();
    let transactions = monitor.transactions.unwrap();
    let trx = transactions.list.iter().find(|trx| {
        trx.session
            .as_ref()
            .is_some_and(|session| session.os_thread == holder)
    });
    let trx = trx.unwrap();
    assert_eq!(
        (trx.active_s, trx.inside_innodb_tickets),
        (Some(243), Some(4_997))
    );
    assert!(trx.holds_adaptive_hash_latch);
    let session = trx.session.as_ref().unwrap();
    assert_eq!(session.host.as_deref(), Some("app7.example.com"));
    assert_eq!(session.ip.as_deref(), Some("10.0.0.7"));
    assert_eq!(session.state.as_deref(), Some("altering table"));
}

#[test]
fn several_buffer_pools_are_read_one_by_one() {
    let pool = parse(&fixture("mysql80_latch_waits")).buffer_pool.unwrap();
    assert_eq!(pool.total.modified_pages, Some(254_372));
    let each: Vec<_> = pool
        .instances
        .iter()
        .map(|pool| (pool.number, pool.modified_pages))
        .collect();
    assert_eq!(each, [(Some(0), Some(126_427)), (Some(1), Some(127_945))]);
    assert_eq!(pool.total.pending_single_page_writes, Some(2));
}

#[test]
fn io_queues_are_summed() {
    let io = parse(&fixture("mysql80_latch_waits")).file_io.unwrap();
    assert_eq!((io.pending_reads, io.pending_writes), (Some(3), Some(64)));
    let others = (
        io.pending_ibuf_reads,
        io.pending_log_ios,
        io.pending_sync_ios,
    );
    assert_eq!(others, (Some(1), Some(0), Some(2)));
    assert_eq!(
        (io.pending_log_flushes, io.pending_data_flushes),
        (Some(1), Some(4))
    );
    assert_eq!(
        (io.pending_os_reads, io.pending_os_writes),
        (Some(5), Some(65))
    );
    assert!(io.threads[3].event_set);
    let io = parse(&fixture("mysql57_deadlock")).file_io.unwrap();
    assert_eq!((io.pending_writes, io.pending_log_ios), (Some(2), Some(1)));
}

#[test]
fn a_queue_before_innodb_is_read() {
    let rows = parse(&fixture("mysql80_latch_waits"))
        .row_operations
        .unwrap();
    assert_eq!(
        (rows.queries_inside, rows.queries_in_queue),
        (Some(16), Some(48))
    );
    assert_eq!(rows.reserved_extents, Some(2));
    assert_eq!(
        rows.main_thread_state.as_deref(),
        Some("enforcing dict cache limit")
    );
}

#[test]
fn an_older_deadlock_does_not_say_what_the_first_one_holds() {
    let deadlock = parse(&fixture("mysql57_deadlock")).deadlock.unwrap();
    assert_eq!(deadlock.rolled_back, Some(1));
    let [first, second] = deadlock.transactions.as_slice() else {
        panic!("two transactions")
    };
    assert_eq!((first.holds.len(), second.holds.len()), (0, 1));
    assert_eq!(first.waits_for[0].mode.as_deref(), Some("S"));
    assert_eq!(first.waits_for[0].covers, Some(Covers::NextKey));
    assert!(second.waits_for[0].insert_intention);
    let LockTarget::Records { index, .. } = &second.holds[0].target else {
        panic!("records")
    };
    assert_eq!(index, "uq_slot");
    let statement = first.transaction.statement.as_deref();
    assert_eq!(
        statement,
        Some("INSERT INTO reservations (slot, who)\nVALUES (7, 'a')")
    );
}

#[test]
fn older_sessions_and_states_are_read() {
    let monitor = parse(&fixture("mysql57_deadlock"));
    let transactions = monitor.transactions.unwrap();
    let states: Vec<_> = transactions.list.iter().map(|trx| trx.state).collect();
    assert_eq!(
        states,
        [
            TransactionState::NotStarted,
            TransactionState::NotStarted,
            TransactionState::CommittedInMemory,
            TransactionState::ForcedRollback,
        ]
    );
    assert_eq!(transactions.list[2].undo_log_entries, Some(3));
    assert_eq!(transactions.list[2].doing.as_deref(), Some("committing"));
    assert_eq!(monitor.semaphores.unwrap().waits[0].held_by, None);
    let rows = monitor.row_operations.unwrap();
    assert_eq!(rows.main_thread.as_deref(), Some("140497397408512"));
    assert_eq!(monitor.redo_log.unwrap().pending_checkpoint_writes, Some(1));
}

#[test]
fn percona_server_adds_waits_memory_and_the_oldest_view() {
    let monitor = parse(&fixture("percona"));
    assert_eq!(monitor.unparsed, []);
    let transactions = monitor.transactions.unwrap();
    assert_eq!(transactions.row_lock_structs, Some(41));
    let trx = &transactions.list[0];
    assert_eq!(trx.work, Some(Work::LockWait));
    let waits = trx.lock_waits.unwrap();
    assert_eq!(
        (waits.record_waits, waits.record_waited_s),
        (Some(3), Some(7))
    );
    assert_eq!(
        (waits.table_waits, waits.table_waited_s),
        (Some(1), Some(2))
    );
    let extra = trx.waits_for[0].extra.as_deref();
    assert_eq!(extra, Some("lock hold time 0 wait time before grant 0"));
    let log = monitor.redo_log.unwrap();
    assert_eq!(
        (log.checkpoint_age_bytes, log.max_checkpoint_age_bytes),
        (Some(100), Some(87_417_344))
    );
    let pool = monitor.buffer_pool.unwrap();
    assert_eq!(
        (pool.total.size_bytes, pool.internal_hashes.len()),
        (Some(134_201_344), 3)
    );
    assert_eq!(pool.internal_hashes[1].bytes, 139_112);
    let rows = monitor.row_operations.unwrap();
    let view = rows.oldest_view.unwrap();
    assert_eq!((rows.rw_transactions, view.open_then), (Some(2), 2));
    assert_eq!(
        (view.purge_stops_at_trx_no, view.seen_below),
        (Some(286_365_834), Some(286_365_611))
    );
}

#[test]
fn a_list_cut_by_the_server_is_not_taken_for_the_whole() {
    let monitor = parse(&fixture("mysql80_list_cut"));
    assert!(monitor.truncated && monitor.transactions_cut);
    let transactions = monitor.transactions.unwrap();
    assert_eq!(
        transactions
            .list
            .iter()
            .map(|trx| trx.id)
            .collect::<Vec<_>>(),
        [Some(7_700)]
    );
    assert_eq!(transactions.list[0].locks, []);
    assert_eq!((monitor.lines.left_out, monitor.lines.records), (1, 3));
    assert_eq!(
        monitor.unparsed.len(),
        1,
        "the half line where the list was cut"
    );
    assert!(monitor.file_io.is_some());
}

#[test]
fn skipped_lock_info_is_told_from_an_idle_server() {
    let monitor = parse(&fixture("mysql80_locks_skipped"));
    assert!(monitor.lock_info_skipped && !monitor.truncated);
    assert_eq!(monitor.transactions, None);
}

#[test]
fn a_search_given_up_is_not_a_circle() {
    let deadlock = parse(&fixture("mysql80_search_given_up")).deadlock.unwrap();
    assert!(deadlock.search_given_up);
    assert_eq!(
        (deadlock.transactions.len(), deadlock.rolled_back),
        (1, None)
    );
    assert_eq!(deadlock.transactions[0].transaction.id, Some(7_790));
    assert_eq!(deadlock.transactions[0].waits_for.len(), 1);
}

#[test]
fn what_a_later_version_adds_is_kept() {
    let monitor = parse(&fixture("later_version"));
    let unparsed: Vec<_> = monitor
        .unparsed
        .iter()
        .map(|u| (u.section.as_str(), u.line_no, u.line.as_str()))
        .collect();
    assert_eq!(
        unparsed,
        [
            ("SEMAPHORES", 10, "a sentence of a later version 7"),
            ("LOG", 22, "Log archived up to  80"),
            ("END OF INNODB MONITOR OUTPUT", 26, "trailing"),
        ]
    );
    let [section] = monitor.other_sections.as_slice() else {
        panic!("one section")
    };
    assert_eq!(
        (section.name.as_str(), section.line_count),
        ("VECTOR CACHES", 2)
    );
    assert_eq!(monitor.redo_log.unwrap().checkpoint_age_bytes, Some(10));
}

#[test]
fn nothing_is_made_of_nothing() {
    let monitor = parse("");
    assert!(monitor.truncated);
    assert_eq!(monitor.lines.total, 0);
    let refused = parse("ERROR 1227 (42000): Access denied; you need the PROCESS privilege");
    assert_eq!(refused.unparsed.len(), 1);
}

#[test]
fn the_frame_of_the_command_line_client_is_no_riddle() {
    let text = fixture("mysql80_search_given_up");
    let stars = "*".repeat(27);
    let framed = format!("{stars} 1. row {stars}\n  Type: InnoDB\n  Name: \nStatus: {text}");
    let monitor = parse(&framed.replace('\n', "\r\n"));
    assert_eq!(monitor.unparsed, []);
    assert!(monitor.header.printed_at.is_some() && !monitor.truncated);
}
