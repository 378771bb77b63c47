//! The commands `chimectl inventory` and `chimectl export`, against MiniStack and a simulator of Chime.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on says why.

mod export;
mod inventory;
mod large;
#[path = "../drift/world.rs"]
mod world;

use aws_sdk_chimesdkidentity::types as identity;
use aws_sdk_chimesdkmessaging::types as messaging;
use world::World;

/// A chat that was made by hand, with plain calls: one of each kind.
struct Chat {
    app: String,
    supervisor: String,
    ada: String,
    lobby: String,
}

impl Chat {
    /// Makes it.
    async fn by_hand(world: &World, name: &str) -> Self {
        let (id, msg) = (world.chime.identity(), world.chime.messaging());
        let tag = identity::Tag::builder().key("team").value("yes").build().unwrap();
        let create = id.create_app_instance().name(name).metadata("{\"tier\": \"gold\"}").tags(tag);
        let app = create.send().await.unwrap().app_instance_arn.unwrap();
        let mut users = Vec::new();
        for (user, shown) in [("supervisor", "Supervisor"), ("ada.l@x", "Ada: \"L\" #1"), ("8f3a", "no")] {
            let create = id.create_app_instance_user().app_instance_arn(&app).app_instance_user_id(user).name(shown);
            users.push(create.send().await.unwrap().app_instance_user_arn.unwrap());
        }
        let [supervisor, ada, banned] = <[String; 3]>::try_from(users).unwrap();
        let admin = id.create_app_instance_admin().app_instance_arn(&app).app_instance_admin_arn(&supervisor);
        admin.send().await.unwrap();
        let channels = identity::ChannelRetentionSettings::builder().retention_days(30).build();
        let retention = identity::AppInstanceRetentionSettings::builder().channel_retention_settings(channels).build();
        let put = id.put_app_instance_retention_settings().app_instance_arn(&app);
        put.app_instance_retention_settings(retention).send().await.unwrap();
        let stream = messaging::StreamingConfiguration::builder()
            .data_type("ChannelMessage".into())
            .resource_arn("arn:aws:kinesis:us-east-1:123456789012:stream/chime-messaging-chat");
        let put = msg.put_messaging_streaming_configurations().app_instance_arn(&app);
        put.streaming_configurations(stream.build().unwrap()).send().await.unwrap();
        let lex = identity::LexConfiguration::builder()
            .lex_bot_alias_arn("arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDE12345/TSTALIASID")
            .locale_id("en_US");
        let configuration = identity::Configuration::builder().lex(lex.build().unwrap()).build();
        let bot = id.create_app_instance_bot().app_instance_arn(&app).name("Concierge").configuration(configuration);
        bot.send().await.unwrap();
        let lambda = messaging::LambdaConfiguration::builder()
            .resource_arn("arn:aws:lambda:us-east-1:123456789012:function:filter")
            .invocation_type("ASYNC".into());
        let lambda = messaging::ProcessorConfiguration::builder().lambda(lambda.build().unwrap()).build();
        let processor = messaging::Processor::builder().name("Filter").configuration(lambda).execution_order(1);
        let processor = processor.fallback_action("ABORT".into()).build().unwrap();
        let flow = msg.create_channel_flow().app_instance_arn(&app).name("Filter").processors(processor);
        let flow = flow.send().await.unwrap().channel_flow_arn.unwrap();
        let create = msg.create_channel().app_instance_arn(&app).chime_bearer(&supervisor).channel_id("lobby");
        let lobby = create.name("Lobby").privacy("PUBLIC".into()).send().await.unwrap().channel_arn.unwrap();
        let join = msg.create_channel_membership().channel_arn(&lobby).member_arn(&ada).chime_bearer(&supervisor);
        join.r#type("DEFAULT".into()).send().await.unwrap();
        let moderate = msg.create_channel_moderator().channel_arn(&lobby).channel_moderator_arn(&ada);
        moderate.chime_bearer(&supervisor).send().await.unwrap();
        let ban = msg.create_channel_ban().channel_arn(&lobby).member_arn(&banned).chime_bearer(&supervisor);
        ban.send().await.unwrap();
        let associate = msg.associate_channel_flow().channel_arn(&lobby).channel_flow_arn(&flow);
        associate.chime_bearer(&supervisor).send().await.unwrap();
        Self { app, supervisor, ada, lobby }
    }
}
