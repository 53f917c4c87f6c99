//! Escaping, and elements of text.

/// Appends an element without attributes.
pub(super) fn push_element(html: &mut String, name: &str, text: &str) {
    html.push('<');
    html.push_str(name);
    html.push('>');
    escape(html, text);
    html.push_str("</");
    html.push_str(name);
    html.push('>');
}

/// Escapes for HTML text and quoted attributes.
pub(in crate::web) fn escape(html: &mut String, text: &str) {
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
