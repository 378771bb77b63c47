//! The decision tables of ARCHITECTURE.md are the decisions, row by row: for every combination of facts, the first row that applies names what
//! the code decides, and every decision that a row names occurs.
//!
//! The file is long because it has a line for each row of six tables.

#![allow(clippy::expect_used)] // A failed expectation fails the test.

use crate::lifecycle::decide::absence::{Absence, AbsenceFacts, Listing, Refusal, decide_absence, tests as absence};
use crate::lifecycle::decide::create::{
    Comparison, CreateAction, CreateFacts, Met, Origin, Purpose, decide_create, tests as create,
};
use crate::lifecycle::decide::delete::{Age, DeleteFacts, Reading, Target, decide_delete, tests as delete};
use crate::lifecycle::decide::search::{Depth, Found, SearchFacts, decide_search, tests as search};
use crate::lifecycle::decide::untracked::{Trace, UntrackedFacts, decide_untracked, tests as untracked};
use crate::lifecycle::decide::update::{Sight, UpdateFacts, plan_update, tests as update};
use crate::lifecycle::decide::{Progress, Step};
use crate::request::Reliability;
use crate::request::clock::Sequence;
use crate::resource::ownership::{Handover, Ownership, Standing, Tracking};
use regex::Regex;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::path::Path;

/// What a row says of the facts, and when that is so.
type Row<F> = (&'static str, fn(&F) -> bool);

/// The rows of the table whose head begins with `head`, as cells. An empty first cell repeats the one above.
fn table(head: &str) -> Vec<Vec<String>> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).expect("the page");
    let begin = page.find(&format!("\n| {head}")).unwrap_or_else(|| panic!("no table {head}")) + 1;
    let lines = page[begin..].lines().take_while(|line| line.starts_with('|')).skip(2);
    let mut rows: Vec<Vec<String>> = Vec::new();
    for line in lines {
        let mut cells: Vec<_> = line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
        if cells[0].is_empty() {
            cells[0].clone_from(&rows.last().expect("a row above")[0]);
        }
        rows.push(cells);
    }
    rows
}

/// The names in a cell.
fn names(cell: &str) -> BTreeSet<String> {
    let name = Regex::new("`([^`]+)`").expect("a pattern");
    name.captures_iter(cell).map(|found| found[1].to_owned()).collect()
}

/// What a decision comes to, in the words of the tables: its names, of which a cell uses one. `None` for a question.
type Outcome = Option<Vec<String>>;

const LOOK_AGAIN: &str = "LookAgain";

fn outcome<Question, Action>(step: Step<Question, Action>, names: impl Fn(Action) -> Vec<String>) -> Outcome {
    match step {
        Step::Ask(_) => None,
        Step::LookAgain(wait) => Some(vec![LOOK_AGAIN.to_owned(), format!("{wait:?}")]),
        Step::Do(action) => Some(names(action)),
    }
}

/// The variant's name, without what it holds.
fn variant(value: &impl Debug) -> String {
    format!("{value:?}").split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}

