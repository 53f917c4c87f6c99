//! The colours of the pages, each for the light and the dark scheme.

use super::colour::Colour;

/// A custom property of the style sheet.
#[derive(Clone, Copy, Debug)]
pub(super) struct PaletteColour {
    /// Without the `--`.
    pub(super) name: &'static str,
    pub(super) light: Colour,
    pub(super) dark: Colour,
}

/// All colours, with those that follow from the application's accent.
pub(super) fn palette(accent: Option<Colour>) -> Vec<PaletteColour> {
    let accent = accent.map_or(DEFAULT_ACCENT, accent_tokens);
    NEUTRAL.into_iter().chain(accent).collect()
}

const fn token(name: &'static str, light: u32, dark: u32) -> PaletteColour {
    PaletteColour {
        name,
        light: Colour::hex(light),
        dark: Colour::hex(dark),
    }
}

const GROUND: PaletteColour = token("ground", 0xf5f8f7, 0x0d1413);
const SURFACE: PaletteColour = token("surface", 0xffffff, 0x151f1d);
const SUNKEN: PaletteColour = token("sunken", 0xedf2f1, 0x1c2826);

const NEUTRAL: [PaletteColour; 13] = [
    GROUND,
    SURFACE,
    SUNKEN,
    token("line", 0xd5dfdd, 0x2b3a37),
    token("line-strong", 0x7d8e8b, 0x6d807c),
    token("text", 0x13201e, 0xe8f0ee),
    token("muted", 0x3f504d, 0xa9bab6),
    token("danger", 0x8f1d15, 0xffa198),
    token("danger-soft", 0xfbeae8, 0x3a1c19),
    token("warning", 0x6b4100, 0xf1bd69),
    token("warning-soft", 0xfdf2dc, 0x352810),
    token("success", 0x175428, 0x84d89a),
    token("success-soft", 0xe5f4e9, 0x16301d),
];

/// A deep teal.
const DEFAULT_ACCENT: [PaletteColour; 6] = [
    token("accent", 0x09544e, 0x5ecdbf),
    token("accent-strong", 0x063e3a, 0x86e0d5),
    token("accent-soft", 0xe0f0ee, 0x17332f),
    token("primary", 0x09544e, 0x5ecdbf),
    token("primary-strong", 0x063e3a, 0x86e0d5),
    token("on-primary", 0xffffff, 0x04211e),
];

/// `accent` is for text and lines, `primary` fills buttons and keeps the application's colour.
fn accent_tokens(colour: Colour) -> [PaletteColour; 6] {
    let (light_soft, dark_soft) = (SURFACE.light.mix(colour, 2), SURFACE.dark.mix(colour, 4));
    let light = readable(
        colour,
        Colour::BLACK,
        &[GROUND.light, SURFACE.light, SUNKEN.light, light_soft],
    );
    let dark = readable(
        colour,
        Colour::WHITE,
        &[GROUND.dark, SURFACE.dark, SUNKEN.dark, dark_soft],
    );
    let on_primary = if colour.contrast(Colour::WHITE) >= colour.contrast(Colour::BLACK) {
        Colour::WHITE
    } else {
        Colour::BLACK
    };
    // Away from its text, so that the contrast grows.
    let pole = if on_primary == Colour::WHITE {
        Colour::BLACK
    } else {
        Colour::WHITE
    };
    let primary_strong = colour.mix(pole, 3);
    let both = |name, light, dark| PaletteColour { name, light, dark };
    [
        both("accent", light, dark),
        both(
            "accent-strong",
            light.mix(Colour::BLACK, 5),
            dark.mix(Colour::WHITE, 5),
        ),
        both("accent-soft", light_soft, dark_soft),
        both("primary", colour, colour),
        both("primary-strong", primary_strong, primary_strong),
        both("on-primary", on_primary, on_primary),
    ]
}

/// The colour, mixed with `pole` as little as makes it text that reads on all of these grounds. The
/// pole itself always does.
fn readable(colour: Colour, pole: Colour, grounds: &[Colour]) -> Colour {
    let reads = |text: Colour| grounds.iter().all(|ground| text.contrast(*ground) >= TEXT);
    let mut mixed = (0..=20).map(|parts| colour.mix(pole, parts));
    mixed.find(|text| reads(*text)).unwrap_or(pole)
}

/// The least contrast of text (WCAG 2.2, success criterion 1.4.3).
const TEXT: f64 = 4.5;

#[cfg(test)]
mod tests {
    use super::*;

    /// The least contrast of a pair of tokens over both schemes.
    fn contrast(tokens: &[PaletteColour], one: &str, other: &str) -> f64 {
        let find = |name: &str| *tokens.iter().find(|token| token.name == name).unwrap();
        let (one, other) = (find(one), find(other));
        one.light
            .contrast(other.light)
            .min(one.dark.contrast(other.dark))
    }

    fn assert_readable(accent: Option<Colour>) {
        let tokens = palette(accent);
        for ground in ["ground", "surface", "sunken", "accent-soft"] {
            for text in ["accent", "accent-strong"] {
                let found = contrast(&tokens, text, ground);
                assert!(found >= TEXT, "{text} on {ground} with {accent:?}: {found}");
            }
        }
        for fill in ["primary", "primary-strong"] {
            let found = contrast(&tokens, "on-primary", fill);
            assert!(found >= TEXT, "on {fill} with {accent:?}: {found}");
        }
    }

    #[test]
    fn text_reads_with_every_accent() {
        assert_readable(None);
        let steps = || (0..=255).step_by(17);
        for red in steps() {
            for green in steps() {
                for blue in steps() {
                    assert_readable(Some(Colour::hex(red << 16 | green << 8 | blue)));
                }
            }
        }
    }

    #[test]
    fn text_of_the_pages_reads_on_every_ground() {
        let tokens = palette(None);
        for ground in ["ground", "surface", "sunken"] {
            assert!(contrast(&tokens, "text", ground) >= 7.0, "{ground}");
            assert!(contrast(&tokens, "muted", ground) >= 7.0, "{ground}");
            for text in ["danger", "warning", "success"] {
                assert!(
                    contrast(&tokens, text, ground) >= TEXT,
                    "{text} on {ground}"
                );
            }
        }
        for text in ["danger", "warning", "success"] {
            let soft = format!("{text}-soft");
            assert!(contrast(&tokens, text, &soft) >= TEXT, "{text}");
        }
        // Of what is not text, such as the border of a button (success criterion 1.4.11).
        assert!(contrast(&tokens, "line-strong", "surface") >= 3.0);
        assert!(contrast(&tokens, "line-strong", "ground") >= 3.0);
    }

    #[test]
    fn a_button_keeps_the_colour_of_the_application() {
        let colour = Colour::hex(0xff_d9_00);
        let tokens = palette(Some(colour));
        let primary = tokens.iter().find(|token| token.name == "primary").unwrap();
        assert_eq!((primary.light, primary.dark), (colour, colour));
    }
}
