//! Attributes for `Fn::GetAtt`, and the results of a create or update.

/// One attribute for `Fn::GetAtt`.
#[derive(Debug)]
pub struct Attribute<Id, P> {
    /// The name.
    pub name: &'static str,
    /// The description in the reference.
    pub doc: &'static str,
    /// Where its value comes from.
    pub source: AttributeSource<Id, P>,
}

impl<Id, P> Attribute<Id, P> {
    /// An attribute that the physical id contains.
    pub const fn of_id(name: &'static str, doc: &'static str, value: fn(&Id) -> String) -> Self {
        Self { name, doc, source: AttributeSource::Id(value) }
    }

    /// An attribute that the properties contain.
    pub const fn of_properties(name: &'static str, doc: &'static str, value: fn(&P) -> String) -> Self {
        Self { name, doc, source: AttributeSource::Properties(value) }
    }

    /// An attribute that only Chime knows.
    pub const fn observed(name: &'static str, doc: &'static str) -> Self {
        Self { name, doc, source: AttributeSource::Chime }
    }
}

/// Where the value of an attribute comes from.
#[derive(Debug)]
pub enum AttributeSource<Id, P> {
    /// The physical id.
    Id(fn(&Id) -> String),
    /// The properties.
    Properties(fn(&P) -> String),
    /// Chime. The value is in [`Provisioned::observed`].
    Chime,
}

/// An existing resource.
#[derive(Clone, Debug)]
pub struct Provisioned<Id> {
    /// The physical id.
    pub id: Id,
    /// The attributes that only Chime knows, by name.
    pub observed: Vec<(&'static str, String)>,
}

impl<Id> Provisioned<Id> {
    /// A resource whose attributes all follow from its id and properties.
    pub fn new(id: Id) -> Self {
        Self { id, observed: Vec::new() }
    }

    /// Adds an attribute that Chime has shown. It is empty if Chime has not shown it.
    #[must_use]
    pub fn with(mut self, attribute: &'static str, value: Option<&str>) -> Self {
        self.observed.push((attribute, value.unwrap_or_default().to_owned()));
        self
    }
}
