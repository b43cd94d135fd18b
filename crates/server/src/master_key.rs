//! The key that all secrets and tokens of a deployment depend on: from the environment, or a file made at first start.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
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
    if let Some(key) = read(&path)? {
        return Ok(key);
    }
    let key = random::<32>()?;
    match make(&path, &key) {
        Ok(()) => Ok(key),
        // Another server made it just now.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            read(&path)?.ok_or_else(|| cannot_write(&path, &error))
        }
        Err(error) => Err(cannot_write(&path, &error)),
    }
}

/// The file's key; `None` if there is no file.
fn read(path: &Path) -> Result<Option<[u8; 32]>, String> {
    match fs::read_to_string(path) {
        Ok(text) => parse(&text).map(Some).ok_or_else(|| {
            format!("{}: the file holds no key of 64 hex digits; restore it from your backup", path.display())
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{}: the master key cannot be read: {error}", path.display())),
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> String {
    format!("{}: the master key cannot be written: {error}", path.display())
}

fn parse(text: &str) -> Option<[u8; 32]> {
    hex::decode(text.trim()).ok()?.try_into().ok()
}

/// Makes the file whole or not at all, be the disk full or the program killed, and never over an existing one.
fn make(path: &Path, key: &[u8; 32]) -> io::Result<()> {
    let draft = path.with_extension(format!("{}.new", hex::encode(random::<8>().map_err(io::Error::other)?)));
    let placed = write(&draft, key).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            // A file system without links; two servers that start there for the first time at once is too rare.
            fs::rename(&draft, path)
        }
        linked => linked,
    });
    // What cannot be removed is in nobody's way.
    let _ = fs::remove_file(&draft);
    placed
}

fn write(path: &Path, key: &[u8; 32]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(format!("{}\n", hex::encode(key)).as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_may_read_it() {
        let dir = tempfile::tempdir().unwrap();
        let key = load(dir.path(), None).unwrap();
        assert_eq!(load(dir.path(), None), Ok(key));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        assert_eq!(make(&dir.path().join(FILE), &key).unwrap_err().kind(), ErrorKind::AlreadyExists);
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
