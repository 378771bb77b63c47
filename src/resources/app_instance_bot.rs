//! `Custom::ChimeAppInstanceBot`: a Lex bot that takes part in an app instance's channels.

use super::app_instance::nothing_if_gone;
use crate::arns::{AppInstanceArn, AppInstanceBotArn, InAppInstance, LexBotAliasArn};
use crate::chime::list;
use crate::error::{Error, Result};
use crate::ownership::Owner;
use crate::resource::{Change, Context, Identity, Live, Resource};
use crate::tags::{TagChange, Tags, identity as tagging};
use crate::values::{LexIntentName, Metadata, Text};
use aws_sdk_chimesdkidentity::types as sdk;

crate::properties! {
    /// A Lex bot that takes part in the channels of an app instance.
    pub struct AppInstanceBotProperties {
        /// The app instance it belongs to.
        app_instance_arn: AppInstanceArn => "AppInstanceArn" replaces,
        /// What it runs on.
        configuration: Configuration => "Configuration",
        /// Its name.
        name: Option<Text<0, 256>> => "Name",
        /// Whatever the application wants to keep with it, as text.
        metadata: Option<Metadata> => "Metadata",
        /// Its tags. Chime takes fifty, three of which say whose the resource is.
        tags: Option<Tags> => "Tags",
    }
}

crate::properties! {
    /// What a bot runs on.
    pub struct Configuration {
        /// An Amazon Lex V2 bot.
        lex: LexConfiguration => "Lex",
    }
}

crate::properties! {
    /// The Lex bot behind a bot, and what it answers.
    pub struct LexConfiguration {
        /// The alias of the Lex bot, in the same account and region. Its resource policy must allow messaging.chime.amazonaws.com.
        lex_bot_alias_arn: LexBotAliasArn => "LexBotAliasArn",
        /// The language of the Lex bot, such as en_US.
        locale_id: Text<1, 256> => "LocaleId",
        /// Deprecated by Chime in favour of InvokedBy.
        responds_to: Option<RespondsTo> => "RespondsTo",
        /// Which messages reach the bot.
        invoked_by: Option<InvokedBy> => "InvokedBy",
        /// The intent that greets whoever joins a channel.
        welcome_intent: Option<LexIntentName> => "WelcomeIntent",
    }
}

crate::properties! {
    /// Which messages reach a bot.
    pub struct InvokedBy {
        /// Of the messages to all.
        standard_messages: StandardMessages => "StandardMessages",
        /// Of the messages to the bot alone.
        targeted_messages: TargetedMessages => "TargetedMessages",
    }
}

crate::choices! {
    /// The messages that a bot responds to.
    pub enum RespondsTo {
        /// Those to all.
        StandardMessages = "STANDARD_MESSAGES",
    }
}

crate::choices! {
    /// Which messages to all reach a bot.
    pub enum StandardMessages {
        /// All in a channel of two, else those that mention it.
        Auto = "AUTO",
        /// All.
        All = "ALL",
        /// Those that mention it.
        Mentions = "MENTIONS",
        /// None.
        None = "NONE",
    }
}

crate::choices! {
    /// Which messages to a bot alone reach it.
    pub enum TargetedMessages {
        /// All.
        All = "ALL",
        /// None.
        None = "NONE",
    }
}

impl Configuration {
    fn to_sdk(&self) -> Result<sdk::Configuration> {
        let lex = &self.lex;
        let invoked_by = lex.invoked_by.as_ref().map(|invoked_by| {
            sdk::InvokedBy::builder()
                .standard_messages(invoked_by.standard_messages.as_str().into())
                .targeted_messages(invoked_by.targeted_messages.as_str().into())
                .build()
        });
        let lex = sdk::LexConfiguration::builder()
            .lex_bot_alias_arn(lex.lex_bot_alias_arn.as_str())
            .locale_id(lex.locale_id.as_str())
            .set_responds_to(lex.responds_to.map(|responds_to| responds_to.as_str().into()))
            .set_invoked_by(invoked_by.transpose().map_err(Error::bug)?)
            .set_welcome_intent(lex.welcome_intent.as_ref().map(|intent| intent.as_str().to_owned()))
            .build()
            .map_err(Error::bug)?;
        Ok(sdk::Configuration::builder().lex(lex).build())
    }
}

/// A bot.
#[derive(Debug)]
pub struct AppInstanceBot;

impl Resource for AppInstanceBot {
    const TYPE: &'static str = "ChimeAppInstanceBot";
    const IDENTITY: Identity = Identity::ChosenByChime;
    const REF: &'static str = "The ARN of the bot.";
    const ATTRIBUTES: &'static [(&'static str, &'static str)] = &[("AppInstanceBotArn", "The ARN.")];
    type Id = AppInstanceBotArn;
    type Properties = AppInstanceBotProperties;

