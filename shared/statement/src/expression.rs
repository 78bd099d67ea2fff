//! Expressions. Every operation is written in brackets, so that servers and parser need not agree on
//! which binds more tightly; a chain of one operator stays flat.

mod call;
mod operator;

use sqlparser::ast::{
    CaseWhen, CastKind, Expr, ExtractSyntax, InTarget, Query, SearchModifier, UnaryOperator,
};

use crate::writer::{Writer, parts};
use crate::{Grammar, Refused};

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

    fn rare_condition(&mut self, expr: &Expr) -> Result<(), Refused> {
        match expr {
            Expr::AnyOp {
                left,
                compare_op,
                right,
                is_some: _,
            } => self.quantified(left, compare_op, " ANY ", right),
            Expr::AllOp {
                left,
                compare_op,
                right,
            } => self.quantified(left, compare_op, " ALL ", right),
            Expr::MatchAgainst {
                columns,
                match_value,
                opt_search_modifier,
            } => {
                self.push("MATCH (");
                self.list(columns, |writer, column| {
                    for (index, part) in parts(column)?.into_iter().enumerate() {
                        if index > 0 {
                            writer.push(".");
                        }
                        writer.name(part)?;
                    }
                    Ok(())
                })?;
                self.push(") AGAINST (");
                self.value(&match_value.value)?;
                self.push(match opt_search_modifier {
                    None => "",
                    Some(SearchModifier::InNaturalLanguageMode) => " IN NATURAL LANGUAGE MODE",
                    Some(SearchModifier::InNaturalLanguageModeWithQueryExpansion) => {
                        " IN NATURAL LANGUAGE MODE WITH QUERY EXPANSION"
                    }
                    Some(SearchModifier::InBooleanMode) => " IN BOOLEAN MODE",
                    Some(SearchModifier::WithQueryExpansion) => " WITH QUERY EXPANSION",
                });
                self.push(")");
                Ok(())
            }
            Expr::MemberOf(member) if self.grammar == Grammar::MySql => {
                self.push("(");
                self.expression(&member.value)?;
                self.push(" MEMBER OF (");
                self.expression(&member.array)?;
                self.push("))");
                Ok(())
            }
            _ => Err(Refused::construct("this form of a condition")),
        }
    }

    fn converted(&mut self, expr: &Expr) -> Result<(), Refused> {
        match expr {
            Expr::Cast {
                kind: CastKind::Cast,
                expr,
                data_type,
                format: None,
            } => {
                self.push("CAST(");
                self.expression(expr)?;
                self.push(" AS ");
                self.data_type(data_type)?;
            }
            Expr::Convert {
                is_try: false,
                expr,
                data_type,
                charset,
                target_before_value: false,
                styles,
            } if styles.is_empty() => match (data_type, charset) {
                (Some(data_type), None) => {
                    self.push("CAST(");
                    self.expression(expr)?;
                    self.push(" AS ");
                    self.data_type(data_type)?;
                }
                (None, Some(charset)) => {
                    self.push("CONVERT(");
                    self.expression(expr)?;
                    self.push(" USING ");
                    self.plain_word(charset)?;
                }
                _ => return Err(Refused::construct("this form of CONVERT")),
            },
            Expr::TypedString(typed) if !typed.uses_odbc_syntax => {
                let word = typed.data_type.to_string().to_ascii_uppercase();
                let known = ["DATE", "TIME", "TIMESTAMP"]
                    .into_iter()
                    .find(|one| *one == word);
                self.push(known.ok_or(Refused::construct("this kind of literal"))?);
                self.push(" ");
                return self.value(&typed.value.value);
            }
            _ => return Err(Refused::construct("this form of CAST")),
        }
        self.push(")");
        Ok(())
    }

    /// Built-in functions with a grammar of their own.
    fn with_own_syntax(&mut self, expr: &Expr) -> Result<(), Refused> {
        match expr {
            Expr::Interval(interval) => self.interval(interval),
            Expr::Extract {
                field,
                syntax: ExtractSyntax::From,
                expr,
            } => {
                self.push("EXTRACT(");
                self.unit(field)?;
                self.push(" FROM ");
                self.expression(expr)?;
                self.push(")");
                Ok(())
            }
            Expr::Position { expr, r#in } => {
                self.push("POSITION(");
                self.expression(expr)?;
                self.push(" IN ");
                self.expression(r#in)?;
                self.push(")");
                Ok(())
            }
            Expr::Substring {
                expr,
                substring_from,
                substring_for,
                special: _,
                shorthand: _,
            } => {
                self.push("SUBSTRING(");
                self.expression(expr)?;
                for part in [substring_from, substring_for].into_iter().flatten() {
                    self.push(", ");
                    self.expression(part)?;
                }
                self.push(")");
                Ok(())
            }
            Expr::Trim { .. } => self.trim(expr),
            Expr::Ceil { expr, field } => self.rounded("CEILING(", expr, field),
            Expr::Floor { expr, field } => self.rounded("FLOOR(", expr, field),
            _ => Err(Refused::construct("this kind of expression")),
        }
    }
}

pub(crate) fn is_column(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) => is_column(inner),
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => true,
        _ => false,
    }
}
