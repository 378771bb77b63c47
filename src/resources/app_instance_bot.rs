//! `Custom::ChimeAppInstanceBot`: a Lex bot that takes part in an app instance's channels.

use crate::properties::chime::lex::{Configuration, must_fit};
use crate::properties::problems::Problems;
use crate::properties::values::arns::{AppInstanceArn, AppInstanceBotArn, InAppInstance};
use crate::properties::values::secrets::Metadata;
use crate::properties::values::tags::Tags;
use crate::properties::values::text::{Text, or_empty};
use crate::resource::ownership::tags::identity::creation_tags;
use crate::resource::prelude::*;
use crate::resource::sdk_types::{lex_configuration, observed_configuration};

properties! {
    /// A Lex bot that takes part in the channels of an app instance.
    pub struct AppInstanceBotProperties where fits_together {
        /// The app instance that contains the bot.
        app_instance_arn: AppInstanceArn => "AppInstanceArn" create_only,
        /// What the bot runs on.
        configuration: Configuration => "Configuration",
        /// The name.
        name: Option<Text<0, 256>> => "Name",
        /// Arbitrary text that the application stores with the bot.
        metadata: Metadata => "Metadata",
        /// The tags. Chime allows fifty, six of which are reserved for ownership.
        tags: Option<Tags> => "Tags" unobserved,
    }
}

fn fits_together(raw: &RawProperties<'_>, problems: &mut Problems) {
    problems.within("Configuration", |at| {
        must_fit(&raw.within("Configuration"), raw.get("AppInstanceArn").as_ref(), at);
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
    const TRACKING: Tracking = Tracking::Tags;
    const HAS_TEMPLATE_ID: bool = false;
    type Id = AppInstanceBotArn;
    type Properties = AppInstanceBotProperties;

    fn locate(raw: &RawProperties<'_>, _: Option<&RequestId>) -> Option<Locator<Self::Id>> {
        Some(Locator::InParent(raw.get::<AppInstanceArn>("AppInstanceArn")?.to_string()))
    }

    /// An empty name means no name.
    fn desired(_: &Context, stated: &Self::Properties) -> Self::Properties {
        let name = stated.name.clone().filter(|name| !name.as_str().is_empty());
        AppInstanceBotProperties { name, ..stated.clone() }
    }

    async fn create(cx: &Context, desired: &Self::Properties) -> Result<Provisioned<Self::Id>> {
        let create = cx.identity().create_app_instance_bot();
        let output = create
            .app_instance_arn(desired.app_instance_arn.as_str())
            .configuration(lex_configuration(&desired.configuration)?)
            .set_name(desired.name.as_ref().map(|name| name.as_str().to_owned()))
            .set_metadata(desired.metadata.to_create())
            .set_tags(Some(creation_tags(cx, desired.tags.as_ref())?))
            .client_request_token(cx.client_request_token())
            .send()
            .await?;
        cx.made(output.app_instance_bot_arn(), Some(desired.app_instance_arn.as_str()))
    }

    async fn update(
        cx: &Context,
        id: &Self::Id,
        change: &Change<'_, Self::Properties>,
    ) -> Result<Provisioned<Self::Id>> {
        let desired = change.desired;
        if change.differs(|properties| (&properties.name, &properties.metadata, &properties.configuration)) {
            let update = cx.identity().update_app_instance_bot().app_instance_bot_arn(id.as_str());
            update
                .name(or_empty(&desired.name))
                .metadata(desired.metadata.to_update())
                .configuration(lex_configuration(&desired.configuration)?)
                .send()
                .await?;
        }
        Ok(Provisioned::new(id.clone()))
    }

    async fn delete(cx: &Context, id: &Self::Id, _: &RawProperties<'_>, _: &Actor) -> Result<()> {
        cx.identity().delete_app_instance_bot().app_instance_bot_arn(id.as_str()).send().await?;
        Ok(())
    }

    async fn observe(
        cx: &Context,
        id: &Self::Id,
        _: &RawProperties<'_>,
        _: &Actor,
        _: Option<&Self::Properties>,
    ) -> Result<Option<Observed<Self::Properties>>> {
        let output = cx.identity().describe_app_instance_bot().app_instance_bot_arn(id.as_str()).send().await?;
        let Some(found) = output.app_instance_bot() else { return Ok(None) };
        let lex = found.configuration().and_then(|configuration| configuration.lex());
        let lex = lex.ok_or_else(|| Error::new(Kind::Unavailable, "Chime does not show the bot's configuration"))?;
        let properties = AppInstanceBotProperties {
            app_instance_arn: id.app_instance_arn(),
            configuration: observed_configuration(lex),
            // Chime may show an empty name if there is none.
            name: found.name().filter(|name| !name.is_empty()).map(Text::unchecked),
            metadata: Metadata::observed(found.metadata()),
            tags: None,
        };
        Ok(Some(Observed::new(properties, found.created_timestamp())))
    }

    async fn list(cx: &Context, parent: &str, token: Option<String>, _: &RawProperties<'_>, _: &Actor) -> Result<Page> {
        let list = cx.identity().list_app_instance_bots().app_instance_arn(parent).max_results(50);
        let page = list.set_next_token(token).send().await?;
        let bots = page.app_instance_bots().iter();
        Ok(Page::of(bots.map(|bot| (bot.app_instance_bot_arn(), bot.name())), page.next_token()))
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
