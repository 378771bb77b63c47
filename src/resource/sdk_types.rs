//! Conversions between validated properties and the SDKs' types.
//!
//! The SDKs' builders fail if a required field is missing. Each required field is a required property, so a failure
//! here means that an SDK requires more than its model. The conversion from `BuildError` reports it as a bug.

use crate::chime::error::Result;
use crate::properties::chime::channel::{
    ChannelExpirationCriterion, ChannelExpirationSettings, ElasticChannelConfiguration,
};
use crate::properties::chime::endpoint::EndpointAttributes;
use crate::properties::chime::expiration::{ExpirationCriterion, ExpirationSettings};
use crate::properties::chime::lex::{
    Configuration, InvokedBy, LexConfiguration, RespondsTo, StandardMessages, TargetedMessages,
};
use crate::properties::chime::membership::{AllowNotifications, MembershipPreferences, PushNotificationPreferences};
use crate::properties::chime::processors::{
    FallbackAction, InvocationType, LambdaConfiguration, Processor, ProcessorConfiguration,
};
use crate::properties::chime::streaming::{MessagingDataType, StreamingConfiguration};
use crate::properties::values::arns::{LambdaFunctionArn, LexBotAliasArn, MessagingStreamArn};
use crate::properties::values::lists::List;
use crate::properties::values::numbers::{Days, IntRange};
use crate::properties::values::secrets::DeviceToken;
use crate::properties::values::text::{LexIntentName, Text};
use aws_sdk_chimesdkidentity::types as identity;
use aws_sdk_chimesdkmessaging::types as messaging;

/// When Chime deletes a user automatically.
pub fn user_expiration_settings(settings: &Option<ExpirationSettings>) -> Result<Option<identity::ExpirationSettings>> {
    let Some(settings) = settings else { return Ok(None) };
    let builder = identity::ExpirationSettings::builder().expiration_days(settings.expiration_days.get());
    Ok(Some(builder.expiration_criterion(settings.expiration_criterion.as_str().into()).build()?))
}

/// The configuration of a bot.
pub fn lex_configuration(configuration: &Configuration) -> Result<identity::Configuration> {
    let lex = &configuration.lex;
    let invoked_by = lex.invoked_by.as_ref().map(|invoked_by| {
        let builder = identity::InvokedBy::builder().standard_messages(invoked_by.standard_messages.as_str().into());
        builder.targeted_messages(invoked_by.targeted_messages.as_str().into()).build()
    });
    let lex = identity::LexConfiguration::builder()
        .lex_bot_alias_arn(lex.lex_bot_alias_arn.as_str())
        .locale_id(lex.locale_id.as_str())
        .set_responds_to(lex.responds_to.as_ref().map(|responds_to| responds_to.as_str().into()))
        .set_invoked_by(invoked_by.transpose()?)
        .set_welcome_intent(lex.welcome_intent.as_ref().map(|intent| intent.as_str().to_owned()))
        .build()?;
    Ok(identity::Configuration::builder().lex(lex).build())
}

/// The processors of a channel flow.
pub fn processors(processors: &[Processor]) -> Result<Vec<messaging::Processor>> {
    let build = |processor: &Processor| {
        let lambda = &processor.configuration.lambda;
        let lambda = messaging::LambdaConfiguration::builder()
            .resource_arn(lambda.resource_arn.as_str())
            .invocation_type(lambda.invocation_type.as_str().into())
            .build()?;
        let builder = messaging::Processor::builder()
            .name(processor.name.as_str())
            .execution_order(processor.execution_order.get())
            .fallback_action(processor.fallback_action.as_str().into())
            .configuration(messaging::ProcessorConfiguration::builder().lambda(lambda).build());
        Ok(builder.build()?)
    };
    processors.iter().map(build).collect()
}

/// The streaming configurations of an app instance.
pub fn streaming_configurations(
    configurations: &[StreamingConfiguration],
) -> Result<Vec<messaging::StreamingConfiguration>> {
    let build = |configuration: &StreamingConfiguration| {
        let builder = messaging::StreamingConfiguration::builder().data_type(configuration.data_type.as_str().into());
        Ok(builder.resource_arn(configuration.resource_arn.as_str()).build()?)
    };
    configurations.iter().map(build).collect()
}

/// When Chime deletes a channel automatically.
pub fn channel_expiration_settings(
    settings: &Option<ChannelExpirationSettings>,
) -> Result<Option<messaging::ExpirationSettings>> {
    let Some(settings) = settings else { return Ok(None) };
    let builder = messaging::ExpirationSettings::builder().expiration_days(settings.expiration_days.get());
    Ok(Some(builder.expiration_criterion(settings.expiration_criterion.as_str().into()).build()?))
}

/// The configuration of an elastic channel.
pub fn elastic_channel_configuration(
    configuration: &ElasticChannelConfiguration,
) -> Result<messaging::ElasticChannelConfiguration> {
    let builder = messaging::ElasticChannelConfiguration::builder()
        .maximum_sub_channels(configuration.maximum_sub_channels.get())
        .target_memberships_per_sub_channel(configuration.target_memberships_per_sub_channel.get())
        .minimum_membership_percentage(configuration.minimum_membership_percentage.get());
    Ok(builder.build()?)
}

