//! The operations of both APIs. Messages, sub-channels and searches are not implemented.

mod admin;
mod app_instance;
mod ban;
mod bot;
mod channel;
mod channel_flow;
mod channel_flow_association;
mod endpoint;
mod expiration;
mod membership;
mod moderator;
mod relation;
mod retention;
pub(crate) mod streaming;
mod tags;
mod user;

use crate::context::{Operation, OperationContext};
use crate::error::{Answer, ApiError};

/// The operations of each noun, by name.
const OPERATIONS: [&[(&str, Operation)]; 15] = [
    &app_instance::OPERATIONS,
    &user::OPERATIONS,
    &admin::OPERATIONS,
    &bot::OPERATIONS,
    &retention::OPERATIONS,
    &streaming::OPERATIONS,
    &channel_flow::OPERATIONS,
    &channel_flow_association::OPERATIONS,
    &channel::OPERATIONS,
    &membership::OPERATIONS,
    &moderator::OPERATIONS,
    &ban::OPERATIONS,
    &endpoint::OPERATIONS,
    &expiration::OPERATIONS,
    &tags::OPERATIONS,
];

/// Carries out the operation of this name.
pub(crate) fn perform(name: &str, cx: &mut OperationContext) -> Answer {
    let found = OPERATIONS.into_iter().flatten().find(|(known, _)| *known == name);
    found.map_or_else(|| Err(ApiError::not_implemented(name)), |(_, operation)| operation(cx))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Apis;
    use std::collections::BTreeSet;

    #[test]
    fn every_operation_is_one_of_the_models_and_stands_once() {
        let apis = Apis::load().unwrap();
        let names: Vec<&str> = OPERATIONS.into_iter().flatten().map(|(name, _)| *name).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        for name in names {
            let is_known = [&apis.identity, &apis.messaging].iter().any(|api| api.operations.contains_key(name));
            assert!(is_known, "{name}");
        }
    }
}
