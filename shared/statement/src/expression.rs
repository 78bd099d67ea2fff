//! Expressions. Every operation is written in brackets, so that servers and parser need not agree on
//! which binds more tightly; a chain of one operator stays flat.

mod call;
mod operator;
mod own_syntax;

use sqlparser::ast::{CaseWhen, Expr, InTarget, Query, UnaryOperator};

use crate::Refused;
use crate::writer::Writer;

impl Writer<'_> {
    pub(crate) fn expression(&mut self, expr: &Expr) -> Result<(), Refused> {
        self.deeper(|writer| writer.any(expr))
    }

    fn any(&mut self, expr: &Expr) -> Result<(), Refused> {
        match expr {
            Expr::Identifier(name) => self.name(name),
            Expr::CompoundIdentifier(names) => self.names(names),
            Expr::Nested(inner) => self.any(inner),
            Expr::Value(value) => self.value(&value.value),
            Expr::Prefixed { prefix, value } => self.prefixed(prefix, value),
            Expr::BinaryOp { left, op, right } => self.binary(left, op, right),
            Expr::UnaryOp { op, expr } => self.unary(*op, expr),
            Expr::IsNull(inner) => self.is(inner, "NULL"),
            Expr::IsNotNull(inner) => self.is(inner, "NOT NULL"),
            Expr::IsTrue(inner) => self.is(inner, "TRUE"),
            Expr::IsNotTrue(inner) => self.is(inner, "NOT TRUE"),
            Expr::IsFalse(inner) => self.is(inner, "FALSE"),
            Expr::IsNotFalse(inner) => self.is(inner, "NOT FALSE"),
            Expr::IsUnknown(inner) => self.is(inner, "UNKNOWN"),
            Expr::IsNotUnknown(inner) => self.is(inner, "NOT UNKNOWN"),
            Expr::Exists { subquery, negated } => {
                self.push(if *negated { "(NOT EXISTS " } else { "(EXISTS " });
                self.subquery(subquery)?;
                self.push(")");
                Ok(())
            }
            Expr::Subquery(query) => self.subquery(query),
            Expr::Tuple(items) if items.len() > 1 => self.bracketed(items),
            Expr::Function(function) => self.call(function),
            Expr::Collate { expr, collation } => {
                self.push("(");
                self.expression(expr)?;
                self.push(" COLLATE ");
                self.plain_word(collation)?;
                self.push(")");
                Ok(())
            }
            Expr::Case { .. } => self.case(expr),
            Expr::In { .. } | Expr::Between { .. } | Expr::Like { .. } | Expr::RLike { .. } => {
                self.condition(expr)
            }
            Expr::AnyOp { .. }
            | Expr::AllOp { .. }
            | Expr::MatchAgainst { .. }
            | Expr::MemberOf(_) => self.rare_condition(expr),
            Expr::Cast { .. } | Expr::Convert { .. } | Expr::TypedString(_) => self.converted(expr),
            _ => self.with_own_syntax(expr),
        }
    }

    fn subquery(&mut self, query: &Query) -> Result<(), Refused> {
        self.push("(");
        self.query(query)?;
        self.push(")");
        Ok(())
    }

    fn bracketed(&mut self, items: &[Expr]) -> Result<(), Refused> {
        self.push("(");
        self.list(items, Self::expression)?;
        self.push(")");
        Ok(())
    }

    fn is(&mut self, inner: &Expr, what: &str) -> Result<(), Refused> {
        self.push("(");
        self.expression(inner)?;
        self.push(" IS ");
        self.push(what);
        self.push(")");
        Ok(())
    }

    fn unary(&mut self, op: UnaryOperator, expr: &Expr) -> Result<(), Refused> {
        match op {
            UnaryOperator::Minus => {
                self.push("(- ");
            }
            UnaryOperator::Plus => return self.any(expr),
            UnaryOperator::Not | UnaryOperator::BangNot => self.push("(NOT "),
            UnaryOperator::BitwiseNot => self.push("(~ "),
            _ => return Err(Refused::construct("this operator")),
        }
        self.expression(expr)?;
        self.push(")");
        Ok(())
    }

    fn case(&mut self, expr: &Expr) -> Result<(), Refused> {
        let Expr::Case {
            case_token: _,
            end_token: _,
            operand,
            conditions,
            else_result,
        } = expr
        else {
            return Err(Refused::construct("this expression"));
        };
        self.push("(CASE");
        if let Some(operand) = operand {
            self.push(" ");
            self.expression(operand)?;
        }
        for CaseWhen { condition, result } in conditions {
            self.push(" WHEN ");
            self.expression(condition)?;
            self.push(" THEN ");
            self.expression(result)?;
        }
        if let Some(result) = else_result {
            self.push(" ELSE ");
            self.expression(result)?;
        }
        self.push(" END)");
        Ok(())
    }

    /// `IN`, `BETWEEN`, `LIKE` and `REGEXP`.
    fn condition(&mut self, expr: &Expr) -> Result<(), Refused> {
        let not = |negated: bool| if negated { " NOT" } else { "" };
        self.push("(");
        match expr {
            Expr::In {
                expr,
                target,
                negated,
                global: false,
            } => {
                self.expression(expr)?;
                self.push(not(*negated));
                self.push(" IN ");
                match target {
                    InTarget::List(items) if !items.is_empty() => self.bracketed(items)?,
                    InTarget::Subquery(query) => self.subquery(query)?,
                    _ => return Err(Refused::construct("this form of IN")),
                }
            }
            Expr::Between {
                expr,
                negated,
                low,
                high,
            } => {
                self.expression(expr)?;
                self.push(not(*negated));
                self.push(" BETWEEN ");
                self.expression(low)?;
                self.push(" AND ");
                self.expression(high)?;
            }
            Expr::Like {
                negated,
                any: false,
                expr,
                pattern,
                escape_char,
            } => {
                self.expression(expr)?;
                self.push(not(*negated));
                self.push(" LIKE ");
                self.expression(pattern)?;
                if let Some(escape) = escape_char {
                    self.push(" ESCAPE ");
                    self.expression(escape)?;
                }
            }
            // A pattern of one's own held against a constant is worked on for the plan.
            Expr::RLike {
                negated,
                expr,
                pattern,
                regexp: _,
            } if is_column(expr) => {
                self.expression(expr)?;
                self.push(not(*negated));
                self.push(" REGEXP ");
                self.expression(pattern)?;
            }
            _ => return Err(Refused::construct("this form of a condition")),
        }
        self.push(")");
        Ok(())
    }
}

pub(crate) fn is_column(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) => is_column(inner),
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => true,
        _ => false,
    }
}
