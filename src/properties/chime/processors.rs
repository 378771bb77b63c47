//! The processors of a channel flow.

use crate::properties::problems::Problems;
use crate::properties::properties;
use crate::properties::raw::RawProperties;
use crate::properties::same_app_instance::must_be_in_scope_of;
use crate::properties::values::arns::{AppInstanceArn, LambdaFunctionArn};
use crate::properties::values::enums::string_enum;
use crate::properties::values::numbers::IntRange;
use crate::properties::values::text::Text;
use std::collections::HashSet;

properties! {
    /// One processor of a channel flow.
    pub struct Processor {
        /// The processor's name.
        name: Text<1, 256> => "Name",
        /// The processor's position, unique within the flow.
        execution_order: IntRange<1, 3> => "ExecutionOrder" slot,
        /// What happens to a message if Chime cannot reach the processor.
        fallback_action: FallbackAction => "FallbackAction",
        /// What the processor runs.
        configuration: ProcessorConfiguration => "Configuration",
    }
}

properties! {
    /// What a processor runs.
    pub struct ProcessorConfiguration {
        /// A Lambda function.
        lambda: LambdaConfiguration => "Lambda",
    }
}

properties! {
    /// The Lambda function that a processor runs.
    pub struct LambdaConfiguration {
        /// The function, in the app instance's account and region.
        resource_arn: LambdaFunctionArn => "ResourceArn",
        /// How Chime invokes the function. Defaults to ASYNC.
        invocation_type: InvocationType => "InvocationType" default "ASYNC",
    }
}

string_enum! {
    /// What happens to a message if Chime cannot reach its processor: it continues through the flow, or it is not delivered.
    FallbackAction = "CONTINUE" | "ABORT"
}

string_enum! {
    /// How Chime invokes a function. There is only one way: asynchronously, and the function responds with
    /// ChannelFlowCallback.
    InvocationType = "ASYNC"
}

/// Adds a problem for each of `processors` that conflicts with another one or does not fit the app instance.
pub fn must_fit_together(
    processors: &[RawProperties<'_>],
    app_instance: Option<&AppInstanceArn>,
    problems: &mut Problems,
) {
    let mut orders = HashSet::new();
    for (at, processor) in processors.iter().enumerate() {
        let repeated = processor.get::<IntRange<1, 3>>("ExecutionOrder").filter(|order| !orders.insert(order.get()));
        if let Some(order) = repeated {
            problems.within(&format!("Processors[{at}].ExecutionOrder"), |problems| {
                problems.add(format_args!("must not repeat {}", order.get()));
            });
        }
        problems.within(&format!("Processors[{at}].Configuration.Lambda"), |problems| {
            let lambda = processor.within("Configuration").within("Lambda");
            must_be_in_scope_of::<LambdaFunctionArn>(&lambda, "ResourceArn", app_instance, problems);
        });
    }
}
