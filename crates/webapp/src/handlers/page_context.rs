//! What handlers need to answer with a page.

use std::future::{Ready, ready};

use aad_auth::{User, store::StoreError};
use actix_session::SessionExt;
use actix_web::{
    Error, FromRequest, HttpRequest, HttpResponse, dev::Payload, error::ErrorInternalServerError,
    http::StatusCode, web::Data,
};
use serde::Serialize;

use crate::{
    error_pages::html,
    notices,
    pages::{Layout, Site, Viewer, layout::Section},
    views::Views,
};

/// The request, the site and the templates: renders a page in the layout.
pub struct PageContext {
    request: HttpRequest,
    /// Facts about the site.
    pub site: Data<Site>,
    views: Data<Views>,
}

impl PageContext {
    /// Renders a template in the layout, with the notices that wait for the user.
    pub fn page(
        &self,
        template: &str,
        title: &str,
        section: Option<Section>,
        user: Option<&User>,
        page: &impl Serialize,
    ) -> HttpResponse {
        let mut viewer = Viewer::new(user);
        viewer.notices = notices::take_notices(&self.request.get_session());
        let layout = Layout::new(&self.site, &self.request, viewer, title, section);
        html(StatusCode::OK, self.views.render(template, &layout, page))
    }

    /// Answers 503 while the session store fails. `error_pages` adds the page.
    pub fn store_down(&self, error: StoreError) -> HttpResponse {
        tracing::error!(%error, "a page needs the session store");
        HttpResponse::ServiceUnavailable().finish()
    }
}

impl FromRequest for PageContext {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parts = request
            .app_data::<Data<Site>>()
            .zip(request.app_data::<Data<Views>>());
        ready(match parts {
            Some((site, views)) => Ok(Self {
                request: request.clone(),
                site: site.clone(),
                views: views.clone(),
            }),
            None => Err(ErrorInternalServerError(
                "app.rs does not register the site and the templates",
            )),
        })
    }
}
