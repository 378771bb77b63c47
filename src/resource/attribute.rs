//! What `Fn::GetAtt` gives, and what a create and an update come to.

/// What `Fn::GetAtt` gives by one name.
#[derive(Debug)]
pub struct Attribute<Id, P> {
    /// The name.
    pub name: &'static str,
    /// What it is, for the reference.
    pub doc: &'static str,
    /// Where it comes from.
    pub source: AttributeSource<Id, P>,
}

impl<Id, P> Attribute<Id, P> {
    /// One that follows from the physical id.
    pub const fn of_id(name: &'static str, doc: &'static str, value: fn(&Id) -> String) -> Self {
        Self { name, doc, source: AttributeSource::Id(value) }
    }

    /// One that follows from the properties.
    pub const fn of_properties(name: &'static str, doc: &'static str, value: fn(&P) -> String) -> Self {
        Self { name, doc, source: AttributeSource::Properties(value) }
    }

    /// One that Chime alone knows.
    pub const fn observed(name: &'static str, doc: &'static str) -> Self {
        Self { name, doc, source: AttributeSource::Chime }
    }
}

/// Where the value of an attribute comes from.
#[derive(Debug)]
pub enum AttributeSource<Id, P> {
    /// From the physical id.
    Id(fn(&Id) -> String),
    /// From the properties.
    Properties(fn(&P) -> String),
    /// From Chime: [`Provisioned::observed`] has it.
    Chime,
}

/// A resource that exists.
#[derive(Clone, Debug)]
pub struct Provisioned<Id> {
    /// The physical id.
    pub id: Id,
    /// The attributes that only Chime knows, by name.
    pub observed: Vec<(&'static str, String)>,
}

impl<Id> Provisioned<Id> {
    /// A resource of which the id and the properties say all.
    pub fn new(id: Id) -> Self {
        Self { id, observed: Vec::new() }
    }

    /// The same, with an attribute that Chime has shown; empty where it has shown none.
    #[must_use]
    pub fn with(mut self, attribute: &'static str, value: Option<&str>) -> Self {
        self.observed.push((attribute, value.unwrap_or_default().to_owned()));
        self
    }
}
