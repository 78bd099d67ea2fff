//! Queries: WITH, set operations, SELECT, FROM, and what follows. Each node is taken apart to its last
//! field, so that a clause a later parser knows cannot slip through unseen.

mod from;
mod select;

use sqlparser::ast::{
    Cte, Expr, LimitClause, OffsetRows, OrderByExpr, OrderByKind, OrderByOptions, OrderBySort,
    Query, SetExpr, SetOperator, SetQuantifier, Value, With,
};

use crate::Refused;
use crate::writer::{LOCKS, Writer};

impl Writer<'_> {
    /// A whole query.
    pub(crate) fn query(&mut self, query: &Query) -> Result<(), Refused> {
        let Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch,
            locks,
            for_clause,
            settings,
            format_clause,
            pipe_operators,
        } = query;
        let foreign = fetch.is_some() || for_clause.is_some() || settings.is_some();
        if foreign || format_clause.is_some() || !pipe_operators.is_empty() {
            return Err(Refused::construct("a clause of another database's SQL"));
        }
        if !locks.is_empty() {
            self.leave_out(LOCKS);
        }
        let in_sight = self.ctes.len();
        self.deeper(|writer| {
            if let Some(with) = with {
                writer.with(with)?;
            }
            writer.set(body)?;
            if let Some(order_by) = order_by {
                let OrderByKind::Expressions(expressions) = &order_by.kind else {
                    return Err(Refused::construct("ORDER BY ALL"));
                };
                if order_by.interpolate.is_some() {
                    return Err(Refused::construct("INTERPOLATE"));
                }
                writer.order(expressions)?;
            }
            match limit_clause {
                Some(limit) => writer.limit(limit),
                None => Ok(()),
            }
        })?;
        self.ctes.truncate(in_sight);
        Ok(())
    }

    fn with(&mut self, with: &With) -> Result<(), Refused> {
        let With {
            with_token: _,
            recursive,
            cte_tables,
        } = with;
        self.push(if *recursive {
            "WITH RECURSIVE "
        } else {
            "WITH "
        });
        self.list(cte_tables, |writer, cte| {
            let Cte {
                alias,
                query,
                from,
                materialized,
                closing_paren_token: _,
            } = cte;
            if from.is_some() || materialized.is_some() || alias.at.is_some() {
                return Err(Refused::construct("this form of WITH"));
            }
            let name = alias.name.value.to_lowercase();
            if *recursive {
                writer.ctes.push(name.clone());
            }
            writer.name(&alias.name)?;
            writer.alias_columns(alias)?;
            writer.push(" AS (");
            writer.query(query)?;
            writer.push(")");
            writer.ctes.push(name);
            Ok(())
        })?;
        self.push(" ");
        Ok(())
    }

    fn set(&mut self, body: &SetExpr) -> Result<(), Refused> {
        match body {
            SetExpr::Select(select) => self.select(select),
            SetExpr::Query(query) => {
                self.push("(");
                self.query(query)?;
                self.push(")");
                Ok(())
            }
            SetExpr::SetOperation {
                left,
                op,
                set_quantifier,
                right,
            } => self.deeper(|writer| {
                writer.set(left)?;
                writer.push(match op {
                    SetOperator::Union => " UNION ",
                    SetOperator::Except => " EXCEPT ",
                    SetOperator::Intersect => " INTERSECT ",
                    SetOperator::Minus => return Err(Refused::construct("MINUS")),
                });
                writer.push(match set_quantifier {
                    SetQuantifier::All => "ALL ",
                    SetQuantifier::Distinct => "DISTINCT ",
                    SetQuantifier::None => "",
                    _ => return Err(Refused::construct("this kind of UNION")),
                });
                writer.set(right)
            }),
            SetExpr::Values(_) | SetExpr::Table(_) => {
                Err(Refused::construct("VALUES or TABLE in place of a SELECT"))
            }
            _ => Err(Refused::construct("a statement that writes inside another")),
        }
    }

    pub(crate) fn clause(
        &mut self,
        word: &'static str,
        condition: Option<&Expr>,
    ) -> Result<(), Refused> {
        match condition {
            Some(condition) => {
                self.push(word);
                self.expression(condition)
            }
            None => Ok(()),
        }
    }

    /// ` ORDER BY ...`, nothing for no expression.
    pub(crate) fn order(&mut self, expressions: &[OrderByExpr]) -> Result<(), Refused> {
        if expressions.is_empty() {
            return Ok(());
        }
        self.push(" ORDER BY ");
        self.list(expressions, |writer, one| {
            let OrderByExpr {
                expr,
                options: OrderByOptions { sort, nulls_first },
                with_fill,
            } = one;
            if nulls_first.is_some() || with_fill.is_some() {
                return Err(Refused::construct("this form of ORDER BY"));
            }
            writer.expression(expr)?;
            match sort {
                None => {}
                Some(OrderBySort::Asc) => writer.push(" ASC"),
                Some(OrderBySort::Desc) => writer.push(" DESC"),
                Some(OrderBySort::Using(_)) => return Err(Refused::construct("ORDER BY USING")),
            }
            Ok(())
        })
    }

    fn limit(&mut self, limit: &LimitClause) -> Result<(), Refused> {
        let (limit, offset) = match limit {
            LimitClause::LimitOffset {
                limit,
                offset,
                limit_by,
            } => {
                if !limit_by.is_empty()
                    || offset
                        .as_ref()
                        .is_some_and(|one| one.rows != OffsetRows::None)
                {
                    return Err(Refused::construct("this form of LIMIT"));
                }
                (limit.as_ref(), offset.as_ref().map(|one| &one.value))
            }
            LimitClause::OffsetCommaLimit { offset, limit } => (Some(limit), Some(offset)),
        };
        let limit = limit.ok_or(Refused::construct("OFFSET without LIMIT"))?;
        self.push(" LIMIT ");
        self.row_count(limit)?;
        if let Some(offset) = offset {
            self.push(" OFFSET ");
            self.row_count(offset)?;
        }
        Ok(())
    }

    /// A number of rows: digits alone.
    pub(crate) fn row_count(&mut self, count: &Expr) -> Result<(), Refused> {
        match count {
            Expr::Value(value) => match &value.value {
                Value::Number(digits, false) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                    self.push(digits);
                    Ok(())
                }
                _ => Err(Refused::construct("a LIMIT that is no number")),
            },
            _ => Err(Refused::construct("a LIMIT that is no number")),
        }
    }
}
