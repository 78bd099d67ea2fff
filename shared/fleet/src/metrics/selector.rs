//! Label matchers, as PromQL writes them between braces
//! (<https://prometheus.io/docs/prometheus/latest/querying/basics/>).

use crate::values::shown;

/// Matchers that tell one instance's series from all others, written one way:
/// `instance="db1:9104",job="mysql"`.
pub(super) fn selector(text: &str) -> Result<String, String> {
    let wrong = || {
        format!(
            "{} are no label matchers; write those between the braces, such as 'instance=\"db1:9104\"'",
            shown(text)
        )
    };
    let mut matchers = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (matcher, after) = Matcher::read(rest).ok_or_else(wrong)?;
        matchers.push(matcher);
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(after) => after.trim_start(),
            None if after.is_empty() => after,
            None => return Err(wrong()),
        };
    }
    if matchers.iter().any(|matcher| matcher.label == "__name__") {
        return Err(
            "names a metric; write labels only, so that it selects all series of the instance"
                .to_owned(),
        );
    }
    // Else it would take in the series of other instances.
    if !matchers.iter().any(Matcher::demands_something) {
        return Err(
            "selects series of every instance; add a label that only this one's have".to_owned(),
        );
    }
    let written: Vec<String> = matchers.iter().map(Matcher::written).collect();
    Ok(written.join(","))
}

/// A name as it stands between the double quotes of a matcher.
pub(super) fn escaped(name: &str) -> String {
    name.replace('\\', "\\\\").replace('"', "\\\"")
}

struct Matcher<'t> {
    label: &'t str,
    operator: &'t str,
    /// With its quotes.
    value: &'t str,
}

impl<'t> Matcher<'t> {
    fn read(text: &'t str) -> Option<(Self, &'t str)> {
        let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = text.find(|c| !letter(c))?;
        let (label, rest) = text.split_at_checked(end)?;
        if label.is_empty() || label.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let rest = rest.trim_start();
        let operator = ["=~", "!~", "!=", "="]
            .into_iter()
            .find(|operator| rest.starts_with(operator))?;
        let rest = rest.strip_prefix(operator)?.trim_start();
        let (value, rest) = rest.split_at_checked(quoted(rest)?)?;
        Some((
            Self {
                label,
                operator,
                value,
            },
            rest,
        ))
    }

    /// Whether series without the label are left out.
    fn demands_something(&self) -> bool {
        let value = self.value.trim_matches('"');
        match self.operator {
            "=" => !value.is_empty(),
            "=~" => !matches!(value, "" | ".*" | ".+"),
            _ => false,
        }
    }

    fn written(&self) -> String {
        format!("{}{}{}", self.label, self.operator, self.value)
    }
}

/// How many bytes a text in double quotes takes, with its quotes.
fn quoted(text: &str) -> Option<usize> {
    let mut bytes = text.bytes().enumerate();
    bytes.next().filter(|(_, first)| *first == b'"')?;
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return Some(at + 1),
            b'\\' => {
                bytes.next()?;
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matchers_are_written_one_way() {
        for (text, written) in [
            (r#"instance="db1:9104""#, r#"instance="db1:9104""#),
            (
                r#" job = "mysql" , instance =~ "db1:.{2,5}", "#,
                r#"job="mysql",instance=~"db1:.{2,5}""#,
            ),
            (r#"a="x\"y,}",b!="""#, r#"a="x\"y,}",b!="""#),
        ] {
            assert_eq!(selector(text), Ok(written.to_owned()));
        }
    }

    #[test]
    fn what_is_no_matcher_or_selects_everything_is_refused() {
        for text in [
            "",
            "{instance=\"a\"}",
            "instance",
            "instance=a",
            "instance='a'",
            "instance=\"a",
            "instance=\"a\"} or up{x=\"",
            "instance=\"a\" job=\"b\"",
            "9a=\"b\"",
            "instance!=\"a\"",
            "instance=\"\"",
            "instance=~\".*\"",
            "__name__=\"up\",instance=\"a\"",
        ] {
            assert!(selector(text).is_err(), "{text}");
        }
    }
}
