//! `template.yaml` with some lines replaced. A second template would have to be kept in step by hand.

/// The template that users deploy.
const TEMPLATE: &str = include_str!("../../../template.yaml");

/// The template with replaced lines.
///
/// # Errors
/// The template does not have the lines to replace exactly once.
pub fn filled(replacements: &[(&str, String)]) -> Result<String, String> {
    let mut template = TEMPLATE.to_owned();
    for (lines, replacement) in replacements {
        if template.matches(lines).count() != 1 {
            return Err(format!("template.yaml does not have {:?} exactly once", lines.trim()));
        }
        template = template.replace(lines, replacement);
    }
    Ok(template)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_not_there_exactly_once_are_an_error() {
        let no = String::new;
        assert_eq!(
            filled(&[("  Nothing: here\n", no())]),
            Err("template.yaml does not have \"Nothing: here\" exactly once".to_owned())
        );
        assert!(filled(&[("Type: ", no())]).is_err());
        assert!(
            filled(&[("CodeUri: .\n", "CodeUri: s3://a/b\n".to_owned())]).is_ok_and(|text| text.contains("s3://a/b"))
        );
    }
}
