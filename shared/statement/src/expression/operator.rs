//! Operators between two expressions.

use sqlparser::ast::{BinaryOperator, Expr, Value};

use super::is_column;
use crate::writer::Writer;
use crate::{Grammar, Refused};

impl Writer<'_> {
    pub(super) fn binary(
        &mut self,
        left: &Expr,
        op: &BinaryOperator,
        right: &Expr,
    ) -> Result<(), Refused> {
        let word = word(op)?;
        if matches!(op, BinaryOperator::Arrow | BinaryOperator::LongArrow) {
            return self.json_path(left, word, right);
        }
        if *op == BinaryOperator::Regexp && !is_column(left) {
            return Err(Refused::construct("a pattern held against a constant"));
        }
        self.push("(");
        for (index, operand) in chain(left, op, right).into_iter().enumerate() {
            if index > 0 {
                self.push(" ");
                self.push(word);
                self.push(" ");
            }
            self.expression(operand)?;
        }
        self.push(")");
        Ok(())
    }

    /// `column->'$.path'`: MySQL's, of a column alone.
    fn json_path(&mut self, left: &Expr, word: &str, right: &Expr) -> Result<(), Refused> {
        let Expr::Value(path) = right else {
            return Err(Refused::construct("a JSON path that is no text"));
        };
        let Value::SingleQuotedString(path) = &path.value else {
            return Err(Refused::construct("a JSON path that is no text"));
        };
        if !is_column(left) || self.grammar != Grammar::MySql {
            return Err(Refused::construct(
                "-> of something else than a column of MySQL",
            ));
        }
        self.push("(");
        self.expression(left)?;
        self.push(word);
        self.text(path);
        self.push(")");
        Ok(())
    }

    /// `left = ANY (SELECT ...)`
    pub(super) fn quantified(
        &mut self,
        left: &Expr,
        op: &BinaryOperator,
        which: &str,
        right: &Expr,
    ) -> Result<(), Refused> {
        use BinaryOperator as B;
        let compares = matches!(op, B::Eq | B::NotEq | B::Lt | B::LtEq | B::Gt | B::GtEq);
        let Expr::Subquery(query) = right else {
            return Err(Refused::construct(
                "ANY or ALL of something else than a subquery",
            ));
        };
        if !compares {
            return Err(Refused::construct("this operator"));
        }
        self.push("(");
        self.expression(left)?;
        self.push(" ");
        self.push(word(op)?);
        self.push(which);
        self.subquery(query)?;
        self.push(")");
        Ok(())
    }
}

/// The operands of a chain of one operator, from left to right: `a AND b AND c` is deep only in its tree.
fn chain<'e>(left: &'e Expr, op: &BinaryOperator, right: &'e Expr) -> Vec<&'e Expr> {
    use BinaryOperator as B;
    let flat = matches!(op, B::And | B::Or | B::Plus | B::Minus | B::Multiply);
    let mut operands = vec![right];
    let mut rest = left;
    loop {
        match rest {
            Expr::Nested(inner) if flat => rest = inner,
            Expr::BinaryOp {
                left,
                op: same,
                right,
            } if flat && same == op => {
                operands.push(right);
                rest = left;
            }
            _ => break,
        }
    }
    operands.push(rest);
    operands.reverse();
    operands
}

fn word(op: &BinaryOperator) -> Result<&'static str, Refused> {
    use BinaryOperator as B;
    Ok(match op {
        B::Plus => "+",
        B::Minus => "-",
        B::Multiply => "*",
        B::Divide => "/",
        B::Modulo => "%",
        B::MyIntegerDivide => "DIV",
        B::Gt => ">",
        B::Lt => "<",
        B::GtEq => ">=",
        B::LtEq => "<=",
        B::Spaceship => "<=>",
        B::Eq => "=",
        B::NotEq => "<>",
        B::And => "AND",
        B::Or => "OR",
        B::Xor => "XOR",
        B::BitwiseOr => "|",
        B::BitwiseAnd => "&",
        B::BitwiseXor => "^",
        B::PGBitwiseShiftLeft => "<<",
        B::PGBitwiseShiftRight => ">>",
        B::Regexp => "REGEXP",
        B::Arrow => "->",
        B::LongArrow => "->>",
        B::StringConcat => {
            return Err(Refused::construct("|| (write OR or CONCAT)"));
        }
        B::Assignment => return Err(Refused::Variable),
        _ => return Err(Refused::construct("this operator")),
    })
}
