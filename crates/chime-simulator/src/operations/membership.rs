//! Memberships of channels, and their preferences.

use crate::behaviour::BatchMemberExists;
use crate::context::{Operation, OperationContext};
use crate::error::{Answer, ApiError};
use crate::operations::relation::Relation;
use crate::state::channel::Need;
use crate::state::membership::Membership;
use serde_json::{Value as Json, json};

pub(super) const OPERATIONS: [(&str, Operation); 7] = [
    ("CreateChannelMembership", create),
    ("BatchCreateChannelMembership", batch_create),
    ("DescribeChannelMembership", Members::describe),
    ("DeleteChannelMembership", Members::delete),
    ("ListChannelMemberships", Members::list),
    ("GetChannelMembershipPreferences", get_preferences),
    ("PutChannelMembershipPreferences", put_preferences),
];

struct Members;

impl Relation for Members {
    type Entry = Membership;
    const PERSON: &'static str = "MemberArn";
    const SHOWN_AS: &'static str = "Member";
    const DESCRIBED_AS: &'static str = "ChannelMembership";
    const LISTED_AS: &'static str = "ChannelMemberships";

    fn entries<'a>(cx: &'a mut OperationContext<'_>) -> Result<&'a mut Vec<Membership>, ApiError> {
        Ok(&mut cx.channel()?.memberships)
    }

    fn id(cx: &OperationContext) -> String {
        format!("{}/memberships/{}", cx.text(Self::PARENT), cx.text(Self::PERSON))
    }

    fn check_remover(cx: &mut OperationContext) -> Result<(), ApiError> {
        // A member may always leave.
        if cx.text("ChimeBearer") == cx.text(Self::PERSON) { Ok(()) } else { cx.act(Need::Moderate).map(drop) }
    }

    fn is_listed(cx: &OperationContext, membership: &Membership) -> bool {
        // Without a type, only the visible members.
        membership.kind == cx.optional("Type").as_deref().unwrap_or("DEFAULT")
    }

    fn details(cx: &mut OperationContext, membership: &Membership) -> Result<Json, ApiError> {
        let mut details = json!({"InvitedBy": cx.state.identity(&membership.invited_by), "Type": membership.kind});
        membership.stamp.write_to(&mut details);
        Ok(details)
    }
}

/// The membership that the request names.
fn membership<'a>(cx: &'a mut OperationContext<'_>) -> Result<&'a mut Membership, ApiError> {
    let arn = cx.text(Members::PERSON);
    let missing = cx.missing(&Members::id(cx));
    Members::entries(cx)?.iter_mut().find(|membership| membership.member_arn == arn).ok_or(missing)
}

fn create(cx: &mut OperationContext) -> Answer {
    let bearer = cx.act(Need::Invite)?;
    let (arn, kind) = (cx.text("MemberArn"), cx.text("Type"));
    let member = cx.identity(&arn)?;
    let channel = cx.channel()?;
    if channel.is_banned(&arn) {
        return Err(ApiError::forbidden(format!("{arn} is banned from the channel")));
    }
    let made = json!({"ChannelArn": channel.channel_arn, "Member": member});
    if channel.is_member(&arn) {
        return cx.associated(made, format!("{arn} is already a member of the channel"));
    }
    channel.join(&arn, &bearer, &kind);
    Ok(made)
}

fn batch_create(cx: &mut OperationContext) -> Answer {
    let bearer = cx.act(Need::Invite)?;
    let (kind, exists) = (cx.optional("Type").unwrap_or_else(|| "DEFAULT".into()), cx.behaviour.batch_member_exists);
    let (mut members, mut errors) = (Vec::new(), Vec::new());
    for arn in cx.read::<Vec<String>>("MemberArns") {
        let refusal = match (cx.identity(&arn), cx.channel()?) {
            (Err(_), _) => Some(("NotFound", "there is no such user")),
            (_, channel) if channel.is_banned(&arn) => Some(("Forbidden", "banned from the channel")),
            (Ok(member), channel) => match (channel.is_member(&arn), exists) {
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
            },
        };
        if let Some((code, message)) = refusal {
            errors.push(json!({"MemberArn": arn, "ErrorCode": code, "ErrorMessage": message}));
        }
    }
    let made = json!({"ChannelArn": cx.text("ChannelArn"), "InvitedBy": cx.state.identity(&bearer), "Type": kind,
        "Members": members});
    Ok(json!({"BatchChannelMemberships": made, "Errors": errors}))
}

fn get_preferences(cx: &mut OperationContext) -> Answer {
    cx.act(Need::Read)?;
    let preferences = membership(cx)?.preferences.clone();
    preferences_answer(cx, preferences)
}

fn put_preferences(cx: &mut OperationContext) -> Answer {
    cx.act(Need::Read)?;
    let preferences = cx.value("Preferences");
    let membership = membership(cx)?;
    // A member without preferences gets all notifications.
    let is_default = preferences == json!({"PushNotifications": {"AllowNotifications": "ALL"}});
    membership.preferences = if is_default { Json::Null } else { preferences.clone() };
    membership.stamp.touch();
    preferences_answer(cx, preferences)
}

fn preferences_answer(cx: &OperationContext, preferences: Json) -> Answer {
    let member = cx.identity(&cx.text("MemberArn"))?;
    let channel = cx.text("ChannelArn");
    Ok(json!({"ChannelArn": channel, "Member": member, "Preferences": preferences}))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Account, failure, is, messaging};
    use messaging::types::{
        AllowNotifications, ChannelMembershipPreferences, ChannelMembershipType, PushNotificationPreferences,
    };

    #[tokio::test]
    async fn a_member_joins_sets_preferences_and_leaves() {
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
