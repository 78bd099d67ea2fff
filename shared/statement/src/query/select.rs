//! One SELECT, up to HAVING.

use sqlparser::ast::{
    Distinct, GroupByExpr, GroupByWithModifier, Select, SelectFlavor, SelectItem,
    SelectItemQualifiedWildcardKind, SelectModifiers, WildcardAdditionalOptions,
};

use crate::Refused;
use crate::writer::{Writer, parts};

impl Writer<'_> {
    pub(super) fn select(&mut self, select: &Select) -> Result<(), Refused> {
        let Select {
            select_token: _,
            optimizer_hints,
            distinct,
            select_modifiers,
            top,
            top_before_distinct: _,
            projection,
            exclude,
            into,
            from,
            lateral_views,
            prewhere,
            selection,
            connect_by,
            group_by,
            cluster_by,
            distribute_by,
            sort_by,
            having,
            named_window,
            qualify,
            window_before_qualify: _,
            value_table_mode,
            flavor,
        } = select;
        if into.is_some() {
            return Err(Refused::Into);
        }
        let elsewhere = top.is_some() || exclude.is_some() || prewhere.is_some();
        let hive = !(cluster_by.is_empty() && distribute_by.is_empty() && sort_by.is_empty());
        let odd = qualify.is_some() || value_table_mode.is_some() || !connect_by.is_empty();
        if elsewhere || hive || odd || !lateral_views.is_empty() {
            return Err(Refused::construct("a clause of another database's SQL"));
        }
        if *flavor != SelectFlavor::Standard || projection.is_empty() {
            return Err(Refused::construct("FROM without SELECT"));
        }
        if !named_window.is_empty() {
            return Err(Refused::construct("WINDOW (write the window inside OVER)"));
        }
        if !optimizer_hints.is_empty() {
            self.leave_out("optimizer hints");
        }
        self.push("SELECT ");
        match distinct {
            None | Some(Distinct::All) => {}
            Some(Distinct::Distinct) => self.push("DISTINCT "),
            Some(Distinct::On(_)) => return Err(Refused::construct("DISTINCT ON")),
        }
        if let Some(modifiers) = select_modifiers {
            self.modifiers(modifiers);
        }
        self.list(projection, Self::item)?;
        if !from.is_empty() {
            self.from(from)?;
        }
        self.clause(" WHERE ", selection.as_ref())?;
        self.group(group_by)?;
        self.clause(" HAVING ", having.as_ref())
    }

    fn modifiers(&mut self, modifiers: &SelectModifiers) {
        let SelectModifiers {
            high_priority: _,
            straight_join,
            sql_small_result,
            sql_big_result,
            sql_buffer_result,
            sql_no_cache: _,
            sql_calc_found_rows,
        } = modifiers;
        for (is_set, word) in [
            (straight_join, "STRAIGHT_JOIN "),
            (sql_small_result, "SQL_SMALL_RESULT "),
            (sql_big_result, "SQL_BIG_RESULT "),
            (sql_buffer_result, "SQL_BUFFER_RESULT "),
        ] {
            if *is_set {
                self.push(word);
            }
        }
        if *sql_calc_found_rows {
            self.leave_out("SQL_CALC_FOUND_ROWS");
        }
    }

    fn item(&mut self, item: &SelectItem) -> Result<(), Refused> {
        match item {
            SelectItem::UnnamedExpr(expr) => self.expression(expr),
            SelectItem::ExprWithAlias { expr, alias } => {
                self.expression(expr)?;
                self.push(" AS ");
                self.name(alias)
            }
            SelectItem::Wildcard(options) => {
                bare(options)?;
                self.push("*");
                Ok(())
            }
            SelectItem::QualifiedWildcard(kind, options) => {
                bare(options)?;
                let SelectItemQualifiedWildcardKind::ObjectName(name) = kind else {
                    return Err(Refused::construct("this form of `*`"));
                };
                for part in parts(name)? {
                    self.name(part)?;
                    self.push(".");
                }
                self.push("*");
                Ok(())
            }
            SelectItem::ExprWithAliases { .. } => Err(Refused::construct("several aliases")),
        }
    }

    fn group(&mut self, group_by: &GroupByExpr) -> Result<(), Refused> {
        let GroupByExpr::Expressions(expressions, modifiers) = group_by else {
            return Err(Refused::construct("GROUP BY ALL"));
        };
        if expressions.is_empty() {
            return Ok(());
        }
        self.push(" GROUP BY ");
        self.list(expressions, Self::expression)?;
        match modifiers.as_slice() {
            [] => Ok(()),
            [GroupByWithModifier::Rollup] => {
                self.push(" WITH ROLLUP");
                Ok(())
            }
            _ => Err(Refused::construct("this form of GROUP BY")),
        }
    }
}

fn bare(options: &WildcardAdditionalOptions) -> Result<(), Refused> {
    let WildcardAdditionalOptions {
        wildcard_token: _,
        opt_ilike,
        opt_exclude,
        opt_except,
        opt_replace,
        opt_rename,
        opt_alias,
    } = options;
    let some = opt_ilike.is_some() || opt_exclude.is_some() || opt_except.is_some();
    if some || opt_replace.is_some() || opt_rename.is_some() || opt_alias.is_some() {
        return Err(Refused::construct("this form of `*`"));
    }
    Ok(())
}
