//! From an operation's name to the function that does it.

use crate::error::{Answer, ApiError};
use crate::turn::Turn;
use crate::{
    admin, app_instance, ban, bot, channel, channel_flow, channel_flow_association, endpoint, expiration, membership,
    moderator, retention, streaming, tags, user,
};

/// Does the operation. Messages, sub-channels and searches are not implemented.
pub(crate) fn dispatch(operation: &str, turn: &mut Turn) -> Answer {
    let function = match operation {
        "CreateAppInstance" => app_instance::create,
        "DescribeAppInstance" => app_instance::describe,
        "UpdateAppInstance" => app_instance::update,
        "DeleteAppInstance" => app_instance::delete,
        "ListAppInstances" => app_instance::list,

        "CreateAppInstanceUser" => user::create,
        "DescribeAppInstanceUser" => user::describe,
        "UpdateAppInstanceUser" => user::update,
        "DeleteAppInstanceUser" => user::delete,
        "ListAppInstanceUsers" => user::list,

        "CreateAppInstanceAdmin" => admin::create,
        "DescribeAppInstanceAdmin" => admin::describe,
        "DeleteAppInstanceAdmin" => admin::delete,
        "ListAppInstanceAdmins" => admin::list,

        "CreateAppInstanceBot" => bot::create,
        "DescribeAppInstanceBot" => bot::describe,
        "UpdateAppInstanceBot" => bot::update,
        "DeleteAppInstanceBot" => bot::delete,
        "ListAppInstanceBots" => bot::list,

        "GetAppInstanceRetentionSettings" => retention::get,
        "PutAppInstanceRetentionSettings" => retention::put,

        "GetMessagingStreamingConfigurations" => streaming::get,
        "PutMessagingStreamingConfigurations" => streaming::put,
        "DeleteMessagingStreamingConfigurations" => streaming::delete,

        "CreateChannelFlow" => channel_flow::create,
        "DescribeChannelFlow" => channel_flow::describe,
        "UpdateChannelFlow" => channel_flow::update,
        "DeleteChannelFlow" => channel_flow::delete,
        "ListChannelFlows" => channel_flow::list,

        "AssociateChannelFlow" => channel_flow_association::associate,
        "DisassociateChannelFlow" => channel_flow_association::disassociate,
        "ListChannelsAssociatedWithChannelFlow" => channel_flow_association::list_channels,

        "CreateChannel" => channel::create,
        "DescribeChannel" => channel::describe,
        "UpdateChannel" => channel::update,
        "DeleteChannel" => channel::delete,
        "ListChannels" => channel::list,

        "CreateChannelMembership" => membership::create,
        "BatchCreateChannelMembership" => membership::batch_create,
        "DescribeChannelMembership" => membership::describe,
        "DeleteChannelMembership" => membership::delete,
        "ListChannelMemberships" => membership::list,
        "GetChannelMembershipPreferences" => membership::get_preferences,
        "PutChannelMembershipPreferences" => membership::put_preferences,

        "CreateChannelModerator" => moderator::create,
        "DescribeChannelModerator" => moderator::describe,
        "DeleteChannelModerator" => moderator::delete,
        "ListChannelModerators" => moderator::list,

        "CreateChannelBan" => ban::create,
        "DescribeChannelBan" => ban::describe,
        "DeleteChannelBan" => ban::delete,
        "ListChannelBans" => ban::list,

        "RegisterAppInstanceUserEndpoint" => endpoint::register,
        "DescribeAppInstanceUserEndpoint" => endpoint::describe,
        "UpdateAppInstanceUserEndpoint" => endpoint::update,
        "DeregisterAppInstanceUserEndpoint" => endpoint::deregister,
        "ListAppInstanceUserEndpoints" => endpoint::list,

        "PutAppInstanceUserExpirationSettings" => expiration::put_user,
        "PutChannelExpirationSettings" => expiration::put_channel,

        "TagResource" => tags::tag,
        "UntagResource" => tags::untag,
        "ListTagsForResource" => tags::list,

        _ => return Err(ApiError::not_implemented(operation)),
    };
    function(turn)
}
