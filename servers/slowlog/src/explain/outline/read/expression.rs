//! Walking through expressions.

use storex_statement::ast::{
    BinaryOperator, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, InTarget, Query,
};

use crate::explain::outline::ColumnRef;

/// The expression without its brackets.
pub(super) fn bare(expr: &Expr) -> &Expr {
    let mut rest = expr;
    while let Expr::Nested(inner) = rest {
        rest = inner;
    }
    rest
}

/// What is joined by AND, from left to right.
pub(super) fn conjuncts(expr: &Expr) -> Vec<&Expr> {
    let mut found = Vec::new();
    let mut open = vec![expr];
    while let Some(one) = open.pop() {
        match bare(one) {
            Expr::BinaryOp {
                left,
                op: BinaryOperator::And,
                right,
            } => open.extend([&**right, &**left]),
            other => found.push(other),
        }
    }
    found
}

/// A bare column.
pub(super) fn as_column(expr: &Expr) -> Option<ColumnRef> {
    match bare(expr) {
        Expr::Identifier(name) => Some(ColumnRef {
            qualifier: None,
            name: name.value.clone(),
        }),
        Expr::CompoundIdentifier(names) => {
            let mut names = names.iter().rev().map(|name| name.value.clone());
            Some(ColumnRef {
                name: names.next()?,
                qualifier: names.next(),
            })
        }
        _ => None,
    }
}

/// All columns in an expression, those in subqueries aside.
pub(super) fn columns(expr: &Expr) -> Vec<ColumnRef> {
    each(expr).into_iter().filter_map(as_column).collect()
}

/// All queries in an expression, those inside them aside.
pub(super) fn subqueries(expr: &Expr) -> Vec<&Query> {
    let queries = each(expr).into_iter().filter_map(|one| match one {
        Expr::Subquery(query)
        | Expr::Exists {
            subquery: query, ..
        }
        | Expr::In {
            target: InTarget::Subquery(query),
            ..
        } => Some(&**query),
        _ => None,
    });
    queries.collect()
}

/// An expression and all those inside it, from left to right.
fn each(expr: &Expr) -> Vec<&Expr> {
    let mut found = Vec::new();
    let mut open = vec![expr];
    while let Some(one) = open.pop() {
        let one = bare(one);
        found.push(one);
        open.extend(inside(one).into_iter().rev());
    }
    found
}

fn inside(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::BinaryOp { left, right, .. }
        | Expr::AnyOp { left, right, .. }
        | Expr::AllOp { left, right, .. } => vec![left, right],
        Expr::UnaryOp { expr, .. }
        | Expr::IsNull(expr)
        | Expr::IsNotNull(expr)
        | Expr::IsTrue(expr)
        | Expr::IsNotTrue(expr)
        | Expr::IsFalse(expr)
        | Expr::IsNotFalse(expr)
        | Expr::IsUnknown(expr)
        | Expr::IsNotUnknown(expr)
        | Expr::Cast { expr, .. }
        | Expr::Convert { expr, .. }
        | Expr::Collate { expr, .. }
        | Expr::Extract { expr, .. }
        | Expr::Ceil { expr, .. }
        | Expr::Floor { expr, .. }
        | Expr::Trim { expr, .. }
        | Expr::Substring { expr, .. } => vec![expr],
        Expr::Position { expr, r#in } => vec![expr, r#in],
        Expr::Between {
            expr, low, high, ..
        } => vec![expr, low, high],
        Expr::Like { expr, pattern, .. } | Expr::RLike { expr, pattern, .. } => vec![expr, pattern],
        Expr::In { expr, target, .. } => {
            let mut all: Vec<&Expr> = vec![expr];
            if let InTarget::List(items) = target {
                all.extend(items);
            }
            all
        }
        Expr::Tuple(items) => items.iter().collect(),
        Expr::Case {
            operand,
            conditions,
            else_result,
            ..
        } => {
            let mut all: Vec<&Expr> = operand
                .iter()
                .chain(else_result)
                .map(|one| &**one)
                .collect();
            all.extend(
                conditions
                    .iter()
                    .flat_map(|when| [&when.condition, &when.result]),
            );
            all
        }
        Expr::Function(function) => arguments(&function.args),
        Expr::Interval(interval) => vec![&interval.value],
        _ => Vec::new(),
    }
}

fn arguments(arguments: &FunctionArguments) -> Vec<&Expr> {
    let FunctionArguments::List(list) = arguments else {
        return Vec::new();
    };
    let values = list.args.iter().filter_map(|arg| match arg {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    });
    values.collect()
}
