//! Checks that resources belong to the same app instance, or to its account and region.

use crate::properties::Value;
use crate::properties::problems::Problems;
use crate::properties::raw::RawProperties;
use crate::properties::values::arns::{AppInstanceArn, ArnScope, InAppInstance, arn_scope};
use std::fmt;

/// The app instance of the resource that a property names, if the property is valid on its own.
pub fn app_instance_of<T: Value + InAppInstance>(stated: &RawProperties<'_>, name: &str) -> Option<AppInstanceArn> {
    stated.get::<T>(name).map(|arn| arn.app_instance_arn())
}

/// Adds a problem for each of `others` that does not belong to the app instance `wanted`. Unknown app instances are
/// skipped.
pub fn must_be_of_one_app_instance(
    wanted: Option<AppInstanceArn>,
    others: &[(&str, Option<AppInstanceArn>)],
    problems: &mut Problems,
) {
    for (name, found) in others {
        if let (Some(wanted), Some(found)) = (&wanted, found)
            && found != wanted
        {
            problems.within(name, |problems| problems.add(format_args!("must belong to {wanted}, not to {found}")));
        }
    }
}

/// Adds a problem to the property `name` unless its ARN has the app instance's partition, region and account. Chime
/// requires this of the functions, bots and streams that it uses.
pub fn must_be_in_scope_of<T: Value + fmt::Display>(
    stated: &RawProperties<'_>,
    name: &str,
    app_instance: Option<&AppInstanceArn>,
    problems: &mut Problems,
) {
    let Some((arn, app_instance)) = stated.get::<T>(name).zip(app_instance) else { return };
    let arn = arn.to_string();
    problems.within(name, |problems| must_have_scope(arn_scope(&arn), arn_scope(app_instance.as_str()), problems));
}

fn must_have_scope(own: Option<ArnScope<'_>>, wanted: Option<ArnScope<'_>>, problems: &mut Problems) {
    if let (Some(own), Some(wanted)) = (own, wanted) {
        if own.partition != wanted.partition {
            problems.add(format_args!(
                "must be in {}, the partition of the app instance, not in {}",
                wanted.partition, own.partition
            ));
        }
        if own.region != wanted.region {
            problems.add(format_args!(
                "must be in {}, the region of the app instance, not in {}",
                wanted.region, own.region
            ));
        }
        if own.account != wanted.account {
            problems.add(format_args!(
                "must be in {}, the account of the app instance, not in {}",
                wanted.account, own.account
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::values::arns::{ChannelArn, LambdaFunctionArn};
    use serde_json::json;

    const A: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a";

    #[test]
    fn an_invalid_arn_belongs_to_no_app_instance() {
        let stated = json!({"ChannelArn": format!("{A}/channel/c"), "MemberArn": "nobody"});
        let stated = RawProperties::of(&stated);
        let channel = app_instance_of::<ChannelArn>(&stated, "ChannelArn");
        assert_eq!(channel.clone().map(|arn| arn.to_string()).as_deref(), Some(A));
        let member = app_instance_of::<ChannelArn>(&stated, "MemberArn");
        let mut problems = Problems::default();
        must_be_of_one_app_instance(channel, &[("MemberArn", member)], &mut problems);
        assert!(problems.is_empty());
    }

    #[test]
    fn region_and_account_are_separate_problems() {
        let function = |region: &str, account: &str| format!("arn:aws:lambda:{region}:{account}:function:f");
        let app_instance: AppInstanceArn = A.parse().expect("an ARN");
        for (region, account, expected) in [
            ("us-east-1", "123456789012", ""),
            (
                "eu-west-1",
                "210987654321",
                "ResourceArn must be in us-east-1, the region of the app instance, not in eu-west-1; \
                 ResourceArn must be in 123456789012, the account of the app instance, not in 210987654321",
            ),
        ] {
            let stated = json!({"ResourceArn": function(region, account)});
            let mut problems = Problems::default();
            let at = RawProperties::of(&stated);
            must_be_in_scope_of::<LambdaFunctionArn>(&at, "ResourceArn", Some(&app_instance), &mut problems);
            assert_eq!(problems.to_string(), expected);
        }
    }
}
