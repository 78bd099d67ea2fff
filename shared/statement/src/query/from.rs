//! What stands in FROM: tables, subqueries, joins, aliases and index hints.

use sqlparser::ast::{
    Join, JoinConstraint, JoinOperator, TableAlias, TableFactor, TableIndexDirective,
    TableIndexHintForClause, TableIndexHintType, TableIndexHints, TableWithJoins,
};

use crate::Refused;
use crate::writer::{Writer, parts};

impl Writer<'_> {
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

    pub(super) fn alias_columns(&mut self, alias: &TableAlias) -> Result<(), Refused> {
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
