//! Carries out the decisions: the calls behind each action.

mod absence;
mod adopt;
mod clean_up;
mod create;
mod delete;
mod readiness;
mod rejection;
mod replacement;
mod search;
mod setting;
mod untracked;
mod update;
