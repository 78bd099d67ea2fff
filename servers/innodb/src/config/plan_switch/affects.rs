//! Whether a setting can change the plan of a statement of some form at all. Pure.

use crate::config::kind::{Kind, flags_that_differ};
use crate::config::settings::Current;

/// Whether a setting can change the plan of a statement of this form at all (MySQL Reference Manual,
/// "Switchable Optimizations"; MariaDB Knowledge Base, "Optimizer Switch").
pub(super) fn can_affect(current: &Current, text: &str) -> bool {
    let text = text.to_ascii_uppercase();
    let Some(default) = current
        .default
        .as_deref()
        .filter(|_| current.kind() == Kind::Flags)
    else {
        return setting_can_affect(&current.name, &text);
    };
    flags_that_differ(&current.value, default)
        .iter()
        .any(|(flag, _)| flag_can_affect(flag, &text))
}

fn setting_can_affect(name: &str, text: &str) -> bool {
    match name {
        "optimizer_search_depth" | "optimizer_prune_level" | "join_cache_level" => joins(text),
        "eq_range_index_dive_limit" => text.contains(" IN "),
        "range_optimizer_max_mem_size" => text.contains(" IN ") || text.contains(" OR "),
        _ => true,
    }
}

fn flag_can_affect(flag: &str, text: &str) -> bool {
    let subquery = text.matches("SELECT ").count() > 1;
    match flag {
        "index_merge_union" | "index_merge_sort_union" => text.contains(" OR "),
        "index_merge" => text.contains(" OR ") || text.contains(" AND "),
        "index_merge_intersection" | "index_merge_sort_intersection" => text.contains(" AND "),
        "prefer_ordering_index" => text.contains("ORDER BY") && text.contains("LIMIT"),
        "skip_scan"
        | "use_invisible_indexes"
        | "use_index_extensions"
        | "extended_keys"
        | "mrr"
        | "mrr_cost_based"
        | "mrr_sort_keys"
        | "index_condition_pushdown" => true,
        "hash_join"
        | "block_nested_loop"
        | "batched_key_access"
        | "condition_fanout_filter"
        | "table_elimination"
        | "rowid_filter"
        | "optimize_join_buffer_size" => joins(text),
        _ if flag.contains("join_cache") || flag.contains("with_cache") => joins(text) || subquery,
        "hypergraph_optimizer" => joins(text) || subquery,
        _ => subquery || text.contains(" HAVING "),
    }
}

fn joins(text: &str) -> bool {
    let from = text.split_once(" FROM ").map_or("", |(_, rest)| rest);
    let tables = from.split(" WHERE ").next().unwrap_or_default();
    tables.contains(" JOIN ") || tables.contains(" , ")
}
