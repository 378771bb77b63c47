//! The steps of a channel flow.

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
    /// One step of a flow.
    pub struct Processor {
        /// Its name.
        name: Text<1, 256> => "Name",
        /// Its place among the steps, each taken once.
        execution_order: IntRange<1, 3> => "ExecutionOrder",
        /// What becomes of a message that it does not process.
        fallback_action: FallbackAction => "FallbackAction",
        /// What it runs.
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
    /// The function that a processor runs.
    pub struct LambdaConfiguration {
        /// The function, in the account and region of the app instance.
        resource_arn: LambdaFunctionArn => "ResourceArn",
        /// How Chime invokes it.
        invocation_type: InvocationType => "InvocationType" default "ASYNC",
    }
}

string_enum! {
    /// What becomes of a message that a processor does not process: it goes on, or no further.
    FallbackAction = "CONTINUE" | "ABORT"
}

string_enum! {
    /// How Chime invokes a function. It knows one way: asynchronously, and the function answers by ChannelFlowCallback.
    InvocationType = "ASYNC"
}

/// Adds what is wrong with `processors` together, or beside their app instance.
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
