//! What the bucket and CloudFormation reject.

use loopback_server::Request;
use serde_json::Value as Json;

/// The longest answer that CloudFormation accepts, in bytes.
const BODY: usize = 4096;

/// The longest physical id, in bytes.
const PHYSICAL_ID: usize = 1024;

/// The status and the reason if the bucket would reject the request. `query` is the query of the registered URL, if there is one.
pub(crate) fn rejection(request: &Request, query: Option<&str>) -> Option<(u16, String)> {
    let rejected = |status, why: &str| Some((status, why.to_owned()));
    if request.method != "PUT" {
        return Some((403, format!("the URL is signed for PUT, not {}", request.method)));
    }
    if query.is_some_and(|query| query != request.query) {
        return rejected(403, "the query is not the one of the URL");
    }
    if request.headers.contains_key("transfer-encoding") {
        return rejected(501, "the bucket does not accept chunked bodies");
    }
    if !request.headers.contains_key("content-length") {
        return rejected(411, "there is no Content-Length");
    }
    match request.header("content-type") {
        None | Some("") => None,
        Some(kind) => Some((403, format!("the URL is signed for an empty Content-Type, not {kind}"))),
    }
}

/// The problems of an answer. Its ids are compared with the registered event, if there is one.
pub(crate) fn content(body: &[u8], event: Option<&Json>) -> Vec<String> {
    let mut problems = Vec::new();
    if body.len() > BODY {
        problems.push(format!("the body has {} bytes, {BODY} are allowed", body.len()));
    }
    let answer: Json = match serde_json::from_slice(body) {
        Ok(answer @ Json::Object(_)) => answer,
        Ok(_) => return [problems, vec!["the body is not a JSON object".into()]].concat(),
        Err(error) => return [problems, vec![format!("the body is not JSON: {error}")]].concat(),
    };
    match answer["Status"].as_str() {
        Some("SUCCESS") => {}
        Some("FAILED") if answer["Reason"].as_str().is_some_and(|reason| !reason.is_empty()) => {}
        Some("FAILED") => problems.push("Reason is missing, and Status is FAILED".into()),
        _ => problems.push(format!("Status is {}, not SUCCESS or FAILED", answer["Status"])),
    }
    match answer["PhysicalResourceId"].as_str().map(str::len) {
        Some(1..=PHYSICAL_ID) => {}
        Some(length) => problems.push(format!("PhysicalResourceId has {length} bytes")),
        None => problems.push("PhysicalResourceId is missing".into()),
    }
    for name in ["StackId", "RequestId", "LogicalResourceId"] {
        match event {
            Some(event) if answer[name] != event[name] => {
                problems.push(format!("{name} is {}, not {}", answer[name], event[name]));
            }
            None if !answer[name].is_string() => problems.push(format!("{name} is missing")),
            _ => {}
        }
    }
    match &answer["Data"] {
        Json::Null => {}
        Json::Object(data) => {
            let other = data.iter().filter(|(_, value)| !value.is_string());
            problems.extend(other.map(|(name, value)| format!("Data.{name} is {value}, not a string")));
        }
        other => problems.push(format!("Data is {other}, not an object")),
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn good() -> Json {
        json!({"Status": "SUCCESS", "PhysicalResourceId": "p", "StackId": "s", "RequestId": "r",
            "LogicalResourceId": "l", "Data": {"A": "b"}})
    }

    fn problems(change: impl Fn(&mut Json)) -> Vec<String> {
        let mut answer = good();
        change(&mut answer);
        content(answer.to_string().as_bytes(), Some(&good()))
    }

    #[test]
    fn each_rule_has_a_message() {
        assert_eq!(problems(|_| {}), [""; 0]);
        assert_eq!(problems(|a| a["Status"] = "DONE".into()).len(), 1);
        assert_eq!(problems(|a| a["Status"] = "FAILED".into()).len(), 1);
        let failed = |a: &mut Json| {
            a["Status"] = "FAILED".into();
            a["Reason"] = "so".into();
        };
        assert_eq!(problems(failed), [""; 0]);
        assert_eq!(problems(|a| a["PhysicalResourceId"] = "".into()).len(), 1);
        assert_eq!(problems(|a| a["PhysicalResourceId"] = "x".repeat(1024).into()), [""; 0]);
        assert_eq!(problems(|a| a["PhysicalResourceId"] = "x".repeat(1025).into()).len(), 1);
        assert_eq!(problems(|a| a["LogicalResourceId"] = Json::Null).len(), 1);
        assert_eq!(problems(|a| a["Data"]["A"] = 7.into()), ["Data.A is 7, not a string"]);
        assert_eq!(problems(|a| a["Data"] = "x".into()).len(), 1);
        assert_eq!(content(b"[]", None).len(), 1);
        assert_eq!(content(b"", None).len(), 1);
    }

    #[test]
    fn the_limit_is_4096_bytes_and_not_characters() {
        let sized = |bytes: usize| {
            let mut answer = good();
            answer["Reason"] = "".into();
            let rest = bytes - answer.to_string().len();
            answer["Reason"] = format!("{}{}", "\u{e9}".repeat(rest / 2), "x".repeat(rest % 2)).into();
            let body = answer.to_string();
            assert_eq!(body.len(), bytes);
            content(body.as_bytes(), Some(&good()))
        };
        assert_eq!(sized(4096), [""; 0]);
        assert_eq!(sized(4097), ["the body has 4097 bytes, 4096 are allowed"]);
    }
}
