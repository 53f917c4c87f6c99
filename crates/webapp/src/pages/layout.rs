//! The layout of every page: top bar, account menu, notices, footer.

use aad_auth::{Auth, User};
use actix_web::{HttpRequest, web::Data};
use serde::{Deserialize, Serialize};

use super::{
    Person, Site,
    site::Link,
    theme::{Theme, ThemeChoice},
};
use crate::assets::AssetUrls;

/// The name on every page.
pub const PRODUCT: &str = "aad-auth";

/// The user of a page and the notices for them.
#[derive(Clone, Debug, Default)]
pub struct Viewer {
    /// `None` where no user is signed in.
    pub person: Option<Person>,
    /// Messages after a form, each shown once.
    pub notices: Vec<Notice>,
}

/// A message after a form, shown once.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Notice {
    /// `success`, `info`, `warning` or `danger`.
    pub kind: String,
    /// One sentence.
    pub text: String,
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
    /// Colours, buttons, cards and messages; linked before the application's own sheet.
    style_sheet: Option<String>,
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
struct RedirectUri {
    uri: String,
    registration: Option<Link>,
}

impl Viewer {
    /// The user of a request, without notices.
    pub fn new(user: Option<&User>) -> Self {
        Self {
            person: user.map(Person::of),
            notices: Vec::new(),
        }
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
    /// The layout of the page that `request` asks for.
    pub fn new(
        site: &Site,
        request: &HttpRequest,
        viewer: Viewer,
        title: impl Into<String>,
        section: Option<Section>,
    ) -> Self {
        let theme = Theme::of(request);
        let path = site.page_of(request);
        let shows_redirect_uri = viewer.person.is_none() || site.emulator.is_some();
        Self {
            product: PRODUCT,
            version: env!("CARGO_PKG_VERSION"),
            title: title.into(),
            base: site.base_url.path().to_owned(),
            style_sheet: request
                .app_data::<Data<Auth>>()
                .map(|auth| auth.style_sheet()),
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
            themes: theme.choices(),
            redirect_uri: shows_redirect_uri.then(|| RedirectUri {
                uri: site.redirect_uri.clone(),
                registration: site.registration.clone(),
            }),
        }
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
