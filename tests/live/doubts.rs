//! Which resource a construct is matched with, and what is left alone in case of doubt.

use super::world::*;
use crate::test_bed::ChimeTestBed;
use chime_simulator::{Fault, FaultKind, Options};
use serde_json::json;

#[tokio::test]
async fn a_missing_parameter_is_compensated_by_properties_or_tags_or_reported() {
    let ids_by_chime = ["AppInstance", "AppInstanceBot", "ChannelFlow"];
    for (kind, properties) in constructs(APP) {
        // There is no record. Either the properties identify the resource, or nothing does.
        let live = Live::new();
        live.delete_parameters();
        if ids_by_chime.contains(&kind) {
            let expected = ["Cannot determine", "is gone", "tag-resource", "Key=cfn:logical-id", "--retain-resources"];
            let failed = live.fail(resource(kind).update(LEGACY_ID, &properties, &properties), &expected).await;
            assert_eq!(failed.id(), LEGACY_ID);
            live.fail(resource(kind).delete(LEGACY_ID, &properties), &expected).await;
        } else {
            live.succeed(resource(kind).update(LEGACY_ID, &properties, &properties)).await;
            live.succeed(resource(kind).delete(LEGACY_ID, &properties)).await;
            assert_ne!(live.untagged(), json!([made_by_the_library(APP)]));
        }
        // The resource was marked earlier.
        let live = Live::new();
        live.succeed(resource(kind).update(LEGACY_ID, &properties, &properties)).await;
        live.delete_parameters();
        live.succeed(resource(kind).update(LEGACY_ID, &properties, &properties)).await;
        live.assert_holds(&[APP]);
        live.succeed(resource(kind).delete(LEGACY_ID, &properties)).await;
        // The List shows that the resource does not exist.
        let live = Live::new();
        live.delete_parameters();
        live.change(|_| json!([])).unwrap();
        live.succeed(resource(kind).delete(LEGACY_ID, &properties)).await;
    }
}

#[tokio::test]
async fn stacks_that_overwrote_each_others_parameters_are_told_apart_or_left_alone() {
    let (first, second) = (constructs(APP), constructs(OTHER));
    let live = Live::of(&[APP, OTHER]);
    // The first stack's properties identify its own resources, independent of the parameters.
    for kind in ["DataRetention", "StreamingConfig", "AppInstanceAdmin", "AppInstanceUser"] {
        live.succeed(resource(kind).update(LEGACY_ID, &first[kind], &first[kind])).await;
        live.succeed(resource(kind).delete(LEGACY_ID, &first[kind])).await;
    }
    assert_eq!(live.parameters(), parameters(OTHER));
    assert_eq!(live.untagged()[1], made_by_the_library(OTHER));
    // Nothing shows which app instance belongs to which stack, until somebody tags one.
    for (of, stack) in [(&first, None), (&second, Some(OTHER_STACK))] {
        let app = resource("AppInstance");
        let app = stack.map_or(app.clone(), |stack| app.of_stack(stack));
        for event in
            [app.update(LEGACY_ID, &of["AppInstance"], &of["AppInstance"]), app.delete(LEGACY_ID, &of["AppInstance"])]
        {
            live.fail(event, &["another stack may have written it", APP, OTHER]).await;
        }
    }
    let app = resource("AppInstance");
    live.change(|mut held| {
        let tags =
            json!([{"Key": "cfn:stack-id", "Value": app.stack_id}, {"Key": "cfn:logical-id", "Value": "AppInstance"}]);
        held[0]["Tags"] = tags;
        held
    })
    .unwrap();
    live.succeed(app.delete(LEGACY_ID, &first["AppInstance"])).await;
    live.assert_holds(&[OTHER]);
    assert_eq!(live.parameters(), parameters(OTHER));
    // Only one unowned app instance is left, but nothing proves that it belongs to the second stack.
    live.fail(app.of_stack(OTHER_STACK).delete(LEGACY_ID, &second["AppInstance"]), &["tag-resource"]).await;
}

