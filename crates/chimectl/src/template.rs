//! `template.yaml`, with some of its lines replaced: a copy that is kept in step by hand would not be.

/// The template that users deploy.
const TEMPLATE: &str = include_str!("../../../template.yaml");

/// The template with other lines in it.
///
/// # Errors
/// One of those that are to be replaced does not stand there once.
pub fn filled(replacements: &[(&str, String)]) -> Result<String, String> {
    let mut template = TEMPLATE.to_owned();
    for (lines, replacement) in replacements {
        if template.matches(lines).count() != 1 {
            return Err(format!("template.yaml does not say {:?} once", lines.trim()));
        }
        template = template.replace(lines, replacement);
    }
    Ok(template)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_not_there_once_are_told() {
        let no = String::new;
        assert_eq!(
            filled(&[("  Nothing: here\n", no())]),
            Err("template.yaml does not say \"Nothing: here\" once".to_owned())
        );
        assert!(filled(&[("Type: ", no())]).is_err());
        assert!(
            filled(&[("CodeUri: .\n", "CodeUri: s3://a/b\n".to_owned())]).is_ok_and(|text| text.contains("s3://a/b"))
        );
    }
}