/// A member's push-notification preferences. The default is all notifications.
pub fn membership_preferences(
    preferences: Option<&MembershipPreferences>,
) -> Result<messaging::ChannelMembershipPreferences> {
    let push = preferences.map(|preferences| &preferences.push_notifications);
    let allow = push.map_or("ALL", |push| push.allow_notifications.as_str());
    let rule = push.and_then(|push| push.filter_rule.as_ref()).map(|rule| Text::as_str(rule).to_owned());
    let push = messaging::PushNotificationPreferences::builder().allow_notifications(allow.into());
    let push = push.set_filter_rule(rule).build()?;
    Ok(messaging::ChannelMembershipPreferences::builder().push_notifications(push).build())
}

/// How the push service identifies a device.
pub fn endpoint_attributes(attributes: &EndpointAttributes) -> Result<identity::EndpointAttributes> {
    let voip = attributes.voip_device_token.as_ref().map(|token| DeviceToken::expose(token).to_owned());
    let builder = identity::EndpointAttributes::builder().device_token(attributes.device_token.expose());
    Ok(builder.set_voip_device_token(voip).build()?)
}

/// When Chime deletes a user automatically, as Chime shows it.
pub fn observed_user_expiration(shown: &identity::ExpirationSettings) -> ExpirationSettings {
    ExpirationSettings {
        expiration_days: Days::unchecked(shown.expiration_days()),
        expiration_criterion: ExpirationCriterion::unchecked(shown.expiration_criterion().as_str()),
    }
}

/// The configuration of a bot, as Chime shows it.
pub fn observed_configuration(shown: &identity::LexConfiguration) -> Configuration {
    let invoked_by = |shown: &identity::InvokedBy| InvokedBy {
        standard_messages: StandardMessages::unchecked(shown.standard_messages().as_str()),
        targeted_messages: TargetedMessages::unchecked(shown.targeted_messages().as_str()),
    };
    Configuration {
        lex: LexConfiguration {
            lex_bot_alias_arn: LexBotAliasArn::unchecked(shown.lex_bot_alias_arn()),
            locale_id: Text::unchecked(shown.locale_id()),
            responds_to: shown.responds_to().map(|responds_to| RespondsTo::unchecked(responds_to.as_str())),
            invoked_by: shown.invoked_by().map(invoked_by),
            welcome_intent: shown.welcome_intent().map(LexIntentName::unchecked),
        },
    }
}

/// The processors of a channel flow, as Chime shows them. Values that Chime does not show are empty.
pub fn observed_processors(shown: &[messaging::Processor]) -> List<Processor, 1, 3> {
    let observe = |shown: &messaging::Processor| {
        let lambda = shown.configuration().and_then(|configuration| configuration.lambda());
        Processor {
            name: Text::unchecked(shown.name()),
            execution_order: IntRange::unchecked(shown.execution_order()),
            fallback_action: FallbackAction::unchecked(shown.fallback_action().as_str()),
            configuration: ProcessorConfiguration {
                lambda: LambdaConfiguration {
                    resource_arn: LambdaFunctionArn::unchecked(lambda.map_or("", |lambda| lambda.resource_arn())),
                    invocation_type: InvocationType::unchecked(lambda.map_or("", |it| it.invocation_type().as_str())),
                },
            },
        }
    };
    List::unchecked(shown.iter().map(observe).collect())
}

/// The streaming configurations of an app instance, as Chime shows them.
pub fn observed_streaming_configurations(shown: &[messaging::StreamingConfiguration]) -> Vec<StreamingConfiguration> {
    let observe = |shown: &messaging::StreamingConfiguration| StreamingConfiguration {
        data_type: MessagingDataType::unchecked(shown.data_type().as_str()),
        resource_arn: MessagingStreamArn::unchecked(shown.resource_arn()),
    };
    shown.iter().map(observe).collect()
}

/// When Chime deletes a channel automatically, as Chime shows it.
pub fn observed_channel_expiration(shown: &messaging::ExpirationSettings) -> ChannelExpirationSettings {
    ChannelExpirationSettings {
        expiration_days: Days::unchecked(shown.expiration_days()),
        expiration_criterion: ChannelExpirationCriterion::unchecked(shown.expiration_criterion().as_str()),
    }
}

/// The configuration of an elastic channel, as Chime shows it.
pub fn observed_elastic_channel(shown: &messaging::ElasticChannelConfiguration) -> ElasticChannelConfiguration {
    ElasticChannelConfiguration {
        maximum_sub_channels: IntRange::unchecked(shown.maximum_sub_channels()),
        target_memberships_per_sub_channel: IntRange::unchecked(shown.target_memberships_per_sub_channel()),
        minimum_membership_percentage: IntRange::unchecked(shown.minimum_membership_percentage()),
    }
}

/// A member's push-notification preferences, as Chime shows them.
pub fn observed_preferences(shown: &messaging::ChannelMembershipPreferences) -> Option<MembershipPreferences> {
    let push = shown.push_notifications()?;
    Some(MembershipPreferences {
        push_notifications: PushNotificationPreferences {
            allow_notifications: AllowNotifications::unchecked(push.allow_notifications().as_str()),
            filter_rule: push.filter_rule().map(Text::unchecked),
        },
    })
}

/// How the push service identifies a device, as Chime shows it.
pub fn observed_endpoint_attributes(shown: &identity::EndpointAttributes) -> EndpointAttributes {
    EndpointAttributes {
        device_token: DeviceToken::observed(shown.device_token()),
        voip_device_token: shown.voip_device_token().map(DeviceToken::observed),
    }
}