/// Compares a `column` of a table, whose first `keys` cells say the facts, with what the code decides for each of the `facts`.
fn check<F: Debug>(
    head: &str,
    keys: usize,
    column: usize,
    rows: &[Row<F>],
    facts: impl IntoIterator<Item = F>,
    decide: impl Fn(&F) -> Outcome,
) {
    let page = table(head);
    let stated: Vec<_> = page.iter().map(|cells| cells[..keys].join(": ")).collect();
    assert_eq!(stated, rows.iter().map(|(facts, _)| *facts).collect::<Vec<_>>(), "the rows of {head}");
    let allowed: Vec<_> = page.iter().map(|cells| names(&cells[column])).collect();
    let mut occurred = vec![BTreeSet::new(); rows.len()];
    for facts in facts {
        let Some(outcome) = decide(&facts) else { continue };
        let is_wait = outcome[0] == LOOK_AGAIN;
        // A row may lead to those below it, at once or after it has waited.
        let decides = |at: usize| {
            let cell = &page[at][column];
            !cell.ends_with("the rows below") || is_wait && cell.starts_with("wait")
        };
        let row = rows.iter().enumerate().find(|(at, (_, applies))| applies(&facts) && decides(*at));
        let Some((at, (row, _))) = row else {
            panic!("{head}: no row for {facts:?}, which the code answers with {outcome:?}")
        };
        let cell = &page[at][column];
        let waits = is_wait && (cell.contains("wait") || cell.contains("look on"));
        let is_allowed = waits || outcome.iter().any(|name| allowed[at].contains(name));
        assert!(is_allowed, "{head}, {row}: the table says {cell}, the code {outcome:?} for {facts:?}");
        occurred[at].extend(outcome);
    }
    for (at, occurred) in occurred.iter().enumerate() {
        let missing: Vec<_> = allowed[at].difference(occurred).collect();
        assert!(missing.is_empty(), "{head}, {}: {missing:?} never occurs, but {occurred:?}", rows[at].0);
    }
}

fn owner(facts: &DeleteFacts) -> Option<&Ownership> {
    match &facts.reading {
        Some(Reading::Owner(owner)) => Some(owner),
        _ => None,
    }
}

fn is_ours(owner: Option<&Ownership>) -> bool {
    matches!(owner, Some(Ownership::Ours { .. }))
}

fn is_of_same_stack(owner: Option<&Ownership>) -> bool {
    matches!(owner, Some(Ownership::SameStack { .. }))
}

fn is_anothers(owner: Option<&Ownership>) -> bool {
    matches!(owner, Some(Ownership::SameStack { .. } | Ownership::Foreign { .. }))
}

fn is_found(owner: Option<&Ownership>) -> bool {
    matches!(owner, Some(Ownership::Ours { standing: Standing::Found, .. }))
}

fn has(facts: &DeleteFacts, handover: &Handover) -> bool {
    match owner(facts) {
        Some(Ownership::Ours { handover: noted, .. } | Ownership::SameStack { handover: noted, .. }) => {
            noted == handover
        }
        _ => false,
    }
}

fn is_from_another(facts: &DeleteFacts) -> bool {
    let is_from = matches!(owner(facts), Some(Ownership::Ours { handover: Handover::From(_), .. }));
    is_from && !facts.is_handover_over
}

fn is_from_me(facts: &DeleteFacts) -> bool {
    is_of_same_stack(owner(facts)) && has(facts, &Handover::From(facts.me.clone()))
}

fn is_unreadable(facts: &DeleteFacts) -> bool {
    matches!(facts.reading, Some(Reading::Unreadable(_)))
}

fn is_unowned(facts: &DeleteFacts) -> bool {
    owner(facts) == Some(&Ownership::Unowned)
}

fn is_recreated(facts: &DeleteFacts) -> bool {
    facts.age != Age::Fresh && facts.is_recreated == Some(true)
}

fn is_gone(facts: &DeleteFacts) -> bool {
    is_unreadable(facts) && facts.absence == Some(Absence::Confirmed)
}

fn delete_outcome(facts: &DeleteFacts) -> Outcome {
    outcome(decide_delete(facts), |action| vec![variant(&action)])
}

