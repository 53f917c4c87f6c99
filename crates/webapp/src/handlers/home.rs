use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};

use crate::{
    error_pages::html,
    pages::{Layout, Site, Viewer, home::Home, layout::Section},
    views::Views,
};

/// The state in one sentence.
pub async fn home(request: HttpRequest, site: Data<Site>, views: Data<Views>) -> HttpResponse {
    let page = Home {
        session: None,
        provider: site.provider.clone(),
    };
    let viewer = Viewer::default();
    let layout = Layout::new(&site, &request, viewer, "Status", Some(Section::Status));
    html(StatusCode::OK, views.render("home.html", &layout, &page))
}
