//! The tables a statement's form names. Pure.

/// Words that stand before a table's name.
const BEFORE: &[&str] = &["from", "join", "update", "into", "table"];
/// Words that may stand between.
const BETWEEN: &[&str] = &["ignore", "low_priority", "if", "exists", "not", "lateral"];

/// The tables a form names, each once, in the order of the text; those of subqueries among them. Names
/// stand as they are written, with their schema where they have one.
pub(crate) fn tables(form: &str) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    let mut expected = false;
    for word in words(form) {
        let lower = word.to_ascii_lowercase();
        if BEFORE.contains(&lower.as_str()) {
            expected = true;
        } else if expected && !BETWEEN.contains(&lower.as_str()) {
            expected = false;
            let name = word.trim_end_matches(',');
            let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '`');
            if is_name && lower != "select" && !found.contains(&name) {
                found.push(name);
            }
        }
    }
    found
}

/// Words, parentheses on their own.
fn words(form: &str) -> impl Iterator<Item = &str> {
    form.split_inclusive(['(', ')'])
        .flat_map(|part| {
            let end = part.len() - usize::from(part.ends_with(['(', ')']));
            let (text, mark) = part.split_at(end);
            text.split_whitespace().chain(Some(mark))
        })
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::tables;

    #[test]
    fn tables_are_named_once_and_in_turn() {
        for (form, expected) in [
            ("select * from orders where id = ?", &["orders"][..]),
            (
                "select * from shop.orders o join `order items` i on i.o = o.id join orders x",
                &["shop.orders", "`order", "orders"],
            ),
            ("insert into t(a) values(?+)", &["t"]),
            ("update ignore stock set n = ?", &["stock"]),
            ("select * from (select a from b) c", &["b"]),
            ("delete from t where exists (select ? from u)", &["t", "u"]),
            ("select sleep(?)", &[]),
            ("drop table if exists old", &["old"]),
        ] {
            assert_eq!(tables(form), expected, "{form}");
        }
    }
}
