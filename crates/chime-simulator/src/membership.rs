//! Memberships of channels, and their preferences.

use crate::behaviour::BatchMemberExists;
use crate::channel::{Channel, Need};
use crate::error::{Answer, ApiError};
use crate::state::Stamp;
use crate::turn::Turn;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Membership {
    pub member_arn: String,
    #[serde(rename = "Type")]
    pub kind: String,
    #[serde(default, skip_serializing_if = "Json::is_null")]
    pub preferences: Json,
    #[serde(default)]
    pub invited_by: String,
    #[serde(skip)]
    pub stamp: Stamp,
}

impl Channel {
    /// Makes `member` a member, unless it is one.
    pub fn join(&mut self, member: &str, invited_by: &str, kind: &str) {
        if !self.memberships.iter().any(|membership| membership.member_arn == member) {
            self.memberships.push(Membership {
                member_arn: member.to_owned(),
                kind: kind.to_owned(),
                preferences: Json::Null,
                invited_by: invited_by.to_owned(),
                stamp: Stamp::default(),
            });
        }
    }
}

impl Turn<'_> {
    fn membership(&mut self) -> Result<&mut Membership, ApiError> {
        let arn = self.text("MemberArn");
        let missing = self.missing(&format!("{}/memberships/{arn}", self.text("ChannelArn")));
        let memberships = &mut self.channel()?.memberships;
        memberships.iter_mut().find(|membership| membership.member_arn == arn).ok_or(missing)
    }
}

pub(crate) fn create(turn: &mut Turn) -> Answer {
    let bearer = turn.act(Need::Invite)?;
    let arn = turn.text("MemberArn");
    let member = turn.identity(&arn)?;
    let kind = turn.text("Type");
    let channel = turn.channel()?;
    if channel.bans.iter().any(|ban| ban.arn == arn) {
        return Err(ApiError::forbidden(format!("{arn} is banned from the channel")));
    }
    let made = json!({"ChannelArn": channel.channel_arn, "Member": member});
    if channel.memberships.iter().any(|membership| membership.member_arn == arn) {
        return turn.associated(made, format!("{arn} is already a member of the channel"));
    }
    channel.join(&arn, &bearer, &kind);
    Ok(made)
}

pub(crate) fn batch_create(turn: &mut Turn) -> Answer {
    let bearer = turn.act(Need::Invite)?;
    let (kind, exists) =
        (turn.optional("Type").unwrap_or_else(|| "DEFAULT".into()), turn.behaviour.batch_member_exists);
    let (mut members, mut errors) = (Vec::new(), Vec::new());
    for arn in turn.read::<Vec<String>>("MemberArns") {
        let refusal = match (turn.identity(&arn), turn.channel()?) {
            (Err(_), _) => Some(("NotFound", "there is no such user")),
            (_, channel) if channel.bans.iter().any(|ban| ban.arn == arn) => {
                Some(("Forbidden", "banned from the channel"))
            }
            (Ok(member), channel) => {
                let is_member = channel.memberships.iter().any(|membership| membership.member_arn == arn);
                match (is_member, exists) {
                    (true, BatchMemberExists::Conflict) => Some(("Conflict", "already a member of the channel")),
                    (true, BatchMemberExists::LeftOut) => None,
                    (true, BatchMemberExists::Success) => {
                        members.push(member);
                        None
                    }
                    (false, _) => {
                        channel.join(&arn, &bearer, &kind);
                        members.push(member);
                        None
                    }
                }
            }
        };
        if let Some((code, message)) = refusal {
            errors.push(json!({"MemberArn": arn, "ErrorCode": code, "ErrorMessage": message}));
        }
    }
    let made = json!({"ChannelArn": turn.text("ChannelArn"), "InvitedBy": turn.state.identity(&bearer), "Type": kind,
        "Members": members});
    Ok(json!({"BatchChannelMemberships": made, "Errors": errors}))
}

pub(crate) fn describe(turn: &mut Turn) -> Answer {
    turn.act(Need::Read)?;
    let membership = turn.membership()?.clone();
    let described = json!({
        "ChannelArn": turn.text("ChannelArn"),
        "Member": turn.identity(&membership.member_arn)?,
        "InvitedBy": turn.state.identity(&membership.invited_by),
        "Type": membership.kind,
        "CreatedTimestamp": membership.stamp.created,
        "LastUpdatedTimestamp": membership.stamp.updated,
    });
    Ok(json!({"ChannelMembership": described}))
}

