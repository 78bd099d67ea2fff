//! The outline of a syntax tree. Only what the allow-list writes has to be understood; anything else is
//! left aside, which makes an outline poorer and never wrong.

use storex_statement::ast::{
    Expr, GroupByExpr, JoinConstraint, JoinOperator, ObjectName, OrderByExpr, OrderByKind,
    OrderBySort, Query, Select, SetExpr, TableFactor, TableWithJoins,
};

use super::{Block, ColumnRef, Condition, Outline, TableRef};
use condition::classify;
use expression::{as_column, conjuncts, subqueries};

mod condition;
mod expression;

/// The outline of a query.
pub fn outline(query: &Query) -> Outline {
    let mut outline = Outline::default();
    read(query, &mut outline);
    outline
}

fn read(query: &Query, outline: &mut Outline) {
    set(&query.body, query, outline);
    for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
        read(&cte.query, outline);
    }
}

fn set(body: &SetExpr, query: &Query, outline: &mut Outline) {
    match body {
        SetExpr::Select(select) => {
            let place = outline.blocks.len();
            let mut block = block(select, outline);
            if let Some(order) = &query.order_by
                && let OrderByKind::Expressions(order) = &order.kind
            {
                block.ordered = true;
                block.order = ordered(order);
            }
            block.limited = query.limit_clause.is_some();
            outline.blocks.insert(place, block);
        }
        SetExpr::Query(query) => read(query, outline),
        SetExpr::SetOperation { left, right, .. } => {
            // The order and limit are those of the whole, not of its members.
            for member in [left, right] {
                match &**member {
                    SetExpr::Select(select) => {
                        let place = outline.blocks.len();
                        let block = block(select, outline);
                        outline.blocks.insert(place, block);
                    }
                    other => set(other, query, outline),
                }
            }
        }
        _ => {}
    }
}

/// A block; those inside it are added.
fn block(select: &Select, outline: &mut Outline) -> Block {
    let mut block = Block::default();
    let mut expressions: Vec<&Expr> = Vec::new();
    for tables in &select.from {
        joined(tables, &mut block, &mut expressions, outline);
    }
    expressions.extend(&select.selection);
    for expression in &expressions {
        for one in conjuncts(expression) {
            block.conditions.push(classify(one));
        }
    }
    if let GroupByExpr::Expressions(columns, _) = &select.group_by {
        let bare: Option<Vec<ColumnRef>> = columns.iter().map(as_column).collect();
        block.group = bare.unwrap_or_default();
    }
    expressions.extend(&select.having);
    for expression in expressions {
        for query in subqueries(expression) {
            read(query, outline);
        }
    }
    block
}

fn joined<'q>(
    tables: &'q TableWithJoins,
    block: &mut Block,
    conditions: &mut Vec<&'q Expr>,
    outline: &mut Outline,
) {
    factor(&tables.relation, block, conditions, outline);
    for join in &tables.joins {
        let before = block.tables.last().map(|table| table.alias.clone());
        factor(&join.relation, block, conditions, outline);
        match constraint(&join.join_operator) {
            Some(JoinConstraint::On(condition)) => conditions.push(condition),
            Some(JoinConstraint::Using(columns)) => {
                let this = block.tables.last().map(|table| table.alias.clone());
                let of = |qualifier: &Option<String>, column: &ObjectName| ColumnRef {
                    qualifier: qualifier.clone(),
                    name: last(column),
                };
                for column in columns {
                    block.conditions.push(Condition::Join {
                        left: of(&before, column),
                        right: of(&this, column),
                    });
                }
            }
            // Which columns a NATURAL JOIN is by only the tables tell.
            Some(JoinConstraint::Natural) => {
                let unknown = ColumnRef {
                    qualifier: None,
                    name: String::new(),
                };
                let columns = vec![unknown.clone(), unknown];
                block.conditions.push(Condition::Other { columns });
            }
            _ => {}
        }
    }
}

fn constraint(operator: &JoinOperator) -> Option<&JoinConstraint> {
    match operator {
        JoinOperator::Join(one)
        | JoinOperator::Inner(one)
        | JoinOperator::Left(one)
        | JoinOperator::LeftOuter(one)
        | JoinOperator::Right(one)
        | JoinOperator::RightOuter(one)
        | JoinOperator::CrossJoin(one)
        | JoinOperator::StraightJoin(one) => Some(one),
        _ => None,
    }
}

fn factor<'q>(
    factor: &'q TableFactor,
    block: &mut Block,
    conditions: &mut Vec<&'q Expr>,
    outline: &mut Outline,
) {
    match factor {
        TableFactor::Table { name, alias, .. } => {
            // Written by the allow-list, a name without a schema is a common table expression.
            if let [schema, table] = parts(name).as_slice() {
                let alias = alias
                    .as_ref()
                    .map_or(table.clone(), |alias| alias.name.value.clone());
                block.tables.push(TableRef {
                    alias,
                    schema: schema.clone(),
                    name: table.clone(),
                });
            }
        }
        TableFactor::Derived { subquery, .. } => read(subquery, outline),
        TableFactor::NestedJoin {
            table_with_joins, ..
        } => joined(table_with_joins, block, conditions, outline),
        _ => {}
    }
}

/// Bare columns, all in one direction; none otherwise.
fn ordered(order: &[OrderByExpr]) -> Vec<ColumnRef> {
    let falls = |one: &OrderByExpr| matches!(one.options.sort, Some(OrderBySort::Desc));
    let falling = order.iter().filter(|one| falls(one)).count();
    if falling > 0 && falling < order.len() {
        return Vec::new();
    }
    let bare: Option<Vec<ColumnRef>> = order.iter().map(|one| as_column(&one.expr)).collect();
    bare.unwrap_or_default()
}

fn parts(name: &ObjectName) -> Vec<String> {
    let idents = name.0.iter().filter_map(|part| part.as_ident());
    idents.map(|ident| ident.value.clone()).collect()
}

fn last(name: &ObjectName) -> String {
    parts(name).pop().unwrap_or_default()
}
