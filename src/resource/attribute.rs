//! What `Fn::GetAtt` gives, and what a create and an update come to.

/// What `Fn::GetAtt` gives by one name.
#[derive(Debug)]
pub struct Attribute<Id, P> {
    /// The name.
    pub name: &'static str,
    /// What it is, for the reference.
    pub doc: &'static str,
    /// Where it comes from.
    pub value: Gives<Id, P>,
}

impl<Id, P> Attribute<Id, P> {
    /// One that the physical id says.
    pub const fn of_id(name: &'static str, doc: &'static str, value: fn(&Id) -> String) -> Self {
        Self { name, doc, value: Gives::Id(value) }
    }

    /// One that the physical id says of some things of the type.
    pub const fn of_some_ids(name: &'static str, doc: &'static str, value: fn(&Id) -> Option<String>) -> Self {
        Self { name, doc, value: Gives::IdOfSome(value) }
    }

    /// One that the properties say.
    pub const fn of_properties(name: &'static str, doc: &'static str, value: fn(&P) -> String) -> Self {
        Self { name, doc, value: Gives::Property(value) }
    }

    /// One that Chime alone knows.
    pub const fn told(name: &'static str, doc: &'static str) -> Self {
        Self { name, doc, value: Gives::Told }
    }
}

/// Where the value of an attribute comes from.
#[derive(Debug)]
pub enum Gives<Id, P> {
    /// From the physical id.
    Id(fn(&Id) -> String),
    /// From the physical id, if it has it.
    IdOfSome(fn(&Id) -> Option<String>),
    /// From the properties.
    Property(fn(&P) -> String),
    /// From Chime: [`Live::told`] has it, if things of this kind have one.
    Told,
}

/// A thing that exists.
#[derive(Clone, Debug)]
pub struct Live<Id> {
    /// The physical id.
    pub id: Id,
    /// The attributes that only Chime knows, by name.
    pub told: Vec<(&'static str, String)>,
}

impl<Id> Live<Id> {
    /// A thing of which the id and the properties say all.
    pub fn new(id: Id) -> Self {
        Self { id, told: Vec::new() }
    }

    /// The same, with an attribute that Chime told; empty where it told none.
    #[must_use]
    pub fn with(mut self, attribute: &'static str, value: Option<&str>) -> Self {
        self.told.push((attribute, value.unwrap_or_default().to_owned()));
        self
    }
}
