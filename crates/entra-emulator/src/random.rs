//! Random identifiers and tokens, from the operating system or from a seed.

use std::sync::Mutex;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;

use crate::encoding::base64url;
use crate::sync::lock;

/// The source of every generated identifier.
#[derive(Debug)]
pub(crate) struct Random {
    /// `None`: the operating system's source.
    seeded: Option<Mutex<SeededStream>>,
}

/// Pseudo-random bytes: SHA-256 over seed and counter.
#[derive(Debug)]
struct SeededStream {
    seed: u64,
    counter: u64,
}

impl Random {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        Self {
            seeded: seed.map(|seed| Mutex::new(SeededStream { seed, counter: 0 })),
        }
    }

    pub(crate) fn fill(&self, buffer: &mut [u8]) {
        match &self.seeded {
            None => fill_from_system(buffer),
            Some(stream) => {
                let mut stream = lock(stream);
                for chunk in buffer.chunks_mut(32) {
                    stream.fill(chunk);
                }
            }
        }
    }

    /// Returns a version 4 GUID.
    pub(crate) fn guid(&self) -> String {
        let mut bytes = [0_u8; 16];
        self.fill(&mut bytes);
        guid_of(bytes)
    }

    /// Returns `bytes` random bytes in base64url.
    pub(crate) fn token(&self, bytes: usize) -> String {
        let mut buffer = vec![0_u8; bytes];
        self.fill(&mut buffer);
        base64url(&buffer)
    }

    /// Returns a number in `0..limit`; 0 when the limit is 0.
    pub(crate) fn below(&self, limit: u32) -> u32 {
        let mut bytes = [0_u8; 4];
        self.fill(&mut bytes);
        u32::from_le_bytes(bytes)
            .checked_rem(limit)
            .unwrap_or_default()
    }
}

impl SeededStream {
    /// Fills up to 32 bytes.
    fn fill(&mut self, chunk: &mut [u8]) {
        let mut input = [0_u8; 16];
        input[..8].copy_from_slice(&self.seed.to_le_bytes());
        input[8..].copy_from_slice(&self.counter.to_le_bytes());
        self.counter = self.counter.wrapping_add(1);
        let block = digest(&SHA256, &input);
        for (target, source) in chunk.iter_mut().zip(block.as_ref()) {
            *target = *source;
        }
    }
}

/// Fills the buffer from the operating system: for keys, which a seed must not make predictable.
///
/// Aborts the process when the system's source fails: a development tool has no fallback.
pub(crate) fn fill_from_system(buffer: &mut [u8]) {
    if rand::fill(buffer).is_err() {
        tracing::error!("the operating system's random source failed; the process is aborted");
        std::process::abort();
    }
}

/// Derives a GUID from a text: the same text always gives the same GUID.
pub(crate) fn derived_guid(text: &str) -> String {
    let mut bytes = [0_u8; 16];
    let hash = digest(&SHA256, text.as_bytes());
    for (target, source) in bytes.iter_mut().zip(hash.as_ref()) {
        *target = *source;
    }
    guid_of(bytes)
}

/// Formats the bytes as a GUID with the marks of version 4.
fn guid_of(mut bytes: [u8; 16]) -> String {
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_identifiers_and_another_seed_does_not() {
        let ids = |seed| (0..3).map(|_| Random::new(seed).guid()).collect::<Vec<_>>();
        assert_eq!(
            Random::new(Some(42)).token(100),
            Random::new(Some(42)).token(100)
        );
        assert_ne!(Random::new(Some(42)).guid(), Random::new(Some(43)).guid());
        let system = ids(None);
        assert_ne!(system[0], system[1]);
    }
}
