//! Parses all lines of a `.env` before any of them becomes a setting.

use dotenvy::Error;

/// Returns the variables of `text` in their order, with `$NAME` replaced.
///
/// # Errors
/// A line that cannot be parsed, or a NUL byte, which no variable can have. More than 256 `$` or 64 KiB of
/// values: `$NAME` can double a value with each line. The message never contains a part of a line.
pub(super) fn read(text: &[u8]) -> Result<Vec<(String, String)>, String> {
    if let Some(at) = text.iter().position(|byte| *byte == 0) {
        let before = text.iter().take(at).filter(|byte| **byte == b'\n').count();
        let number = before.saturating_add(1);
        return Err(format!(
            "line {number} holds a NUL byte: save the file as UTF-8 text"
        ));
    }
    if text.iter().filter(|byte| **byte == b'$').count() > MAX_SUBSTITUTIONS {
        return Err(format!("it holds more than {MAX_SUBSTITUTIONS} `$`"));
    }
    let mut length = 0_usize;
    let mut variables = Vec::new();
    for variable in dotenvy::from_read_iter(text.strip_prefix(BOM).unwrap_or(text)) {
        let (name, value) = variable.map_err(|error| refusal(text, &error))?;
        length = length.saturating_add(value.len());
        if length > MAX_LENGTH {
            return Err(format!(
                "{name} makes its values longer than 64 KiB: replace `$NAME` by what it stands for"
            ));
        }
        variables.push((name, value));
    }
    Ok(variables)
}

/// Writes variables as lines without `$NAME`.
pub(super) fn write(variables: &[(String, String)]) -> String {
    let mut text = String::new();
    for (name, value) in variables {
        text.push_str(name);
        text.push_str("=\"");
        for character in value.chars() {
            if matches!(character, '\\' | '"' | '$') {
                text.push('\\');
            }
            text.push(character);
        }
        text.push_str("\"\n");
    }
    text
}

fn refusal(text: &[u8], error: &Error) -> String {
    match error {
        Error::LineParse(line, position) => {
            let number = line_number(text, line);
            format!(
                "line {number} cannot be read (at character {position}): write NAME=value, with \
                 'single quotes' around a value with spaces or #"
            )
        }
        Error::Io(error) => error.kind().to_string(),
        _ => "write one NAME=value a line".to_owned(),
    }
}

/// Finds the number of a line. `dotenvy` reports a part of the line instead, which may be a secret.
fn line_number(text: &[u8], line: &str) -> String {
    let text = String::from_utf8_lossy(text);
    let found = text
        .lines()
        .position(|found| !line.trim().is_empty() && found.contains(line));
    found.map_or_else(
        || "?".to_owned(),
        |index| index.saturating_add(1).to_string(),
    )
}

const BOM: &[u8] = b"\xef\xbb\xbf";
const MAX_LENGTH: usize = 64 * 1024;
const MAX_SUBSTITUTIONS: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w32_a_line_that_cannot_be_read_is_named_without_its_content() {
        for (text, line) in [
            ("A=1\nB='canary", "line 2"),
            ("A=1\n\nB=can ary", "line 3"),
            ("A=1\nB=can\\xary", "line 2"),
            ("A=1\nB=\0canary", "line 2 holds a NUL byte"),
            ("\0canary=1", "line 1 holds a NUL byte"),
            ("A=1\n1canary=2", "line 2"),
        ] {
            let said = read(text.as_bytes()).unwrap_err();
            assert!(said.contains(line), "{text:?}: {said}");
            assert!(!said.contains("ary"), "{text:?}: {said}");
        }
        assert!(read(b"A=\xff").is_err());
    }

    #[test]
    fn w32_values_that_double_with_each_line_are_refused() {
        let mut text = format!("A0={}\n", "x".repeat(32));
        for line in 1_usize..=24 {
            let before = line.saturating_sub(1);
            text.push_str(&format!("A{line}=$A{before}$A{before}\n"));
        }
        assert!(read(text.as_bytes()).unwrap_err().contains("64 KiB"));
        let many = format!("A=1\nB={}\n", "$A".repeat(257));
        assert!(read(many.as_bytes()).unwrap_err().contains("256"));
    }

    #[test]
    fn what_is_written_is_read_as_the_same() {
        let text = b"\xef\xbb\xbfA='1 $x \\ \"'\nB=\"two\nlines\"\nexport C=$A-\nD=\nE=\\$A # 1\nF=it\\'s\n";
        let variables = read(text).unwrap();
        let values: Vec<_> = variables.iter().map(|(_, value)| value.as_str()).collect();
        let first = "1 $x \\ \"";
        assert_eq!(
            values,
            [first, "two\nlines", &format!("{first}-"), "", "$A", "it's"]
        );
        assert_eq!(read(write(&variables).as_bytes()).unwrap(), variables);
    }

    proptest::proptest! {
        #[test]
        fn any_value_is_written_as_it_was_read(values in proptest::collection::vec("[^\0]{0,12}", 0..4)) {
            let variables: Vec<_> = (0..).zip(&values)
                .map(|(at, value)| (format!("A{at}"), value.clone())).collect();
            if values.concat().matches('$').count() == 0 {
                proptest::prop_assert_eq!(read(write(&variables).as_bytes()).unwrap(), variables);
            }
        }
    }
}
