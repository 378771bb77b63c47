//! What holds for the whole house: its layout, and its declarations beside the published service models.

mod layout;
mod models;
mod parity;