#[test]
fn a_delete_by_id_is_decided_as_its_table_says() {
    let untracked: fn(&DeleteFacts) -> bool = |facts| facts.tracking == Tracking::Untracked;
    let rows: &[Row<DeleteFacts>] = &[
        ("`Untracked`; AdoptExisting, or found by its id", |facts| {
            facts.tracking == Tracking::Untracked && (facts.gives_back || facts.is_found)
        }),
        ("`Untracked`; not fresh, and recreated since", |facts| {
            facts.tracking == Tracking::Untracked && is_recreated(facts)
        }),
        ("`Untracked`", untracked),
        ("`Ours`, because of a `Later` request", |facts| is_ours(owner(facts)) && facts.sequence == Sequence::Later),
        ("`Ours`, `Handover::From` another, begun less than two days ago", is_from_another),
        ("`Ours`; AdoptExisting, or `Standing::Found`", |facts| {
            is_ours(owner(facts)) && (facts.gives_back || is_found(owner(facts)))
        }),
        ("`Ours`", |facts| is_ours(owner(facts))),
        ("`SameStack`, `Handover::From` me", is_from_me),
        ("`SameStack`", |facts| is_of_same_stack(owner(facts))),
        ("`SameStack`, `Handover::GivenBack`", |facts| {
            is_of_same_stack(owner(facts)) && has(facts, &Handover::GivenBack)
        }),
        ("`SameStack`, `Foreign`", |facts| is_anothers(owner(facts))),
        ("`Unowned`; not fresh, named by the template, or AdoptExisting", |facts| {
            is_unowned(facts) && (facts.age != Age::Fresh || facts.has_template_id || facts.gives_back)
        }),
        ("`Unowned`; AdoptExisting, or carried out here before", |facts| {
            is_unowned(facts) && (facts.gives_back || facts.was_carried_out)
        }),
        ("`Unowned`, and Chime chose the id", |facts| is_unowned(facts) && !facts.has_template_id),
        ("`Unowned`, `Tags`; not fresh, and recreated since", |facts| {
            is_unowned(facts) && facts.tracking == Tracking::Tags && is_recreated(facts)
        }),
        ("`Unowned`", is_unowned),
        ("`Unreadable`, and `Absence` is not sure yet", |facts| {
            is_unreadable(facts) && matches!(facts.absence, Some(Absence::Unconfirmed | Absence::LookAgain(_)))
        }),
        ("`Unreadable`, `StillThere`", |facts| is_unreadable(facts) && facts.absence == Some(Absence::StillThere)),
        ("`Unreadable`, `Confirmed`; AdoptExisting", |facts| is_gone(facts) && facts.gives_back),
        ("`Unreadable`, `Confirmed`; fresh", |facts| is_gone(facts) && facts.age == Age::Fresh),
        ("`Unreadable`, `Confirmed`; recent", |facts| is_gone(facts) && facts.age == Age::Recent),
        ("`Unreadable`, `Confirmed`", is_gone),
    ];
    let facts = delete::samples().into_iter().filter(|facts| facts.target == Target::Resource);
    check("facts | `Resource`", 1, 1, rows, facts, delete_outcome);
}

