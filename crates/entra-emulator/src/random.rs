//! Identifiers and tokens: from the system, or reproducible from a seed.

use std::sync::Mutex;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;

use crate::encoding::base64url;
use crate::sync::lock;

/// The source of every generated identifier.
#[derive(Debug)]
pub(crate) struct Random {
    seeded: Option<Mutex<Stream>>,
}

#[derive(Debug)]
struct Stream {
    seed: u64,
    counter: u64,
}

impl Random {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        Self {
            seeded: seed.map(|seed| Mutex::new(Stream { seed, counter: 0 })),
        }
    }

    pub(crate) fn fill(&self, buffer: &mut [u8]) {
        match &self.seeded {
            None => system(buffer),
            Some(stream) => {
                let mut stream = lock(stream);
                for chunk in buffer.chunks_mut(32) {
                    stream.next(chunk);
                }
            }
        }
    }

    /// A version 4 GUID.
    pub(crate) fn guid(&self) -> String {
        let mut bytes = [0_u8; 16];
        self.fill(&mut bytes);
        guid_of(bytes)
    }

    /// `bytes` random bytes in base64url.
    pub(crate) fn token(&self, bytes: usize) -> String {
        let mut buffer = vec![0_u8; bytes];
        self.fill(&mut buffer);
        base64url(&buffer)
    }

    /// A number in `0..limit`; 0 when the limit is 0.
    pub(crate) fn below(&self, limit: u32) -> u32 {
        let mut bytes = [0_u8; 4];
        self.fill(&mut bytes);
        u32::from_le_bytes(bytes)
            .checked_rem(limit)
            .unwrap_or_default()
    }
}

impl Stream {
    fn next(&mut self, chunk: &mut [u8]) {
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

/// Fills the buffer from the operating system, seed or not: for keys and sealing nonces.
///
/// A failing system source leaves nothing sensible to do in a development tool: it ends the process.
pub(crate) fn system(buffer: &mut [u8]) {
    if rand::fill(buffer).is_err() {
        tracing::error!("the operating system gives no random bytes");
        std::process::abort();
    }
}

/// A GUID (version 4 by its marks) over the given bytes.
pub(crate) fn guid_of(mut bytes: [u8; 16]) -> String {
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
