//! Checks the form of signatures. The signature itself is not computed.

use crate::error::ApiError;

/// Checks the form of a SigV4 `Authorization` header, and that it names this service and region.
pub(crate) fn check(authorization: Option<&str>, service: &str, region: &str) -> Result<(), ApiError> {
    let unsigned = || ApiError::unsigned("Missing Authentication Token");
    let parts = authorization.and_then(|header| header.strip_prefix("AWS4-HMAC-SHA256")).ok_or_else(unsigned)?;
    let part = |name: &str| {
        let mut found = parts.split(',').map(str::trim);
        found.find_map(|part| part.strip_prefix(name)).filter(|value| !value.is_empty())
    };
    let signature = part("Signature=").ok_or_else(unsigned)?;
    let hexadecimal = signature.bytes().all(|byte| byte.is_ascii_hexdigit());
    if signature.len() != 64 || !hexadecimal || part("SignedHeaders=").is_none() {
        return Err(unsigned());
    }
    let scope: Vec<&str> = part("Credential=").ok_or_else(unsigned)?.rsplitn(5, '/').collect();
    match scope[..] {
        ["aws4_request", signed_as, signed_for, _date, _key] if signed_as == service && signed_for == region => Ok(()),
        ["aws4_request", signed_as, _, _, _] if signed_as == service => {
            Err(ApiError::wrong_scope(format!("Credential should be scoped to a valid region ({region}).")))
        }
        ["aws4_request", _, _, _, _] => {
            Err(ApiError::wrong_scope(format!("Credential should be scoped to correct service: '{service}'.")))
        }
        _ => Err(unsigned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(scope: &str, signature: &str) -> String {
        format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={signature}")
    }

    fn judged(header: &str) -> Result<(), &'static str> {
        check(Some(header), "chime", "us-east-1").map_err(|error| error.name)
    }

    #[test]
    fn only_a_signature_for_chime_in_this_region_is_accepted() {
        let signature = "0f".repeat(32);
        let good = "AKID/20260101/us-east-1/chime/aws4_request";
        assert_eq!(judged(&header(good, &signature)), Ok(()));
        let missing = Err("MissingAuthenticationTokenException");
        assert_eq!(judged(&header(good, "0f")), missing);
        assert_eq!(judged(&header("AKID", &signature)), missing);
        assert_eq!(judged("Bearer x"), missing);
        assert_eq!(check(None, "chime", "us-east-1").unwrap_err().status, 403);
        let elsewhere = "AKID/20260101/eu-central-1/chime/aws4_request";
        assert_eq!(judged(&header(elsewhere, &signature)), Err("InvalidSignatureException"));
        let other = "AKID/20260101/us-east-1/s3/aws4_request";
        assert_eq!(judged(&header(other, &signature)), Err("InvalidSignatureException"));
    }
}
