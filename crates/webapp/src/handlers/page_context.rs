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

/// What every handler needs to answer with a page.
pub struct Desk {
    request: HttpRequest,
    /// What pages know about the site.
    pub site: Data<Site>,
    views: Data<Views>,
}

impl Desk {
    /// A page for `user`.
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

    /// 503: the store does not answer. The page comes from `error_pages`.
    pub fn store_down(&self, error: StoreError) -> HttpResponse {
        tracing::error!(%error, "a page needs the session store");
        HttpResponse::ServiceUnavailable().finish()
    }
}

impl FromRequest for Desk {
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
                "app.rs does not register the site",
            )),
        })
    }
}
