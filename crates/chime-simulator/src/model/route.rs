//! Finds the operation of a request, and the members of its input.

use crate::model::apis::{Apis, Service};
use crate::model::service_model::{Kind, Members, Model, Operation, Place};
use percent_encoding::percent_decode_str;
use serde_json::Value as Json;

/// The operation of a request.
#[derive(Debug)]
pub struct Routed {
    /// The API of the operation. Both have the three operations on tags, at the same paths: they count as identity's.
    pub service: Service,
    /// The operation's name.
    pub name: &'static str,
    /// The operation.
    pub operation: &'static Operation,
    uri: Vec<(&'static str, String)>,
}

impl Apis {
    /// The operation at this path (still percent-encoded: an ARN is one segment of it).
    pub fn route(&'static self, method: &str, path: &str, query: &str) -> Option<Routed> {
        let asked = pairs(query);
        let mut best: Option<(usize, Routed)> = None;
        for service in [Service::Identity, Service::Messaging] {
            for (name, operation) in &self.of(service).operations {
                if operation.method != method {
                    continue;
                }
                let (template, fixed) = operation.uri.split_once('?').unwrap_or((operation.uri.as_str(), ""));
                let fixed = pairs(fixed);
                // `POST /channels?operation=search` is not `POST /channels`: the longer one wins.
                let known = fixed.iter().all(|pair| asked.contains(pair));
                let better = best.as_ref().is_none_or(|(length, _)| fixed.len() > *length);
                if let (true, true, Some(uri)) = (known, better, fit(template, path)) {
                    best = Some((fixed.len(), Routed { service, name, operation, uri }));
                }
            }
        }
        best.map(|(_, routed)| routed)
    }
}

impl Routed {
    /// The members of the input, from path, query, headers and body. Members that are not in the model are kept, for the validation.
    ///
    /// # Errors
    /// The body is not a JSON object.
    pub fn input<'h>(
        &self,
        apis: &Apis,
        query: &str,
        header: impl Fn(&str) -> Option<&'h str>,
        body: &[u8],
    ) -> Result<Members, String> {
        let mut input = match body {
            [] => Members::new(),
            body => match serde_json::from_slice(body) {
                Ok(Json::Object(members)) => members,
                Ok(_) => return Err("The request body is not a JSON object".into()),
                Err(error) => return Err(format!("The request body is not JSON: {error}")),
            },
        };
        input.retain(|_, value| !value.is_null());

        let (_, fixed) = self.operation.uri.split_once('?').unwrap_or(("", ""));
        let fixed = pairs(fixed);
        let mut asked = pairs(query);
        asked.retain(|pair| !fixed.contains(pair));

        let model = apis.of(self.service);
        let shape = self.operation.input.as_ref().and_then(|name| model.shapes.get(name));
        for (name, member) in shape.iter().flat_map(|shape| &shape.members) {
            let wire = member.name.as_deref().unwrap_or(name);
            let value = match member.place {
                None => continue,
                Some(Place::Uri) => self.uri.iter().find(|(key, _)| *key == wire).map(|(_, value)| value.clone()),
                Some(Place::Header) => header(wire).map(str::to_owned),
                Some(Place::Querystring) => {
                    asked.iter().position(|(key, _)| key == wire).map(|position| asked.remove(position).1)
                }
            };
            if let Some(value) = value {
                input.insert(name.clone(), typed(model, &member.shape, value));
            }
        }
        for (key, value) in asked {
            input.insert(key, Json::String(value));
        }
        Ok(input)
    }
}

/// Turns text from the path, the query or a header into a number or a boolean if the model says so.
fn typed(model: &Model, shape: &str, text: String) -> Json {
    let read = match model.shapes.get(shape).map(|shape| shape.kind) {
        Some(Kind::Integer) => text.parse::<i64>().ok().map(Json::from),
        Some(Kind::Boolean) => text.parse::<bool>().ok().map(Json::from),
        _ => None,
    };
    read.unwrap_or(Json::String(text))
}

