//! App instance bots.

use crate::arn::uuid;
use crate::context::{Operation, OperationContext};
use crate::error::{Answer, ApiError};
use crate::state::bot::Bot;
use crate::state::entity::Stamp;
use serde_json::{Value as Json, json};

pub(super) const OPERATIONS: [(&str, Operation); 5] = [
    ("CreateAppInstanceBot", create),
    ("DescribeAppInstanceBot", describe),
    ("UpdateAppInstanceBot", update),
    ("DeleteAppInstanceBot", delete),
    ("ListAppInstanceBots", list),
];

fn create(cx: &mut OperationContext) -> Answer {
    let arn = format!("{}/bot/{}", cx.text("AppInstanceArn"), uuid());
    let bot = Bot {
        app_instance_bot_arn: arn.clone(),
        name: cx.text("Name"),
        metadata: cx.metadata(),
        configuration: configuration(cx)?,
        tags: cx.tags()?,
        stamp: Stamp::default(),
    };
    cx.app_instance()?.bots.push(bot);
    Ok(json!({"AppInstanceBotArn": arn}))
}

fn describe(cx: &mut OperationContext) -> Answer {
    let bot = cx.bot()?;
    let mut described = bot.summary();
    described["Configuration"] = bot.configuration.clone();
    bot.stamp.write_to(&mut described);
    Ok(json!({"AppInstanceBot": described}))
}

fn update(cx: &mut OperationContext) -> Answer {
    let (name, metadata) = (cx.text("Name"), cx.metadata());
    let configuration = configuration(cx)?;
    let bot = cx.bot()?;
    bot.name = name;
    bot.metadata = metadata;
    if !configuration.is_null() {
        bot.configuration = configuration;
    }
    bot.stamp.touch();
    Ok(json!({"AppInstanceBotArn": bot.app_instance_bot_arn}))
}

fn delete(cx: &mut OperationContext) -> Answer {
    cx.delete_identity("AppInstanceBotArn", |instance| &mut instance.bots)
}

fn list(cx: &mut OperationContext) -> Answer {
    let instance = cx.app_instance()?;
    let arn = instance.app_instance_arn.clone();
    let bots = instance.bots.iter().map(Bot::summary).collect();
    cx.page(json!({"AppInstanceArn": arn}), "AppInstanceBots", bots)
}

/// The configuration in the request; null if an update leaves it out.
fn configuration(cx: &OperationContext) -> Result<Json, ApiError> {
    let configuration = cx.value("Configuration");
    if let Some(alias) = configuration["Lex"]["LexBotAliasArn"].as_str() {
        cx.check_scope(alias)?;
    }
    Ok(configuration)
}

#[cfg(test)]
mod tests {
    use crate::testing::{Account, failure, is, lex, lex_of};

    #[tokio::test]
    async fn a_bot_is_created_updated_listed_and_deleted() {
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
    async fn the_alias_of_a_bot_is_in_the_same_account_and_region() {
        let account = Account::new();
        let chime = &account.identity;
        let instance = account.app_instance().await;
        let arn = account.bot(&instance).await;
        let before = account.simulator.holds();
        for scope in ["us-east-1:210987654321", "eu-central-1:123456789012"] {
            let lex = lex_of(&format!("arn:aws:lex:{scope}:bot-alias/ABCDEFGHIJ/TSTALIASID"), "en_US");
            let create = chime.create_app_instance_bot().app_instance_arn(&instance).configuration(lex.clone());
            assert_eq!(failure(create.send().await), is(400, "BadRequest"), "{scope}");
            let update = chime.update_app_instance_bot().app_instance_bot_arn(&arn).name("n").metadata("");
            assert_eq!(failure(update.configuration(lex).send().await), is(400, "BadRequest"), "{scope}");
        }
        assert_eq!(account.simulator.holds(), before);
    }
}
