//! `Custom::ChimeAppInstanceBot`: a Lex bot that takes part in an app instance's channels.

use crate::properties::chime::lex::{Configuration, must_fit};
use crate::properties::problems::Problems;
use crate::properties::values::arns::{AppInstanceArn, AppInstanceBotArn};
use crate::properties::values::secrets::Metadata;
use crate::properties::values::tags::Tags;
use crate::properties::values::text::Text;
use crate::resource::ownership::tags::identity::at_creation;
use crate::resource::prelude::*;
use crate::resource::sdk_types::lex_configuration;

properties! {
    /// A Lex bot that takes part in the channels of an app instance.
    pub struct AppInstanceBotProperties where fits_together {
        /// The app instance it belongs to.
        app_instance_arn: AppInstanceArn => "AppInstanceArn" replaces,
        /// What it runs on.
        configuration: Configuration => "Configuration",
        /// Its name.
        name: Option<Text<0, 256>> => "Name",
        /// Whatever the application wants to keep with it, as text.
        metadata: Metadata => "Metadata",
        /// Its tags. Chime takes fifty, six of which are reserved for its ownership.
        tags: Option<Tags> => "Tags",
    }
}

fn fits_together(stated: &Stated<'_>, problems: &mut Problems) {
    problems.within("Configuration", |at| {
        must_fit(&stated.within("Configuration"), stated.get("AppInstanceArn").as_ref(), at);
    });
}

/// A bot.
#[derive(Debug)]
pub struct AppInstanceBot;

impl Resource for AppInstanceBot {
    const TYPE: &'static str = "ChimeAppInstanceBot";
    const REF: &'static str = "The ARN of the bot.";
    const ATTRIBUTES: Attributes<Self> =
        &[Attribute::of_id("AppInstanceBotArn", "The ARN.", AppInstanceBotArn::to_string)];
    const NOTED: Noted = Noted::OwnTags;
    const IS_NAMED: bool = false;
    type Id = AppInstanceBotArn;
    type Properties = AppInstanceBotProperties;

    fn place(stated: &Stated<'_>, _: Option<&str>) -> Option<Place<Self::Id>> {
        Some(Place::In(stated.get::<AppInstanceArn>("AppInstanceArn")?.to_string()))
    }

    async fn create(cx: &Context, properties: &Self::Properties) -> Result<Live<Self::Id>> {
        let create = cx.identity().create_app_instance_bot();
        let output = create
            .app_instance_arn(properties.app_instance_arn.as_str())
            .configuration(lex_configuration(&properties.configuration)?)
            .set_name(properties.name.as_ref().map(|name| name.as_str().to_owned()))
            .set_metadata(properties.metadata.to_create())
            .set_tags(Some(at_creation(cx, properties.tags.as_ref())?))
            .client_request_token(cx.client_request_token())
            .send()
            .await?;
        cx.made(output.app_instance_bot_arn())
    }

    async fn update(cx: &Context, id: &Self::Id, change: &Change<'_, Self::Properties>) -> Result<Live<Self::Id>> {
        if change.differs(|properties| (&properties.name, &properties.metadata, &properties.configuration)) {
            // An empty text clears the name.
            let update = cx.identity().update_app_instance_bot().app_instance_bot_arn(id.as_str());
            update
                .name(change.wanted.name.as_ref().map_or("", Text::as_str))
                .metadata(change.wanted.metadata.to_update())
                .configuration(lex_configuration(&change.wanted.configuration)?)
                .send()
                .await?;
        }
        Ok(Live::new(id.clone()))
    }

    async fn delete(cx: &Context, id: &Self::Id, _: &Stated<'_>) -> Result<()> {
        cx.identity().delete_app_instance_bot().app_instance_bot_arn(id.as_str()).send().await?;
        Ok(())
    }

    async fn list(cx: &Context, parent: &str, token: Option<String>, _: &Stated<'_>) -> Result<Page> {
        let list = cx.identity().list_app_instance_bots().app_instance_arn(parent).max_results(50);
        let page = list.set_next_token(token).send().await?;
        let bots = page.app_instance_bots().iter();
        Ok(Page::of(bots.map(|bot| (bot.app_instance_bot_arn(), bot.name())), page.next_token()))
    }

    async fn look(cx: &Context, id: &Self::Id, wanted: Option<&Self::Properties>, _: &Stated<'_>) -> Result<Seen> {
        let output = cx.identity().describe_app_instance_bot().app_instance_bot_arn(id.as_str()).send().await?;
        let Some(found) = output.app_instance_bot() else { return Ok(Seen::NOTHING) };
        Seen::beside(found.created_timestamp(), wanted, |wanted| {
            Ok(found.name().unwrap_or_default() == wanted.name.as_ref().map_or("", Text::as_str)
                && wanted.metadata.is(found.metadata())
                && found.configuration() == Some(&lex_configuration(&wanted.configuration)?))
        })
    }

    fn tags(properties: &Self::Properties) -> Option<&Tags> {
        properties.tags.as_ref()
    }
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
