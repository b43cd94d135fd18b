//! Puts the pages built from `web/` into the binary: a table of the files in `web/dist`, empty if they were not built.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    // Not `env!`: that is where this script was compiled, and a copied target folder would look there.
    let here = env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| io::Error::other("cargo sets CARGO_MANIFEST_DIR"))?;
    let dist = Path::new(&here).join("../../web/dist");
    println!("cargo:rerun-if-changed={}", dist.display());
    let mut files = Vec::new();
    collect(&dist, "", &mut files)?;
    files.sort();
    let mut table = String::from("&[\n");
    for (name, path) in &files {
        let packed = format!("{path}.gz");
        let gzip =
            if Path::new(&packed).exists() { format!("Some(include_bytes!({packed:?}))") } else { "None".into() };
        writeln!(table, "    File {{ name: {name:?}, bytes: include_bytes!({path:?}), gzip: {gzip} }},")
            .map_err(io::Error::other)?;
    }
    table.push(']');
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(Path::new(&out).join("web.rs"), table)
}

/// The files below a folder: their paths from `web/dist`, and where they are. Hidden and packed ones are left out.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, String)>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        if path.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), files)?;
        } else if !name.starts_with('.') && path.extension().is_none_or(|extension| extension != "gz") {
            let whole = fs::canonicalize(&path)?;
            files.push((format!("{prefix}{name}"), whole.to_string_lossy().into_owned()));
        }
    }
    Ok(())
}
