//! What a statement reads. Of UPDATE, DELETE and INSERT ... SELECT that is a SELECT: no server is asked
//! about a statement that writes, and no right to write is needed.

use sqlparser::ast::{
    AssignmentTarget, Delete, Expr, FromTable, Insert, OrderByExpr, SetExpr, Statement,
    TableWithJoins, Update,
};

use crate::Refused;
use crate::writer::Writer;

/// Writes it, and says what it is.
pub(crate) fn write(
    writer: &mut Writer<'_>,
    statement: &Statement,
) -> Result<&'static str, Refused> {
    match statement {
        Statement::Query(query) => {
            writer.query(query)?;
            Ok("the statement")
        }
        Statement::Update(update) => {
            update_reads(writer, update)?;
            Ok("the part of the UPDATE that reads")
        }
        Statement::Delete(delete) => {
            delete_reads(writer, delete)?;
            Ok("the part of the DELETE that reads")
        }
        Statement::Insert(insert) => {
            insert_reads(writer, insert)?;
            Ok("the SELECT of the INSERT")
        }
        _ => Err(Refused::construct("a statement of this kind")),
    }
}

/// Whole rows are read to be changed, and what the new values are computed from.
fn update_reads(writer: &mut Writer<'_>, update: &Update) -> Result<(), Refused> {
    let Update {
        update_token: _,
        optimizer_hints,
        table,
        on_cluster,
        assignments,
        from,
        selection,
        returning,
        output,
        or,
        order_by,
        limit,
        settings,
    } = update;
    let foreign = on_cluster.is_some() || from.is_some() || output.is_some();
    if foreign || or.is_some() || settings.is_some() || returning.is_some() {
        return Err(Refused::construct("this clause of UPDATE"));
    }
    if !optimizer_hints.is_empty() {
        writer.leave_out("optimizer hints");
    }
    let mut values = Vec::new();
    for assignment in assignments {
        let AssignmentTarget::ColumnName(_) = assignment.target else {
            return Err(Refused::construct("an assignment to several columns"));
        };
        let constant = match &assignment.value {
            Expr::Value(_) => true,
            Expr::Identifier(name) => name.value.eq_ignore_ascii_case("default"),
            _ => false,
        };
        if !constant {
            values.push(&assignment.value);
        }
    }
    let tables = std::slice::from_ref(table);
    rows(
        writer,
        &values,
        tables,
        selection.as_ref(),
        order_by,
        limit.as_ref(),
    )
}

fn delete_reads(writer: &mut Writer<'_>, delete: &Delete) -> Result<(), Refused> {
    let Delete {
        delete_token: _,
        optimizer_hints,
        tables: _,
        from,
        on_cluster,
        using,
        selection,
        returning,
        output,
        order_by,
        limit,
        settings,
    } = delete;
    if on_cluster.is_some() || returning.is_some() || output.is_some() || settings.is_some() {
        return Err(Refused::construct("this clause of DELETE"));
    }
    if !optimizer_hints.is_empty() {
        writer.leave_out("optimizer hints");
    }
    let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = from;
    let tables = using.as_ref().unwrap_or(from);
    rows(
        writer,
        &[],
        tables,
        selection.as_ref(),
        order_by,
        limit.as_ref(),
    )
}

fn insert_reads(writer: &mut Writer<'_>, insert: &Insert) -> Result<(), Refused> {
    let query = insert.source.as_ref().ok_or(Refused::ReadsNothing)?;
    if matches!(*query.body, SetExpr::Values(_)) {
        return Err(Refused::ReadsNothing);
    }
    writer.query(query)
}

/// `SELECT *`, and values computed from the rows.
fn rows(
    writer: &mut Writer<'_>,
    values: &[&Expr],
    tables: &[TableWithJoins],
    selection: Option<&Expr>,
    order_by: &[OrderByExpr],
    limit: Option<&Expr>,
) -> Result<(), Refused> {
    if tables.is_empty() {
        return Err(Refused::ReadsNothing);
    }
    writer.push("SELECT *");
    for value in values {
        writer.push(", ");
        writer.expression(value)?;
    }
    writer.from(tables)?;
    writer.clause(" WHERE ", selection)?;
    writer.order(order_by)?;
    if let Some(limit) = limit {
        writer.push(" LIMIT ");
        writer.row_count(limit)?;
    }
    Ok(())
}
