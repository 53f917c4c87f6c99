//! The parts of a page's card: mark, buttons, and the entries for support.

use std::time::{Duration, SystemTime};

use super::{
    html::escape,
    model::{Action, PageKind, Support},
};

/// A picture for the kind of page. It says nothing that the words do not.
pub(super) fn push_mark(html: &mut String, kind: PageKind) {
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

pub(super) fn push_actions(html: &mut String, actions: &[Action]) {
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

pub(super) fn push_support(html: &mut String, support: &Support) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_beyond_the_calendar_is_no_panic() {
        assert_eq!(time_text(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(time_text(YEAR_10000 - 1), "Fri, 31 Dec 9999 23:59:59 GMT");
        for seconds in [YEAR_10000, u64::MAX] {
            assert_eq!(time_text(seconds), seconds.to_string());
        }
    }
}
