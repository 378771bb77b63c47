//! The channel flow of a channel, of which there is at most one.

use crate::behaviour::ChannelFlowSwap;
use crate::context::{Operation, OperationContext};
use crate::error::{Answer, ApiError};
use crate::state::channel::{Channel, Need};
use serde_json::{Value as Json, json};

pub(super) const OPERATIONS: [(&str, Operation); 3] = [
    ("AssociateChannelFlow", associate),
    ("DisassociateChannelFlow", disassociate),
    ("ListChannelsAssociatedWithChannelFlow", list_channels),
];

fn associate(cx: &mut OperationContext) -> Answer {
    cx.act(Need::Moderate)?;
    let flow = cx.channel_flow()?.channel_flow_arn.clone();
    let swap = cx.behaviour.channel_flow_swap;
    let channel = cx.channel()?;
    match &channel.channel_flow_arn {
        Some(found) if *found == flow => {
            return cx.associated(Json::Null, "The channel flow is already associated".to_owned());
        }
        Some(found) if swap == ChannelFlowSwap::Conflict409 => {
            return Err(ApiError::conflict(format!("{found} is associated with the channel")));
        }
        _ => channel.channel_flow_arn = Some(flow),
    }
    Ok(Json::Null)
}

fn disassociate(cx: &mut OperationContext) -> Answer {
    let flow = cx.text("ChannelFlowArn");
    cx.bearer(&cx.text("ChannelArn"))?;
    let channel = cx.channel();
    if !channel.is_ok_and(|channel| channel.channel_flow_arn.as_ref() == Some(&flow)) {
        return cx.delete_missing(&format!("{}/channel-flow", cx.text("ChannelArn")));
    }
    cx.act(Need::Moderate)?;
    cx.channel()?.channel_flow_arn = None;
    Ok(Json::Null)
}

fn list_channels(cx: &mut OperationContext) -> Answer {
    let flow = cx.channel_flow()?.channel_flow_arn.clone();
    let channels = &cx.app_instance_of("ChannelFlowArn")?.channels;
    let through = channels.iter().filter(|channel| channel.channel_flow_arn.as_ref() == Some(&flow));
    let channels = through.map(Channel::summary).collect();
    cx.page(json!({}), "Channels", channels)
}

#[cfg(test)]
mod tests {
    use crate::behaviour::{Behaviour, ChannelFlowSwap};
    use crate::testing::{Account, failure, is};

    #[tokio::test]
    async fn a_flow_in_use_cannot_be_deleted() {
        let account = Account::new();
        let chime = &account.messaging;
        let instance = account.app_instance().await;
        let owner = account.user(&instance, "o").await;
        let channel = account.channel(&instance, &owner, "c").await;
        let flow = account.channel_flow(&instance).await;
        let associate = || {
            let associate = chime.associate_channel_flow().channel_arn(&channel);
            associate.channel_flow_arn(&flow).chime_bearer(&owner).send()
        };
        associate().await.unwrap();
        assert_eq!(failure(associate().await), is(409, "Conflict"));
        let list = chime.list_channels_associated_with_channel_flow().channel_flow_arn(&flow);
        assert_eq!(list.send().await.unwrap().channels.unwrap().len(), 1);
        let delete = || chime.delete_channel_flow().channel_flow_arn(&flow).send();
        assert_eq!(failure(delete().await), is(409, "Conflict"));
        let disassociate = || {
            let disassociate = chime.disassociate_channel_flow().channel_arn(&channel);
            disassociate.channel_flow_arn(&flow).chime_bearer(&owner).send()
        };
        disassociate().await.unwrap();
        assert_eq!(failure(disassociate().await), is(404, "NotFound"));
        delete().await.unwrap();
    }

    #[tokio::test]
    async fn another_flow_replaces_the_first_or_conflicts() {
        for channel_flow_swap in [ChannelFlowSwap::Replaces200, ChannelFlowSwap::Conflict409] {
            let account = Account::with(Behaviour { channel_flow_swap, ..Behaviour::default() });
            let instance = account.app_instance().await;
            let owner = account.user(&instance, "o").await;
            let channel = account.channel(&instance, &owner, "c").await;
            let flows = [account.channel_flow(&instance).await, account.channel_flow(&instance).await];
            let associate = async |flow: &str| {
                let associate = account.messaging.associate_channel_flow().channel_arn(&channel);
                associate.channel_flow_arn(flow).chime_bearer(&owner).send().await
            };
            associate(&flows[0]).await.unwrap();
            let second = associate(&flows[1]).await;
            let held = account.simulator.holds()[0]["Channels"][0]["ChannelFlowArn"].clone();
            match channel_flow_swap {
                ChannelFlowSwap::Replaces200 => {
                    second.unwrap();
                    assert_eq!(held, flows[1]);
                }
                ChannelFlowSwap::Conflict409 => {
                    assert_eq!(failure(second), is(409, "Conflict"));
                    assert_eq!(held, flows[0]);
                }
            }
        }
    }
}
