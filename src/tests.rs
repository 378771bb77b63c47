//! Tests that concern the whole crate: its layout, and its declarations compared with the published service models.

mod decision_tables;
mod identifiers;
mod layout;
mod models;
mod parity;
