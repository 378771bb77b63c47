//! The calls that the commands on an account may make. Each only reads, and nothing else leaves this machine.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::{Value as Json, json};
use std::fmt;

/// A reading operation of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// The service's name in its SDK.
    service: &'static str,
    /// The operation, which is also the name of the IAM action.
    operation: &'static str,
}

const fn identity(operation: &'static str) -> Read {
    Read { service: "Chime SDK Identity", operation }
}

const fn messaging(operation: &'static str) -> Read {
    Read { service: "Chime SDK Messaging", operation }
}

const fn cloudformation(operation: &'static str) -> Read {
    Read { service: "CloudFormation", operation }
}

const fn ssm(operation: &'static str) -> Read {
    Read { service: "SSM", operation }
}

/// Every call that a command on an account may make.
pub const READS: [Read; 32] = [
    identity("DescribeAppInstance"),
    identity("DescribeAppInstanceAdmin"),
    identity("DescribeAppInstanceBot"),
    identity("DescribeAppInstanceUser"),
    identity("DescribeAppInstanceUserEndpoint"),
    identity("GetAppInstanceRetentionSettings"),
    identity("ListAppInstanceAdmins"),
    identity("ListAppInstanceBots"),
    identity("ListAppInstanceUserEndpoints"),
    identity("ListAppInstanceUsers"),
    identity("ListAppInstances"),
    identity("ListTagsForResource"),
    messaging("DescribeChannel"),
    messaging("DescribeChannelBan"),
    messaging("DescribeChannelFlow"),
    messaging("DescribeChannelMembership"),
    messaging("DescribeChannelModerator"),
    messaging("GetChannelMembershipPreferences"),
    messaging("GetMessagingStreamingConfigurations"),
    messaging("ListChannelBans"),
    messaging("ListChannelFlows"),
    messaging("ListChannelMemberships"),
    messaging("ListChannelModerators"),
    messaging("ListChannels"),
    messaging("ListTagsForResource"),
    cloudformation("DescribeStackEvents"),
    cloudformation("DescribeStacks"),
    cloudformation("GetTemplate"),
    cloudformation("ListStackResources"),
    cloudformation("ListStacks"),
    ssm("GetParameterHistory"),
    ssm("GetParametersByPath"),
];

impl Read {
    /// The IAM action, such as `chime:ListChannels`.
    pub fn action(&self) -> String {
        let prefix = match self.service {
            "CloudFormation" => "cloudformation",
            "SSM" => "ssm",
            _ => "chime",
        };
        format!("{prefix}:{}", self.operation)
    }
}

/// The parameters of the older library: the path that is listed, and what is below it.
const PARAMETERS: [&str; 2] = ["arn:aws:ssm:*:*:parameter/chime", "arn:aws:ssm:*:*:parameter/chime/*"];

/// The IAM policy that allows all of [`READS`] and nothing else.
pub fn policy() -> Json {
    let mut actions: Vec<_> = READS.iter().map(Read::action).collect();
    actions.sort_unstable();
    actions.dedup();
    let (parameters, others): (Vec<_>, Vec<_>) = actions.into_iter().partition(|action| action.starts_with("ssm:"));
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": others, "Resource": "*"},
            {"Effect": "Allow", "Action": parameters, "Resource": PARAMETERS},
        ],
    })
}

/// An interceptor that lets only [`READS`] pass. Every other call fails before anything is sent.
#[derive(Clone, Copy, Debug)]
pub struct ReadsOnly;

#[dyn_dispatch_hint]
impl Intercept for ReadsOnly {
    fn name(&self) -> &'static str {
        "ReadsOnly"
    }

    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (service, operation) =
            config.load::<Metadata>().map_or(("", ""), |metadata| (metadata.service(), metadata.name()));
        match READS.iter().any(|read| read.service == service && read.operation == operation) {
            true => Ok(()),
            false => Err(NotARead(format!("{service} {operation}")).into()),
        }
    }
}

/// A call that is not among [`READS`].
#[derive(Debug)]
struct NotARead(String);

impl fmt::Display for NotARead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not among the reading calls of chimectl, and was not sent", self.0)
    }
}

impl std::error::Error for NotARead {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_of_the_policy_reads() {
        let policy = policy();
        let actions = policy["Statement"].as_array().expect("statements").iter();
        let actions: Vec<_> = actions.flat_map(|statement| statement["Action"].as_array().expect("actions")).collect();
        assert!(actions.len() >= 30, "{}", actions.len());
        for action in actions {
            let action = action.as_str().expect("text");
            let (_, operation) = action.split_once(':').expect("a prefix");
            assert!(["List", "Describe", "Get"].iter().any(|verb| operation.starts_with(verb)), "{action}");
            // What sounds like a read and is none: they hand out access, or begin something.
            assert!(!action.contains("SessionEndpoint") && !action.contains("Drift"), "{action}");
        }
    }

    #[test]
    fn the_page_shows_the_policy() {
        let page = include_str!("../../../../docs/day-two.md");
        let policy = serde_json::to_string_pretty(&policy()).expect("JSON");
        assert!(page.contains(&format!("```json\n{policy}\n```\n")), "{policy}");
    }
}
