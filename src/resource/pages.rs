//! A List of a parent, page by page.

/// A page of a List.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// What is on it.
    pub things: Vec<Listed>,
    /// What leads to the next; `None` on the last.
    pub next_token: Option<String>,
}

impl Page {
    /// A page with these ids and names. A List's member without an id is of no use to anybody.
    pub fn of<'a>(things: impl Iterator<Item = (Option<&'a str>, Option<&'a str>)>, next_token: Option<&str>) -> Self {
        let listed = |(id, name): (Option<&str>, Option<&str>)| {
            Some(Listed { id: id?.to_owned(), name: name.map(str::to_owned) })
        };
        let next_token = next_token.filter(|token| !token.is_empty()).map(str::to_owned);
        Self { things: things.filter_map(listed).collect(), next_token }
    }

    /// A page of what is known by a path behind `parent`, and by what it is there.
    pub fn of_paths<'a>(
        parent: &str,
        path: &str,
        things: impl Iterator<Item = &'a str>,
        next_token: Option<&str>,
    ) -> Self {
        let ids: Vec<String> = things.map(|thing| format!("{parent}/{path}/{thing}")).collect();
        Self::of(ids.iter().map(|id| (Some(id.as_str()), None)), next_token)
    }
}

/// One thing on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its physical id.
    pub id: String,
    /// Its name, if it has one and the List says it.
    pub name: Option<String>,
}
