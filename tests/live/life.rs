//! Updates, deletes and replacements of the library's resources.

use super::world::*;
use crate::test_bed::Operations;
use serde_json::json;

#[tokio::test]
async fn the_first_update_keeps_the_id_and_only_records_the_owner() {
    let live = Live::new();
    for (kind, properties) in constructs(APP) {
        let mut new = properties.clone();
        new["ServiceTimeout"] = json!("600");
        let updated = live.succeed(resource(kind).update(LEGACY_ID, &properties, &new)).await;
        assert_eq!(updated.id(), LEGACY_ID, "{kind}");
        if let Some((name, value)) = attribute(kind, APP) {
            assert_eq!(updated.attribute(name), value);
        }
        let changing: Vec<_> = updated.calls.iter().filter(|call| call.changing).map(|call| &call.operation).collect();
        assert_eq!(changing, ["TagResource"], "{kind}");
        // The next update finds the owner tags.
        let again = live.succeed(resource(kind).update(LEGACY_ID, &new, &properties)).await;
        assert!(again.calls.iter().all(|call| !call.changing), "{kind}: {:?}", again.operations());
    }
    live.assert_holds(&[APP]);
    assert_eq!(live.parameters(), parameters(APP));
    for owned in ["AppInstance", "AppInstanceUser", "AppInstanceBot", "ChannelFlow"] {
        let tag = json!({"Key": "cfn:logical-id", "Value": owned});
        assert!(live.holds().to_string().contains(&tag.to_string()), "{owned}");
    }
}

#[tokio::test]
async fn an_update_applies_changes_unlike_the_library() {
    let live = Live::new();
    let of = constructs(APP);
    let changes = [
        ("AppInstance", "name", json!("Support")),
        ("AppInstanceUser", "name", json!("Ada L.")),
        ("AppInstanceBot", "name", json!("Lex")),
        ("ChannelFlow", "processors", json!([processor("CONTINUE", "processors")])),
        ("DataRetention", "dataRetention", json!("30")),
        ("StreamingConfig", "streamingConfigs", json!([{"dataType": "ChannelMessage", "resourceArn": stream()}])),
    ];
    for (kind, name, value) in changes {
        let updated = live.succeed(resource(kind).update(LEGACY_ID, &of[kind], &with(&of[kind], name, value))).await;
        assert_eq!(updated.id(), LEGACY_ID);
    }
    let held = live.untagged();
    assert_eq!(held[0]["Name"], "Support");
    assert_eq!(held[0]["Users"][0]["Name"], "Ada L.");
    assert_eq!(held[0]["Bots"][0]["Name"], "Lex");
    assert_eq!(held[0]["ChannelFlows"][0]["Processors"][0]["FallbackAction"], "CONTINUE");
    assert_eq!(held[0]["RetentionDays"], 30);
    assert_eq!(held[0]["StreamingConfigurations"][0]["DataType"], "ChannelMessage");
}

#[tokio::test]
async fn an_update_applies_what_the_librarys_updates_ignored() {
    let live = Live::new();
    // The template has contained this name for some time, and the library ignored it.
    let stale = with(&constructs(APP)["AppInstance"], "name", "Support");
    let mut new = stale.clone();
    new["ServiceTimeout"] = json!("600");
    live.succeed(resource("AppInstance").update(LEGACY_ID, &stale, &new)).await;
    assert_eq!(live.untagged()[0]["Name"], "Support");
    // The user's id was changed only in the template. The existing user is the one that the library created.
    let ada = &constructs(APP)["AppInstanceUser"];
    let (bob, cleo) = (with(ada, "appInstanceUserId", "bob"), with(ada, "appInstanceUserId", "cleo"));
    let updated = live.succeed(resource("AppInstanceUser").update(LEGACY_ID, &bob, &cleo)).await;
    assert_eq!(updated.id(), format!("{APP}/user/cleo"));
    live.succeed(resource("AppInstanceUser").delete(LEGACY_ID, &bob)).await;
    let users: Vec<_> =
        live.untagged()[0]["Users"].as_array().unwrap().iter().map(|user| user["AppInstanceUserArn"].clone()).collect();
    assert_eq!(users, [json!(format!("{APP}/user/eve")), json!(format!("{APP}/user/cleo"))]);
}

