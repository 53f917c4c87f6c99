//! The HTML of the crate's own pages. All styles and scripts are files of [`PageAssets`].

use super::{
    html::{escape, push_element},
    look::PageAssets,
    model::PageModel,
    page_parts::{push_actions, push_mark, push_support},
};

/// Writes pages of one instance.
pub(in crate::web) struct PageWriter<'a> {
    /// The addresses of the files.
    pub(in crate::web) assets: &'a PageAssets,
    /// The route prefix as browsers see it, such as `/portal/auth`.
    pub(in crate::web) prefix: String,
}

impl PageWriter<'_> {
    /// The page of a model.
    pub(in crate::web) fn page(&self, page: &PageModel) -> String {
        let mut html = String::with_capacity(4096);
        self.begin(&mut html, &page.title, "");
        push_mark(&mut html, page.kind);
        push_element(&mut html, "h1", &page.title);
        push_element(&mut html, "p", &page.message);
        push_actions(&mut html, &page.actions);
        if let Some(advice) = &page.advice {
            html.push_str("<p class=\"muted\">");
            escape(&mut html, advice);
            html.push_str("</p>");
        }
        if let Some(support) = &page.support {
            push_support(&mut html, support);
        }
        html.push_str(END);
        html
    }

    /// A page that leads on by itself: `head` and `content` are HTML, and the script is loaded last.
    pub(in crate::web) fn interstitial(&self, head: &str, content: &str) -> String {
        let mut html = String::with_capacity(content.len() + 2048);
        self.begin(&mut html, "One moment", head);
        html.push_str("<h1>One moment</h1>");
        html.push_str(content);
        html.push_str("<script src=\"");
        self.push_address(&mut html, &self.assets.script.route());
        html.push_str("\"></script>");
        html.push_str(END);
        html
    }

    fn begin(&self, html: &mut String, title: &str, further_head: &str) {
        html.push_str(
            "<!doctype html><html lang=\"en-GB\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>",
        );
        escape(html, title);
        if let Some(product) = &self.assets.product {
            html.push_str(" \u{b7} ");
            escape(html, product);
        }
        html.push_str("</title><link rel=\"stylesheet\" href=\"");
        self.push_address(html, &self.assets.style_sheet.route());
        html.push_str("\">");
        if let Some(logo) = &self.assets.logo {
            html.push_str("<link rel=\"icon\" href=\"");
            self.push_address(html, &logo.route());
            html.push_str("\">");
        }
        html.push_str(further_head);
        html.push_str("</head><body class=\"alone\">");
        self.push_identity(html);
        html.push_str("<main class=\"wrap\"><article class=\"message card\">");
    }

    /// Logo and product name; nothing where the application has set neither.
    fn push_identity(&self, html: &mut String) {
        let (logo, product) = (&self.assets.logo, &self.assets.product);
        if logo.is_none() && product.is_none() {
            return;
        }
        html.push_str("<header class=\"identity\">");
        if let Some(logo) = logo {
            html.push_str("<img height=\"40\" alt=\"");
            // Beside the name the image would only repeat it.
            html.push_str(if product.is_some() { "" } else { "Logo" });
            html.push_str("\" src=\"");
            self.push_address(html, &logo.route());
            html.push_str("\">");
        }
        if let Some(product) = product {
            push_element(html, "span", product);
        }
        html.push_str("</header>");
    }

    fn push_address(&self, html: &mut String, route: &str) {
        escape(html, &self.prefix);
        escape(html, route);
    }
}

const END: &str = "</article></main></body></html>";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::{
        Look,
        pages::{Action, PageKind, Support},
    };

    fn full_page() -> PageModel {
        let mut page = PageModel::new(PageKind::SignInFailed, 400, "<t>", "<m>")
            .action(Action::link("<l>", "\"><script>"))
            .action(Action::post("<b>", "\"><script>"));
        page.advice = Some("<a>".to_owned());
        page.support = Some(Support {
            reference: "<r>".to_owned(),
            code: "<c>".to_owned(),
            correlation_id: Some("<i>".to_owned()),
            trace_id: None,
            remedy: None,
            provider_codes: vec!["<p>".to_owned()],
            time: 0,
        });
        page
    }

    fn written(look: &Look, page: &PageModel) -> String {
        let assets = PageAssets::new(look).unwrap_or_else(|error| panic!("{error}"));
        let writer = PageWriter {
            assets: &assets,
            prefix: "/auth".to_owned(),
        };
        writer.page(page)
    }

    #[test]
    fn markup_is_escaped_everywhere() {
        let html = written(&Look::new().product("<n>"), &full_page());
        for raw in [
            "<t>", "<m>", "<l>", "<b>", "<script>", "<a>", "<r>", "<c>", "<i>", "<n>",
        ] {
            assert!(!html.contains(raw), "{raw}");
        }
        assert_eq!(html.matches("&lt;n&gt;").count(), 2, "title and header");
    }

    #[test]
    fn no_page_has_inline_style_or_script() {
        let svg = "<svg xmlns='http://www.w3.org/2000/svg'/>";
        let look = Look::new().product("Contoso").logo("image/svg+xml", svg);
        let html = written(&look, &full_page());
        for inline in [
            "<style",
            " style=",
            "<script",
            " onclick=",
            "javascript:",
            "data:",
        ] {
            assert!(!html.contains(inline), "{inline}");
        }
        assert!(html.contains("<link rel=\"stylesheet\" href=\"/auth/assets/"));
    }
}
