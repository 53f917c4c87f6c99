//! [`Look`]: product name, accent colour and logo of the application, for the crate's pages.

use super::{
    colour::Colour,
    logo::{Logo, LogoError},
};

/// Product name, accent colour and logo on the crate's own pages.
///
/// Without a `Look` the pages have a neutral design in teal, in light and dark. Values are checked by
/// `AuthBuilder::build`.
///
/// ```
/// use aad_auth::{Auth, Look, config::{Config, Source}};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let look = Look::new()
///     .product("Contoso Orders")
///     .accent("#0b5394")
///     .logo("image/svg+xml", r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"/>"#);
/// # let source = Source::new()
/// #     .with("AAD_TENANT_ID", "f645ad92-e38d-4d1a-b510-d1b09a74a8ca")
/// #     .with("AAD_CLIENT_ID", "00001111-aaaa-2222-bbbb-3333cccc4444")
/// #     .with("AAD_CLIENT_SECRET", "a secret of the example")
/// #     .with("AAD_AUTHORITY_HOST", "http://127.0.0.1:9")
/// #     .with("AAD_BASE_URL", "http://localhost:5000")
/// #     .with("AAD_SESSION_SECRET", "QUJD".repeat(22))
/// #     .with("AAD_SESSION_STORE", "memory");
/// # let config = Config::parse(&source)?;
/// let auth = Auth::builder(config).look(look).build()?;
/// assert!(auth.style_sheet().starts_with("/auth/assets/"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Look {
    product: Option<String>,
    accent: Option<String>,
    logo: Option<(String, Vec<u8>)>,
}

/// Why a [`Look`] cannot be used.
///
/// ```
/// use aad_auth::{Auth, Config, Look, LookError, StartError};
///
/// fn is_refused(config: Config) -> bool {
///     let built = Auth::builder(config).look(Look::new().accent("teal")).build();
///     matches!(built, Err(StartError::Look(LookError::Accent)))
/// }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LookError {
    /// The product name is empty, too long, or has control characters.
    #[error(
        "Look::product must have 1 to 64 characters, no control characters and no blanks around \
         them, such as \"Contoso Orders\""
    )]
    Product,
    /// The accent colour is not written as `#rgb` or `#rrggbb`.
    #[error("Look::accent must be #rgb or #rrggbb in hexadecimal digits, such as \"#0b5394\"")]
    Accent,
    /// The logo has a media type that pages do not show.
    #[error(
        "Look::logo must have the media type image/svg+xml, image/png, image/jpeg or image/webp"
    )]
    LogoType,
    /// The logo's content is not of its media type.
    #[error("Look::logo must be an image of the media type that is given with it")]
    LogoContent,
    /// The logo is larger than 256 KiB.
    #[error("Look::logo must be at most 256 KiB; the pages show it 40 pixels high")]
    LogoSize,
}

impl Look {
    /// The neutral look.
    pub fn new() -> Self {
        Self::default()
    }

    /// Shows a product name above the page and in the window's title: 1 to 64 characters.
    #[must_use]
    pub fn product(mut self, name: impl Into<String>) -> Self {
        self.product = Some(name.into());
        self
    }

    /// Colours buttons, links and marks, as `#rgb` or `#rrggbb`.
    ///
    /// Buttons have exactly this colour, with black or white text, whichever reads better. For links and
    /// marks it is darkened (light scheme) or lightened (dark scheme) until its contrast is 4.5:1.
    #[must_use]
    pub fn accent(mut self, colour: impl Into<String>) -> Self {
        self.accent = Some(colour.into());
        self
    }

    /// Shows a logo above the page, 40 pixels high, and as the page's icon.
    ///
    /// The media type is `image/svg+xml`, `image/png`, `image/jpeg` or `image/webp`; at most 256 KiB. Scripts in
    /// an SVG image never run.
    #[must_use]
    pub fn logo(mut self, media_type: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        self.logo = Some((media_type.into(), bytes.into()));
        self
    }

    pub(super) fn checked_product(&self) -> Result<Option<&str>, LookError> {
        let Some(name) = self.product.as_deref() else {
            return Ok(None);
        };
        let is_usable = name.trim() == name
            && (1..=MAX_PRODUCT).contains(&name.chars().count())
            && !name.chars().any(char::is_control);
        is_usable.then_some(Some(name)).ok_or(LookError::Product)
    }

    pub(super) fn checked_accent(&self) -> Result<Option<Colour>, LookError> {
        let accent = self.accent.as_deref();
        accent
            .map(|text| Colour::parse(text).ok_or(LookError::Accent))
            .transpose()
    }

    pub(super) fn checked_logo(&self) -> Result<Option<Logo>, LookError> {
        let logo = self.logo.as_ref();
        logo.map(|(media_type, bytes)| Logo::check(media_type, bytes))
            .transpose()
            .map_err(LookError::from)
    }
}

impl From<LogoError> for LookError {
    fn from(error: LogoError) -> Self {
        match error {
            LogoError::Type => Self::LogoType,
            LogoError::Content => Self::LogoContent,
            LogoError::Size => Self::LogoSize,
        }
    }
}

/// In characters.
const MAX_PRODUCT: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_a_product_name_that_no_page_can_show() {
        let long = "x".repeat(65);
        for name in [
            "",
            " ",
            " Contoso",
            "Contoso\n",
            "Con\u{0}toso",
            long.as_str(),
        ] {
            let product = Look::new().product(name);
            assert_eq!(
                product.checked_product(),
                Err(LookError::Product),
                "{name:?}"
            );
        }
        for name in ["C", "Contoso & \"Söhne\" <AG>", &long[..64]] {
            let product = Look::new().product(name);
            assert_eq!(product.checked_product(), Ok(Some(name)));
        }
        assert_eq!(Look::new().checked_product(), Ok(None));
    }

    #[test]
    fn refuses_a_colour_that_is_no_colour() {
        for text in [
            "",
            "teal",
            "0b5394",
            "#0b539",
            "#0b53944f",
            "#ggg",
            "rgb(1,2,3)",
            "#fff;}*{",
        ] {
            let look = Look::new().accent(text);
            assert_eq!(look.checked_accent(), Err(LookError::Accent), "{text}");
        }
    }

    #[test]
    fn refuses_a_logo_that_is_too_large_or_of_another_type() {
        let png = b"\x89PNG\r\n\x1a\nrest".to_vec();
        let mut large = png.clone();
        large.resize(256 * 1024 + 1, 0);
        let html = b"<!doctype html><script>alert(1)</script>".to_vec();
        for (media_type, bytes, expected) in [
            ("image/png", large, LookError::LogoSize),
            ("image/png", Vec::new(), LookError::LogoContent),
            ("image/png", html.clone(), LookError::LogoContent),
            ("image/jpeg", png.clone(), LookError::LogoContent),
            ("image/webp", png.clone(), LookError::LogoContent),
            ("image/svg+xml", png.clone(), LookError::LogoContent),
            ("image/svg+xml", html.clone(), LookError::LogoContent),
            ("text/html", html, LookError::LogoType),
            ("image/gif", png.clone(), LookError::LogoType),
            (
                "image/png\r\nset-cookie: a=b",
                png.clone(),
                LookError::LogoType,
            ),
            ("", png.clone(), LookError::LogoType),
        ] {
            let look = Look::new().logo(media_type, bytes);
            let refused = look.checked_logo().map(drop);
            assert_eq!(refused, Err(expected), "{media_type}");
        }
        let fits = Look::new().logo("image/png", png);
        assert!(fits.checked_logo().unwrap().is_some());
    }
}
