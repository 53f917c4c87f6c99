//! The colour scheme that a user has chosen for the pages.

use actix_web::HttpRequest;
use serde::Serialize;

/// The colour scheme of the pages in one browser.
///
/// It has a cookie of its own, so that it outlives the session and needs none.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Theme {
    /// The scheme of the operating system.
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

#[derive(Serialize)]
pub(super) struct ThemeChoice {
    value: &'static str,
    label: &'static str,
    chosen: bool,
}

impl Theme {
    /// The cookie's name.
    pub const COOKIE: &str = "theme";
    const ALL: [(Self, &str, &str); 3] = [
        (Self::Auto, "auto", "Auto"),
        (Self::Light, "light", "Light"),
        (Self::Dark, "dark", "Dark"),
    ];

    /// Reads the value of a form or cookie; any other value is [`Theme::Auto`].
    pub fn parse(value: &str) -> Self {
        let found = Self::ALL.into_iter().find(|(_, text, _)| *text == value);
        found.map_or(Self::Auto, |(theme, ..)| theme)
    }

    /// The value for a cookie.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The buttons of the switch.
    pub(super) fn choices(self) -> Vec<ThemeChoice> {
        let choices = Self::ALL.into_iter();
        choices
            .map(|(choice, value, label)| ThemeChoice {
                value,
                label,
                chosen: choice == self,
            })
            .collect()
    }

    /// The theme in a request's cookie.
    pub(super) fn of(request: &HttpRequest) -> Self {
        request
            .cookie(Self::COOKIE)
            .map_or(Self::Auto, |cookie| Self::parse(cookie.value()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_any_other_value_of_the_theme_cookie() {
        for value in ["", "DARK", "\"><script>", "blue"] {
            assert_eq!(Theme::parse(value), Theme::Auto);
        }
        assert_eq!(Theme::parse("dark"), Theme::Dark);
    }
}