#[tokio::test]
async fn the_history_of_a_parameter_shows_which_stack_wrote_which_value() {
    let (first, second) = (constructs(APP), constructs(OTHER));
    // Two stacks share the parameter names. Each gets its own resources, and a parameter is kept for the stack that
    // wrote it last.
    let live = Live::written(&[APP, OTHER], &[OWN_SESSION, OTHER_SESSION]);
    for (kind, properties) in &first {
        assert_eq!(live.succeed(resource(kind).update(LEGACY_ID, properties, properties)).await.id(), LEGACY_ID);
    }
    live.assert_holds(&[APP, OTHER]);
    for kind in ["ChannelFlow", "AppInstanceBot", "AppInstance"] {
        live.succeed(resource(kind).delete(LEGACY_ID, &first[kind])).await;
    }
    live.assert_holds(&[OTHER]);
    assert_eq!(live.parameters(), parameters(OTHER));
    let other_log_group = "/aws/lambda/other-function";
    live.succeed(resource("AppInstance").of_stack(OTHER_STACK).delete(other_log_group, &second["AppInstance"])).await;
    assert!(live.is_empty() && !live.parameters().keys().any(|name| name.ends_with("/AppInstance")));

    // The other stack was deleted and created again. The existing resource does not belong to this stack, although its
    // parameter has only one version.
    let live = Live::written(&[OTHER], &[OTHER_SESSION]);
    for kind in ["ChannelFlow", "AppInstanceBot", "AppInstance"] {
        live.fail(
            resource(kind).update(LEGACY_ID, &second[kind], &second[kind]),
            &["another stack may have written it"],
        )
        .await;
        live.fail(resource(kind).delete(LEGACY_ID, &second[kind]), &["another stack may have written it"]).await;
    }
    // The history has more than one page.
    let live = Live::written(&[APP, OTHER], &[OWN_SESSION, OTHER_SESSION]);
    (0..60).for_each(|_| live.put_parameter("/chime/appInstanceArn/AppInstance", OTHER, OTHER_SESSION));
    live.succeed(resource("AppInstance").delete(LEGACY_ID, &first["AppInstance"])).await;
    live.assert_holds(&[OTHER]);
}

#[tokio::test]
async fn a_resource_with_another_stacks_mark_is_left_alone() {
    for (kind, properties) in constructs(APP) {
        let live = Live::new();
        live.succeed(resource(kind).of_stack(OTHER_STACK).update(LEGACY_ID, &properties, &properties)).await;
        let event = resource(kind).update(LEGACY_ID, &properties, &properties);
        let failed = live.fail(event, &[]).await;
        assert!(
            failed.reason().contains("other") || failed.reason().contains("no longer exists"),
            "{kind}: {}",
            failed.reason()
        );
        let before = live.holds();
        let deleted = live.send(resource(kind).delete(LEGACY_ID, &properties)).await;
        assert_eq!((deleted.status(), live.holds()), ("SUCCESS", before.clone()), "{kind}: {}", deleted.reason());
        // The owner's parameter is kept as well.
        let owners = live.succeed(resource(kind).of_stack(OTHER_STACK).delete(LEGACY_ID, &properties)).await;
        assert_eq!(owners.id(), LEGACY_ID);
        assert_ne!(live.holds(), before, "{kind}");
    }
}

#[tokio::test]
async fn a_parameter_of_another_account_region_or_type_is_ignored() {
    let properties = &constructs(APP)["AppInstance"];
    for value in [
        "arn:aws:chime:us-east-1:210987654321:app-instance/a",
        "arn:aws:chime:eu-central-1:123456789012:app-instance/a",
        "arn:aws:chime:us-east-1:123456789012:app-instance/a/user/ada",
        "",
    ] {
        let live = Live::new();
        live.delete_parameters();
        live.put_parameter("/chime/appInstanceArn/AppInstance", value, OWN_SESSION);
        live.fail(resource("AppInstance").delete(LEGACY_ID, properties), &["Cannot determine"]).await;
    }
}

#[tokio::test]
async fn denied_parameter_reads_change_nothing_and_throttled_ones_are_retried() {
    let live = Live::new();
    for (kind, properties) in constructs(APP).into_iter().filter(|(kind, _)| attribute(kind, APP).is_some()) {
        live.fail_parameter_calls(Some((400, "AccessDeniedException")));
        for event in
            [resource(kind).update(LEGACY_ID, &properties, &properties), resource(kind).delete(LEGACY_ID, &properties)]
        {
            live.fail(event, &["GetParameterHistory failed: AccessDeniedException", "Allow the action"]).await;
        }
    }
    live.fail_parameter_calls(Some((400, "ThrottlingException")));
    let event = resource("AppInstance").delete(LEGACY_ID, &constructs(APP)["AppInstance"]);
    let (deleted, ()) = tokio::join!(live.succeed(event), async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        live.fail_parameter_calls(None);
    });
    assert_eq!(deleted.id(), LEGACY_ID);
    assert!(live.is_empty() && live.take_parameter_calls().len() > 10);
}

#[tokio::test]
async fn a_missing_user_is_not_mistaken_for_one_that_the_library_never_created() {
    let live = Live::new();
    live.change(|mut held| {
        held[0]["Users"].as_array_mut().unwrap().retain(|user| !user.to_string().contains("user/ada"));
        held[0]["Admins"] = json!([]);
        held
    })
    .unwrap();
    // Somebody created Eve by hand.
    let eve = with(&constructs(APP)["AppInstanceUser"], "appInstanceUserId", "eve");
    live.succeed(resource("AppInstanceUser").delete(LEGACY_ID, &eve)).await;
    assert!(live.holds().to_string().contains("user/eve"));
}

