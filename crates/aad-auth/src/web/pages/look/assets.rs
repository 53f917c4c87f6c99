//! The files that the crate's pages load, each under an address with the hash of its content.

use std::fmt::Write as _;

use actix_web::{http::header::HeaderValue, web::Bytes};
use aws_lc_rs::digest::{SHA256, digest};

use super::{
    identity::{Look, LookError},
    logo::Logo,
    style_sheet::style_sheet,
};

/// The files of one instance, and the product name that stands beside the logo.
pub(in crate::web) struct PageAssets {
    pub(in crate::web) product: Option<String>,
    pub(in crate::web) style_sheet: Asset,
    pub(in crate::web) script: Asset,
    pub(in crate::web) logo: Option<Asset>,
}

/// A file that never changes at its address.
pub(in crate::web) struct Asset {
    /// The first 16 hexadecimal digits of the content's SHA-256, with an extension.
    name: String,
    pub(in crate::web) content_type: HeaderValue,
    /// What the file may do where a browser opens it as a document.
    pub(in crate::web) policy: HeaderValue,
    pub(in crate::web) bytes: Bytes,
}

impl PageAssets {
    /// # Errors
    /// A value of the look that cannot be used.
    pub(in crate::web) fn new(look: &Look) -> Result<Self, LookError> {
        let text = |extension, kind, bytes| Asset::new(extension, kind, INERT, bytes);
        let style_sheet = Bytes::from(style_sheet(look.checked_accent()?));
        let script = Bytes::from_static(SCRIPT.as_bytes());
        Ok(Self {
            product: look.checked_product()?.map(str::to_owned),
            style_sheet: text("css", "text/css; charset=utf-8", style_sheet),
            script: text("js", "text/javascript; charset=utf-8", script),
            logo: look.checked_logo()?.map(Asset::of_logo),
        })
    }

    /// The file of this name; `None` for an unknown name or another hash.
    pub(in crate::web) fn find(&self, name: &str) -> Option<&Asset> {
        let all = [&self.style_sheet, &self.script].into_iter();
        let mut all = all.chain(&self.logo);
        all.find(|asset| asset.name == name)
    }

    /// The file of the same kind, for the name that another release has given to its own:
    /// as many hexadecimal digits, and the extension.
    pub(in crate::web) fn stand_in_for(&self, name: &str) -> Option<&Asset> {
        let (hash, extension) = name.split_once('.')?;
        let own = [&self.style_sheet, &self.script]
            .into_iter()
            .find(|asset| {
                asset
                    .name
                    .split_once('.')
                    .is_some_and(|(_, own)| own == extension)
            })?;
        let (own_hash, _) = own.name.split_once('.')?;
        let is_hash =
            hash.len() == own_hash.len() && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hash.then_some(own)
    }
}

impl Asset {
    fn new(
        extension: &str,
        content_type: &'static str,
        policy: &'static str,
        bytes: Bytes,
    ) -> Self {
        let mut name = String::new();
        for byte in digest(&SHA256, &bytes).as_ref().iter().take(8) {
            // Writing to a string does not fail.
            let _ = write!(name, "{byte:02x}");
        }
        Self {
            name: format!("{name}.{extension}"),
            content_type: HeaderValue::from_static(content_type),
            policy: HeaderValue::from_static(policy),
            bytes,
        }
    }

    fn of_logo(logo: Logo) -> Self {
        let format = logo.format;
        Self::new(
            format.extension(),
            format.media_type(),
            INERT_IMAGE,
            logo.bytes,
        )
    }

    /// The route below the prefix, such as `/assets/0123456789abcdef.css`.
    pub(in crate::web) fn route(&self) -> String {
        format!("{ASSETS}/{}", self.name)
    }
}

/// The folder below the prefix.
pub(in crate::web) const ASSETS: &str = "/assets";

/// Sends a browser on from an interstitial.
const SCRIPT: &str = include_str!("onward.js");

const INERT: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// An SVG image that is opened as a document runs no script and loads nothing. It may have styles of its
/// own.
const INERT_IMAGE: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
                           form-action 'none'; frame-ancestors 'none'; sandbox";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_by_its_hash_only() {
        let assets = PageAssets::new(&Look::new()).unwrap();
        let name = assets.style_sheet.name.clone();
        assert_eq!(name.len(), "0123456789abcdef.css".len());
        assert!(assets.find(&name).is_some());
        for other in [
            "",
            "style.css",
            "0000000000000000.css",
            &name[..16],
            &name.to_uppercase(),
        ] {
            assert!(assets.find(other).is_none(), "{other}");
        }
    }

    #[test]
    fn another_accent_has_another_address() {
        let of = |look: Look| PageAssets::new(&look).unwrap().style_sheet.name;
        assert_ne!(of(Look::new()), of(Look::new().accent("#0b5394")));
        assert_eq!(of(Look::new()), of(Look::new().product("Contoso")));
    }

    #[test]
    fn an_image_never_runs_a_script() {
        let svg = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
        let assets = PageAssets::new(&Look::new().logo("image/svg+xml", svg)).unwrap();
        let policy = assets.logo.unwrap().policy;
        let policy = policy.to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && policy.ends_with("; sandbox"));
        assert!(!policy.contains("script"));
    }
}