    fn replaces(id: &AppInstanceBotArn, properties: &AppInstanceBotProperties) -> bool {
        id.app_instance_arn() != properties.app_instance_arn
    }

    async fn create(cx: &Context, properties: &AppInstanceBotProperties) -> Result<Live> {
        let create = cx.identity().create_app_instance_bot();
        let output = create
            .app_instance_arn(properties.app_instance_arn.as_str())
            .configuration(properties.configuration.to_sdk()?)
            .set_name(properties.name.as_ref().map(|name| name.as_str().to_owned()))
            .set_metadata(properties.metadata.as_ref().map(|metadata| metadata.as_str().to_owned()))
            .set_tags(Some(tagging::at_creation(cx, properties.tags.as_ref())?))
            .client_request_token(cx.client_request_token())
            .send()
            .await?;
        Ok(live(&cx.made(output.app_instance_bot_arn())?))
    }

    async fn update(
        cx: &Context,
        id: &AppInstanceBotArn,
        change: &Change<'_, AppInstanceBotProperties>,
    ) -> Result<Live> {
        if change.differs(|properties| (&properties.name, &properties.metadata, &properties.configuration)) {
            // Chime wants name and metadata, whatever has changed; an empty text clears either.
            let update = cx.identity().update_app_instance_bot().app_instance_bot_arn(id.as_str());
            update
                .name(change.wanted.name.as_ref().map_or("", Text::as_str))
                .metadata(change.wanted.metadata.as_ref().map_or("", Metadata::as_str))
                .configuration(change.wanted.configuration.to_sdk()?)
                .send()
                .await?;
        }
        tagging::apply(cx, id.as_str(), &TagChange::of(change, |properties| properties.tags.as_ref())).await?;
        Ok(live(id))
    }

    async fn delete(cx: &Context, id: &AppInstanceBotArn) -> Result<()> {
        cx.identity().delete_app_instance_bot().app_instance_bot_arn(id.as_str()).send().await?;
        Ok(())
    }

    async fn is_listed(cx: &Context, id: &AppInstanceBotArn) -> Result<bool> {
        let bots = list(cx, &id.app_instance_arn()).await?;
        Ok(bots.iter().any(|bot| bot.app_instance_bot_arn() == Some(id.as_str())))
    }

    async fn find(cx: &Context, properties: &AppInstanceBotProperties, owner: &Owner) -> Result<Vec<AppInstanceBotArn>> {
        let bots = list(cx, &properties.app_instance_arn).await?;
        // A bot without a name may be listed with an empty one, with none, or with one that Chime made up.
        let candidates = bots.iter().filter(|bot| {
            properties.name.as_ref().is_none_or(|name| bot.name().is_none_or(|found| found == name.as_str()))
        });
        tagging::owned(cx, candidates.filter_map(|bot| bot.app_instance_bot_arn()).collect(), owner).await
    }
}

async fn list(cx: &Context, app_instance: &AppInstanceArn) -> Result<Vec<sdk::AppInstanceBotSummary>> {
    match list!(cx.identity().list_app_instance_bots().app_instance_arn(app_instance.as_str()), app_instance_bots) {
        Ok(found) => Ok(found),
        Err(error) => nothing_if_gone(cx, app_instance, error).await,
    }
}

fn live(arn: &AppInstanceBotArn) -> Live {
    Live::new(arn, [("AppInstanceBotArn", arn.to_string())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::read;
    use serde_json::json;

    #[test]
    fn a_configuration_is_checked_at_every_depth() {
        let wrong = json!({"AppInstanceArn": "arn:aws:chime:us-east-1:123456789012:app-instance/a", "Configuration": {"Lex": {
            "LexBotAliasArn": "arn:aws:lex:us-east-1:123456789012:bot/ABCDE12345", "RespondsTo": "ALL",
            "InvokedBy": {"StandardMessages": "MENTION"}, "WelcomeIntent": "Hello 2"}}});
        assert_eq!(
            read::<AppInstanceBotProperties>(&wrong).expect_err("wrong").to_string(),
            "Configuration.Lex.LexBotAliasArn must be the ARN of a Lex V2 bot alias \
             (arn:aws:lex:<region>:<account>:bot-alias/<bot id>/<alias id>), not \
             \"arn:aws:lex:us-east-1:123456789012:bot/ABCDE12345\"; \
             Configuration.Lex.LocaleId is required; \
             Configuration.Lex.RespondsTo must be STANDARD_MESSAGES, not \"ALL\"; \
             Configuration.Lex.InvokedBy.StandardMessages must be AUTO or ALL or MENTIONS or NONE, not \"MENTION\", did you mean \
             MENTIONS?; \
             Configuration.Lex.InvokedBy.TargetedMessages is required; \
             Configuration.Lex.WelcomeIntent must be 1 to 100 letters and underscores, each underscore after a letter, not \"Hello 2\""
        );
    }
}
