//! What an error of AWS means for whoever reads logs. Messages of AWS name accounts, users and
//! addresses, so only their codes are kept.

use std::error::Error;
use std::time::Duration;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_rds::error::{ProvideErrorMetadata, SdkError};
use storex_sources::{LogError, LogKind, LogName};

/// AWS counts calls by the second.
const THROTTLED_FOR: Duration = Duration::from_secs(1);

const NO_CREDENTIALS: &str = "give storex credentials of AWS: by its environment, a role of the machine, or `profile` under \
     [instance.logs.aws]";
const REFUSED_CREDENTIALS: &str = "the credentials of AWS are not valid or have expired: renew them, or name others by `profile` under \
     [instance.logs.aws]";
pub(super) const MAY_NOT_READ_FILES: &str =
    "permit rds:DescribeDBLogFiles and rds:DownloadDBLogFilePortion on the DB instance";
pub(super) const MAY_NOT_READ_EVENTS: &str =
    "permit logs:DescribeLogStreams and logs:FilterLogEvents on the log groups /aws/rds/*";

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    Throttled,
    /// What to permit; `None` where the action itself was refused.
    Denied(Option<&'static str>),
    /// No such instance, log group or stream.
    NotThere,
    /// No such log file.
    NoSuchFile,
    /// RDS shows no file that it takes for binary.
    Binary,
    /// The connection could not be made, broke or took too long.
    Broken(&'static str),
    /// Anything else, by its code.
    Failed(String),
}

impl Trouble {
    pub(super) fn of<E>(error: &SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        match error {
            SdkError::ServiceError(error) => {
                let error = error.err();
                Self::of_code(error.code().unwrap_or_default(), error.message())
            }
            SdkError::TimeoutError(_) => Self::Broken("no answer in time"),
            SdkError::ResponseError(_) => Self::Broken("the answer was cut"),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => {
                Self::Broken("no answer in time")
            }
            error if is_of_credentials(error) => Self::Denied(Some(NO_CREDENTIALS)),
            SdkError::DispatchFailure(_) => Self::Broken("no connection"),
            _ => Self::Failed("that the request cannot be made".to_owned()),
        }
    }

    fn of_code(code: &str, message: Option<&str>) -> Self {
        // Of the query protocol with and without `Fault`, of JSON with and without `Exception`.
        let code = code.strip_suffix("Exception").unwrap_or(code);
        match code.strip_suffix("Fault").unwrap_or(code) {
            "Throttling"
            | "ThrottledException"
            | "TooManyRequests"
            | "RequestLimitExceeded"
            | "LimitExceeded"
            | "RequestThrottled"
            | "SlowDown" => Self::Throttled,
            "AccessDenied" | "UnauthorizedOperation" | "OptInRequired" => Self::Denied(None),
            "InvalidClientTokenId"
            | "UnrecognizedClient"
            | "SignatureDoesNotMatch"
            | "ExpiredToken"
            | "InvalidToken"
            | "IncompleteSignature"
            | "InvalidAccessKeyId"
            | "MissingAuthenticationToken"
            | "AuthFailure"
            | "InvalidSignature" => Self::Denied(Some(REFUSED_CREDENTIALS)),
            "DBInstanceNotFound" | "ResourceNotFound" => Self::NotThere,
            "DBLogFileNotFound" => Self::NoSuchFile,
            "InvalidParameterValue" if message.is_some_and(|text| text.contains("binary")) => {
                Self::Binary
            }
            "ServiceUnavailable" | "InternalFailure" | "InternalError" | "InternalServerError" => {
                Self::Broken("the store has a fault")
            }
            "" => Self::Failed("no code".to_owned()),
            code => {
                // It is shown in a log.
                let plain = code.chars().filter(char::is_ascii_alphanumeric);
                Self::Failed(plain.take(64).collect())
            }
        }
    }

    /// For a log as a whole.
    pub(super) fn of_log(self, kind: LogKind, permit: &'static str) -> LogError {
        match self {
            Self::NotThere | Self::NoSuchFile => LogError::NotFound { kind },
            Self::Throttled => LogError::Throttled {
                retry_in: THROTTLED_FOR,
            },
            Self::Denied(remedy) => LogError::Denied {
                kind,
                remedy: remedy.unwrap_or(permit),
            },
            Self::Broken(what) => LogError::Unreachable {
                detail: what.to_owned(),
            },
            Self::Binary => LogError::Unreachable {
                detail: "AWS refuses to list it".to_owned(),
            },
            Self::Failed(code) => LogError::Unreachable {
                detail: format!("AWS says {code}"),
            },
        }
    }

    /// For a file that is read, `at` being the first byte not handed out.
    pub(super) fn of_file(
        self,
        kind: LogKind,
        permit: &'static str,
        name: &LogName,
        at: u64,
    ) -> LogError {
        let file = name.clone();
        match self {
            Self::Throttled => LogError::Throttled {
                retry_in: THROTTLED_FOR,
            },
            Self::Denied(remedy) => LogError::Denied {
                kind,
                remedy: remedy.unwrap_or(permit),
            },
            Self::NotThere | Self::NoSuchFile => LogError::Rotated { file },
            Self::Broken(_) => LogError::Cut { file, at },
            Self::Binary => LogError::Failed {
                file,
                detail: "RDS takes it for binary".to_owned(),
            },
            Self::Failed(detail) => LogError::Failed { file, detail },
        }
    }
}

/// Whether credentials were sought and not found.
fn is_of_credentials(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<CredentialsError>() {
            return true;
        }
        next = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_protocols_mean_the_same() {
        for code in [
            "Throttling",
            "ThrottlingException",
            "TooManyRequestsException",
        ] {
            assert_eq!(Trouble::of_code(code, None), Trouble::Throttled, "{code}");
        }
        for code in ["AccessDenied", "AccessDeniedException"] {
            assert_eq!(
                Trouble::of_code(code, None),
                Trouble::Denied(None),
                "{code}"
            );
        }
        for code in ["DBLogFileNotFoundFault", "DBLogFileNotFound"] {
            assert_eq!(Trouble::of_code(code, None), Trouble::NoSuchFile, "{code}");
        }
        let binary = "This file contains binary data and should be downloaded instead of viewed.";
        let found = Trouble::of_code("InvalidParameterValue", Some(binary));
        assert_eq!(found, Trouble::Binary);
    }

    #[test]
    fn of_what_aws_says_only_a_code_is_kept() {
        let told = "User: arn:aws:iam::123456789012:user/ines is not authorized";
        let found = Trouble::of_code("Odd <b>Code", Some(told));
        assert_eq!(found, Trouble::Failed("OddbCode".to_owned()));
    }
}
