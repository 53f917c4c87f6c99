//! A gzip stream of spaces, for the decompression-bomb fault; no compression library is needed for it.

/// Returns a gzip stream (RFC 1952) that unpacks to `length` spaces; it is about 1/800 of that length.
///
/// Deflate (RFC 1951) with the fixed Huffman code: one literal, then copies of 258 bytes at distance 1.
pub(crate) fn spaces(length: usize) -> Vec<u8> {
    let mut bits = BitWriter {
        bytes: vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255],
        filled: 0,
    };
    bits.put(1, 1);
    bits.put(1, 2);
    let copies = length.saturating_sub(1) / LONGEST_COPY;
    if length > 0 {
        bits.literal(b' ');
    }
    for _ in 0..copies {
        bits.code(0b1100_0101, 8);
        bits.code(0, 5);
    }
    for _ in 0..length.saturating_sub(1) % LONGEST_COPY {
        bits.literal(b' ');
    }
    bits.code(0, 7);
    let mut bytes = bits.bytes;
    bytes.extend(crc_of_spaces(length).to_le_bytes());
    bytes.extend(
        u32::try_from(length & 0xffff_ffff)
            .unwrap_or_default()
            .to_le_bytes(),
    );
    bytes
}

const LONGEST_COPY: usize = 258;

/// Writes a deflate stream bit by bit.
struct BitWriter {
    bytes: Vec<u8>,
    /// The number of used bits in the last byte; 0 when it is full.
    filled: u8,
}

impl BitWriter {
    /// Appends `count` bits, the lowest first.
    fn put(&mut self, value: u16, count: u8) {
        for at in 0..count {
            if self.filled == 0 {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= u8::from(value >> at & 1 == 1) << self.filled;
            }
            self.filled = (self.filled + 1) % 8;
        }
    }

    /// Appends a Huffman code, the highest bit first.
    fn code(&mut self, value: u16, count: u8) {
        for at in (0..count).rev() {
            self.put(value >> at & 1, 1);
        }
    }

    fn literal(&mut self, byte: u8) {
        // Literals 0 to 143 have the codes 00110000 to 10111111; a space is among them.
        self.code(0b0011_0000 + u16::from(byte), 8);
    }
}

fn crc_of_spaces(length: usize) -> u32 {
    crc32_of(std::iter::repeat_n(b' ', length))
}

/// Computes the CRC-32 of gzip and PNG (ISO 3309).
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    crc32_of(bytes.iter().copied())
}

fn crc32_of(bytes: impl Iterator<Item = u8>) -> u32 {
    let step = |crc: u32| {
        if crc & 1 == 1 {
            (crc >> 1) ^ 0xedb8_8320
        } else {
            crc >> 1
        }
    };
    let table: Vec<u32> = (0..=255_u32)
        .map(|index| (0..8).fold(index, |crc, _| step(crc)))
        .collect();
    !bytes.fold(u32::MAX, |crc, byte| {
        let index = usize::from((crc & 0xff) as u8 ^ byte);
        (crc >> 8) ^ table.get(index).copied().unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    #[test]
    fn gunzip_unpacks_it_to_the_length_asked_for() {
        for length in [0, 1, 257, 1_000_000] {
            let packed = spaces(length);
            let child = Command::new("gzip")
                .arg("-dc")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn();
            let Ok(mut child) = child else { return };
            let mut input = child.stdin.take().unwrap();
            std::thread::spawn(move || input.write_all(&packed).unwrap());
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success());
            assert_eq!(output.stdout, vec![b' '; length]);
        }
        assert!(spaces(1_000_000).len() < 8_000);
    }
}
