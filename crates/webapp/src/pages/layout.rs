//! What surrounds every page: top bar, person menu, notices, footer.

use aad_auth::User;
use actix_web::HttpRequest;
use serde::{Deserialize, Serialize};

use super::Site;
use crate::assets::AssetUrls;

const PRODUCT: &str = "aad-auth";

/// Who looks at the page.
#[derive(Clone, Debug, Default)]
pub struct Viewer {
    /// The signed-in person.
    pub person: Option<Person>,
    /// What is to be said once, after a POST.
    pub notices: Vec<Notice>,
}

/// The signed-in person, for display only.
#[derive(Clone, Serialize)]
pub struct Person {
    name: String,
    initials: String,
    username: Option<String>,
    tenant: String,
}

/// Something to be said once.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Notice {
    /// `success`, `info`, `warning` or `danger`.
    pub kind: String,
    /// A sentence.
    pub text: String,
}

/// A link with its words.
#[derive(Clone, Debug, Serialize)]
pub struct Link {
    /// The words.
    pub label: String,
    /// The address.
    pub href: String,
}

/// The sections of the top bar.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Section {
    /// Home.
    Status,
    /// All claims.
    Token,
    /// Calls of Microsoft Graph.
    Graph,
    /// Groups of the user.
    Groups,
    /// Sessions of the user.
    Sessions,
}

/// The data of `base.html`.
#[derive(Serialize)]
pub struct Layout {
    product: &'static str,
    version: &'static str,
    title: String,
    base: String,
    path: String,
    assets: AssetUrls,
    emulator: Option<String>,
    sections: Vec<SectionLink>,
    person: Option<Person>,
    links: Links,
    notices: Vec<Notice>,
    theme: Option<&'static str>,
    themes: Vec<ThemeChoice>,
    redirect_uri: Option<RedirectUri>,
}

#[derive(Serialize)]
struct SectionLink {
    label: &'static str,
    href: String,
    current: bool,
}

#[derive(Serialize)]
struct Links {
    sign_in: String,
    switch_account: String,
    edit_profile: Option<String>,
    sign_out: String,
}

#[derive(Serialize)]
struct ThemeChoice {
    value: &'static str,
    label: &'static str,
    chosen: bool,
}

#[derive(Serialize)]
struct RedirectUri {
    uri: String,
    registration: Option<Link>,
}

/// How the pages look: a wish of this browser, kept in a cookie of its own so that it outlives
/// the session and needs none.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Theme {
    /// As the system says.
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Viewer {
    /// The signed-in user, or nobody.
    pub fn new(user: Option<&User>) -> Self {
        Self {
            person: user.map(Person::of),
            notices: Vec::new(),
        }
    }
}

impl Theme {
    /// The cookie's name.
    pub const COOKIE: &str = "theme";
    const ALL: [(Self, &str, &str); 3] = [
        (Self::Auto, "auto", "Auto"),
        (Self::Light, "light", "Light"),
        (Self::Dark, "dark", "Dark"),
    ];

    /// From a form or cookie; anything else is [`Theme::Auto`].
    pub fn parse(value: &str) -> Self {
        let found = Self::ALL.into_iter().find(|(_, text, _)| *text == value);
        found.map_or(Self::Auto, |(theme, ..)| theme)
    }

    /// For a cookie.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn of(request: &HttpRequest) -> Self {
        request
            .cookie(Self::COOKIE)
            .map_or(Self::Auto, |cookie| Self::parse(cookie.value()))
    }
}

impl Section {
    const ALL: [(Self, &str, &str); 5] = [
        (Self::Status, "Status", "/"),
        (Self::Token, "Token", "/token_details"),
        (Self::Graph, "Graph", "/call_ms_graph"),
        (Self::Groups, "Groups", "/groups"),
        (Self::Sessions, "Sessions", "/sessions"),
    ];
}

impl Layout {
    /// The surroundings of the page `request` asks for.
    pub fn new(
        site: &Site,
        request: &HttpRequest,
        viewer: Viewer,
        title: impl Into<String>,
        section: Option<Section>,
    ) -> Self {
        let theme = Theme::of(request);
        let path = site.page_of(request);
        let helps = viewer.person.is_none() || site.emulator.is_some();
        Self {
            product: PRODUCT,
            version: env!("CARGO_PKG_VERSION"),
            title: title.into(),
            base: site.base_url.path().to_owned(),
            assets: site.assets.clone(),
            emulator: site.emulator.clone(),
            sections: sections(site, section),
            links: Links {
                sign_in: site.sign_in_href(&path),
                switch_account: format!("{}&prompt=select_account", site.sign_in_href(&path)),
                edit_profile: site.edit_profile_href(&path),
                sign_out: site.auth_href("/sign_out"),
            },
            path: site.base_url.external(&path).as_str().to_owned(),
            person: viewer.person,
            notices: viewer.notices,
            theme: (theme != Theme::Auto).then_some(theme.as_str()),
            themes: Theme::ALL
                .into_iter()
                .map(|(choice, value, label)| ThemeChoice {
                    value,
                    label,
                    chosen: choice == theme,
                })
                .collect(),
            redirect_uri: helps.then(|| RedirectUri {
                uri: site.redirect_uri.clone(),
                registration: site.registration.clone(),
            }),
        }
    }
}

impl Person {
    /// The signed-in user. The tenant is shown by its id, or at other providers by the issuer.
    pub fn of(user: &User) -> Self {
        let issuer = || match user.issuer().split_once("://") {
            Some((_, rest)) => rest,
            None => user.issuer(),
        };
        let tenant = user.tid().unwrap_or_else(issuer);
        Self::new(user.name().as_str(), user.user_name(), tenant)
    }

    /// A person by the name to show, the user name, and the tenant's name or id.
    pub fn new(name: &str, username: Option<&str>, tenant: &str) -> Self {
        Self {
            name: name.to_owned(),
            initials: initials(name),
            username: username.filter(|text| *text != name).map(str::to_owned),
            tenant: tenant.to_owned(),
        }
    }
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[personal]")
    }
}

/// The first letters of the first and last word, as capitals; `?` when there are none.
pub fn initials(name: &str) -> String {
    let mut words = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    let letters: String = first
        .into_iter()
        .chain(last)
        .flat_map(char::to_uppercase)
        .collect();
    if letters.is_empty() {
        "?".to_owned()
    } else {
        letters
    }
}

fn sections(site: &Site, current: Option<Section>) -> Vec<SectionLink> {
    Section::ALL
        .into_iter()
        .map(|(section, label, path)| SectionLink {
            label,
            href: site.href(path),
            current: Some(section) == current,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_of_any_name() {
        for (name, expected) in [
            ("Adele Vance", "AV"),
            ("ada", "A"),
            ("Jean-Luc van den Berg", "JB"),
            ("\"<b>\" Ünal", "BÜ"),
            ("  ", "?"),
            ("李 明", "李明"),
        ] {
            assert_eq!(initials(name), expected);
        }
    }

    #[test]
    fn a_theme_cookie_of_a_stranger_is_auto() {
        for value in ["", "DARK", "\"><script>", "blue"] {
            assert_eq!(Theme::parse(value), Theme::Auto);
        }
        assert_eq!(Theme::parse("dark"), Theme::Dark);
    }
}
