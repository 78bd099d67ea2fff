use super::*;
use crate::waits::Forest;

fn lock(id: u64, lock_type: &str, lock_status: &str) -> MdlRow {
    MdlRow {
        object_type: "TABLE".into(),
        object_schema: Some("shop".into()),
        object_name: Some("orders".into()),
        lock_type: lock_type.into(),
        lock_status: lock_status.into(),
        id: Some(id),
    }
}

fn parties(waiters: &[crate::waits::Waiter]) -> Vec<(&Party, &Party)> {
    waiters
        .iter()
        .map(|waiter| (&waiter.party, &waiter.behind))
        .collect()
}

#[test]
fn the_chain_is_holder_then_alter_then_readers() {
    let rows = [
        lock(7, "SHARED_READ", "GRANTED"),
        lock(8, "SHARED_UPGRADABLE", "GRANTED"),
        lock(8, "EXCLUSIVE", "PENDING"),
        lock(9, "SHARED_READ", "PENDING"),
        lock(10, "SHARED_WRITE", "PENDING"),
    ];
    let forest = Forest::build(&edges(&rows));
    let [root] = forest.roots.as_slice() else {
        panic!("one root expected: {forest:?}")
    };
    let [seven, eight, nine, ten] = [7, 8, 9, 10].map(Party::Connection);
    assert_eq!(root.party, seven);
    assert_eq!(
        parties(&root.waiters),
        [(&eight, &seven), (&nine, &eight), (&ten, &eight)]
    );
}

#[test]
fn readers_do_not_hold_up_readers_and_nobody_holds_up_itself() {
    let rows = [
        lock(1, "SHARED_READ", "GRANTED"),
        lock(2, "SHARED_READ", "GRANTED"),
        lock(2, "SHARED_NO_WRITE", "PENDING"),
    ];
    assert_eq!(edges(&rows), []);
}

#[test]
fn two_pending_alters_wait_for_the_holder_not_for_each_other() {
    let rows = [
        lock(1, "SHARED_WRITE", "GRANTED"),
        lock(2, "EXCLUSIVE", "PENDING"),
        lock(3, "EXCLUSIVE", "PENDING"),
    ];
    let forest = Forest::build(&edges(&rows));
    assert!(forest.circles.is_empty());
    assert_eq!(forest.roots.len(), 1);
}

#[test]
fn a_global_read_lock_holds_up_writers() {
    let global = |id, lock_type: &str, status: &str| MdlRow {
        object_type: "GLOBAL".into(),
        object_schema: None,
        object_name: None,
        ..lock(id, lock_type, status)
    };
    let rows = [
        global(1, "SHARED", "GRANTED"),
        global(2, "INTENTION_EXCLUSIVE", "PENDING"),
        global(3, "INTENTION_EXCLUSIVE", "GRANTED"),
    ];
    let edges = edges(&rows);
    assert_eq!(edges.len(), 1);
    assert_eq!(edges[0].blocker, Party::Connection(1));
    assert_eq!(edges[0].lock.object, "server");
    assert_eq!(edges[0].lock.kind, LockKind::GlobalRead);
}

#[test]
fn where_only_granted_locks_are_known_the_statement_tells_the_rest() {
    let info = |id, mode: &str| MdlInfoRow {
        id,
        lock_mode: Some(mode.into()),
        object_type: Some("Table metadata lock".into()),
        object_schema: Some("shop".into()),
        object_name: Some("orders".into()),
    };
    let granted = [info(7, "MDL_SHARED_READ"), info(8, "MDL_SHARED_UPGRADABLE")];
    let stalled = [
        Stalled {
            id: 8,
            scope: Scope::Table,
            statement: "ALTER TABLE `orders` ADD COLUMN c INT",
        },
        Stalled {
            id: 9,
            scope: Scope::Table,
            statement: "SELECT * FROM orders WHERE id = 1",
        },
    ];
    let forest = Forest::build(&edges_from_granted(&granted, &stalled));
    let [root] = forest.roots.as_slice() else {
        panic!("one root expected: {forest:?}")
    };
    let [seven, eight, nine] = [7, 8, 9].map(Party::Connection);
    assert_eq!(root.party, seven);
    assert_eq!(parties(&root.waiters), [(&eight, &seven), (&nine, &eight)]);
}

fn granted(id: u64, object_type: &str, mode: &str, schema: &str) -> MdlInfoRow {
    MdlInfoRow {
        id,
        lock_mode: Some(mode.into()),
        object_type: Some(object_type.into()),
        object_schema: Some(schema.into()),
        object_name: Some(String::new()),
    }
}

#[test]
fn writers_behind_a_global_read_lock_and_users_of_a_name_are_told_from_granted_locks() {
    let locks = [
        granted(7, "Backup lock", "MDL_BACKUP_FTWRL2", ""),
        granted(5, "Backup lock", "MDL_BACKUP_DML", ""),
        granted(6, "User lock", "MDL_SHARED_NO_WRITE", "nightly"),
    ];
    let stalled = [
        Stalled {
            id: 8,
            scope: Scope::Server,
            statement: "UPDATE accounts SET version = 1",
        },
        Stalled {
            id: 9,
            scope: Scope::UserLevel,
            statement: "SELECT GET_LOCK('nightly', 60)",
        },
    ];
    let edges = edges_from_granted(&locks, &stalled);
    let pairs: Vec<_> = edges
        .iter()
        .map(|edge| {
            (
                &edge.waiter,
                &edge.blocker,
                edge.lock.kind,
                edge.lock.object.as_str(),
            )
        })
        .collect();
    let [six, seven, eight, nine] = [6, 7, 8, 9].map(Party::Connection);
    assert_eq!(
        pairs,
        [
            (&eight, &seven, LockKind::GlobalRead, "server"),
            (&nine, &six, LockKind::UserLevel, "nightly"),
        ]
    );
}

#[test]
fn commits_do_not_hold_up_each_other() {
    let backup = |id, lock_type: &str, status: &str| MdlRow {
        object_type: "BACKUP".into(),
        object_schema: None,
        object_name: None,
        ..lock(id, lock_type, status)
    };
    let rows = [
        backup(1, "BACKUP_BLOCK_DDL", "GRANTED"),
        backup(2, "BACKUP_TRANS_DML", "GRANTED"),
        backup(3, "BACKUP_COMMIT", "PENDING"),
    ];
    let edges = edges(&rows);
    assert_eq!(edges.len(), 1);
    assert_eq!(
        (&edges[0].blocker, edges[0].lock.kind),
        (&Party::Connection(1), LockKind::Backup)
    );
}
