//! The only source of randomness: a trait that tests can seed.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The source of random bytes for ids, nonces and salts. The crate uses no other.
pub trait Random: Send + Sync + 'static {
    /// Fills `bytes` with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's generator, through aws-lc.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(
        clippy::expect_used,
        reason = "without randomness no id is safe: aws-lc documents failure as impossible on \
                  supported systems, and going on would be worse than stopping"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the system's random generator works");
    }
}

/// `N` fresh random bytes.
pub fn bytes<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill(&mut bytes);
    bytes
}

/// `N` fresh random bytes as base64url text without padding.
pub fn token<const N: usize>(random: &dyn Random) -> String {
    URL_SAFE_NO_PAD.encode(bytes::<N>(random))
}

/// A predictable generator for tests that need the same ids twice. Never for production.
#[cfg(any(test, feature = "unstable-internals"))]
#[derive(Debug, Default)]
pub struct SeededRandom(std::sync::atomic::AtomicU64);

#[cfg(any(test, feature = "unstable-internals"))]
impl SeededRandom {
    /// Creates a generator whose output depends on `seed` only.
    pub fn new(seed: u64) -> Self {
        Self(std::sync::atomic::AtomicU64::new(seed))
    }
}

#[cfg(any(test, feature = "unstable-internals"))]
impl Random for SeededRandom {
    /// SplitMix64 with its published constants.
    fn fill(&self, bytes: &mut [u8]) {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        for chunk in bytes.chunks_mut(8) {
            let state = self.0.fetch_add(STEP, std::sync::atomic::Ordering::SeqCst);
            let mut mixed = state.wrapping_add(STEP);
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^= mixed >> 31;
            for (byte, value) in chunk.iter_mut().zip(mixed.to_le_bytes()) {
                *byte = value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_have_the_length_of_their_bytes() {
        let first = token::<16>(&SystemRandom);
        assert_ne!(first, token::<16>(&SystemRandom));
        assert_eq!(first.len(), 22);
    }

    #[test]
    fn a_seed_repeats() {
        assert_eq!(
            bytes::<24>(&SeededRandom::new(7)),
            bytes::<24>(&SeededRandom::new(7))
        );
    }
}
