//! Conditions, conversions and functions with a grammar of their own.

use sqlparser::ast::{CastKind, Expr, ExtractSyntax, SearchModifier};

use crate::writer::{Writer, parts};
use crate::{Grammar, Refused};

impl Writer<'_> {
    pub(super) fn rare_condition(&mut self, expr: &Expr) -> Result<(), Refused> {
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

    pub(super) fn converted(&mut self, expr: &Expr) -> Result<(), Refused> {
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
    pub(super) fn with_own_syntax(&mut self, expr: &Expr) -> Result<(), Refused> {
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
