//! Takes out of an answer what no XML may hold, before the SDK parses it. RDS puts a log into its XML as
//! it stands, and one control character would make the whole portion unreadable.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use aws_sdk_rds::config::interceptors::BeforeDeserializationInterceptorContextMut;
use aws_sdk_rds::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_rds::error::BoxError;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::{Body, Frame};

/// An answer holds 1 MB of log at most, which escaping makes a few times as long.
const LONGEST: usize = 16 << 20;
/// The longest reference that can be meant: `&#x0010FFFF;` has 12.
const LONGEST_REFERENCE: usize = 16;

/// Makes every answer of RDS one that an XML parser takes.
#[derive(Debug)]
pub(super) struct CleanXml;

impl Intercept for CleanXml {
    fn name(&self) -> &'static str {
        "CleanXml"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response_mut().body_mut();
        let inner = std::mem::replace(body, SdkBody::taken());
        *body = SdkBody::from_body_1_x(Whole {
            inner,
            so_far: Some(Vec::new()),
        });
        Ok(())
    }
}

/// A body that is held back until it is whole: a reference may be split between two frames.
struct Whole {
    inner: SdkBody,
    so_far: Option<Vec<u8>>,
}

impl Body for Whole {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        loop {
            let Some(so_far) = &mut this.so_far else {
                return Poll::Ready(None);
            };
            match ready!(Pin::new(&mut this.inner).poll_frame(context)) {
                Some(Ok(frame)) => {
                    if let Some(data) = frame.data_ref() {
                        so_far.extend_from_slice(data);
                    }
                    if so_far.len() > LONGEST {
                        return Poll::Ready(Some(Err("the answer is too long".into())));
                    }
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => {
                    let whole = cleaned(&this.so_far.take().unwrap_or_default());
                    return Poll::Ready(Some(Ok(Frame::data(whole.into()))));
                }
            }
        }
    }
}

/// The same with `?` in place of every character that XML 1.0 forbids, whether it stands there itself or
/// as a reference.
fn cleaned(xml: &[u8]) -> Vec<u8> {
    let mut clean = Vec::with_capacity(xml.len());
    let mut rest = xml;
    while let Some((first, after)) = rest.split_first() {
        rest = match first {
            b'&' => {
                let longest = after.get(..LONGEST_REFERENCE).unwrap_or(after);
                let end = longest.iter().position(|b| *b == b';');
                if let Some(end) = end.filter(|end| after.get(..*end).is_some_and(is_forbidden)) {
                    clean.push(b'?');
                    after.get(end + 1..).unwrap_or_default()
                } else {
                    clean.push(b'&');
                    after
                }
            }
            b'\t' | b'\n' | b'\r' => {
                clean.push(*first);
                after
            }
            byte => {
                clean.push(if *byte < b' ' { b'?' } else { *byte });
                after
            }
        };
    }
    clean
}

/// Whether `#x1` or `#1` names a character XML may not hold.
fn is_forbidden(reference: &[u8]) -> bool {
    let number = match reference {
        [b'#', b'x', digits @ ..] => u32::from_str_radix(&String::from_utf8_lossy(digits), 16),
        [b'#', digits @ ..] => String::from_utf8_lossy(digits).parse(),
        _ => return false,
    };
    number.is_ok_and(|code| {
        !matches!(code, 0x9 | 0xA | 0xD | 0x20..=0xD7FF | 0xE000..=0xFFFD | 0x1_0000..=0x10_FFFF)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_may_not_hold_becomes_a_question_mark_and_nothing_else_changes() {
        for (given, expected) in [
            (&b"<a>b\tc\r\nd</a>"[..], &b"<a>b\tc\r\nd</a>"[..]),
            (b"a\x00b\x1b[0m", b"a?b?[0m"),
            (b"a&#x0;b&#1;c&#x1F;&#65535;", b"a?b?c??"),
            (
                b"&#x9;&#10;&#xD;&#233;&amp;&lt;",
                b"&#x9;&#10;&#xD;&#233;&amp;&lt;",
            ),
            (b"& &#; &#x; a&", b"& &#; &#x; a&"),
            ("é".as_bytes(), "é".as_bytes()),
        ] {
            let found = cleaned(given);
            assert_eq!(found, expected, "{}", String::from_utf8_lossy(&found));
        }
    }
}
