//! The models of both APIs.

use crate::model::service_model::Model;
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// One of the two APIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// chime-sdk-identity
    Identity,
    /// chime-sdk-messaging
    Messaging,
}

/// Both APIs.
#[derive(Debug)]
pub struct Apis {
    /// App instances, users, admins, bots, retention, endpoints.
    pub identity: Model,
    /// Channels with all that belongs to them, channel flows, streaming.
    pub messaging: Model,
}

impl Apis {
    /// The models in this crate, read once for the whole process.
    ///
    /// # Errors
    /// The data in `model/*.json` is damaged.
    pub fn load() -> Result<&'static Self, String> {
        static LOADED: OnceLock<Result<Apis, String>> = OnceLock::new();
        let loaded = LOADED.get_or_init(|| {
            Ok(Self {
                identity: Model::load(include_str!("../../model/identity.json"))?,
                messaging: Model::load(include_str!("../../model/messaging.json"))?,
            })
        });
        loaded.as_ref().map_err(Clone::clone)
    }

    /// The model of one of the two.
    pub fn of(&self, service: Service) -> &Model {
        match service {
            Service::Identity => &self.identity,
            Service::Messaging => &self.messaging,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_referenced_shape_exists() {
        let apis = Apis::load().unwrap();
        for model in [&apis.identity, &apis.messaging] {
            let mut named: Vec<&String> = Vec::new();
            for operation in model.operations.values() {
                named.extend(&operation.input);
                named.extend(&operation.output);
            }
            for shape in model.shapes.values() {
                named.extend(shape.members.values().map(|member| &member.shape));
                named.extend([&shape.member, &shape.key, &shape.value].into_iter().flatten());
                for required in &shape.required {
                    assert!(shape.members.contains_key(required), "{required}");
                }
            }
            for name in named {
                assert!(model.shapes.contains_key(name), "{name}");
            }
        }
    }

    #[test]
    fn the_models_are_complete() {
        let apis = Apis::load().unwrap();
        assert_eq!(apis.identity.operations.len(), 30);
        assert_eq!(apis.messaging.operations.len(), 51);
        let create = &apis.identity.operations["CreateAppInstance"];
        assert_eq!(apis.identity.tokens(create), ["ClientRequestToken"]);
        let admin = &apis.identity.operations["CreateAppInstanceAdmin"];
        assert!(apis.identity.tokens(admin).is_empty());
    }
}
