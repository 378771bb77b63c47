//! The calls that carry out what is decided.

mod absence;
mod adopt;
mod create;
mod delete;
mod rejection;
mod setting;
mod untracked;
mod update;