#[tokio::test]
async fn a_delete_removes_the_resource_and_then_its_parameter() {
    let live = Live::new();
    for kind in
        ["DataRetention", "StreamingConfig", "ChannelFlow", "AppInstanceBot", "AppInstanceAdmin", "AppInstanceUser"]
    {
        let deleted = live.succeed(resource(kind).delete(LEGACY_ID, &constructs(APP)[kind])).await;
        assert_eq!(deleted.id(), LEGACY_ID);
    }
    let user = json!({"AppInstanceUserArn": format!("{APP}/user/eve"), "Name": "Eve"});
    assert_eq!(live.holds(), json!([{"AppInstanceArn": APP, "Name": "Chat", "Users": [user]}]));
    assert_eq!(live.parameters().into_keys().collect::<Vec<_>>(), ["/chime/appInstanceArn/AppInstance"]);
    let event = resource("AppInstance").delete(LEGACY_ID, &constructs(APP)["AppInstance"]);
    live.succeed(event.clone()).await;
    assert!(live.is_empty() && live.parameters().is_empty());
    // A repeated delivery.
    live.succeed(event).await;
}

#[tokio::test]
async fn a_replacement_has_its_own_id_and_the_cleanup_removes_the_old_resource() {
    let live = Live::new();
    let of = constructs(APP);
    let (ada, bob) = (&of["AppInstanceUser"], with(&of["AppInstanceUser"], "appInstanceUserId", "bob"));
    let replaced = live.succeed(resource("AppInstanceUser").update(LEGACY_ID, ada, &bob)).await;
    assert_eq!(replaced.id(), format!("{APP}/user/bob"));
    let admin = &of["AppInstanceAdmin"];
    let bob_is_admin = with(admin, "appInstanceAdminArn", replaced.id());
    let promoted = live.succeed(resource("AppInstanceAdmin").update(LEGACY_ID, admin, &bob_is_admin)).await;
    assert_eq!(promoted.id(), format!("{APP}/admins/{APP}/user/bob"));
    live.succeed(resource("AppInstanceAdmin").delete(LEGACY_ID, admin)).await;
    live.succeed(resource("AppInstanceUser").delete(LEGACY_ID, ada)).await;
    let held = live.untagged();
    assert_eq!(held[0]["Admins"], json!([format!("{APP}/user/bob")]));
    assert!(!held.to_string().contains("user/ada"), "{held:#}");
    assert!(!live.parameters().keys().any(|name| name.contains("User") || name.contains("Admin")));
    // From now on they are handled like any other resource.
    let (bob_again, admin_again) = (resource("AppInstanceUser"), resource("AppInstanceAdmin"));
    live.succeed(admin_again.delete(promoted.id(), &bob_is_admin)).await;
    live.succeed(bob_again.delete(replaced.id(), &bob)).await;
    assert!(!live.holds().to_string().contains("user/bob"));
}

#[tokio::test]
async fn a_resource_deleted_by_hand_is_reported_as_gone() {
    for (kind, properties) in constructs(APP) {
        let live = Live::new();
        live.change(|_| json!([])).unwrap();
        let failed = live.send(resource(kind).update(LEGACY_ID, &properties, &properties)).await;
        assert_eq!((failed.status(), failed.id()), ("FAILED", LEGACY_ID), "{kind}");
        live.succeed(resource(kind).delete(LEGACY_ID, &properties)).await;
        assert!(live.parameters().keys().all(|name| !name.ends_with(&format!("/{kind}"))), "{kind}");
    }
}

#[tokio::test]
async fn a_failed_create_of_the_library_is_deleted_and_new_resources_read_no_parameter() {
    let live = Live::new();
    let never = "AWSCDK::CustomResourceProviderFramework::CREATE_FAILED";
    for (kind, properties) in constructs(APP) {
        live.succeed(resource(kind).delete(never, &properties)).await;
    }
    live.assert_holds(&[APP]);
    let user = with(&constructs(APP)["AppInstanceUser"], "appInstanceUserId", "bob");
    let created = live.succeed(resource("Bob").create(&user)).await.id().to_owned();
    live.succeed(resource("Bob").update(&created, &user, &with(&user, "name", "Bob"))).await;
    live.succeed(resource("Bob").delete(&created, &user)).await;
    // The same holds for a replacement in a stack that does not contain the function.
    let (bob, cleo) = (resource("Bob").of_stack(OTHER_STACK), with(&user, "appInstanceUserId", "cleo"));
    let created = live.succeed(bob.create(&user)).await.id().to_owned();
    live.succeed(bob.update(&created, &user, &cleo)).await;
    assert_eq!(live.take_parameter_calls(), Vec::<String>::new());
}

#[tokio::test]
async fn invalid_properties_are_rejected_before_any_call() {
    let live = Live::new();
    let user = &constructs(APP)["AppInstanceUser"];
    let failed = live
        .fail(resource("AppInstanceUser").update(LEGACY_ID, user, &with(user, "name", "")), &["Name must be"])
        .await;
    assert_eq!((failed.id(), failed.calls.len(), live.take_parameter_calls().len()), (LEGACY_ID, 0, 0));
}
