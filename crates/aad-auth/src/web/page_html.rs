//! The HTML of the crate's own pages. All styles and scripts are files of [`PageAssets`].

use std::time::{Duration, SystemTime};

use super::{
    look::PageAssets,
    pages::{Action, PageKind, PageModel, Support},
};

/// Writes pages of one instance.
pub(super) struct PageWriter<'a> {
    /// The addresses of the files.
    pub(super) assets: &'a PageAssets,
    /// The route prefix as browsers see it, such as `/portal/auth`.
    pub(super) prefix: String,
}

impl PageWriter<'_> {
    /// The page of a model.
    pub(super) fn page(&self, page: &PageModel) -> String {
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
    pub(super) fn interstitial(&self, head: &str, content: &str) -> String {
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

fn push_element(html: &mut String, name: &str, text: &str) {
    html.push('<');
    html.push_str(name);
    html.push('>');
    escape(html, text);
    html.push_str("</");
    html.push_str(name);
    html.push('>');
}

/// A picture for the kind of page. It says nothing that the words do not.
fn push_mark(html: &mut String, kind: PageKind) {
    let (tone, shape) = match kind {
        PageKind::SignedOut | PageKind::AddressShortened => ("success", CHECK),
        PageKind::ConfirmSignOut | PageKind::StillSignedIn => ("", DOOR),
        PageKind::NotSignedIn | PageKind::Forbidden => ("", LOCK),
        PageKind::CrossSite => ("danger", EXCLAMATION),
        PageKind::SignInFailed | PageKind::Unavailable => ("warning", EXCLAMATION),
    };
    html.push_str("<span class=\"mark ");
    html.push_str(tone);
    html.push_str(
        "\" aria-hidden=\"true\"><svg width=\"24\" height=\"24\" viewBox=\"0 0 24 24\" fill=\"none\" \
         stroke=\"currentcolor\" stroke-width=\"2.3\" stroke-linecap=\"round\" stroke-linejoin=\"round\">",
    );
    html.push_str(shape);
    html.push_str("</svg></span>");
}

const CHECK: &str = "<path d=\"m5 12.5 4.5 4.5L19 7.5\"/>";
const DOOR: &str =
    "<path d=\"M10 4H6.5A1.5 1.5 0 0 0 5 5.5v13A1.5 1.5 0 0 0 6.5 20H10M15 8l4 4-4 4M19 12h-9\"/>";
const LOCK: &str = "<rect x=\"5\" y=\"10.5\" width=\"14\" height=\"9.5\" rx=\"2\"/><path d=\"M8 10.5V8a4 4 0 0 1 8 0v2.5\"/>";
const EXCLAMATION: &str = "<path stroke-width=\"3\" d=\"M12 4.5v9M12 19v.1\"/>";

fn push_actions(html: &mut String, actions: &[Action]) {
    if actions.is_empty() {
        return;
    }
    html.push_str("<div class=\"actions\">");
    for (index, action) in actions.iter().enumerate() {
        let class = if index == 0 {
            "button primary"
        } else {
            "button"
        };
        push_action(html, action, class);
    }
    html.push_str("</div>");
}

fn push_action(html: &mut String, action: &Action, class: &str) {
    let (open, close) = if action.post {
        ("<form method=\"post\" action=\"", "</button></form>")
    } else {
        ("<a href=\"", "</a>")
    };
    html.push_str(open);
    escape(html, &action.href);
    html.push_str(if action.post { "\"><button" } else { "\"" });
    html.push_str(" class=\"");
    html.push_str(class);
    html.push_str("\">");
    escape(html, &action.label);
    html.push_str(close);
}

fn push_support(html: &mut String, support: &Support) {
    html.push_str(
        "<details class=\"fold support\"><summary>For support</summary><dl class=\"facts\">",
    );
    let codes = support.provider_codes.join(", ");
    let time = time_text(support.time);
    let rows: [(&str, Option<&str>); 7] = [
        ("Reference", Some(support.reference.as_str())),
        ("Code", Some(support.code.as_str())),
        (
            "Provider codes",
            (!codes.is_empty()).then_some(codes.as_str()),
        ),
        ("Correlation id", support.correlation_id.as_deref()),
        ("Trace id", support.trace_id.as_deref()),
        ("What can be done", support.remedy.as_deref()),
        ("Time", Some(time.as_str())),
    ];
    for (name, value) in rows {
        if let Some(value) = value {
            html.push_str("<div><dt>");
            escape(html, name);
            html.push_str("</dt><dd><code>");
            escape(html, value);
            html.push_str("</code></dd></div>");
        }
    }
    html.push_str("</dl></details>");
}

/// Date and time in GMT; the bare number where no calendar can show it.
fn time_text(seconds: u64) -> String {
    let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
    match time {
        Some(time) if seconds < YEAR_10000 => httpdate::fmt_http_date(time),
        _ => seconds.to_string(),
    }
}

/// `httpdate` panics from here on.
const YEAR_10000: u64 = 253_402_300_800;

/// Escapes for HTML text and quoted attributes.
pub(super) fn escape(html: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::Look;

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

    #[test]
    fn a_time_beyond_the_calendar_is_no_panic() {
        assert_eq!(time_text(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(time_text(YEAR_10000 - 1), "Fri, 31 Dec 9999 23:59:59 GMT");
        for seconds in [YEAR_10000, u64::MAX] {
            assert_eq!(time_text(seconds), seconds.to_string());
        }
    }
}