/// The decoded `{members}` of a path, if it matches the template.
fn fit<'t>(template: &'t str, path: &str) -> Option<Vec<(&'t str, String)>> {
    if template.split('/').count() != path.split('/').count() {
        return None;
    }
    let mut found = Vec::new();
    for (wanted, segment) in template.split('/').zip(path.split('/')) {
        match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => found.push((name, decode(segment))),
            None if wanted == segment => {}
            None => return None,
        }
    }
    Some(found)
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(key, value)| (decode(key), decode(&value.replace('+', "%20"))))
        .collect()
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const ARN: &str = "arn%3Aaws%3Achime%3Aus-east-1%3A123456789012%3Aapp-instance%2Fa";

    fn routed(method: &str, path: &str, query: &str) -> Option<&'static str> {
        Apis::load().unwrap().route(method, path, query).map(|routed| routed.name)
    }

    #[test]
    fn only_the_operations_on_tags_have_the_same_path_in_both_apis() {
        let apis = Apis::load().unwrap();
        let mut at: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
        let blank = regex::Regex::new(r"\{[^}]*\}").unwrap();
        for model in [&apis.identity, &apis.messaging] {
            for (name, operation) in &model.operations {
                let uri = blank.replace_all(&operation.uri, "{}").into_owned();
                at.entry((operation.method.clone(), uri)).or_default().push(name);
            }
        }
        at.retain(|_, names| names.len() > 1);
        let shared: Vec<_> = at.into_values().collect();
        let same = |name| vec![name, name];
        assert_eq!(shared, [same("ListTagsForResource"), same("TagResource"), same("UntagResource")]);
    }

    #[test]
    fn every_operation_is_found_at_its_path() {
        let apis = Apis::load().unwrap();
        for model in [&apis.identity, &apis.messaging] {
            for (name, operation) in &model.operations {
                let (path, query) = operation.uri.split_once('?').unwrap_or((&operation.uri, ""));
                let path = path.replace('{', "x%3A").replace('}', "%2Fy");
                assert_eq!(routed(&operation.method, &path, query), Some(name.as_str()));
            }
        }
    }

    #[test]
    fn a_fixed_query_distinguishes_operations() {
        assert_eq!(routed("POST", "/channels", ""), Some("CreateChannel"));
        assert_eq!(routed("POST", "/channels", "operation=search"), Some("SearchChannels"));
        assert_eq!(routed("GET", "/channels", "app-instance-arn=x"), Some("ListChannels"));
        assert_eq!(routed("POST", "/tags", ""), None);
        assert_eq!(routed("PATCH", "/channels", ""), None);
    }

    #[test]
    fn an_arn_is_one_segment_and_is_decoded() {
        let apis = Apis::load().unwrap();
        let path = format!("/app-instances/{ARN}/admins/{ARN}%2Fuser%2Fb");
        let routed = apis.route("DELETE", &path, "").unwrap();
        let input = routed.input(apis, "", |_| None, b"").unwrap();
        let arn = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
        assert_eq!(input["AppInstanceArn"], arn);
        assert_eq!(input["AppInstanceAdminArn"], format!("{arn}/user/b"));
        let unencoded = "/app-instances/arn:aws:chime:us-east-1:123456789012:app-instance/a";
        assert!(apis.route("GET", unencoded, "").is_none());
    }

    #[test]
    fn query_header_and_body_are_combined() {
        let apis = Apis::load().unwrap();
        let routed = apis.route("GET", "/channel-flows", "").unwrap();
        let query = format!("app-instance-arn={ARN}&max-results=7&surprise=1");
        let input = routed.input(apis, &query, |_| None, b"").unwrap();
        assert_eq!(input["MaxResults"], 7);
        assert_eq!(input["surprise"], "1");

        let routed = apis.route("POST", "/channels", "").unwrap();
        let bearer = |name: &str| (name == "x-amz-chime-bearer").then_some("me");
        let input = routed.input(apis, "", bearer, br#"{"Name":"n","Metadata":null}"#).unwrap();
        assert_eq!(input["ChimeBearer"], "me");
        assert!(!input.contains_key("Metadata"));
        assert!(routed.input(apis, "", bearer, b"[]").is_err());
        assert!(routed.input(apis, "", bearer, b"{").is_err());
    }
}
