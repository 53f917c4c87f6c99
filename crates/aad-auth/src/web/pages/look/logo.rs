//! Which images the crate serves as a logo.

use actix_web::web::Bytes;

/// An image that is of its media type.
#[derive(Clone, Debug)]
pub(super) struct Logo {
    pub(super) format: LogoFormat,
    pub(super) bytes: Bytes,
}

/// A format that every browser shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum LogoFormat {
    Svg,
    Png,
    Jpeg,
    WebP,
}

/// Why an image is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum LogoError {
    Type,
    Content,
    Size,
}

impl Logo {
    pub(super) fn check(media_type: &str, bytes: &[u8]) -> Result<Self, LogoError> {
        let format = LogoFormat::of(media_type).ok_or(LogoError::Type)?;
        if bytes.len() > MAX_LOGO {
            return Err(LogoError::Size);
        }
        if !format.matches(bytes) {
            return Err(LogoError::Content);
        }
        Ok(Self {
            format,
            bytes: Bytes::copy_from_slice(bytes),
        })
    }
}

impl LogoFormat {
    const ALL: [Self; 4] = [Self::Svg, Self::Png, Self::Jpeg, Self::WebP];

    fn of(media_type: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|format| format.media_type() == media_type)
    }

    pub(super) const fn media_type(self) -> &'static str {
        match self {
            Self::Svg => "image/svg+xml",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
        }
    }

    pub(super) const fn extension(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::WebP => "webp",
        }
    }

    /// By the first bytes; of SVG by its root element.
    fn matches(self, bytes: &[u8]) -> bool {
        match self {
            Self::Svg => std::str::from_utf8(bytes).is_ok_and(|text| text.contains("<svg")),
            Self::Png => bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
            Self::Jpeg => bytes.starts_with(b"\xff\xd8\xff"),
            Self::WebP => bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"),
        }
    }
}

/// In bytes.
const MAX_LOGO: usize = 256 * 1024;
