//! What is taken for whose, and what is left alone.

use super::world::*;
use crate::test_bed::ChimeTestBed;
use chime_simulator::{Fault, FaultKind, Options};
use serde_json::json;

#[tokio::test]
async fn a_lost_parameter_is_made_up_for_by_the_properties_or_the_tags_or_is_told() {
    let chosen = ["AppInstance", "AppInstanceBot", "ChannelFlow"];
    for (kind, properties) in constructs(APP) {
        // Nothing says which it is, or the properties do.
        let live = Live::new();
        live.delete_parameters();
        if chosen.contains(&kind) {
            let said =
                ["cannot be told for sure", "is gone", "tag-resource", "Key=cfn:logical-id", "--retain-resources"];
            let failed = live.fail(resource(kind).update(LIVE, &properties, &properties), &said).await;
            assert_eq!(failed.id(), LIVE);
            live.fail(resource(kind).delete(LIVE, &properties), &said).await;
        } else {
            live.succeed(resource(kind).update(LIVE, &properties, &properties)).await;
            live.succeed(resource(kind).delete(LIVE, &properties)).await;
            assert_ne!(live.untagged(), json!([made_by_the_library(APP)]));
        }
        // It has been marked before.
        let live = Live::new();
        live.succeed(resource(kind).update(LIVE, &properties, &properties)).await;
        live.delete_parameters();
        live.succeed(resource(kind).update(LIVE, &properties, &properties)).await;
        live.assert_holds(&[APP]);
        live.succeed(resource(kind).delete(LIVE, &properties)).await;
        // The List shows that there is none.
        let live = Live::new();
        live.delete_parameters();
        live.change(|_| json!([])).unwrap();
        live.succeed(resource(kind).delete(LIVE, &properties)).await;
    }
}

