//! How plans are chosen.

use super::{INNODB, SERVER, Setting, ma, my};
use crate::config::kind::Kind;

/// `optimizer_switch` of MySQL 8.0 and 8.4.
const FLAGS_8_0: &str = "index_merge=on,index_merge_union=on,index_merge_sort_union=on,index_merge_intersection=on,engine_condition_pushdown=on,index_condition_pushdown=on,mrr=on,mrr_cost_based=on,block_nested_loop=on,batched_key_access=off,materialization=on,semijoin=on,loosescan=on,firstmatch=on,duplicateweedout=on,subquery_materialization_cost_based=on,use_index_extensions=on,condition_fanout_filter=on,derived_merge=on,use_invisible_indexes=off,skip_scan=on,hash_join=on,subquery_to_derived=off,prefer_ordering_index=on,hypergraph_optimizer=off,derived_condition_pushdown=on";
/// The same of 9.x.
const FLAGS_9_7: &str = "index_merge=on,index_merge_union=on,index_merge_sort_union=on,index_merge_intersection=on,engine_condition_pushdown=on,index_condition_pushdown=on,mrr=on,mrr_cost_based=on,block_nested_loop=on,batched_key_access=off,materialization=on,semijoin=on,loosescan=on,firstmatch=on,duplicateweedout=on,subquery_materialization_cost_based=on,use_index_extensions=on,condition_fanout_filter=on,derived_merge=on,use_invisible_indexes=off,skip_scan=on,hash_join=on,subquery_to_derived=off,prefer_ordering_index=on,hypergraph_optimizer=off,derived_condition_pushdown=on,hash_set_operations=on";

/// The settings of this area.
pub(super) const SETTINGS: &[Setting] = &[
    Setting::new(
        "optimizer_switch",
        Kind::Flags,
        SERVER,
        "which plans may be considered; reaches new connections only",
        &[my(8, 0, FLAGS_8_0), my(9, 7, FLAGS_9_7)],
    )
    .first(),
    Setting::new(
        "optimizer_search_depth",
        Kind::Count,
        SERVER,
        "how far join orders are searched",
        &[my(8, 0, "62"), ma(10, 6, "62")],
    ),
    Setting::new(
        "optimizer_prune_level",
        Kind::Count,
        SERVER,
        "which join orders are left out",
        &[my(8, 0, "1"), ma(10, 6, "1"), ma(10, 10, "2")],
    ),
    Setting::new(
        "eq_range_index_dive_limit",
        Kind::Count,
        SERVER,
        "longer IN lists are estimated from statistics",
        &[my(8, 0, "200"), ma(10, 6, "200")],
    ),
    Setting::new(
        "range_optimizer_max_mem_size",
        Kind::Bytes,
        SERVER,
        "beyond it a range scan is given up for a full scan",
        &[my(8, 0, "8388608")],
    )
    .first(),
    Setting::new(
        "max_seeks_for_key",
        Kind::Count,
        SERVER,
        "favours indexes over scans",
        &[my(8, 0, "18446744073709551615"), ma(10, 6, "4294967295")],
    ),
    Setting::new(
        "join_cache_level",
        Kind::Count,
        SERVER,
        "which join buffers may be used",
        &[ma(10, 6, "2")],
    ),
    Setting::new(
        "optimizer_use_condition_selectivity",
        Kind::Count,
        SERVER,
        "which statistics estimates use",
        &[ma(10, 6, "4")],
    ),
    Setting::new(
        "use_stat_tables",
        Kind::Word,
        SERVER,
        "whether the engine-independent statistics are used",
        &[ma(10, 6, "PREFERABLY_FOR_QUERIES")],
    ),
    Setting::new(
        "in_predicate_conversion_threshold",
        Kind::Count,
        SERVER,
        "longer IN lists become a join",
        &[ma(10, 6, "1000")],
    ),
    Setting::new(
        "innodb_stats_persistent",
        Kind::Switch,
        INNODB,
        "statistics survive a restart, and plans with them",
        &[my(8, 0, "ON"), ma(10, 6, "ON")],
    )
    .first(),
    Setting::new(
        "innodb_stats_auto_recalc",
        Kind::Switch,
        INNODB,
        "statistics follow the data",
        &[my(8, 0, "ON"), ma(10, 6, "ON")],
    )
    .first(),
    Setting::new(
        "innodb_stats_persistent_sample_pages",
        Kind::Count,
        INNODB,
        "how exact statistics are",
        &[my(8, 0, "20"), ma(10, 6, "20")],
    ),
    Setting::new(
        "innodb_stats_method",
        Kind::Word,
        INNODB,
        "how NULLs count",
        &[my(8, 0, "nulls_equal"), ma(10, 6, "nulls_equal")],
    ),
    Setting::new(
        "innodb_stats_on_metadata",
        Kind::Switch,
        INNODB,
        "reading information_schema recomputes statistics",
        &[my(8, 0, "OFF"), ma(10, 6, "OFF")],
    ),
    Setting::new(
        "max_join_size",
        Kind::Count,
        SERVER,
        "refuses joins that look larger",
        &[
            my(8, 0, "18446744073709551615"),
            ma(10, 6, "18446744073709551615"),
        ],
    ),
    Setting::new(
        "sql_select_limit",
        Kind::Count,
        SERVER,
        "cuts every result",
        &[
            my(8, 0, "18446744073709551615"),
            ma(10, 6, "18446744073709551615"),
        ],
    ),
    Setting::new(
        "optimizer_trace",
        Kind::Flags,
        SERVER,
        "traces every statement",
        &[
            my(8, 0, "enabled=off,one_line=off"),
            ma(10, 6, "enabled=off"),
        ],
    ),
    Setting::new(
        "query_cache_type",
        Kind::Word,
        SERVER,
        "one latch for all readers and writers",
        &[ma(10, 6, "OFF")],
    )
    .first(),
    Setting::new(
        "query_cache_size",
        Kind::Bytes,
        SERVER,
        "memory of that cache",
        &[ma(10, 6, "1048576")],
    ),
];