#[test]
fn a_cleanup_is_decided_as_its_table_says() {
    let rows: &[Row<DeleteFacts>] = &[
        ("acted on by this Delete a moment ago", |facts| facts.progress == Progress::JustActed),
        ("`Ours`, `Handover::Placeholder`", |facts| is_ours(owner(facts)) && has(facts, &Handover::Placeholder)),
        ("`Ours`, because of another request than R", |facts| match (&facts.target, owner(facts)) {
            (Target::MadeBy(made_by), Some(Ownership::Ours { cause, .. })) => {
                !made_by.request.is_noted_as(&cause.request)
            }
            (_, owner) => is_ours(owner),
        }),
        ("`Ours`, because of a `Later` request", |facts| is_ours(owner(facts)) && facts.sequence == Sequence::Later),
        ("`Ours`, because of an `Earlier` request", |facts| {
            is_ours(owner(facts)) && facts.sequence == Sequence::Earlier
        }),
        ("`Ours`, `Unknown` when, and made long after this Delete was sent", |facts| {
            let is_unknown = facts.sequence == Sequence::Unknown;
            is_ours(owner(facts)) && is_unknown && facts.is_of_later_life == Some(true)
        }),
        ("`Ours`, `Handover::From` another, begun less than two days ago", is_from_another),
        ("`Ours`; AdoptExisting, or `Standing::Found`", |facts| {
            is_ours(owner(facts)) && (facts.gives_back || is_found(owner(facts)))
        }),
        ("`Ours`, `Tags`", |facts| is_ours(owner(facts)) && facts.tracking == Tracking::Tags),
        ("`Ours`, and not set yet", |facts| is_ours(owner(facts)) && facts.exists == Some(false)),
        ("`Ours`", |facts| is_ours(owner(facts))),
        ("`SameStack`, `Handover::From` me", is_from_me),
        ("`SameStack`, `Handover::GivenBack`", |facts| {
            is_of_same_stack(owner(facts)) && has(facts, &Handover::GivenBack)
        }),
        ("`SameStack`, `Foreign`", |facts| is_anothers(owner(facts))),
        ("`Unowned`", is_unowned),
        ("`Unreadable`, and acted on by this Delete before", |facts| {
            is_unreadable(facts) && facts.progress == Progress::Acted
        }),
        ("`Unreadable`", is_unreadable),
    ];
    let (made_by, made_by_any): (Vec<_>, Vec<_>) = delete::samples()
        .into_iter()
        .filter(|facts| facts.target != Target::Resource)
        .partition(|facts| facts.target != Target::MadeByAny);
    check("facts | `MadeBy(R)`", 1, 1, rows, made_by, delete_outcome);
    check("facts | `MadeBy(R)`", 1, 2, rows, made_by_any, delete_outcome);
}

fn met(facts: &CreateFacts) -> Option<&Ownership> {
    match &facts.met {
        Some(Met::Owner(owner)) => Some(owner),
        _ => None,
    }
}

fn is_nobodys(facts: &CreateFacts) -> bool {
    met(facts) == Some(&Ownership::Unowned) || matches!(facts.met, Some(Met::Present(_)))
}

fn is_foreign(facts: &CreateFacts) -> bool {
    matches!(met(facts), Some(Ownership::Foreign { .. }))
}

fn is_setting(facts: &CreateFacts) -> bool {
    !facts.adopts && matches!(facts.tracking, Tracking::ParentTag(_))
}

fn is_untracked(facts: &CreateFacts) -> bool {
    !facts.adopts && facts.tracking == Tracking::Untracked && facts.has_template_id
}

fn is_kept(facts: &CreateFacts) -> bool {
    is_ours(met(facts)) && facts.is_kept && facts.purpose == Purpose::New
}

fn is_absent(facts: &CreateFacts) -> bool {
    facts.comparison == Some(Comparison::Absent)
}

fn is_refused(facts: &CreateFacts) -> bool {
    facts.comparison == Some(Comparison::Refused)
}

