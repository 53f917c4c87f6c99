//! Writes the style sheet: the colours, then the rules of `pages.css`.

use std::fmt::Write as _;

use super::{colour::Colour, palette::palette};

/// The style sheet of the pages, with the application's accent.
///
/// Browsers without `light-dark()` (before 2024) take the colours of the system's scheme. The others take
/// those of `color-scheme`, so that an application's own switch can set it.
pub(super) fn style_sheet(accent: Option<Colour>) -> String {
    let (mut light, mut dark, mut both) = (String::new(), String::new(), String::new());
    for token in palette(accent) {
        let name = token.name;
        // Writing to a string does not fail.
        let _ = write!(light, "--{name}:{};", token.light);
        let _ = write!(dark, "--{name}:{};", token.dark);
        let _ = write!(both, "--{name}:light-dark({},{});", token.light, token.dark);
    }
    format!(
        ":root{{color-scheme:light dark;{light}}}\n\
         @media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n\
         @supports (color:light-dark(#000,#fff)){{:root{{{both}}}}}\n\
         {RULES}"
    )
}

const RULES: &str = include_str!("pages.css");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_are_balanced_and_nothing_is_loaded_from_elsewhere() {
        for accent in [None, Colour::parse("#0b5394")] {
            let text = style_sheet(accent);
            let count = |character| text.matches(character).count();
            assert_eq!(count('{'), count('}'));
            for foreign in ["url(", "@import", "http:", "https:", "<"] {
                assert!(!text.contains(foreign), "{foreign}");
            }
        }
    }

    #[test]
    fn every_colour_that_a_rule_uses_is_defined() {
        let text = style_sheet(None);
        for used in RULES.split("var(--").skip(1) {
            let name = used.split([')', ',']).next().unwrap();
            assert!(text.contains(&format!("--{name}:")), "{name}");
        }
    }
}
