//! The calls that carry out what is decided.

mod absence;
mod create;
mod delete;
mod untracked;
mod update;
