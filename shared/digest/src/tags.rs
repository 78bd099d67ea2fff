//! sqlcommenter tags: `/*key='value',key='value'*/` at the end or the beginning of a statement, with
//! percent-encoded values (<https://google.github.io/sqlcommenter/spec/>), and Rails' marginalia, which
//! writes `/*key:value,key:value*/`.

/// Keys that name programs and places in them, not persons.
pub const KEYS: [&str; 12] = [
    "action",
    "app",
    "application",
    "controller",
    "db_driver",
    "endpoint",
    "framework",
    "job",
    "route",
    "service",
    "service_name",
    "worker",
];

/// Tags looked at of one statement.
const MOST: usize = 32;

/// Whether a statement begins or ends with a comment.
pub(crate) fn may_have(sql: &[u8]) -> bool {
    sql.ends_with(b"*/") || sql.starts_with(b"/*")
}

/// Gives each tag of a statement whose key is among these, as `key=value`; written into `buffer`.
///
/// Only one comment is looked at: the one at the end, where sqlcommenter writes, or else the first.
pub fn each(sql: &[u8], keys: &[String], buffer: &mut Vec<u8>, mut give: impl FnMut(&[u8])) {
    let comment = trailing(sql).or_else(|| leading(sql)).unwrap_or_default();
    let mut rest = Some(comment);
    for _ in 0..MOST {
        let Some(text) = rest else {
            break;
        };
        let comma = memchr::memchr(b',', text);
        let part = comma.and_then(|at| text.get(..at)).unwrap_or(text);
        if tag(part, keys, buffer).is_some() {
            give(buffer);
        }
        rest = comma.and_then(|at| text.get(at + 1..));
    }
}

fn trailing(sql: &[u8]) -> Option<&[u8]> {
    let body = sql.strip_suffix(b"*/")?;
    let mut end = body.len();
    loop {
        let star = memchr::memrchr(b'*', body.get(..end)?)?;
        if body.get(..star)?.ends_with(b"/") {
            return body.get(star + 1..);
        }
        end = star;
    }
}

fn leading(sql: &[u8]) -> Option<&[u8]> {
    let body = sql.strip_prefix(b"/*")?;
    body.get(..memchr::memmem::find(body, b"*/")?)
}

/// Writes a tag into `buffer`, if its key is known.
fn tag(part: &[u8], keys: &[String], buffer: &mut Vec<u8>) -> Option<()> {
    let part = part.trim_ascii();
    let at = part.iter().position(|byte| matches!(byte, b'=' | b':'))?;
    let (key, value) = part.split_at_checked(at)?;
    let key = key.trim_ascii();
    let known = keys.iter().find(|known| known.as_bytes() == key)?;
    let value = value.get(1..)?.trim_ascii();
    let value = value
        .strip_prefix(b"'")
        .and_then(|value| value.strip_suffix(b"'"))
        .unwrap_or(value);
    buffer.clear();
    buffer.extend_from_slice(known.as_bytes());
    buffer.push(b'=');
    if memchr::memchr2(b'%', b'\\', value).is_some() {
        decode(value, buffer);
    } else {
        buffer.extend_from_slice(value);
    }
    Some(())
}

/// Percent-encoding, and backslashes before quotes.
fn decode(value: &[u8], to: &mut Vec<u8>) {
    let mut rest = value;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'%' => match after
                .split_at_checked(2)
                .and_then(|(hex, after)| Some((hex_byte(hex)?, after)))
            {
                Some((byte, after)) => {
                    to.push(byte);
                    rest = after;
                }
                None => to.push(b'%'),
            },
            b'\\' if after.first() == Some(&b'\'') => {}
            byte => to.push(*byte),
        }
    }
}

fn hex_byte(hex: &[u8]) -> Option<u8> {
    let [high, low] = hex else {
        return None;
    };
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(sql: &str) -> Vec<String> {
        let keys = KEYS.map(str::to_owned);
        let mut tags = Vec::new();
        each(sql.as_bytes(), &keys, &mut Vec::new(), |tag| {
            tags.push(String::from_utf8_lossy(tag).into_owned());
        });
        tags
    }

    #[test]
    fn tags_of_known_keys_are_read_and_others_left() {
        let sql =
            "SELECT 1 /*action='%2Fpay%20now',email='a%40b.c',traceparent='00-1-2-01',app='shop'*/";
        assert_eq!(tags(sql), ["action=/pay now", "app=shop"]);
        assert_eq!(
            tags("/*application:Shop,controller:orders*/ SELECT 1"),
            ["application=Shop", "controller=orders"]
        );
        assert_eq!(tags("SELECT '/*app=1*/'"), Vec::<String>::new());
        assert_eq!(tags("SELECT 1 /* a comment */"), Vec::<String>::new());
    }
}
