//! Names of temporary files: `.name.rushwrite-XXXXXXXX.tmp` beside `name`, so that a user finds what a
//! killed process left behind.

use std::ffi::{OsStr, OsString};
use std::io;

/// What stands behind the name of the target.
const MARK: &str = ".rushwrite-";
const ENDING: &str = ".tmp";

/// The longest name that the usual file systems take, in bytes. Windows counts UTF-16 units, of which
/// there are no more than bytes.
const MAX_BYTES: usize = 255;

/// How many random characters there are, of five bits each.
const RANDOM_CHARACTERS: usize = 8;

/// Without letters that look alike, and of one case.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// How often a name that is taken is replaced by another one.
pub(crate) const ATTEMPTS: usize = 16;

/// A name that nobody can guess, for a file beside `name`. A long `name` is cut.
pub(crate) fn beside(name: &OsStr) -> io::Result<OsString> {
    let mut random = [0; RANDOM_CHARACTERS];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let room = MAX_BYTES - 1 - MARK.len() - RANDOM_CHARACTERS - ENDING.len();
    let mut temporary = OsString::from(".");
    temporary.push(beginning(name, room));
    temporary.push(MARK);
    for byte in random {
        temporary.push(character(byte).encode_utf8(&mut [0; 4]));
    }
    temporary.push(ENDING);
    Ok(temporary)
}

/// Each character stands for as many bytes as any other.
fn character(byte: u8) -> char {
    char::from(ALPHABET[usize::from(byte) % ALPHABET.len()])
}

/// At most so many bytes of `name`. What is cut is made text first.
fn beginning(name: &OsStr, bytes: usize) -> OsString {
    if name.len() <= bytes {
        return name.to_owned();
    }
    let text = name.to_string_lossy();
    let end = (0..=bytes.min(text.len())).rev();
    let end = end.into_iter().find(|&end| text.is_char_boundary(end));
    text[..end.unwrap_or(0)].into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_hidden_and_tells_where_it_came_from() {
        let name = beside(OsStr::new("data.json")).unwrap();
        let name = name.to_str().unwrap();
        assert!(name.starts_with(".data.json.rushwrite-"), "{name}");
        assert_eq!(name.rsplit_once('.').unwrap().1, "tmp");
        assert_eq!(name.len(), ".data.json.rushwrite-XXXXXXXX.tmp".len());
    }

    #[test]
    fn names_differ() {
        let name = || beside(OsStr::new("x")).unwrap();
        assert_ne!(name(), name());
    }

    #[test]
    fn all_characters_are_equally_likely() {
        for letter in *ALPHABET {
            let bytes = (0..=u8::MAX).filter(|byte| character(*byte) == char::from(letter));
            assert_eq!(bytes.count(), 256 / ALPHABET.len());
        }
    }

    #[test]
    fn a_long_name_is_cut_between_characters() {
        for character in ["x", "ä", "€", "😀"] {
            let long: String = character.chars().cycle().take(255).collect();
            let name = beside(OsStr::new(&long)).unwrap();
            assert!(name.len() <= MAX_BYTES && name.len() > MAX_BYTES - 4);
            assert!(name.to_str().is_some());
        }
    }
}
