//! The templates of the stacks.

use super::things::{construct, entities};
use cloudformation_local::LogicalResource;
use serde_json::Value;
use std::collections::BTreeMap;

/// A resource in a template.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateResource {
    pub entity: usize,
    pub properties: Value,
}

/// The resources of a stack or a template, by logical id.
pub type Of<T> = BTreeMap<String, T>;

/// A resource as CloudFormation sends it, and its properties.
pub fn resource(
    stack: usize,
    logical_id: &str,
    stated: &TemplateResource,
    has_constructs: bool,
) -> (LogicalResource, Value) {
    let of = &entities()[stated.entity].of;
    let construct = construct(of, logical_id, &stated.properties).filter(|_| has_constructs);
    let resource_type =
        if construct.is_some() { "AWS::CloudFormation::CustomResource".to_owned() } else { of.resource_type() };
    let stack_id =
        format!("arn:aws:cloudformation:us-east-1:123456789012:stack/chat/00000000-0000-4000-8000-00000000000{stack}");
    let resource = LogicalResource::new(&resource_type).renamed(logical_id).of_stack(&stack_id);
    (resource, construct.unwrap_or_else(|| stated.properties.clone()))
}