#[tokio::test]
async fn a_foreign_resource_with_unreadable_tags_is_left_alone() {
    for (kind, properties) in constructs(APP) {
        // This waits for the whole tag lag, which takes time, so only two types are tested that way.
        let lasting = ["AppInstance", "AppInstanceUser"].contains(&kind).then_some(1000);
        for times in [2].into_iter().chain(lasting) {
            let live = Live::new();
            live.succeed(resource(kind).of_stack(OTHER_STACK).update(LEGACY_ID, &properties, &properties)).await;
            let before = live.holds();
            for fault in [FaultKind::Forbidden, FaultKind::BadRequest("no".to_owned())] {
                live.inject(Fault { times, ..Fault::always("ListTagsForResource", fault) });
                let failed = live.send(resource(kind).update(LEGACY_ID, &properties, &properties)).await;
                assert_eq!((failed.status(), failed.id()), ("FAILED", LEGACY_ID), "{kind}");
                live.send(resource(kind).delete(LEGACY_ID, &properties)).await;
                live.clear_faults();
                assert_eq!(live.holds(), before, "{kind}");
            }
        }
    }
}

#[tokio::test]
async fn a_delete_repeated_after_a_lost_response_succeeds() {
    // Another unowned app instance exists.
    let live = Live::of(&[OTHER]);
    live.seed(json!([made_by_the_library(APP)])).unwrap();
    live.delete_parameters();
    for (name, value) in parameters(APP) {
        live.put_parameter(&name, &value, OWN_SESSION);
    }
    let event = resource("AppInstance").delete(LEGACY_ID, &constructs(APP)["AppInstance"]);
    let sent = std::time::SystemTime::now();
    for _ in 0..2 {
        let deleted = live.0.invoke_sent(&event, sent).await;
        assert_eq!(deleted.status(), "SUCCESS", "{}", deleted.reason());
        live.assert_holds(&[OTHER]);
    }
}

#[tokio::test]
async fn invalid_properties_or_another_region_do_not_prove_absence() {
    for kind in ["AppInstanceBot", "ChannelFlow"] {
        let live = Live::new();
        live.delete_parameters();
        let elsewhere = with(&constructs(APP)[kind], "appInstanceArn", APP.replace("us-east-1", "eu-central-1"));
        live.fail(resource(kind).delete(LEGACY_ID, &elsewhere), &["eu-central-1", "us-east-1"]).await;
        let nowhere = with(&constructs(APP)[kind], "appInstanceArn", "x");
        live.fail(resource(kind).delete(LEGACY_ID, &nowhere), &["Cannot determine"]).await;
    }
}

#[tokio::test]
async fn another_construct_with_the_same_logical_id_is_a_replacement() {
    let (live, of) = (Live::new(), constructs(APP));
    let it = resource("It");
    let (bot, eve) = (&of["AppInstanceBot"], with(&of["AppInstanceUser"], "appInstanceUserId", "eve"));
    // A user that somebody created by hand is not adopted.
    live.fail(it.update(LEGACY_ID, bot, &eve), &["already exists, and its tags name no owner"]).await;
    live.succeed(it.update(LEGACY_ID, &eve, bot)).await;
    live.assert_holds(&[APP]);
    let bob = with(&of["AppInstanceUser"], "appInstanceUserId", "bob");
    let replaced = live.succeed(it.update(LEGACY_ID, bot, &bob)).await;
    assert_eq!(replaced.id(), format!("{APP}/user/bob"));
    live.succeed(it.delete(LEGACY_ID, bot)).await;
    assert!(live.untagged()[0].get("Bots").is_none() && live.holds().to_string().contains("user/bob"));
}

#[tokio::test]
async fn unreadable_tags_do_not_prove_absence() {
    for (kind, properties) in
        constructs(APP).into_iter().filter(|(kind, _)| ["AppInstance", "ChannelFlow"].contains(kind))
    {
        let live = Live::new();
        live.delete_parameters();
        live.inject(Fault::always("ListTagsForResource", FaultKind::Forbidden));
        live.fail(resource(kind).delete(LEGACY_ID, &properties), &["Cannot determine"]).await;
    }
}

#[tokio::test]
async fn a_rejected_delete_fails() {
    let seed = json!([made_by_the_library(APP)]);
    let options = Options { seed, region: "eu-west-1".to_owned(), ..Options::default() };
    let bed = ChimeTestBed::start(options).unwrap();
    let mut event = resource("AppInstance").delete(LEGACY_ID, &constructs(APP)["AppInstance"]);
    event["ResourceProperties"]["resourceType"] = json!("AppInstanc");
    let failed = bed.invoke(&event).await;
    assert_eq!((failed.status(), failed.id()), ("FAILED", LEGACY_ID), "{}", failed.reason());
}

#[tokio::test]
async fn a_rejected_construct_is_told_how_to_take_over_what_exists() {
    let live = Live::new();
    let user = &constructs(APP)["AppInstanceUser"];
    let expected = ["already exists", "declare it as Custom::ChimeAppInstanceUser with AdoptExisting: arn:aws:chime:"];
    live.fail(resource("AppInstanceUser").of_stack(OTHER_STACK).create(user), &expected).await;
    live.assert_holds(&[APP]);
}
