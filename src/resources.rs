//! One file for each resource type: its properties and its Chime calls. The registry lists them.

pub mod app_instance;
pub mod app_instance_admin;
pub mod app_instance_bot;
pub mod app_instance_retention_settings;
pub mod app_instance_user;
pub mod app_instance_user_endpoint;
pub mod channel;
pub mod channel_ban;
pub mod channel_flow;
pub mod channel_flow_association;
pub mod channel_membership;
pub mod channel_memberships;
pub mod channel_moderator;
pub mod messaging_streaming_configurations;
