//! The errors of the two APIs, as they appear on the wire.

use loopback_server::Reply;
use serde_json::{Value as Json, json};

/// The result of an operation: the body (null for none), or an error.
pub(crate) type Answer = Result<Json, ApiError>;

/// An error answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ApiError {
    pub status: u16,
    /// The exception's name, as in the header `x-amzn-ErrorType`.
    pub name: &'static str,
    pub message: String,
}

impl ApiError {
    fn new(status: u16, name: &'static str, message: impl Into<String>) -> Self {
        Self { status, name, message: message.into() }
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequestException", message)
    }

    pub fn limit(message: impl Into<String>) -> Self {
        Self::new(400, "ResourceLimitExceededException", message)
    }

    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(401, "UnauthorizedClientException", message)
    }

    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(403, "ForbiddenException", message)
    }

    pub fn access_denied(message: impl Into<String>) -> Self {
        Self::new(403, "AccessDeniedException", message)
    }

    pub fn unsigned(message: impl Into<String>) -> Self {
        Self::new(403, "MissingAuthenticationTokenException", message)
    }

    pub fn wrong_scope(message: impl Into<String>) -> Self {
        Self::new(403, "InvalidSignatureException", message)
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, "NotFoundException", message)
    }

    pub fn unknown_operation(message: impl Into<String>) -> Self {
        Self::new(404, "UnknownOperationException", message)
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(409, "ConflictException", message)
    }

    pub fn throttled() -> Self {
        Self::new(429, "ThrottledClientException", "Rate exceeded")
    }

    pub fn failure(message: impl Into<String>) -> Self {
        Self::new(500, "ServiceFailureException", message)
    }

    pub fn not_implemented(operation: &str) -> Self {
        let message = format!("The simulator does not implement {operation}");
        Self::new(501, "NotImplementedException", message)
    }

    pub fn unavailable() -> Self {
        Self::new(503, "ServiceUnavailableException", "Service is unavailable")
    }

    /// The reply. It has a `Code` (the name without `Exception`) if the error is the service's, and the message alone if it comes from
    /// AWS's front end (IAM, signatures, unknown paths).
    pub fn reply(&self) -> Reply {
        let is_from_front_end = matches!(
            self.name,
            "AccessDeniedException"
                | "MissingAuthenticationTokenException"
                | "InvalidSignatureException"
                | "UnknownOperationException"
        );
        let code = self.name.trim_end_matches("Exception").trim_end_matches("Client");
        let body = match is_from_front_end {
            true => json!({"Message": self.message}),
            false => json!({"Code": code, "Message": self.message}),
        };
        let mut reply = Reply::json(self.status, &body);
        reply.headers.push(("x-amzn-errortype", self.name.to_owned()));
        reply
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Apis;

    #[test]
    fn status_and_code_agree_with_the_models() {
        let apis = Apis::load().unwrap();
        let declared: Vec<(&String, &u16)> = [&apis.identity, &apis.messaging]
            .into_iter()
            .flat_map(|model| model.operations.values())
            .flat_map(|operation| &operation.errors)
            .collect();
        for error in [
            ApiError::bad_request(""),
            ApiError::limit(""),
            ApiError::unauthorized(""),
            ApiError::forbidden(""),
            ApiError::not_found(""),
            ApiError::conflict(""),
            ApiError::throttled(),
            ApiError::failure(""),
            ApiError::unavailable(),
        ] {
            let known = declared.iter().any(|(n, s)| *n == error.name && **s == error.status);
            assert!(known, "{error:?}");
        }
        let body = |error: ApiError| String::from_utf8(error.reply().body).unwrap();
        assert_eq!(body(ApiError::forbidden("m")), r#"{"Code":"Forbidden","Message":"m"}"#);
        assert!(body(ApiError::unauthorized("m")).contains(r#""Code":"Unauthorized""#));
        assert!(body(ApiError::throttled()).contains(r#""Code":"Throttled""#));
        assert_eq!(body(ApiError::access_denied("m")), r#"{"Message":"m"}"#);
    }
}
