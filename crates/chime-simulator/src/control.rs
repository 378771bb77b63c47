//! The simulator's own paths, under `/_local/`, for tools in other processes.
//!
//! [`PATHS`] lists them, and so does `GET /_local`.

use crate::behaviour::Behaviour;
use crate::chime_api::ChimeApi;
use crate::fault::Fault;
use crate::seed::snapshot;
use loopback_server::{Reply, Request};
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

/// The paths, and what each does.
const PATHS: [(&str, &str); 10] = [
    ("GET /_local", "this list"),
    ("GET /_local/calls", "the calls so far"),
    ("DELETE /_local/calls", "returns the calls so far and forgets them"),
    ("GET /_local/state", "everything in the account, in the form of a seed"),
    ("POST /_local/state", "puts the app instances of a seed in place, and returns everything in the account"),
    ("GET /_local/faults", "the faults that are still to come, in the form in which they are injected"),
    (
        "POST /_local/faults",
        "injects a fault, or a list of them: {\"operation\": \"CreateAppInstance\", \"times\": 2, \"kind\": \"Throttle\"}; the \
         operation * is any",
    ),
    ("DELETE /_local/faults", "removes all faults"),
    (
        "GET, POST /_local/behaviour",
        "how Chime behaves; a POST changes only the fields that it names, and returns all of them",
    ),
    ("POST /_local/reset", "restores the initial seed and clears calls, faults and tokens"),
];

/// Called for each request to the simulator's own paths, except GET, with its method, path and body, and the status of the reply.
pub type OnControl = fn(method: &str, path: &str, body: &str, status: u16);

/// Whether a path is one of the simulator's own.
pub(crate) fn is_own_path(path: &str) -> bool {
    path == "/_local" || path.starts_with("/_local/")
}

/// Answers a request to the simulator's own paths.
pub(crate) fn control(api: &ChimeApi, request: &Request) -> Reply {
    let mut account = api.lock();
    let answer = match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/_local" | "/_local/") => {
            let paths: serde_json::Map<_, _> =
                PATHS.iter().map(|(path, does)| ((*path).to_owned(), json!(does))).collect();
            Ok(Reply::json(200, &paths))
        }
        ("GET", "/_local/calls") => Ok(Reply::json(200, &account.calls)),
        ("DELETE", "/_local/calls") => Ok(Reply::json(200, &std::mem::take(&mut account.calls))),
        ("GET", "/_local/state") => Ok(Reply::json(200, &snapshot(&account.state))),
        ("POST", "/_local/state") => read::<Json>(request).and_then(|given| {
            account.seed(given)?;
            Ok(Reply::json(200, &snapshot(&account.state)))
        }),
        ("GET", "/_local/faults") => Ok(Reply::json(200, &account.faults)),
        ("POST", "/_local/faults") => read_faults(request).and_then(|faults| {
            faults.iter().try_for_each(|fault| api.check_operation(&fault.operation))?;
            account.faults.extend(faults);
            Ok(Reply::json(200, &account.faults))
        }),
        ("DELETE", "/_local/faults") => {
            account.faults.clear();
            Ok(Reply::json(200, &account.faults))
        }
        ("GET", "/_local/behaviour") => Ok(Reply::json(200, &account.behaviour)),
        ("POST", "/_local/behaviour") => merged(&account.behaviour, request).map(|behaviour| {
            account.set_behaviour(behaviour);
            Reply::json(200, &account.behaviour)
        }),
        ("POST", "/_local/reset") => {
            account.reset();
            Ok(Reply::json(200, &snapshot(&account.state)))
        }
        (method, path) => {
            return Reply::json(404, &json!({"Message": format!("nothing at {method} {path}")}));
        }
    };
    answer.unwrap_or_else(|problem| Reply::json(400, &json!({"Message": problem})))
}

/// The behaviour with the changes in the request.
fn merged(behaviour: &Behaviour, request: &Request) -> Result<Behaviour, String> {
    let mut whole = serde_json::to_value(behaviour).map_err(|error| error.to_string())?;
    let Json::Object(changes) = read::<Json>(request)? else { return Err("a behaviour is a JSON object".to_owned()) };
    for (name, value) in changes {
        whole[name] = value;
    }
    serde_json::from_value(whole).map_err(|error| error.to_string())
}

fn read_faults(request: &Request) -> Result<Vec<Fault>, String> {
    match request.body.first() {
        Some(b'[') => read(request),
        _ => read(request).map(|fault| vec![fault]),
    }
}

fn read<T: DeserializeOwned>(request: &Request) -> Result<T, String> {
    serde_json::from_slice(&request.body).map_err(|error| error.to_string())
}
