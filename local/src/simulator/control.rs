//! The simulator's own paths, under `/_local/`, for tools that are not in this process.
//!
//! | request | does |
//! |---|---|
//! | `GET /_local/calls` | the log: a list of [`Call`](super::Call) |
//! | `DELETE /_local/calls` | the same, and empties it |
//! | `GET /_local/state` | what the account holds, in the form of a seed |
//! | `POST /_local/state` | puts app instances in place: a seed |
//! | `POST /_local/faults` | injects a [`Fault`], or a list of them |
//! | `DELETE /_local/faults` | no more faults |
//! | `GET`, `POST /_local/behaviour` | the [`Behaviour`](super::Behaviour) |
//! | `POST /_local/reset` | back to the seed of the start, without calls, faults and tokens |

use super::core::Core;
use super::fault::Fault;
use super::seed;
use crate::http::{Reply, Request};
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

impl Core {
    pub fn control(&self, request: &Request) -> Reply {
        let mut held = self.lock();
        let done = Ok(Reply::empty(204));
        let answer = match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/_local/calls") => Ok(Reply::json(200, &held.calls)),
            ("DELETE", "/_local/calls") => Ok(Reply::json(200, &std::mem::take(&mut held.calls))),
            ("GET", "/_local/state") => Ok(Reply::json(200, &seed::written(&held.state))),
            ("POST", "/_local/state") => read::<Json>(request).and_then(|given| held.plant(given)).and(done),
            ("POST", "/_local/faults") => read_faults(request).and_then(|faults| {
                held.faults.extend(faults);
                done
            }),
            ("DELETE", "/_local/faults") => {
                held.faults.clear();
                done
            }
            ("GET", "/_local/behaviour") => Ok(Reply::json(200, &held.behaviour)),
            ("POST", "/_local/behaviour") => read(request).and_then(|behaviour| {
                held.set_behaviour(behaviour);
                done
            }),
            ("POST", "/_local/reset") => {
                held.reset();
                done
            }
            (method, path) => {
                return Reply::json(404, &json!({"Message": format!("nothing at {method} {path}")}));
            }
        };
        answer.unwrap_or_else(|problem| Reply::json(400, &json!({"Message": problem})))
    }
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
