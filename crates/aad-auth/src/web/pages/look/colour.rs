//! sRGB colours and the contrast between two of them.

use std::fmt;

/// An opaque sRGB colour.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Colour([u8; 3]);

impl Colour {
    pub(super) const BLACK: Self = Self([0; 3]);
    pub(super) const WHITE: Self = Self([255; 3]);

    /// The colour `0xrrggbb`.
    pub(super) const fn hex(value: u32) -> Self {
        let [_, red, green, blue] = value.to_be_bytes();
        Self([red, green, blue])
    }

    /// Reads `#rgb` or `#rrggbb`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let value = u32::from_str_radix(digits, 16).ok()?;
        match digits.len() {
            // Each digit stands for two of the same.
            3 => Some(Self::hex(
                ((value & 0xf00) << 8 | (value & 0xf0) << 4 | (value & 0xf)) * 0x11,
            )),
            6 => Some(Self::hex(value)),
            _ => None,
        }
    }

    /// Mixes `parts` twentieths of `other` into this colour; 20 or more is `other`.
    pub(super) fn mix(self, other: Self, parts: u8) -> Self {
        let parts = u16::from(parts.min(20));
        let channel = |own: u8, other: u8| {
            let sum = u16::from(own) * (20 - parts) + u16::from(other) * parts;
            u8::try_from(sum / 20).unwrap_or(u8::MAX)
        };
        let ([r, g, b], [other_r, other_g, other_b]) = (self.0, other.0);
        Self([
            channel(r, other_r),
            channel(g, other_g),
            channel(b, other_b),
        ])
    }

    /// The contrast ratio of WCAG 2.2, from 1 to 21.
    pub(super) fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// Relative luminance (WCAG 2.2).
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let part = f64::from(channel) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_notations_and_nothing_else() {
        assert_eq!(Colour::parse("#0b5394").unwrap().to_string(), "#0b5394");
        assert_eq!(Colour::parse("#A3f").unwrap().to_string(), "#aa33ff");
        for text in [
            "", "#", "#12", "#1234", "#12345", "#1234567", "#+12345", "#-12", "#é12", " #123",
        ] {
            assert_eq!(Colour::parse(text), None, "{text}");
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        assert!((Colour::BLACK.contrast(Colour::WHITE) - 21.0).abs() < 1e-9);
        let grey = Colour::hex(0x767676);
        assert!((grey.contrast(Colour::WHITE) - 4.54).abs() < 0.01);
        assert_eq!(Colour::WHITE.mix(Colour::BLACK, 20), Colour::BLACK);
    }
}