#[test]
fn a_create_is_decided_as_its_table_says() {
    let rows: &[Row<CreateFacts>] = &[
        ("AdoptExisting: `Ours`", |facts| facts.adopts && is_ours(met(facts))),
        ("AdoptExisting: `SameStack`", |facts| facts.adopts && is_of_same_stack(met(facts))),
        ("AdoptExisting: `Foreign`", |facts| facts.adopts && is_foreign(facts)),
        ("AdoptExisting: absent or `Unseen`", |facts| {
            facts.adopts
                && (facts.met == Some(Met::Unseen) || is_nobodys(facts) && (is_absent(facts) || is_refused(facts)))
        }),
        ("AdoptExisting: `Unowned`, `Present`", |facts| facts.adopts && is_nobodys(facts)),
        ("`ParentTag`: a fresh Create, and nothing is set", |facts| {
            let is_new = facts.is_first_attempt && facts.purpose == Purpose::New;
            is_setting(facts) && is_new && is_absent(facts) && facts.met.is_none()
        }),
        ("`ParentTag`: Chime refuses to show it; `Unowned`, `SameStack`, or the next row's `Ours`", |facts| {
            let is_asked = is_nobodys(facts) || is_of_same_stack(met(facts)) || is_kept(facts) || is_found(met(facts));
            is_setting(facts) && is_refused(facts) && is_asked
        }),
        ("`ParentTag`: `Ours`; of more than an hour ago in a Create, or `Standing::Found`", |facts| {
            is_setting(facts) && (is_kept(facts) || is_found(met(facts)))
        }),
        ("`ParentTag`: `Ours`", |facts| is_setting(facts) && is_ours(met(facts))),
        ("`ParentTag`: `SameStack`", |facts| is_setting(facts) && is_of_same_stack(met(facts))),
        ("`ParentTag`: `Foreign`", |facts| is_setting(facts) && is_foreign(facts)),
        ("`ParentTag`: `Unowned`, and nothing is set", |facts| {
            is_setting(facts) && is_nobodys(facts) && is_absent(facts)
        }),
        ("`ParentTag`: `Unowned`", |facts| is_setting(facts) && is_nobodys(facts)),
        ("`ParentTag`: `Unseen`", |facts| is_setting(facts) && facts.met == Some(Met::Unseen)),
        ("`Untracked`, named by the template: `Unseen`, no Conflict", |facts| {
            is_untracked(facts) && facts.met == Some(Met::Unseen) && !facts.has_conflict
        }),
        ("`Untracked`, named by the template: `Unseen`, after a Conflict", |facts| {
            is_untracked(facts) && facts.met == Some(Met::Unseen)
        }),
        ("`Untracked`, named by the template: differs in what cannot change", |facts| {
            is_untracked(facts) && facts.comparison == Some(Comparison::Another)
        }),
        ("`Untracked`, named by the template: `Present(Origin::Own)`", |facts| {
            // What bears no note has no owner. If it had one, it would be this resource's.
            is_untracked(facts) && (met(facts).is_some() || facts.met == Some(Met::Present(Origin::Own)))
        }),
        ("`Untracked`, named by the template: `Present(Origin::Foreign)`", is_untracked),
        ("`Tags`, or Chime chooses the id: no Conflict yet", |facts| !facts.has_conflict),
        ("`Tags`, or Chime chooses the id: `Ours`, of more than an hour ago, in a Create", is_kept),
        ("`Tags`, or Chime chooses the id: `Ours`", |facts| is_ours(met(facts))),
        ("`Tags`, or Chime chooses the id: `SameStack`", |facts| is_of_same_stack(met(facts))),
        ("`Tags`, or Chime chooses the id: `Foreign`", is_foreign),
        ("`Tags`, or Chime chooses the id: `Unowned`, after a call without an answer", |facts| {
            is_nobodys(facts) && facts.is_outcome_unknown
        }),
        ("`Tags`, or Chime chooses the id: `Unowned`", is_nobodys),
        ("`Tags`, or Chime chooses the id: `Unseen`", |facts| facts.met == Some(Met::Unseen)),
    ];
    let names = |action| match action {
        CreateAction::Set(note) => vec!["Set".to_owned(), format!("Set({})", variant(&note))],
        CreateAction::Reject(rejection) => vec![format!("Reject({})", variant(&rejection))],
        action => vec![variant(&action)],
    };
    check("| facts | `decide_create`", 2, 2, rows, create::every(), |facts| outcome(decide_create(facts), names));
}

