use super::*;
use crate::variables::VariableRow;

fn variables(pairs: &[(&str, &str)]) -> Variables {
    let row = |(name, value): &(&str, &str)| VariableRow {
        variable_name: (*name).into(),
        value: (*value).into(),
    };
    Variables::of(pairs.iter().map(row).collect())
}

#[test]
fn own_transactions_are_certain_when_they_grow_and_possible_when_old() {
    let own = |count: u64| {
        Some((
            count,
            format!("65a193b9-e710-11f1-b603-02fc00000001:1-{count}"),
        ))
    };
    let told = |before, now| written_here(before, now, false).map(|finding| finding.confidence);
    assert_eq!(told(own(3), own(3)), Some(Confidence::Possible));
    assert_eq!(told(own(3), own(4)), Some(Confidence::Certain));
    assert_eq!(told(None, None), None);
    let mariadb = written_here(None, Some((1, "0-2-45".into())), true);
    assert_eq!(
        mariadb.map(|finding| finding.severity),
        Some(Severity::Warning)
    );
}

#[test]
fn a_replica_that_takes_writes_is_told() {
    assert!(writable(&variables(&[("read_only", "ON")]), false).is_none());
    assert!(
        writable(&variables(&[]), false).is_none(),
        "unknown is not off"
    );
    let severity = |written| {
        let finding = writable(&variables(&[("read_only", "OFF")]), written);
        finding.map(|finding| finding.severity)
    };
    assert_eq!(
        (severity(false), severity(true)),
        (Some(Severity::Info), Some(Severity::Warning))
    );
}

#[test]
fn semi_sync_is_told_under_both_names_when_it_fell_back() {
    for (enabled, status, clients) in [
        (
            "rpl_semi_sync_source_enabled",
            "rpl_semi_sync_source_status",
            "rpl_semi_sync_source_clients",
        ),
        (
            "rpl_semi_sync_master_enabled",
            "rpl_semi_sync_master_status",
            "rpl_semi_sync_master_clients",
        ),
    ] {
        let id = |on: &str, running: &str| {
            let (settings, status) = (
                variables(&[(enabled, on)]),
                variables(&[(status, running), (clients, "0")]),
            );
            semi_sync(&settings, &status).map(|finding| finding.id)
        };
        assert_eq!(id("ON", "OFF"), Some("semi_sync_fell_back"));
        assert_eq!(id("ON", "ON"), None);
        assert_eq!(id("OFF", "OFF"), None);
    }
}

/// From the manual's example of a group with an unreachable member.
#[test]
fn a_member_that_does_not_serve_is_told() {
    let member = |host: &str, state: &str| MemberRow {
        member_id: host.into(),
        host: Some(host.into()),
        state: Some(state.into()),
        ..MemberRow::default()
    };
    assert!(group(&[member("a", "ONLINE"), member("b", "ONLINE")]).is_none());
    let told = group(&[
        member("a", "ONLINE"),
        member("b", "UNREACHABLE"),
        member("c", "ONLINE"),
    ])
    .unwrap();
    assert_eq!(told.severity, Severity::Critical);
    assert!(
        told.statement.contains("first b: UNREACHABLE"),
        "{}",
        told.statement
    );
    let joining = group(&[
        member("a", "ONLINE"),
        member("b", "RECOVERING"),
        member("c", "ONLINE"),
    ])
    .unwrap();
    assert_eq!(joining.severity, Severity::Info);
}

/// Columns as documented for Aurora MySQL 3.
#[test]
fn an_aurora_reader_is_told_beyond_a_second() {
    let instance = |name: &str, session: &str, lag_ms: f64| AuroraRow {
        server_id: name.into(),
        session_id: Some(session.into()),
        lag_ms: Some(lag_ms),
        ..AuroraRow::default()
    };
    let cluster = |lag| {
        [
            instance("w", "MASTER_SESSION_ID", 0.0),
            instance("r1", "6a1f", 18.0),
            instance("r2", "77c0", lag),
        ]
    };
    assert!(aurora(&cluster(20.0)).is_none());
    assert!(
        aurora(&cluster(2_400.0))
            .unwrap()
            .statement
            .contains("r2 is 2.4 s")
    );
}

#[test]
fn a_big_open_transaction_is_told_on_a_source() {
    let trx = |rows_modified| TrxRow {
        id: 42,
        age_s: Some(12),
        rows_modified,
        ..TrxRow::default()
    };
    let told = |rows| {
        big_transaction(
            &[trx(3), trx(rows)],
            &Sessions::default(),
            2,
            "source",
            false,
        )
    };
    assert!(told(5_000).is_none());
    assert_eq!(
        told(250_000).map(|finding| finding.id),
        Some("big_transaction_coming")
    );
}
