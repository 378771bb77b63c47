//! App instance bots.

use crate::arn::uuid;
use crate::error::{Answer, ApiError};
use crate::state::Stamp;
use crate::tags::Tag;
use crate::turn::{Turn, must_be_at_home};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Bot {
    pub app_instance_bot_arn: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
    pub configuration: Json,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    #[serde(skip)]
    pub stamp: Stamp,
}

impl Bot {
    fn summary(&self) -> Json {
        json!({
            "AppInstanceBotArn": self.app_instance_bot_arn,
            "Name": self.name,
            "Metadata": self.metadata,
        })
    }
}

impl Turn<'_> {
    fn bot(&mut self) -> Result<&mut Bot, ApiError> {
        let arn = self.text("AppInstanceBotArn");
        let missing = self.missing(&arn);
        let bots = &mut self.around("AppInstanceBotArn")?.bots;
        bots.iter_mut().find(|bot| bot.app_instance_bot_arn == arn).ok_or(missing)
    }

    /// The configuration of the request; null where an update leaves it out.
    fn configuration(&self) -> Result<Json, ApiError> {
        let configuration = self.value("Configuration");
        if let Some(alias) = configuration["Lex"]["LexBotAliasArn"].as_str() {
            must_be_at_home(alias, self.region, self.account)?;
        }
        Ok(configuration)
    }
}

pub(crate) fn create(turn: &mut Turn) -> Answer {
    let arn = Turn::arn_in(&turn.text("AppInstanceArn"), "bot", &uuid());
    let bot = Bot {
        app_instance_bot_arn: arn.clone(),
        name: turn.text("Name"),
        metadata: turn.metadata(),
        configuration: turn.configuration()?,
        tags: turn.tags()?,
        stamp: Stamp::default(),
    };
    turn.app_instance()?.bots.push(bot);
    Ok(json!({"AppInstanceBotArn": arn}))
}

pub(crate) fn describe(turn: &mut Turn) -> Answer {
    let bot = turn.bot()?;
    let mut described = bot.summary();
    described["Configuration"] = bot.configuration.clone();
    described["CreatedTimestamp"] = bot.stamp.created.into();
    described["LastUpdatedTimestamp"] = bot.stamp.updated.into();
    Ok(json!({"AppInstanceBot": described}))
}

pub(crate) fn update(turn: &mut Turn) -> Answer {
    let (name, metadata) = (turn.text("Name"), turn.metadata());
    let configuration = turn.configuration()?;
    let bot = turn.bot()?;
    bot.name = name;
    bot.metadata = metadata;
    if !configuration.is_null() {
        bot.configuration = configuration;
    }
    bot.stamp.touch();
    Ok(json!({"AppInstanceBotArn": bot.app_instance_bot_arn}))
}

pub(crate) fn delete(turn: &mut Turn) -> Answer {
    let arn = turn.text("AppInstanceBotArn");
    if turn.bot().is_err() {
        return turn.delete_missing(&arn);
    }
    let instance = turn.around("AppInstanceBotArn")?;
    instance.bots.retain(|bot| bot.app_instance_bot_arn != arn);
    instance.forget(&arn);
    Ok(Json::Null)
}

pub(crate) fn list(turn: &mut Turn) -> Answer {
    let instance = turn.app_instance()?;
    let arn = instance.app_instance_arn.clone();
    let bots = instance.bots.iter().map(Bot::summary).collect();
    let (page, next) = turn.page(bots)?;
    Ok(json!({"AppInstanceArn": arn, "AppInstanceBots": page, "NextToken": next}))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Account, failure, is, lex, lex_of};

    #[tokio::test]
    async fn a_bot_lives_and_dies() {
        let account = Account::new();
        let chime = &account.identity;
        let instance = account.app_instance().await;
        let arn = account.bot(&instance).await;
        assert!(arn.starts_with(&format!("{instance}/bot/")), "{arn}");

        let update = chime.update_app_instance_bot().app_instance_bot_arn(&arn).name("");
        update.metadata("m").configuration(lex("de_DE")).send().await.unwrap();
        let describe = || chime.describe_app_instance_bot().app_instance_bot_arn(&arn).send();
        let bot = describe().await.unwrap().app_instance_bot.unwrap();
        assert_eq!((bot.name(), bot.metadata()), (Some(""), Some("m")));
        assert_eq!(bot.configuration, Some(lex("de_DE")));
        let update = chime.update_app_instance_bot().app_instance_bot_arn(&arn).name("n");
        update.metadata("").send().await.unwrap();
        let bot = describe().await.unwrap().app_instance_bot.unwrap();
        assert_eq!(bot.configuration, Some(lex("de_DE")));

        let list = || chime.list_app_instance_bots().app_instance_arn(&instance).send();
        assert_eq!(list().await.unwrap().app_instance_bots.unwrap().len(), 1);
        chime.delete_app_instance_bot().app_instance_bot_arn(&arn).send().await.unwrap();
        assert_eq!(list().await.unwrap().app_instance_bots.unwrap().len(), 0);
        assert_eq!(failure(describe().await), is(404, "NotFound"));
    }

    #[tokio::test]
    async fn the_alias_of_a_bot_is_of_the_same_account_and_region() {
        let account = Account::new();
        let chime = &account.identity;
        let instance = account.app_instance().await;
        let arn = account.bot(&instance).await;
        let before = account.simulator.holds();
        for home in ["us-east-1:210987654321", "eu-central-1:123456789012"] {
            let lex = lex_of(&format!("arn:aws:lex:{home}:bot-alias/ABCDEFGHIJ/TSTALIASID"), "en_US");
            let create = chime.create_app_instance_bot().app_instance_arn(&instance).configuration(lex.clone());
            assert_eq!(failure(create.send().await), is(400, "BadRequest"), "{home}");
            let update = chime.update_app_instance_bot().app_instance_bot_arn(&arn).name("n").metadata("");
            assert_eq!(failure(update.configuration(lex).send().await), is(400, "BadRequest"), "{home}");
        }
        assert_eq!(account.simulator.holds(), before);
    }
}