#[tokio::test]
async fn twins_whose_parameters_have_overwritten_each_other_are_told_apart_or_left_alone() {
    let (first, second) = (constructs(APP), constructs(OTHER));
    let live = Live::of(&[APP, OTHER]);
    // The properties of the first name its own things, whatever the parameters say.
    for kind in ["DataRetention", "StreamingConfig", "AppInstanceAdmin", "AppInstanceUser"] {
        live.succeed(resource(kind).update(LIVE, &first[kind], &first[kind])).await;
        live.succeed(resource(kind).delete(LIVE, &first[kind])).await;
    }
    assert_eq!(live.parameters(), parameters(OTHER));
    assert_eq!(live.untagged()[1], made_by_the_library(OTHER));
    // Which app instance is whose, nobody knows until somebody says so.
    for (of, stack) in [(&first, None), (&second, Some(OTHER_STACK))] {
        let app = resource("AppInstance");
        let app = stack.map_or(app.clone(), |stack| app.of_stack(stack));
        for event in [app.update(LIVE, &of["AppInstance"], &of["AppInstance"]), app.delete(LIVE, &of["AppInstance"])] {
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
    live.succeed(app.delete(LIVE, &first["AppInstance"])).await;
    live.assert_holds(&[OTHER]);
    assert_eq!(live.parameters(), parameters(OTHER));
    // Now it is the only one that is nobody's, and still nobody can say that it is the second's.
    live.fail(app.of_stack(OTHER_STACK).delete(LIVE, &second["AppInstance"]), &["tag-resource"]).await;
}

#[tokio::test]
async fn the_history_of_a_parameter_says_which_stacks_function_wrote_what() {
    let (first, second) = (constructs(APP), constructs(OTHER));
    // Twins: each has its own, whoever wrote last; and the parameter stays for whose it is.
    let live = Live::written(&[APP, OTHER], &[OWN, ANOTHERS]);
    for (kind, properties) in &first {
        assert_eq!(live.succeed(resource(kind).update(LIVE, properties, properties)).await.id(), LIVE);
    }
    live.assert_holds(&[APP, OTHER]);
    for kind in ["ChannelFlow", "AppInstanceBot", "AppInstance"] {
        live.succeed(resource(kind).delete(LIVE, &first[kind])).await;
    }
    live.assert_holds(&[OTHER]);
    assert_eq!(live.parameters(), parameters(OTHER));
    let others = "/aws/lambda/other-function";
    live.succeed(resource("AppInstance").of_stack(OTHER_STACK).delete(others, &second["AppInstance"])).await;
    assert!(live.is_empty() && !live.parameters().keys().any(|name| name.ends_with("/AppInstance")));

    // The other stack was deleted and made again since: what there is, is not this stack's, though it is the first version.
    let live = Live::written(&[OTHER], &[ANOTHERS]);
    for kind in ["ChannelFlow", "AppInstanceBot", "AppInstance"] {
        live.fail(resource(kind).update(LIVE, &second[kind], &second[kind]), &["another stack may have written it"])
            .await;
        live.fail(resource(kind).delete(LIVE, &second[kind]), &["another stack may have written it"]).await;
    }
    // More than a page of them.
    let live = Live::written(&[APP, OTHER], &[OWN, ANOTHERS]);
    (0..60).for_each(|_| live.put_parameter("/chime/appInstanceArn/AppInstance", OTHER, ANOTHERS));
    live.succeed(resource("AppInstance").delete(LIVE, &first["AppInstance"])).await;
    live.assert_holds(&[OTHER]);
}

#[tokio::test]
async fn what_bears_another_stacks_mark_is_not_touched() {
    for (kind, properties) in constructs(APP) {
        let live = Live::new();
        live.succeed(resource(kind).of_stack(OTHER_STACK).update(LIVE, &properties, &properties)).await;
        let event = resource(kind).update(LIVE, &properties, &properties);
        let failed = live.fail(event, &[]).await;
        assert!(
            failed.reason().contains("other") || failed.reason().contains("does not exist"),
            "{kind}: {}",
            failed.reason()
        );
        let before = live.holds();
        let deleted = live.send(resource(kind).delete(LIVE, &properties)).await;
        assert_eq!((deleted.status(), live.holds()), ("SUCCESS", before.clone()), "{kind}: {}", deleted.reason());
        // Nor is the parameter of its owner lost.
        let owners = live.succeed(resource(kind).of_stack(OTHER_STACK).delete(LIVE, &properties)).await;
        assert_eq!(owners.id(), LIVE);
        assert_ne!(live.holds(), before, "{kind}");
    }
}

#[tokio::test]
async fn a_parameter_of_another_account_region_or_kind_is_not_believed() {
    let properties = &constructs(APP)["AppInstance"];
    for value in [
        "arn:aws:chime:us-east-1:210987654321:app-instance/a",
        "arn:aws:chime:eu-central-1:123456789012:app-instance/a",
        "arn:aws:chime:us-east-1:123456789012:app-instance/a/user/ada",
        "",
    ] {
        let live = Live::new();
        live.delete_parameters();
        live.put_parameter("/chime/appInstanceArn/AppInstance", value, OWN);
        live.fail(resource("AppInstance").delete(LIVE, properties), &["cannot be told for sure"]).await;
    }
}

#[tokio::test]
async fn without_the_right_to_read_parameters_nothing_is_touched_and_throttling_is_waited_out() {
    let live = Live::new();
    for (kind, properties) in constructs(APP).into_iter().filter(|(kind, _)| attribute(kind, APP).is_some()) {
        live.fail_parameter_calls(Some((400, "AccessDeniedException")));
        for event in [resource(kind).update(LIVE, &properties, &properties), resource(kind).delete(LIVE, &properties)] {
            live.fail(event, &["GetParameterHistory failed: AccessDeniedException", "Allow the action"]).await;
        }
    }
    live.fail_parameter_calls(Some((400, "ThrottlingException")));
    let event = resource("AppInstance").delete(LIVE, &constructs(APP)["AppInstance"]);
    let (deleted, ()) = tokio::join!(live.succeed(event), async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        live.fail_parameter_calls(None);
    });
    assert_eq!(deleted.id(), LIVE);
    assert!(live.is_empty() && live.take_parameter_calls().len() > 10);
}

#[tokio::test]
async fn a_user_that_is_gone_is_not_taken_for_one_that_the_template_names_and_the_library_never_made() {
    let live = Live::new();
    live.change(|mut held| {
        held[0]["Users"].as_array_mut().unwrap().retain(|user| !user.to_string().contains("user/ada"));
        held[0]["Admins"] = json!([]);
        held
    })
    .unwrap();
    // Somebody has made Eve by hand.
    let eve = with(&constructs(APP)["AppInstanceUser"], "appInstanceUserId", "eve");
    live.succeed(resource("AppInstanceUser").delete(LIVE, &eve)).await;
    assert!(live.holds().to_string().contains("user/eve"));
}

#[tokio::test]
async fn what_is_anothers_is_not_touched_because_its_tags_cannot_be_read() {
    for (kind, properties) in constructs(APP) {
        // It waits for as long as tags may lag, which takes its time: two kinds stand for all.
        let lasting = ["AppInstance", "AppInstanceUser"].contains(&kind).then_some(1000);
        for times in [2].into_iter().chain(lasting) {
            let live = Live::new();
            live.succeed(resource(kind).of_stack(OTHER_STACK).update(LIVE, &properties, &properties)).await;
            let before = live.holds();
            for fault in [FaultKind::Forbidden, FaultKind::BadRequest("no".to_owned())] {
                live.inject(Fault { times, ..Fault::always("ListTagsForResource", fault) });
                let failed = live.send(resource(kind).update(LIVE, &properties, &properties)).await;
                assert_eq!((failed.status(), failed.id()), ("FAILED", LIVE), "{kind}");
                live.send(resource(kind).delete(LIVE, &properties)).await;
                live.clear_faults();
                assert_eq!(live.holds(), before, "{kind}");
            }
        }
    }
}

#[tokio::test]
async fn a_delete_that_is_delivered_again_after_its_answer_was_lost_succeeds() {
    // Another, which nobody owns, is there.
    let live = Live::of(&[OTHER]);
    live.seed(json!([made_by_the_library(APP)])).unwrap();
    live.delete_parameters();
    for (name, value) in parameters(APP) {
        live.put_parameter(&name, &value, OWN);
    }
    let event = resource("AppInstance").delete(LIVE, &constructs(APP)["AppInstance"]);
    let sent = std::time::SystemTime::now();
    for _ in 0..2 {
        let deleted = live.0.invoke_sent(&event, sent).await;
        assert_eq!(deleted.status(), "SUCCESS", "{}", deleted.reason());
        live.assert_holds(&[OTHER]);
    }
}

#[tokio::test]
async fn properties_that_name_no_place_or_another_region_prove_nothing() {
    for kind in ["AppInstanceBot", "ChannelFlow"] {
        let live = Live::new();
        live.delete_parameters();
        let elsewhere = with(&constructs(APP)[kind], "appInstanceArn", APP.replace("us-east-1", "eu-central-1"));
        live.fail(resource(kind).delete(LIVE, &elsewhere), &["eu-central-1", "us-east-1"]).await;
        let nowhere = with(&constructs(APP)[kind], "appInstanceArn", "x");
        live.fail(resource(kind).delete(LIVE, &nowhere), &["cannot be told for sure"]).await;
    }
}

#[tokio::test]
async fn another_construct_under_the_same_logical_id_is_another_thing() {
    let (live, of) = (Live::new(), constructs(APP));
    let it = resource("It");
    let (bot, eve) = (&of["AppInstanceBot"], with(&of["AppInstanceUser"], "appInstanceUserId", "eve"));
    // A user that somebody has made by hand is not taken for it.
    live.fail(it.update(LIVE, bot, &eve), &["already exists and belongs to another stack (or to none)"]).await;
    live.succeed(it.update(LIVE, &eve, bot)).await;
    live.assert_holds(&[APP]);
    let bob = with(&of["AppInstanceUser"], "appInstanceUserId", "bob");
    let replaced = live.succeed(it.update(LIVE, bot, &bob)).await;
    assert_eq!(replaced.id(), format!("{APP}/user/bob"));
    live.succeed(it.delete(LIVE, bot)).await;
    assert!(live.untagged()[0].get("Bots").is_none() && live.holds().to_string().contains("user/bob"));
}

#[tokio::test]
async fn tags_that_cannot_be_read_are_no_proof_of_absence() {
    for (kind, properties) in
        constructs(APP).into_iter().filter(|(kind, _)| ["AppInstance", "ChannelFlow"].contains(kind))
    {
        let live = Live::new();
        live.delete_parameters();
        live.inject(Fault::always("ListTagsForResource", FaultKind::Forbidden));
        live.fail(resource(kind).delete(LIVE, &properties), &["cannot be told for sure"]).await;
    }
}

#[tokio::test]
async fn a_delete_that_nothing_can_be_done_for_is_no_success() {
    let seed = json!([made_by_the_library(APP)]);
    let options = Options { seed, region: "eu-west-1".to_owned(), ..Options::default() };
    let bed = ChimeTestBed::start(options).unwrap();
    let mut event = resource("AppInstance").delete(LIVE, &constructs(APP)["AppInstance"]);
    event["ResourceProperties"]["resourceType"] = json!("AppInstanc");
    let failed = bed.invoke(&event).await;
    assert_eq!((failed.status(), failed.id()), ("FAILED", LIVE), "{}", failed.reason());
}
