//! Calls of built-in functions.

use sqlparser::ast::{
    CeilFloorKind, DateTimeField, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentClause, FunctionArgumentList, FunctionArguments, Interval, ObjectName,
    TrimWhereField, WindowFrame, WindowFrameBound, WindowFrameUnits, WindowSpec, WindowType,
};

use crate::Refused;
use crate::functions::{allowed, takes_unit};
use crate::types::unit;
use crate::writer::{Writer, parts};

/// Functions that may be named without brackets.
const BARE: [&str; 8] = [
    "CURRENT_DATE",
    "CURRENT_TIME",
    "CURRENT_TIMESTAMP",
    "LOCALTIME",
    "LOCALTIMESTAMP",
    "UTC_DATE",
    "UTC_TIME",
    "UTC_TIMESTAMP",
];

impl Writer<'_> {
    pub(super) fn call(&mut self, function: &Function) -> Result<(), Refused> {
        let Function {
            name,
            uses_odbc_syntax,
            parameters,
            args,
            within_group,
            filter,
            null_treatment,
            over,
        } = function;
        let name = self.built_in(name)?;
        let odd = *uses_odbc_syntax || !within_group.is_empty() || filter.is_some();
        if odd || null_treatment.is_some() || *parameters != FunctionArguments::None {
            return Err(Refused::construct("this form of a function call"));
        }
        self.push(&name);
        match args {
            FunctionArguments::None if BARE.contains(&name.as_str()) => {}
            FunctionArguments::List(list) => self.arguments(&name, list)?,
            _ => return Err(Refused::construct("this form of a function call")),
        }
        match over {
            None => Ok(()),
            Some(WindowType::WindowSpec(window)) => self.window(window),
            Some(WindowType::NamedWindow(_)) => Err(Refused::construct("a named window")),
        }
    }

    /// The name of a function that is on the list, in upper case: unqualified and without quotes, as only
    /// built-in ones are called.
    fn built_in(&self, name: &ObjectName) -> Result<String, Refused> {
        match parts(name)?.as_slice() {
            [one] if one.quote_style.is_none() && allowed(&one.value, self.grammar) => {
                Ok(one.value.to_ascii_uppercase())
            }
            named => {
                let words: Vec<&str> = named.iter().map(|part| part.value.as_str()).collect();
                Err(Refused::function(&words.join(".")))
            }
        }
    }

    fn arguments(&mut self, name: &str, list: &FunctionArgumentList) -> Result<(), Refused> {
        let FunctionArgumentList {
            duplicate_treatment,
            args,
            clauses,
        } = list;
        self.push("(");
        if *duplicate_treatment == Some(DuplicateTreatment::Distinct) {
            self.push("DISTINCT ");
        }
        for (index, arg) in args.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Identifier(word)))
                    if index == 0 && takes_unit(name) =>
                {
                    self.push(unit(&word.value)?);
                }
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => self.expression(expr)?,
                FunctionArg::Unnamed(FunctionArgExpr::Wildcard) if name == "COUNT" => {
                    self.push("*");
                }
                _ => return Err(Refused::construct("an argument of this form")),
            }
        }
        for clause in clauses {
            match clause {
                FunctionArgumentClause::OrderBy(order) => self.order(order)?,
                FunctionArgumentClause::Separator(separator) => {
                    self.push(" SEPARATOR ");
                    self.value(&separator.value)?;
                }
                _ => return Err(Refused::construct("a clause in a function call")),
            }
        }
        self.push(")");
        Ok(())
    }

    fn window(&mut self, window: &WindowSpec) -> Result<(), Refused> {
        let WindowSpec {
            window_name,
            partition_by,
            order_by,
            window_frame,
        } = window;
        if window_name.is_some() {
            return Err(Refused::construct("a named window"));
        }
        self.push(" OVER (");
        if !partition_by.is_empty() {
            self.push("PARTITION BY ");
            self.list(partition_by, Self::expression)?;
        }
        self.order(order_by)?;
        if let Some(frame) = window_frame {
            self.frame(frame)?;
        }
        self.push(")");
        Ok(())
    }

    fn frame(&mut self, frame: &WindowFrame) -> Result<(), Refused> {
        self.push(match frame.units {
            WindowFrameUnits::Rows => " ROWS ",
            WindowFrameUnits::Range => " RANGE ",
            WindowFrameUnits::Groups => return Err(Refused::construct("GROUPS in a window")),
        });
        match &frame.end_bound {
            None => self.bound(&frame.start_bound),
            Some(end) => {
                self.push("BETWEEN ");
                self.bound(&frame.start_bound)?;
                self.push(" AND ");
                self.bound(end)
            }
        }
    }

    fn bound(&mut self, bound: &WindowFrameBound) -> Result<(), Refused> {
        let (count, word) = match bound {
            WindowFrameBound::CurrentRow => {
                self.push("CURRENT ROW");
                return Ok(());
            }
            WindowFrameBound::Preceding(count) => (count, " PRECEDING"),
            WindowFrameBound::Following(count) => (count, " FOLLOWING"),
        };
        match count {
            None => self.push("UNBOUNDED"),
            Some(count) => self.expression(count)?,
        }
        self.push(word);
        Ok(())
    }

    pub(super) fn interval(&mut self, interval: &Interval) -> Result<(), Refused> {
        let Interval {
            value,
            leading_field: Some(field),
            leading_precision: None,
            last_field: None,
            fractional_seconds_precision: None,
        } = interval
        else {
            return Err(Refused::construct("this form of INTERVAL"));
        };
        self.push("INTERVAL ");
        self.expression(value)?;
        self.push(" ");
        self.unit(field)
    }

    pub(super) fn trim(&mut self, expr: &Expr) -> Result<(), Refused> {
        let Expr::Trim {
            trim_where,
            trim_what,
            expr,
            trim_characters: None,
        } = expr
        else {
            return Err(Refused::construct("this form of TRIM"));
        };
        self.push("TRIM(");
        self.push(match trim_where {
            None => "",
            Some(TrimWhereField::Both) => "BOTH ",
            Some(TrimWhereField::Leading) => "LEADING ",
            Some(TrimWhereField::Trailing) => "TRAILING ",
        });
        if let Some(what) = trim_what {
            self.expression(what)?;
            self.push(" ");
        }
        if trim_where.is_some() || trim_what.is_some() {
            self.push("FROM ");
        }
        self.expression(expr)?;
        self.push(")");
        Ok(())
    }

    pub(super) fn rounded(
        &mut self,
        word: &str,
        expr: &Expr,
        field: &CeilFloorKind,
    ) -> Result<(), Refused> {
        if *field != CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) {
            return Err(Refused::construct("this form of rounding"));
        }
        self.push(word);
        self.expression(expr)?;
        self.push(")");
        Ok(())
    }

    /// The name of a character set or collation.
    pub(super) fn plain_word(&mut self, name: &ObjectName) -> Result<(), Refused> {
        match parts(name)?.as_slice() {
            [one] if is_plain(&one.value) => {
                self.push(&one.value);
                Ok(())
            }
            _ => Err(Refused::construct("this character set or collation")),
        }
    }
}

fn is_plain(word: &str) -> bool {
    let letters = word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    letters && word.len() <= 64 && word.starts_with(|c: char| c.is_ascii_alphabetic())
}
