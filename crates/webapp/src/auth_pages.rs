//! The pages of `aad-auth` (refused sign-ins, signed out, forbidden) in this site's layout.

use aad_auth::{
    User,
    pages::{PageModel, Pages},
};
use actix_web::HttpRequest;

use crate::{
    pages::{Layout, Site, Viewer, message},
    views::Views,
};

/// Renders the pages of `aad-auth` with `message.html`.
pub struct AuthPages {
    site: Site,
    views: Views,
}

impl AuthPages {
    /// Renders for one site.
    pub const fn new(site: Site, views: Views) -> Self {
        Self { site, views }
    }
}

impl Pages for AuthPages {
    fn render(&self, page: &PageModel, request: &HttpRequest) -> Option<String> {
        let user = User::known(request);
        let message = message::of_auth(page, self.site.now());
        let viewer = Viewer::new(user.as_ref());
        let layout = Layout::new(&self.site, request, viewer, message.title(), None);
        self.views
            .render("message.html", &layout, &message)
            .inspect_err(|error| tracing::error!(%error, "a page could not be rendered"))
            .ok()
    }
}
