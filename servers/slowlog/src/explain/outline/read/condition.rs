//! One condition: what an index could do with it.

use storex_statement::ast::{BinaryOperator, Expr, InTarget, UnaryOperator, Value};

use super::expression::{as_column, bare, columns};
use crate::explain::outline::{ColumnRef, Condition, Literal};

/// What kind of condition it is.
pub(super) fn classify(expr: &Expr) -> Condition {
    let found = match expr {
        Expr::BinaryOp { left, op, right } => compared(left, op, right),
        Expr::IsNull(inner) => as_column(inner).map(|column| Condition::Equal {
            column,
            with: Literal::Other,
        }),
        Expr::In {
            expr,
            target: InTarget::List(items),
            negated: false,
            ..
        } => listed(expr, items),
        Expr::Between {
            expr,
            negated: false,
            low,
            high,
        } => match as_column(expr) {
            Some(column) if is_fixed(low) && is_fixed(high) => Some(Condition::Range { column }),
            Some(_) => None,
            None => wrapped(expr, low),
        },
        Expr::Like {
            negated: false,
            expr,
            pattern,
            ..
        } => like(expr, pattern),
        _ => None,
    };
    found.unwrap_or_else(|| Condition::Other {
        columns: columns(expr),
    })
}

fn compared(left: &Expr, op: &BinaryOperator, right: &Expr) -> Option<Condition> {
    use BinaryOperator as B;
    let equal = matches!(op, B::Eq | B::Spaceship);
    if !(equal || matches!(op, B::Lt | B::LtEq | B::Gt | B::GtEq)) {
        return None;
    }
    match (as_column(left), as_column(right)) {
        (Some(left), Some(right)) => equal.then_some(Condition::Join { left, right }),
        (Some(column), None) => against(column, right, equal),
        (None, Some(column)) => against(column, left, equal),
        (None, None) => wrapped(left, right).or_else(|| wrapped(right, left)),
    }
}

fn against(column: ColumnRef, value: &Expr, equal: bool) -> Option<Condition> {
    if !is_fixed(value) {
        return None;
    }
    Some(if equal {
        let with = kind(value);
        Condition::Equal { column, with }
    } else {
        Condition::Range { column }
    })
}

fn listed(expr: &Expr, items: &[Expr]) -> Option<Condition> {
    let Some(column) = as_column(expr) else {
        return wrapped(expr, items.first()?);
    };
    let kinds: Vec<Literal> = items.iter().map(kind).collect();
    let first = *kinds.first()?;
    let with = if kinds.iter().all(|one| *one == first) {
        first
    } else {
        Literal::Other
    };
    if !items.iter().all(is_fixed) {
        return None;
    }
    Some(if items.len() == 1 {
        Condition::Equal { column, with }
    } else {
        Condition::In { column, with }
    })
}

fn like(expr: &Expr, pattern: &Expr) -> Option<Condition> {
    let column = as_column(expr);
    let Expr::Value(value) = bare(pattern) else {
        return None;
    };
    let Value::SingleQuotedString(text) = &value.value else {
        return None;
    };
    match column {
        Some(column) if text.starts_with(['%', '_']) => Some(Condition::Wildcard { column }),
        Some(column) => Some(Condition::Range { column }),
        None => wrapped(expr, pattern),
    }
}

/// One column inside a function or a computation, held against something without any.
fn wrapped(expr: &Expr, value: &Expr) -> Option<Condition> {
    let mut inside = columns(expr);
    let column = inside.pop()?;
    if !inside.is_empty() || !is_fixed(value) {
        return None;
    }
    let by = match bare(expr) {
        Expr::Function(function) => format!("{}(...)", function.name),
        Expr::Cast { .. } | Expr::Convert { .. } => "a CAST".to_owned(),
        Expr::BinaryOp { .. } | Expr::UnaryOp { .. } => "a computation".to_owned(),
        Expr::Collate { .. } => "COLLATE".to_owned(),
        Expr::Extract { .. } => "EXTRACT(...)".to_owned(),
        Expr::Substring { .. } => "SUBSTRING(...)".to_owned(),
        Expr::Trim { .. } => "TRIM(...)".to_owned(),
        _ => return None,
    };
    Some(Condition::Wrapped { column, by })
}

/// Whether it holds no column of any block.
fn is_fixed(value: &Expr) -> bool {
    columns(value).is_empty()
}

fn kind(value: &Expr) -> Literal {
    match bare(value) {
        Expr::Value(value) => match value.value {
            Value::Number(..) => Literal::Number,
            Value::SingleQuotedString(_) => Literal::Text,
            _ => Literal::Other,
        },
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr,
        } => kind(expr),
        _ => Literal::Other,
    }
}
