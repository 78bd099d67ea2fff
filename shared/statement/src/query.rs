//! Queries: WITH, set operations, SELECT, FROM, and what follows. Each node is taken apart to its last
//! field, so that a clause a later parser knows cannot slip through unseen.

use sqlparser::ast::{
    Cte, Distinct, Expr, GroupByExpr, GroupByWithModifier, Join, JoinConstraint, JoinOperator,
    LimitClause, OffsetRows, OrderByExpr, OrderByKind, OrderByOptions, OrderBySort, Query, Select,
    SelectFlavor, SelectItem, SelectItemQualifiedWildcardKind, SelectModifiers, SetExpr,
    SetOperator, SetQuantifier, TableAlias, TableFactor, TableIndexDirective,
    TableIndexHintForClause, TableIndexHintType, TableIndexHints, TableWithJoins, Value,
    WildcardAdditionalOptions, With,
};

use crate::Refused;
use crate::writer::{LOCKS, Writer, parts};

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

    fn select(&mut self, select: &Select) -> Result<(), Refused> {
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

    /// ` FROM ...`
    pub(crate) fn from(&mut self, tables: &[TableWithJoins]) -> Result<(), Refused> {
        self.push(" FROM ");
        self.list(tables, Self::joined)
    }

    fn joined(&mut self, tables: &TableWithJoins) -> Result<(), Refused> {
        self.factor(&tables.relation)?;
        for join in &tables.joins {
            let Join {
                relation,
                global,
                join_operator,
            } = join;
            if *global {
                return Err(Refused::construct("GLOBAL JOIN"));
            }
            let (word, constraint) = join_word(join_operator)?;
            if matches!(constraint, JoinConstraint::Natural) {
                self.push(" NATURAL");
            }
            self.push(word);
            self.factor(relation)?;
            self.constraint(constraint)?;
        }
        Ok(())
    }

    fn constraint(&mut self, constraint: &JoinConstraint) -> Result<(), Refused> {
        match constraint {
            JoinConstraint::On(condition) => self.clause(" ON ", Some(condition)),
            JoinConstraint::Using(columns) => {
                self.push(" USING (");
                self.list(columns, |writer, column| match parts(column)?.as_slice() {
                    [column] => writer.name(column),
                    _ => Err(Refused::construct("this form of USING")),
                })?;
                self.push(")");
                Ok(())
            }
            JoinConstraint::Natural | JoinConstraint::None => Ok(()),
            JoinConstraint::UsingAlias(..) => Err(Refused::construct("this form of USING")),
        }
    }

    fn factor(&mut self, factor: &TableFactor) -> Result<(), Refused> {
        match factor {
            TableFactor::Table {
                name,
                alias,
                args,
                with_hints,
                version,
                with_ordinality,
                partitions,
                json_path,
                sample,
                index_directives,
                inheritance,
            } => {
                let function = args.is_some() || *with_ordinality;
                let odd = json_path.is_some() || sample.is_some() || inheritance.is_some();
                if function || odd || version.is_some() || !with_hints.is_empty() {
                    return Err(Refused::construct("a table with arguments or a version"));
                }
                self.table(name)?;
                if !partitions.is_empty() {
                    self.push(" PARTITION (");
                    self.list(partitions, Self::name)?;
                    self.push(")");
                }
                self.alias(alias.as_ref())?;
                index_directives
                    .iter()
                    .try_for_each(|one| self.index_hint(one))
            }
            TableFactor::Derived {
                lateral,
                subquery,
                alias,
                sample,
            } => {
                if sample.is_some() {
                    return Err(Refused::construct("a sample of a table"));
                }
                self.push(if *lateral { "LATERAL (" } else { "(" });
                self.query(subquery)?;
                self.push(")");
                self.alias(alias.as_ref())
            }
            TableFactor::NestedJoin {
                table_with_joins,
                alias: None,
            } => {
                self.push("(");
                self.deeper(|writer| writer.joined(table_with_joins))?;
                self.push(")");
                Ok(())
            }
            _ => Err(Refused::construct(
                "what stands in FROM beside tables and subqueries",
            )),
        }
    }

    fn alias(&mut self, alias: Option<&TableAlias>) -> Result<(), Refused> {
        let Some(alias) = alias else {
            return Ok(());
        };
        if alias.at.is_some() {
            return Err(Refused::construct("this form of an alias"));
        }
        self.push(" AS ");
        self.name(&alias.name)?;
        self.alias_columns(alias)
    }

    fn alias_columns(&mut self, alias: &TableAlias) -> Result<(), Refused> {
        if alias.columns.is_empty() {
            return Ok(());
        }
        self.push(" (");
        self.list(&alias.columns, |writer, column| match column.data_type {
            None => writer.name(&column.name),
            Some(_) => Err(Refused::construct("types in an alias")),
        })?;
        self.push(")");
        Ok(())
    }

    fn index_hint(&mut self, directive: &TableIndexDirective) -> Result<(), Refused> {
        let TableIndexDirective::MySql(TableIndexHints {
            hint_type,
            index_type: _,
            for_clause,
            index_names,
        }) = directive
        else {
            return Err(Refused::construct("this form of an index hint"));
        };
        self.push(match hint_type {
            TableIndexHintType::Use => " USE INDEX ",
            TableIndexHintType::Ignore => " IGNORE INDEX ",
            TableIndexHintType::Force => " FORCE INDEX ",
        });
        self.push(match for_clause {
            None => "",
            Some(TableIndexHintForClause::Join) => "FOR JOIN ",
            Some(TableIndexHintForClause::OrderBy) => "FOR ORDER BY ",
            Some(TableIndexHintForClause::GroupBy) => "FOR GROUP BY ",
        });
        self.push("(");
        self.list(index_names, Self::name)?;
        self.push(")");
        Ok(())
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

fn join_word(operator: &JoinOperator) -> Result<(&'static str, &JoinConstraint), Refused> {
    Ok(match operator {
        JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) => (" JOIN ", constraint),
        JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => {
            (" LEFT JOIN ", constraint)
        }
        JoinOperator::Right(constraint) | JoinOperator::RightOuter(constraint) => {
            (" RIGHT JOIN ", constraint)
        }
        JoinOperator::CrossJoin(constraint) => (" CROSS JOIN ", constraint),
        JoinOperator::StraightJoin(constraint) => (" STRAIGHT_JOIN ", constraint),
        _ => return Err(Refused::construct("a join of another database's SQL")),
    })
}
