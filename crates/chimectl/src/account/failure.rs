//! The errors of AWS's clients, in words.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::error::Error;

/// What failed and why, on one line: the service's code and message or, if it gave none, the innermost cause.
pub fn failure<E>(operation: &str, error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match (error.code(), error.message(), error.raw_response()) {
        (Some(code), Some(message), _) => format!("{operation}: {code}: {message}"),
        (Some(code), None, _) => format!("{operation}: {code}"),
        (None, _, Some(response)) => format!("{operation}: HTTP status {} without a code", response.status().as_u16()),
        (None, _, None) => format!("{operation}: {}", innermost(error)),
    }
}

fn innermost(error: &(dyn Error + 'static)) -> String {
    error.source().map_or_else(|| error.to_string(), innermost)
}
