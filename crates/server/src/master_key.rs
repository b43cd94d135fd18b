//! The key that all secrets and tokens of a deployment depend on: from the environment, or a file made at first start.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use rand::TryRng;
use rand::rngs::SysRng;

/// The environment variable; several servers on one database share its value.
pub const VARIABLE: &str = "DESKWIRE_MASTER_KEY";
/// The file's name in the data directory.
pub const FILE: &str = "master.key";

/// Bytes from the operating system's source of randomness.
///
/// # Errors
/// The system has none to give.
pub fn random<const N: usize>() -> Result<[u8; N], String> {
    let mut bytes = [0; N];
    SysRng.try_fill_bytes(&mut bytes).map_err(|error| format!("the system gives no randomness: {error}"))?;
    Ok(bytes)
}

/// The key: `from_environment` if it is set, else the file's, else a new one in a file that only its owner may read.
///
/// # Errors
/// One line: which of them is wrong and what is allowed.
pub fn load(data_dir: &Path, from_environment: Option<&str>) -> Result<[u8; 32], String> {
    if let Some(text) = from_environment {
        return parse(text).ok_or_else(|| format!("{VARIABLE}: the value is not a key, allowed is 64 hex digits"));
    }
    let path = data_dir.join(FILE);
    match fs::read_to_string(&path) {
        Ok(text) => parse(&text).ok_or_else(|| {
            format!("{}: the file holds no key of 64 hex digits; restore it from your backup", path.display())
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => make(&path),
        Err(error) => Err(format!("{}: the master key cannot be read: {error}", path.display())),
    }
}

fn parse(text: &str) -> Option<[u8; 32]> {
    hex::decode(text.trim()).ok()?.try_into().ok()
}

fn make(path: &Path) -> Result<[u8; 32], String> {
    let key = random::<32>()?;
    let mut options = OpenOptions::new();
    // Never over an existing file: another server may have made it just now.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(format!("{}\n", hex::encode(key)).as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| format!("{}: the master key cannot be written: {error}", path.display()))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_may_read_it() {
        let dir = tempfile::tempdir().unwrap();
        let key = load(dir.path(), None).unwrap();
        assert_eq!(load(dir.path(), None), Ok(key));
        #[cfg(unix)]
        {
            let mode =
                std::os::unix::fs::PermissionsExt::mode(&fs::metadata(dir.path().join(FILE)).unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(load(dir.path(), Some(&"0f".repeat(32))), Ok([15; 32]));
        assert!(load(dir.path(), Some("0f")).unwrap_err().contains("64 hex digits"));
        fs::write(dir.path().join(FILE), "short").unwrap();
        assert!(load(dir.path(), None).unwrap_err().contains("64 hex digits"));
    }
}