#[test]
fn an_update_is_planned_as_its_table_says() {
    let rows: &[Row<UpdateFacts>] = &[
        ("the id is none of this type's, or the properties name another resource", |facts| {
            !facts.is_id || facts.contradicts_id
        }),
        (
            "AdoptExisting, of less than two days ago and of a tagged resource that gets a new id each time, is gone, and what this logical \
             resource had before still exists",
            |facts| facts.ends_adoption && facts.is_adoption_old == Some(false) && facts.has_former == Some(true),
        ),
        ("the same, it is not found, and other properties of what is older than its note change too", |facts| {
            facts.ends_adoption
                && facts.is_adoption_old == Some(false)
                && facts.has_former == Some(false)
                && facts.changes_adopted
        }),
        ("the previous properties are `Reliable` and name the same resource, and `Resync` is unchanged", |facts| {
            facts.previous == Reliability::Reliable && !facts.contradicts_previous
        }),
        ("otherwise, Chime shows it `AsStated` in what cannot change", |facts| facts.sight == Some(Sight::AsStated)),
        ("`Another`", |facts| facts.sight == Some(Sight::Another)),
        ("`Absent`, `NotFound` or `Refused`; the previous properties named the same resource", |facts| {
            !facts.contradicts_previous
        }),
        ("`Absent` or `NotFound`; they named another", |facts| {
            matches!(facts.sight, Some(Sight::Absent | Sight::NotFound))
        }),
        ("`Refused`; they named another, and it does not exist", |facts| facts.exists == Some(false)),
        ("`Refused`; they named another, and it exists", |facts| facts.exists == Some(true)),
    ];
    check("facts | `plan_update`", 1, 1, rows, update::every(), |facts| {
        outcome(plan_update(facts), |plan| vec![variant(&plan)])
    });
}

#[test]
fn an_absence_is_decided_as_its_table_says() {
    let rows: &[Row<AbsenceFacts>] = &[
        ("lacks it; it was just seen, and the refusal is no 404", |facts| {
            facts.listing == Listing::Lacks && facts.was_seen && facts.refusal != Refusal::NotFound
        }),
        ("cannot be asked because the parent is gone", |facts| facts.listing == Listing::ParentGone),
        ("lacks it", |facts| facts.listing == Listing::Lacks),
        ("holds it, and the refusal was `Forbidden`; or the List is refused too", |facts| {
            facts.refusal == Refusal::Forbidden || facts.listing == Listing::Refused
        }),
        ("holds it", |facts| facts.listing == Listing::Holds),
    ];
    check("`decide_absence`", 1, 1, rows, absence::every(), |facts| {
        let step: Step<(), Absence> = match decide_absence(facts) {
            Absence::LookAgain(wait) => Step::LookAgain(wait),
            absence => Step::Do(absence),
        };
        outcome(step, |absence| vec![variant(&absence)])
    });
}

#[test]
fn a_cleanup_of_what_is_untracked_is_decided_as_its_table_says() {
    let rows: &[Row<UntrackedFacts>] = &[
        ("was removed by this Delete a moment ago", |facts| facts.progress == Progress::JustActed),
        ("fits the properties, and was made in the create's time by its bearer (`Trace::Own`)", |facts| {
            facts.trace == Some(Trace::Own)
        }),
        ("is there otherwise (`Trace::Other`)", |facts| facts.trace == Some(Trace::Other)),
        ("is not shown (`Trace::None`)", |facts| facts.trace == Some(Trace::None)),
        ("cannot be read (`Trace::Refused`)", |facts| facts.trace == Some(Trace::Refused)),
    ];
    check("`decide_untracked`", 1, 1, rows, untracked::every(), |facts| {
        outcome(decide_untracked(facts), |action| vec![variant(&action)])
    });
}

#[test]
fn a_search_is_decided_as_its_table_says() {
    let rows: &[Row<SearchFacts>] = &[
        ("what the create made", |facts| facts.found == Some(Found::Resource)),
        ("nothing, after a thorough search or after something was found before", |facts| {
            let is_done = facts.depth == Depth::Thorough || facts.is_second_search;
            facts.found == Some(Found::Nothing) && is_done
        }),
        ("something unreadable, after a thorough search", |facts| {
            facts.found == Some(Found::Unreadable) && facts.depth == Depth::Thorough
        }),
        ("otherwise", |_| true),
    ];
    check("`decide_search`", 1, 1, rows, search::every(), |facts| {
        outcome(decide_search(facts), |action| vec![variant(&action)])
    });
}