pub(crate) fn delete(turn: &mut Turn) -> Answer {
    let arn = turn.text("MemberArn");
    let bearer = turn.bearer(&turn.text("ChannelArn"))?;
    if turn.membership().is_err() {
        return turn.delete_missing(&format!("{}/memberships/{arn}", turn.text("ChannelArn")));
    }
    // A member may always leave.
    if bearer != arn {
        turn.act(Need::Moderate)?;
    }
    turn.channel()?.memberships.retain(|membership| membership.member_arn != arn);
    Ok(Json::Null)
}

pub(crate) fn list(turn: &mut Turn) -> Answer {
    turn.act(Need::Read)?;
    // Without a type, only the members that everybody sees.
    let kind = turn.optional("Type").unwrap_or_else(|| "DEFAULT".into());
    let memberships = turn.channel()?.memberships.clone();
    let wanted = memberships.iter().filter(|membership| membership.kind == kind);
    let members = wanted.filter_map(|membership| turn.state.identity(&membership.member_arn));
    let (page, next) = turn.page(members.map(|member| json!({"Member": member})).collect())?;
    let channel = turn.text("ChannelArn");
    Ok(json!({"ChannelArn": channel, "ChannelMemberships": page, "NextToken": next}))
}

pub(crate) fn get_preferences(turn: &mut Turn) -> Answer {
    turn.act(Need::Read)?;
    let preferences = turn.membership()?.preferences.clone();
    preferences_answer(turn, preferences)
}

pub(crate) fn put_preferences(turn: &mut Turn) -> Answer {
    turn.act(Need::Read)?;
    let preferences = turn.value("Preferences");
    let membership = turn.membership()?;
    // Everything, without a rule, is what a member hears who has set nothing.
    let is_default = preferences == json!({"PushNotifications": {"AllowNotifications": "ALL"}});
    membership.preferences = if is_default { Json::Null } else { preferences.clone() };
    membership.stamp.touch();
    preferences_answer(turn, preferences)
}

fn preferences_answer(turn: &Turn, preferences: Json) -> Answer {
    let member = turn.identity(&turn.text("MemberArn"))?;
    let channel = turn.text("ChannelArn");
    Ok(json!({"ChannelArn": channel, "Member": member, "Preferences": preferences}))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Account, failure, is, messaging};
    use messaging::types::{
        AllowNotifications, ChannelMembershipPreferences, ChannelMembershipType, PushNotificationPreferences,
    };

    #[tokio::test]
    async fn a_member_joins_chooses_and_leaves() {
        let account = Account::new();
        let chime = &account.messaging;
        let instance = account.app_instance().await;
        let (owner, member) = (account.user(&instance, "o").await, account.user(&instance, "m").await);
        let channel = account.channel(&instance, &owner, "c").await;
        let create = || {
            let create = chime.create_channel_membership().channel_arn(&channel);
            let create = create.member_arn(&member).r#type(ChannelMembershipType::Default);
            create.chime_bearer(&owner).send()
        };
        create().await.unwrap();
        assert_eq!(failure(create().await), is(409, "Conflict"));

        let push =
            PushNotificationPreferences::builder().allow_notifications(AllowNotifications::None).build().unwrap();
        let preferences = ChannelMembershipPreferences::builder().push_notifications(push).build();
        let put = chime.put_channel_membership_preferences().channel_arn(&channel);
        let put = put.member_arn(&member).chime_bearer(&owner).preferences(preferences.clone());
        put.send().await.unwrap();
        let get = chime.get_channel_membership_preferences().channel_arn(&channel);
        let got = get.member_arn(&member).chime_bearer(&owner).send().await.unwrap();
        assert_eq!(got.preferences, Some(preferences));

        let describe = || {
            let describe = chime.describe_channel_membership().channel_arn(&channel);
            describe.member_arn(&member).chime_bearer(&owner).send()
        };
        let described = describe().await.unwrap().channel_membership.unwrap();
        assert_eq!(described.invited_by.unwrap().arn, Some(owner.clone()));
        let list = chime.list_channel_memberships().channel_arn(&channel).chime_bearer(&owner);
        assert_eq!(list.send().await.unwrap().channel_memberships.unwrap().len(), 2);
        let delete = chime.delete_channel_membership().channel_arn(&channel);
        delete.member_arn(&member).chime_bearer(&owner).send().await.unwrap();
        assert_eq!(failure(describe().await), is(404, "NotFound"));
    }
}
