//! What goes back: the answer, who may have it, and what must not be in it.

pub mod callback;
pub mod destination;
pub mod redaction;
pub mod response;
